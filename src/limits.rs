//! Every bound in the program, one constant each, with its reason.

use std::time::Duration;

// The operator's files.

/// The configuration file: a thousand times what one needs; a wrong path ends in an error and not in all memory.
pub const CONFIG_BYTES: usize = 1 << 20;

/// A file with a secret: longer ones are something else.
pub const SECRET_BYTES: usize = 4096;

// What `atomsub check` insists on.

/// Free space under the store: sled takes several times what it keeps, and a full disk stops every publish.
pub const FREE_BYTES: u64 = 256 << 20;

/// How long the server has for each step; on a healthy machine each takes milliseconds.
pub const CHECK_PATIENCE: Duration = Duration::from_secs(5);
