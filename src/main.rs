//! The `atomsub` binary.
fn main() {}
