#!/bin/sh
# Shows atomsub at work on this machine, with throw-away data, and leaves it running: demo.sh [--once] [FEED]
#
# Needs Debian 12 or later and Rust. Installs Prosody when it is absent, builds, starts Prosody and atomsub on loopback,
# logs two accounts in, publishes every entry of an Atom feed document, then modifies one and deletes one, and shows
# what the subscriber receives, as it arrives. Without FEED it is deploy/demo.atom. With --once it ends instead of
# staying, with status 0 only if everything published was received.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
"$root/tests/install.sh" prosody:prosody
echo "Building atomsub; the first time takes a few minutes ..."
cargo build --quiet --locked --manifest-path "$root/Cargo.toml" --bin atomsub --example demo
exec cargo run --quiet --locked --manifest-path "$root/Cargo.toml" --example demo -- "$@"
