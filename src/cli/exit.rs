//! How the program ends, as its exit code.

use std::process::ExitCode;

/// The reasons to end that service managers and scripts tell apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// All is well.
    Ok = 0,
    /// The configuration has to be mended; starting again does not help.
    Configuration = 2,
    /// The store has to be mended.
    StoreDamaged = 3,
    /// The server does not answer or does not let us in. Only `check` ends so; `run` tries again for ever.
    Unreachable = 4,
    /// A mistake in the program.
    Bug = 70,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}
