//! Use cases of publishers — XEP-0060 [#publisher].

pub mod publish;
pub mod retract;
pub(super) mod room;
