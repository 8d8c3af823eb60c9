//! Delivery of notices after their commit.
