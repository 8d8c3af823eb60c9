//! Secrets in files of their own.

use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use super::read::read_bounded;
use crate::host::Secret;
use crate::limits;

/// The secret in a file, without one newline at its end.
pub(super) fn read_secret(path: &Path) -> io::Result<Secret> {
    let text = read_bounded(path, limits::SECRET_BYTES)?;
    let line = text.strip_suffix('\n').unwrap_or(&text);
    Ok(Secret::new(line.strip_suffix('\r').unwrap_or(line)))
}

/// Whether anyone of `mask` (`0o077` for group and others) may read the file.
pub(super) fn readable_by(path: &Path, mask: u32) -> bool {
    std::fs::metadata(path).is_ok_and(|found| found.permissions().mode() & mask & 0o444 != 0)
}
