//! Reading the operator's small files.

use std::fs::File;
use std::io::{Error, ErrorKind, Read, Result};
use std::path::Path;

/// The text of a file of at most `bound` bytes, so that a wrong path, `/dev/zero` say, is an error and not a hang.
pub(super) fn read_bounded(path: &Path, bound: usize) -> Result<String> {
    let mut text = String::new();
    File::open(path)?.take(bound as u64 + 1).read_to_string(&mut text)?;
    if text.len() > bound {
        return Err(Error::new(ErrorKind::FileTooLarge, format!("longer than {bound} bytes")));
    }
    Ok(text)
}
