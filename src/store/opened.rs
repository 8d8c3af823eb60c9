//! What an engine has open, and how it is opened again after a batch that failed on its way.

use std::path::{Path, PathBuf};

use super::guarded::{close, unavailable};
use super::reserve::Reserve;
use crate::pubsub::fault::Fault;

/// Opens or creates the database in a directory; where it cannot be written, the reserve is given up.
type How<D> = fn(&Path, &Reserve) -> Result<D, Fault>;

/// An open database.
pub(super) struct Opened<D> {
    directory: PathBuf,
    reserve: Reserve,
    how: How<D>,
    /// `None` only after it could not be opened again.
    database: Option<D>,
    /// Whether a batch failed on its way, so that what is in memory may not be what is on the disk.
    is_torn: bool,
}

impl<D> Opened<D> {
    /// Opens it. A second process that does so gets an error.
    pub(super) fn open(directory: &Path, how: How<D>) -> Result<Self, Fault> {
        let reserve = Reserve::at(directory);
        let database = how(directory, &reserve)?;
        // Reading needs no reserve, and the next batch asks for it again.
        let _ = reserve.take();
        Ok(Self { directory: directory.to_owned(), reserve, how, database: Some(database), is_torn: false })
    }

    /// The database.
    pub(super) fn get(&self) -> Result<&D, Fault> {
        self.database.as_ref().ok_or_else(|| Fault::Unavailable("it is not open".to_owned()))
    }

    /// The database, to change how it is kept.
    pub(super) fn get_mut(&mut self) -> Option<&mut D> {
        self.database.as_mut()
    }

    /// Writes a batch, which may be torn where that fails.
    pub(super) fn write(&mut self, batch: impl FnOnce(&D) -> Result<(), Fault>) -> Result<(), Fault> {
        self.reserve.take().map_err(|error| unavailable(&error))?;
        let written = batch(self.get()?);
        self.is_torn = written.is_err();
        written
    }

    /// Opens it again, if a batch was torn.
    pub(super) fn recover(&mut self) -> Result<(), Fault> {
        if !self.is_torn {
            return Ok(());
        }
        // Closing it first: two would fight for its lock.
        close(self.database.take());
        self.database = Some((self.how)(&self.directory, &self.reserve)?);
        self.is_torn = false;
        Ok(())
    }
}
