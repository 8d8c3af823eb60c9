//! What admins install is what it claims to be: the systemd unit is understood and confined.

// A panic is how a test reports, also in the functions that clippy does not recognise as tests.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::io::{ErrorKind, Write as _};
use std::process::{Command, Output};

const UNIT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/deploy/systemd/atomsub.service");

#[test]
fn the_unit_is_confined() {
    // The scale is 0 to 10, the option takes tenths.
    let Some(output) = analyze(&["security", "--offline=true", "--threshold=15", "--no-pager", UNIT]) else {
        return;
    };
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(said.contains("Overall exposure level for atomsub.service"), "{said}");
    assert!(output.status.success(), "exposed more than 1.5:\n{said}");
}

#[test]
fn the_unit_is_understood() {
    let Some(output) = analyze(&["verify", UNIT]) else { return };
    let said = String::from_utf8_lossy(&output.stderr);
    // The program need not be installed to be tested; units of the machine are not ours.
    let ours =
        said.lines().filter(|line| line.contains("atomsub.service") && !line.contains("is not executable"));
    assert_eq!(ours.collect::<Vec<_>>(), [""; 0]);
}

fn analyze(arguments: &[&str]) -> Option<Output> {
    match Command::new("systemd-analyze").args(arguments).output() {
        Ok(output) => Some(output),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let strict = ["CI", "ATOMSUB_TESTS_NO_SKIP"].iter().any(|name| std::env::var_os(name).is_some());
            assert!(!strict, "systemd-analyze is not installed, and no test may be skipped here");
            // Past the capture of test output.
            let _ = writeln!(
                std::io::stderr(),
                "SKIPPED: systemd-analyze is not installed (tests/run.sh installs it)"
            );
            None
        }
        Err(error) => panic!("systemd-analyze: {error}"),
    }
}
