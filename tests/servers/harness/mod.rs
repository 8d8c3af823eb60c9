//! Everything needed to watch atomsub at work: servers, clients, the service itself, and a host of our own.

pub(crate) mod client;
mod ejabberd;
pub(crate) mod fake_host;
pub(crate) mod process;
mod prosody;
pub(crate) mod server;
pub(crate) mod service;
pub(crate) mod xml;

/// The host whose users may create nodes, and of which the service is a component.
pub(crate) const CAPULET: &str = "capulet.example";
/// A second host of the same server: its users are foreigners to the service.
pub(crate) const MONTAGUE: &str = "montague.example";
/// The names a server admits as components.
pub(crate) const COMPONENTS: [&str; 4] = [
    "pubsub.capulet.example",
    "comments.capulet.example",
    "crash.capulet.example",
    "restart.capulet.example",
];
/// The accounts of every server, all with the password [`PASSWORD`].
pub(crate) const ACCOUNTS: [&str; 3] =
    ["juliet@capulet.example", "nurse@capulet.example", "romeo@montague.example"];
/// The password of every account.
pub(crate) const PASSWORD: &str = "wherefore";
/// What the components share with the server.
pub(crate) const SECRET: &str = "deny-thy-father";

/// Says that something is not installed, past the capture of test output; where nothing may be skipped, fails.
pub(crate) fn skip(what: &str) {
    use std::io::Write as _;
    let strict = ["CI", "ATOMSUB_TESTS_NO_SKIP"].iter().any(|name| std::env::var_os(name).is_some());
    assert!(!strict, "{what} is not installed, and no test may be skipped here (tests/run.sh installs it)");
    let _ = writeln!(std::io::stderr(), "SKIPPED: {what} is not installed (tests/run.sh installs it)");
}
