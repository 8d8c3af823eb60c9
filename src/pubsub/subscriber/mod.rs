//! Use cases of subscribers — XEP-0060 [#subscriber].

pub mod items;
pub mod subscribe;
pub mod unsubscribe;
