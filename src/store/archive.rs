//! An archive: all records of a store as one stream of bytes, for a backup or for another engine.
//!
//! Version 1 of the form, all numbers big-endian:
//!
//! - the line `atomsub archive 1`;
//! - for each record, in the order of the keys: the length of the key (4 bytes, never 0), the length of the value
//!   (4 bytes), the key, the value;
//! - at the end: 4 bytes of 0, the number of the last commit, the count of the records and the sum over them (8 bytes
//!   each, see `head`), and the CRC-32 of all that was before (4 bytes).
//!
//! Keys and values are those of the store, with the checksum in each and the version of their layout among them. What a
//! later program does to a store of an earlier layout it can do to an archive of it.

use std::io::{self, Read, Write};

use crc32fast::Hasher;

use super::head::Head;
use crate::limits::{STORE_KEY_BYTES_MAX, STORE_RECORD_BYTES_MAX};
use crate::pubsub::fault::Fault;

/// Why a store did not get into an archive, or out of one.
#[derive(Debug, thiserror::Error)]
pub enum TransferError {
    /// It is up to the store.
    #[error("{0}")]
    Store(#[from] Fault),
    /// The archive is not what was written.
    #[error("the archive is damaged: {0}")]
    Damaged(String),
    /// The archive cannot be read or written.
    #[error("{0}")]
    Archive(String),
}

const FIRST_LINE: &[u8] = b"atomsub archive 1\n";

/// An archive that is written.
pub(super) struct Writer<'a> {
    out: &'a mut dyn Write,
    sum: Hasher,
}

impl<'a> Writer<'a> {
    /// Begins one.
    pub(super) fn begin(out: &'a mut dyn Write) -> Result<Self, TransferError> {
        let mut writer = Self { out, sum: Hasher::new() };
        writer.put(FIRST_LINE)?;
        Ok(writer)
    }

    /// Writes a record.
    pub(super) fn record(&mut self, key: &[u8], value: &[u8]) -> Result<(), TransferError> {
        for part in [key, value] {
            let length = u32::try_from(part.len()).map_err(|_| Fault::Bug("a record of 4 GiB".to_owned()))?;
            self.put(&length.to_be_bytes())?;
        }
        self.put(key)?;
        self.put(value)
    }

    /// Ends it with what the records add up to.
    pub(super) fn end(mut self, head: Head) -> Result<(), TransferError> {
        self.put(&[0; 4])?;
        for number in [head.commit, head.records, head.sum] {
            self.put(&number.to_be_bytes())?;
        }
        let sum = self.sum.clone().finalize();
        self.put(&sum.to_be_bytes())?;
        self.out.flush().map_err(|error| unwritable(&error))
    }

    fn put(&mut self, bytes: &[u8]) -> Result<(), TransferError> {
        self.sum.update(bytes);
        self.out.write_all(bytes).map_err(|error| unwritable(&error))
    }
}

/// An archive that is read.
pub(super) struct Reader<'a> {
    input: &'a mut dyn Read,
    sum: Hasher,
}

/// What comes next in an archive.
pub(super) enum Next {
    /// A record: its key and value.
    Record(Vec<u8>, Vec<u8>),
    /// The end, and what the records have to add up to.
    End(Head),
}

impl<'a> Reader<'a> {
    /// Begins to read one.
    pub(super) fn begin(input: &'a mut dyn Read) -> Result<Self, TransferError> {
        let mut reader = Self { input, sum: Hasher::new() };
        let first = reader.take(FIRST_LINE.len())?;
        let family = b"atomsub archive ";
        match first.as_slice() {
            FIRST_LINE => Ok(reader),
            newer if newer.starts_with(family) => Err(TransferError::Archive(
                "the archive is of a newer version than this program knows; use the program that wrote it, or a \
                 newer one"
                    .to_owned(),
            )),
            _ => Err(damaged("it does not begin like an archive")),
        }
    }

    /// Reads on.
    pub(super) fn next(&mut self) -> Result<Next, TransferError> {
        let length = self.length(STORE_KEY_BYTES_MAX)?;
        if length == 0 {
            return self.end().map(Next::End);
        }
        let value = self.length(STORE_RECORD_BYTES_MAX)?;
        Ok(Next::Record(self.take(length)?, self.take(value)?))
    }

    fn end(&mut self) -> Result<Head, TransferError> {
        let head = Head { commit: self.number()?, records: self.number()?, sum: self.number()? };
        let sum = self.sum.clone().finalize();
        if self.take(4)? != sum.to_be_bytes() {
            return Err(damaged("its checksum does not match"));
        }
        match self.input.read(&mut [0]).map_err(|error| unreadable(&error))? {
            0 => Ok(head),
            _ => Err(damaged("something follows its end")),
        }
    }

    fn length(&mut self, most: usize) -> Result<usize, TransferError> {
        let length = self.array().map(u32::from_be_bytes)?;
        let length = usize::try_from(length).ok().filter(|length| *length <= most);
        length.ok_or_else(|| damaged("it has a record that is too long"))
    }

    fn number(&mut self) -> Result<u64, TransferError> {
        self.array().map(u64::from_be_bytes)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], TransferError> {
        let mut bytes = [0; N];
        self.fill(&mut bytes)?;
        Ok(bytes)
    }

    fn take(&mut self, length: usize) -> Result<Vec<u8>, TransferError> {
        let mut bytes = vec![0; length];
        self.fill(&mut bytes)?;
        Ok(bytes)
    }

    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), TransferError> {
        self.input.read_exact(bytes).map_err(|error| unreadable(&error))?;
        self.sum.update(bytes);
        Ok(())
    }
}

fn damaged(what: &str) -> TransferError {
    TransferError::Damaged(what.to_owned())
}

fn unreadable(error: &io::Error) -> TransferError {
    if error.kind() == io::ErrorKind::UnexpectedEof {
        return damaged("it ends too early");
    }
    TransferError::Archive(format!("the archive cannot be read: {error}"))
}

fn unwritable(error: &io::Error) -> TransferError {
    TransferError::Archive(format!("the archive cannot be written: {error}"))
}
