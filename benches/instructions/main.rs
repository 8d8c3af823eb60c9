//! How many instructions the hot paths take: a number that others on the machine do not change, so it can be checked.
//!
//! ```text
//! cargo bench --bench instructions                # fails where a path takes more, or less, than instructions.txt says
//! cargo bench --bench instructions -- --update    # writes down what they take now; look at the difference
//! ```
//!
//! Each path runs under valgrind a few times and then some more times, and the difference is what it takes.

// A check that cannot go on says why and stops, as a test does; what it counts goes to the terminal.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
#![allow(clippy::print_stdout, clippy::print_stderr)]

use std::fmt::Write as _;
use std::process::{Command, ExitCode};

use paths::{PATHS, Path};

mod map;
mod paths;

const RECORD: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/instructions/instructions.txt");
/// Runs that are subtracted, with all that happens once.
const FEW: u64 = 20;
/// Runs that are counted.
const COUNTED: u64 = 100;
/// By how many percent a path may differ from what is written down: sizes of maps and lengths of numbers vary a little,
/// and other processors have other ways to copy and compare.
const TOLERANCE: u64 = 10;
/// The same where another compiler made it.
const TOLERANCE_OF_OTHERS: u64 = 25;

/// The one of the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words[..] {
        [name, count] => {
            let path = PATHS.iter().find(|path| path.name == name).expect("a path of that name");
            (path.run)(count.parse().expect("a number"));
            ExitCode::SUCCESS
        }
        ["--update"] => update(),
        [] => check(),
        _ => {
            eprintln!("cargo bench --bench instructions [-- --update]");
            ExitCode::FAILURE
        }
    }
}

fn update() -> ExitCode {
    let mut text = format!("{}\n", compiler());
    for path in &PATHS {
        let _ = writeln!(text, "{} {}", path.name, count(path).expect("valgrind counts"));
    }
    print!("{text}");
    std::fs::write(RECORD, text).unwrap();
    ExitCode::SUCCESS
}

fn check() -> ExitCode {
    let record = std::fs::read_to_string(RECORD).unwrap();
    let tolerance = if record.lines().next() == Some(&compiler()) {
        TOLERANCE
    } else {
        println!(
            "written down for another compiler than {}: {TOLERANCE_OF_OTHERS} % are allowed",
            compiler()
        );
        TOLERANCE_OF_OTHERS
    };
    let mut failed = false;
    for path in &PATHS {
        let Some(now) = count(path) else { return without_valgrind() };
        let known = record.lines().find_map(|line| line.strip_prefix(path.name)?.trim().parse::<u64>().ok());
        let known = known.expect("each path is written down");
        let is_like_it = now.abs_diff(known) * 100 <= known * tolerance;
        failed |= !is_like_it;
        let verdict = if is_like_it { "" } else { "  <-- more than it may differ" };
        println!("{:<32} {now:>9} instructions, {known:>9} written down{verdict}", path.name);
    }
    if failed {
        println!("Where that is meant: cargo bench --bench instructions -- --update");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

/// Without valgrind nothing is checked, and where nothing may be skipped that is a failure.
fn without_valgrind() -> ExitCode {
    println!("SKIPPED: valgrind is not installed (tests/run.sh installs it)");
    let strict = ["CI", "ATOMSUB_TESTS_NO_SKIP"].iter().any(|name| std::env::var_os(name).is_some());
    if strict { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

/// What a path takes each time; nothing where there is no valgrind.
fn count(path: &Path) -> Option<u64> {
    let [few, more] = [FEW, FEW + COUNTED].map(|runs| {
        let mut valgrind = Command::new("valgrind");
        valgrind.args(["--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null"]);
        let done =
            valgrind.arg(std::env::current_exe().unwrap()).args([path.name, &runs.to_string()]).output();
        let done = done.ok()?;
        let said = String::from_utf8_lossy(&done.stderr).into_owned();
        assert!(done.status.success(), "{}: {said}", path.name);
        let line = said.lines().find(|line| line.contains("I   refs:")).expect("valgrind sums up");
        let digits: String = line.rsplit(':').next()?.chars().filter(char::is_ascii_digit).collect();
        digits.parse::<u64>().ok()
    });
    Some((more? - few?) / (COUNTED * path.parts))
}

/// The compiler and the processor's kind, which decide what instructions there are.
fn compiler() -> String {
    let rustc = Command::new("rustc").arg("--version").output().expect("cargo has a compiler");
    let version = String::from_utf8_lossy(&rustc.stdout);
    let version = version.split_whitespace().take(2).collect::<Vec<_>>().join(" ");
    format!("{version} {}", std::env::consts::ARCH)
}
