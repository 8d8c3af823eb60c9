//! The link, against a host of a few lines that speaks XEP-0114 (or fails to).

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failure is a failed test")]
#![expect(unreachable_pub, reason = "a test program exports nothing")]

mod host;
mod login;
mod loss;
mod stanzas;
