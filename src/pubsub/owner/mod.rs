//! Use cases of owners — XEP-0060 [#owner].

pub mod create;
pub mod delete;
