//! Use cases of subscribers — XEP-0060 [#subscriber].

pub mod items;
pub mod options;
pub mod subscribe;
pub mod unsubscribe;
