//! Use cases of owners — XEP-0060 [#owner].

pub mod affiliations;
pub mod configure;
pub mod create;
pub mod default_configuration;
pub mod delete;
pub mod purge;
pub mod subscription_requests;
pub mod subscriptions;
