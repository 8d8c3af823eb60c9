//! Presence: what the service learns from it, and what follows for subscriptions and items.

pub mod contact;
