//! Client libraries of other languages: from their package indexes into directories under `target/`, once.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The directory of a library, which is installed if need be; none, and the reason on stderr, where that cannot be.
///
/// `probe` is a program that succeeds when the library in that directory can be used, `install` one that brings it.
pub(crate) fn obtain(
    name: &str,
    probe: impl Fn(&Path) -> Command,
    install: impl FnOnce(&Path) -> Command,
) -> Option<PathBuf> {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    if dir.is_dir() && run(probe(&dir)).is_ok() {
        return Some(dir);
    }
    // What an installation left that was interrupted would be taken for a whole one.
    let _ = std::fs::remove_dir_all(&dir);
    std::fs::create_dir_all(&dir).unwrap();
    match run(install(&dir)).and_then(|()| run(probe(&dir))) {
        Ok(()) => Some(dir),
        Err(why) => {
            eprintln!("{name} cannot be installed: {why}");
            None
        }
    }
}

/// A script of the tests, run on the library; it has to succeed.
pub(crate) fn play(script: &mut Command) {
    let played = script.output().unwrap();
    let said = String::from_utf8_lossy(&played.stderr);
    assert!(played.status.success(), "{said}");
}

/// A Python that finds the library in this directory, and leaves nothing beside the scripts of the tests.
pub(crate) fn python(program: &str, library: &Path) -> Command {
    let mut python = Command::new(program);
    python.env("PYTHONPATH", library).env("PYTHONDONTWRITEBYTECODE", "1");
    python
}

/// Installs packages, pinned as `name==version`, from the Python package index.
pub(crate) fn pip(program: &str, library: &Path, packages: &[&str]) -> Command {
    let mut pip = python(program, library);
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--target"]).arg(library);
    pip.args(packages);
    pip
}

/// The directory of a package from the npm registry, as `package-lock.json` in the directory of its scripts says, with
/// this one of the scripts: a module looks for libraries where it is itself. It is there if it can be imported.
pub(crate) fn npm(package: &str, version: &str, scripts: &str, main: &str) -> Option<PathBuf> {
    let bring = |library: &Path, name: &str| {
        std::fs::copy(script(scripts).join(name), library.join(name)).unwrap();
    };
    let probe = |library: &Path| {
        let mut node = node_in(library);
        node.args(["--input-type=module", "--eval", &format!("import '{package}'")]);
        node
    };
    let library = obtain(&format!("{scripts}-{version}"), probe, |library| {
        bring(library, "package.json");
        bring(library, "package-lock.json");
        let mut npm = Command::new("npm");
        // Nothing but the files of the packages: neither their scripts nor what those would bring.
        npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]).current_dir(library);
        npm
    })?;
    bring(&library, main);
    Some(library)
}

/// A Node that finds the libraries in this directory.
pub(crate) fn node_in(library: &Path) -> Command {
    let mut node = Command::new("node");
    node.current_dir(library);
    node
}

/// Where the scripts for the libraries are.
pub(crate) fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/servers").join(name)
}

fn run(mut command: Command) -> Result<(), String> {
    let output = command.output().map_err(|why| format!("{command:?}: {why}"))?;
    let said = || format!("{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    if output.status.success() { Ok(()) } else { Err(said()) }
}
