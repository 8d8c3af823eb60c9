//! Atom entries (RFC 4287): what makes one acceptable. Pure.
