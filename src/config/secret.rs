//! A shared secret: read from where it is safe, never shown.

use std::fmt;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use serde::Deserialize;

use super::read::read_bounded;
use crate::limits;

/// The secret that the server and this component share. It has no `Display` and no `Serialize`, and its `Debug` hides it.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// Holds `text`.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The secret itself, for the handshake alone.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The secret in a file, without one newline at its end.
    pub fn read(path: &Path) -> std::io::Result<Self> {
        let text = read_bounded(path, limits::SECRET_BYTES)?;
        let line = text.strip_suffix('\n').unwrap_or(&text);
        Ok(Self(line.strip_suffix('\r').unwrap_or(line).to_owned()))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[hidden]")
    }
}

/// Whether anyone of `mask` (`0o077` for group and others) may read the file.
pub(super) fn readable_by(path: &Path, mask: u32) -> bool {
    std::fs::metadata(path).is_ok_and(|found| found.permissions().mode() & mask & 0o444 != 0)
}
