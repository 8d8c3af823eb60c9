//! The wire, pure: stanzas to requests, and outcomes back to stanzas.
