//! Every bound in the program, one constant each, with its reason.

// The operator's files.

/// The configuration file: a thousand times what one needs; a wrong path ends in an error and not in all memory.
pub const CONFIG_BYTES: usize = 1 << 20;

/// A file with a secret: longer ones are something else.
pub const SECRET_BYTES: usize = 4096;
