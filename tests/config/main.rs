//! Configurations in, and what they mean or what is wrong with them out.

#![expect(clippy::needless_raw_string_hashes, reason = "they are written by expect-test")]
#![expect(clippy::unwrap_used, reason = "what cannot be set up has failed the test")]
#![expect(unreachable_pub, reason = "a test program exports nothing")]

mod complaints;
mod given;
mod meaning;
mod outside;
