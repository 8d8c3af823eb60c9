//! `atomsub export` and `atomsub import`: a whole store into an archive, and back into an empty place.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::Args;

use super::{Configured, Exit};
use crate::config::Config;
use crate::limits::{ARCHIVE_BUFFER_BYTES, PROGRESS_EVERY};
use crate::pubsub::Fault;
use crate::store::{self, Place, TransferError};

/// A store and an archive.
#[derive(Debug, Args)]
pub struct Transfer {
    #[command(flatten)]
    configured: Configured,
    /// The archive. `-` is standard output or input.
    #[arg(value_name = "FILE")]
    archive: PathBuf,
}

impl Transfer {
    /// Writes the store that is configured to the archive, which must not be there.
    pub fn export(&self, out: &mut dyn Write, err: &mut dyn Write) -> Exit {
        self.execute(err, "exported", |place, done| {
            if self.is_piped() {
                return store::export(place, &mut buffered(out), done);
            }
            let file = create(&self.archive)?;
            let exported = store::export(place, &mut buffered(&file), done)
                .and_then(|records| file.sync_all().map(|()| records).map_err(|error| self.cannot(&error)));
            if exported.is_err() {
                // It has no end and could not be imported, so nothing is lost where this fails.
                let _ = fs::remove_file(&self.archive);
            }
            exported
        })
    }

    /// Makes the store that is configured of the archive.
    pub fn import(&self, input: &mut dyn Read, err: &mut dyn Write) -> Exit {
        self.execute(err, "imported", |place, done| {
            if self.is_piped() {
                return store::import(place, &mut reading(input), done);
            }
            let file = File::open(&self.archive).map_err(|error| self.cannot(&error))?;
            store::import(place, &mut reading(file), done)
        })
    }

    /// Loads the configuration, does the work, tells how far it is and what came of it.
    fn execute(
        &self,
        err: &mut dyn Write,
        verb: &str,
        work: impl FnOnce(&Place, &mut store::Progress<'_>) -> Result<u64, TransferError>,
    ) -> Exit {
        let config = match Config::load(&self.configured.sources()) {
            Ok(config) => config,
            Err(error) => {
                say(err, &error.to_string());
                return Exit::Configuration;
            }
        };
        let mut told = Instant::now();
        let done = work(&config.store.place(), &mut |records| {
            if told.elapsed() > PROGRESS_EVERY {
                say(err, &format!("{records} records ..."));
                told = Instant::now();
            }
        });
        match done {
            Ok(records) => {
                say(err, &format!("{verb} {records} records"));
                Exit::Ok
            }
            Err(error) => {
                say(err, &error.to_string());
                match error {
                    TransferError::Damaged(_) | TransferError::Store(Fault::Corrupt(_)) => Exit::StoreDamaged,
                    TransferError::Archive(_) | TransferError::Store(Fault::Unavailable(_)) => {
                        Exit::Configuration
                    }
                    TransferError::Store(Fault::Bug(_)) => Exit::Bug,
                }
            }
        }
    }

    fn is_piped(&self) -> bool {
        self.archive == Path::new("-")
    }

    fn cannot(&self, error: &io::Error) -> TransferError {
        TransferError::Archive(format!("{}: {error}", self.archive.display()))
    }
}

/// A file that was not there, for its owner alone: the store may have what is not for everybody.
fn create(path: &Path) -> Result<File, TransferError> {
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).map_err(|error| {
        let path = path.display();
        TransferError::Archive(if error.kind() == io::ErrorKind::AlreadyExists {
            format!("{path} is there already and stays as it is; name another file")
        } else {
            format!("{path} cannot be written, {error}; name another file")
        })
    })
}

fn buffered<W: Write>(out: W) -> BufWriter<W> {
    BufWriter::with_capacity(ARCHIVE_BUFFER_BYTES, out)
}

fn reading<R: Read>(input: R) -> BufReader<R> {
    BufReader::with_capacity(ARCHIVE_BUFFER_BYTES, input)
}

fn say(err: &mut dyn Write, line: &str) {
    // Nobody may be there to read it; the exit code tells too.
    let _ = writeln!(err, "{line}");
}
