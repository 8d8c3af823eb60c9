//! Use cases of publishers — XEP-0060 [#publisher].

mod entry;
mod identity;
pub mod publish;
pub mod retract;
pub(super) mod room;
