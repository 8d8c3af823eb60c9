//! Whether the store will find a place.

use std::io;
use std::path::Path;

use rustix::fs::{Access, access, statvfs};

use crate::config::{Engine, Store};
use crate::limits;

/// What is good about the store's place, or what to do about it.
pub(super) fn look(store: &Store) -> Result<String, String> {
    let path = store.path.display();
    match store.engine {
        Engine::Memory => return Ok("in memory, gone when the program ends".to_owned()),
        Engine::Sled | Engine::Fjall => {}
    }
    let place = nearest_directory(&store.path);
    let cannot = |error: io::Error| {
        format!("{path} cannot be written, {error}; give {} to this user", place.display())
    };
    access(place, Access::WRITE_OK | Access::EXEC_OK).map_err(|error| cannot(error.into()))?;
    let free = statvfs(place)
        .map_err(|error| cannot(error.into()))
        .map(|found| found.f_bavail.saturating_mul(found.f_frsize))?;
    if free < limits::FREE_BYTES {
        let (free, wanted) = (free >> 20, limits::FREE_BYTES >> 20);
        return Err(format!("{path} has {free} MiB of free space; make room, at least {wanted} MiB"));
    }
    Ok(format!("{path}, {} MiB free", free >> 20))
}

/// The store's directory, or the one in which it will be made.
fn nearest_directory(path: &Path) -> &Path {
    path.ancestors().find(|place| place.exists()).unwrap_or(Path::new("."))
}
