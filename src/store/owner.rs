//! Whose files they are: an admin walks and moves stores as root, and the service has to read them afterwards.

use std::fs;
use std::io;
use std::os::unix::fs::{MetadataExt, lchown};
use std::path::Path;

/// Gives all that is in a directory to whom the directory belongs.
pub(super) fn give_to_owner(directory: &Path) -> io::Result<()> {
    let owner = fs::symlink_metadata(fs::canonicalize(directory)?)?;
    let mut folders = vec![directory.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let found = entry.metadata()?;
            if (found.uid(), found.gid()) != (owner.uid(), owner.gid()) {
                lchown(entry.path(), Some(owner.uid()), Some(owner.gid()))?;
            }
            if found.is_dir() {
                folders.push(entry.path());
            }
        }
    }
    Ok(())
}
