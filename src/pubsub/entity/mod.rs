//! Use cases of any entity — XEP-0060 [#entity].

pub mod affiliations;
pub mod discover_items;
pub mod discover_nodes;
pub mod node_info;
pub mod subscriptions;
pub mod type_filter;
