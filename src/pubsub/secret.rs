//! What is shared with a hub or with a callback, to sign with; no log line may show it.

use std::fmt;

use serde::{Deserialize, Serialize};

/// It prints as `[hidden]`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// Hides it.
    pub fn new(secret: impl Into<String>) -> Self {
        Self(secret.into())
    }

    /// It, to sign with it.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[hidden]")
    }
}
