//! Bodies, read and inflated up to a limit.

use std::io::Read;

use bytes::{Bytes, BytesMut};
use flate2::read::{MultiGzDecoder, ZlibDecoder};
use reqwest::Response;
use reqwest::header::CONTENT_ENCODING;

use super::{Failed, failed};
use crate::limits::{FETCH_BYTES_MAX, FETCH_INFLATED_BYTES_MAX};

/// Reads a body to its end, unless that is too far.
pub(super) async fn read(mut response: Response) -> Result<Bytes, Failed> {
    if response.content_length().is_some_and(|length| length > FETCH_BYTES_MAX as u64) {
        return Err(Failed::TooLong(FETCH_BYTES_MAX));
    }
    let mut body = BytesMut::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| failed(&error))? {
        if body.len() + chunk.len() > FETCH_BYTES_MAX {
            return Err(Failed::TooLong(FETCH_BYTES_MAX));
        }
        body.extend_from_slice(&chunk);
    }
    let encoding =
        response.headers().get(CONTENT_ENCODING).map(|encoding| encoding.as_bytes().to_ascii_lowercase());
    let body = body.freeze();
    match encoding.as_deref() {
        None | Some(b"" | b"identity") => Ok(body),
        // A body that is none, as with 304, has nothing to inflate.
        Some(_) if body.is_empty() => Ok(body),
        Some(b"gzip" | b"x-gzip") => inflate_aside(body, |body| inflate(MultiGzDecoder::new(body))).await,
        Some(b"deflate") => inflate_aside(body, |body| inflate(ZlibDecoder::new(body))).await,
        Some(_) => Err(Failed::NotInflated),
    }
}

/// Inflating takes its time, which others need not wait for.
async fn inflate_aside(
    body: Bytes,
    inflate: impl FnOnce(&[u8]) -> Result<Bytes, Failed> + Send + 'static,
) -> Result<Bytes, Failed> {
    let inflated = tokio::task::spawn_blocking(move || inflate(&body)).await;
    inflated.unwrap_or(Err(Failed::NotInflated))
}

/// No more memory is taken than may be filled, whatever the beginning promises.
fn inflate(decoder: impl Read) -> Result<Bytes, Failed> {
    let mut inflated = Vec::new();
    let read = decoder.take(FETCH_INFLATED_BYTES_MAX as u64 + 1).read_to_end(&mut inflated);
    read.map_err(|_| Failed::NotInflated)?;
    if inflated.len() > FETCH_INFLATED_BYTES_MAX {
        return Err(Failed::TooLong(FETCH_INFLATED_BYTES_MAX));
    }
    Ok(inflated.into())
}
