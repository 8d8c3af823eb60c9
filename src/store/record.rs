//! The envelope of a stored record: kind, version and checksum before the body.
//!
//! The checksum covers the key too, so a record that turns up in another's place is noticed.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::keys::Key;
use crate::pubsub::fault::Fault;

/// The version of the envelope and of all bodies. A new form of a body gets a new version, and a reader for the old one.
const VERSION: u8 = 1;

/// Puts a body into its envelope.
pub fn encode<T: Serialize>(key: &Key<T>, body: &T) -> Result<Vec<u8>, Fault> {
    let kind = key.bytes().first().copied().unwrap_or_default();
    let body = postcard::to_extend(body, vec![kind, VERSION, 0, 0, 0, 0])
        .map_err(|error| Fault::Bug(format!("a record cannot be written: {error}")))?;
    let mut record = body;
    let sum = checksum(key.bytes(), &record).to_be_bytes();
    for (place, byte) in record.iter_mut().skip(2).zip(sum) {
        *place = byte;
    }
    Ok(record)
}

/// Takes a body out of its envelope.
pub fn decode<T: DeserializeOwned>(key: &[u8], record: &[u8]) -> Result<T, Fault> {
    check(key, record)?;
    let body = record.get(6..).unwrap_or_default();
    match postcard::take_from_bytes(body) {
        Ok((body, [])) => Ok(body),
        Ok((_, rest)) => Err(damaged(key, &format!("{} bytes too many", rest.len()))),
        Err(error) => Err(damaged(key, &error.to_string())),
    }
}

/// The first parts of a body, where the others are not of interest.
pub fn decode_beginning<T: DeserializeOwned>(key: &[u8], record: &[u8]) -> Result<T, Fault> {
    check(key, record)?;
    let body = record.get(6..).unwrap_or_default();
    let beginning = postcard::take_from_bytes(body).map_err(|error| damaged(key, &error.to_string()))?;
    Ok(beginning.0)
}

/// Checks the envelope of a record and gives its checksum.
pub fn check(key: &[u8], record: &[u8]) -> Result<u32, Fault> {
    let Some((&[kind, version, a, b, c, d], _)) = record.split_first_chunk() else {
        return Err(damaged(key, "too short"));
    };
    let stored = u32::from_be_bytes([a, b, c, d]);
    if stored != checksum(key, record) {
        return Err(damaged(key, "its checksum does not match"));
    }
    if key.first() != Some(&kind) {
        return Err(damaged(key, "it is of another kind"));
    }
    if version != VERSION {
        return Err(damaged(key, &format!("its version {version} is unknown")));
    }
    Ok(stored)
}

fn checksum(key: &[u8], record: &[u8]) -> u32 {
    let mut sum = crc32fast::Hasher::new();
    sum.update(key);
    sum.update(record.get(..2).unwrap_or_default());
    sum.update(record.get(6..).unwrap_or_default());
    sum.finalize()
}

fn damaged(key: &[u8], what: &str) -> Fault {
    Fault::Corrupt(format!("the record {} is not readable: {what}", key.escape_ascii()))
}
