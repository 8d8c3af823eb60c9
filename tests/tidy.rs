//! The source keeps the rules that are written down in the crate's documentation and in ARCHITECTURE.md.

#![expect(clippy::unwrap_used, reason = "what cannot be read has failed the test")]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// The longest file: beyond it, it does two things.
const LINES_MAX: usize = 400;
/// What gives other answers to the same request, or does something besides answering.
const IMPURE: [&str; 16] = [
    "async",
    "fjall",
    "minidom",
    "rand",
    "sled",
    "std::env",
    "std::fs",
    "std::net",
    "std::thread",
    "std::time",
    "tokio",
    "tracing",
    "HashMap",
    "HashSet",
    "Instant",
    "SystemTime",
];
const UNFINISHED: [&str; 3] = ["todo!", "unimplemented!", "dbg!"];

/// A file of the source.
struct Source {
    /// Its path under the root of the repository.
    path: String,
    text: String,
}

impl Source {
    /// The module directly under the crate that the file belongs to.
    fn module(&self) -> &str {
        let inside = self.path.strip_prefix("src/").unwrap();
        inside.split('/').next().unwrap().trim_end_matches(".rs")
    }

    /// Its lines but for comments, numbered.
    fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        let lines = self.text.lines().enumerate().map(|(at, line)| (at + 1, line));
        lines.filter(|(_, line)| !line.trim_start().starts_with("//"))
    }

    /// What its module documentation says.
    fn doc(&self) -> String {
        self.text.lines().take_while(|line| line.starts_with("//!")).collect::<Vec<_>>().join("\n")
    }
}

/// All files of Rust in some directories of the repository.
fn sources(directories: &[&str]) -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    let mut directories: Vec<_> = directories.iter().map(|directory| root.join(directory)).collect();
    while let Some(directory) = directories.pop() {
        for entry in fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                directories.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                let path = path.strip_prefix(root).unwrap().display().to_string();
                found.push(Source { path, text });
            }
        }
    }
    found
}

/// Fails with a line for each breach.
fn none(breaches: impl IntoIterator<Item = String>) {
    let breaches: Vec<_> = breaches.into_iter().collect();
    assert!(breaches.is_empty(), "\n{}", breaches.join("\n"));
}

/// The lines of code that have one of these words.
fn with_words(all: &[Source], words: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for source in all {
        for (at, line) in source.code() {
            let named = words.iter().filter(|word| names(line, word));
            found.extend(named.map(|word| format!("{}:{at}: {word}", source.path)));
        }
    }
    found
}

/// Whether a line has a word or path that is not a part of a longer one.
fn names(line: &str, word: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    line.match_indices(word).any(|(at, _)| {
        let (before, after) = (&line[..at], &line[at + word.len()..]);
        !before.ends_with(is_part) && !after.starts_with(is_part)
    })
}

#[test]
fn imports_point_downwards() {
    let all = sources(&["src"]);
    let crate_doc = all.iter().find(|source| source.path == "src/lib.rs").unwrap().doc();
    let line = crate_doc.lines().find(|line| line.contains(" < ")).unwrap();
    let steps = line.trim_start_matches("//!").split('<').map(str::split_whitespace);
    let layers: BTreeMap<&str, usize> =
        steps.enumerate().flat_map(|(at, names)| names.map(move |name| (name, at))).collect();

    let mut breaches = Vec::new();
    for source in all.iter().filter(|source| source.path != "src/lib.rs") {
        let module = source.module();
        let Some(own) = layers.get(module) else {
            breaches.push(format!("{}: {module} is not in the line of layers in src/lib.rs", source.path));
            continue;
        };
        for (at, line) in source.code() {
            for root in ["crate::", "atomsub::"] {
                for (_, used) in line.match_indices(root).map(|(start, _)| line.split_at(start + root.len()))
                {
                    let name = used.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap();
                    if name != module && layers.get(name).is_none_or(|used| used >= own) {
                        breaches.push(format!("{}:{at}: {module} may not use {name:?}", source.path));
                    }
                }
            }
        }
    }
    none(breaches);
}

#[test]
fn decisions_depend_on_nothing_but_their_arguments() {
    none(with_words(&sources(&["src/pubsub", "src/atom", "src/feeds/reading"]), &IMPURE));
}

#[test]
fn each_file_says_what_it_is_for_and_stays_small() {
    let all = sources(&["src"]);
    let silent = all.iter().filter(|source| source.doc().is_empty());
    let silent = silent.map(|source| format!("{}: does not open with //!", source.path));
    let lengths = all.iter().map(|source| (source, source.text.lines().count()));
    let long = lengths.filter(|(_, lines)| *lines > LINES_MAX);
    let long = long.map(|(source, lines)| format!("{}: {lines} lines", source.path));
    none(silent.chain(long));
}

#[test]
fn nothing_is_unfinished() {
    none(with_words(&sources(&["src", "deploy"]), &UNFINISHED));
}

/// The specifications whose places `xep-anchors.txt` lists and a use case may come from.
const NAMED: [&str; 2] = ["XEP-0060", "XEP-0313"];

#[test]
fn each_use_case_names_its_place_in_the_specification() {
    let folders = ["entity", "subscriber", "publisher", "owner"].map(|folder| format!("src/pubsub/{folder}"));
    let use_cases = sources(&folders.each_ref().map(String::as_str));
    let without = use_cases
        .iter()
        .filter(|source| {
            !source.path.ends_with("/mod.rs")
                && !NAMED.iter().any(|xep| source.doc().contains(&format!("{xep} [#")))
        })
        .map(|source| format!("{}: its //! names no place, such as XEP-0060 [#owner-create]", source.path));
    none(without);
}

#[test]
fn places_in_the_specification_exist() {
    let anchors: Vec<_> = include_str!("xep-anchors.txt").lines().collect();
    let all = sources(&["src", "tests/engine"]);
    let mut breaches = Vec::new();
    for source in &all {
        for (at, line) in
            source.text.lines().enumerate().filter(|(_, line)| line.trim_start().starts_with("//"))
        {
            let named = line.split("[#").skip(1).filter_map(|rest| rest.split_once(']'));
            let unknown = named.filter(|(anchor, _)| !anchors.contains(anchor));
            breaches.extend(unknown.map(|(anchor, _)| format!("{}:{}: [#{anchor}]", source.path, at + 1)));
        }
    }
    none(breaches);
}

/// The map of the source in ARCHITECTURE.md leads to files that exist, and leaves no module out.
#[test]
fn the_map_shows_the_source_as_it_is() {
    let map = include_str!("../ARCHITECTURE.md");
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let words = map.split(|c: char| c.is_whitespace() || "`(),;".contains(c));
    let paths = words.map(|word| word.trim_end_matches(['.', ':']));
    let paths =
        paths.filter(|word| ["src/", "tests/", "deploy/"].iter().any(|folder| word.starts_with(folder)));
    let lost =
        paths.filter(|path| !root.join(path).exists()).map(|path| format!("ARCHITECTURE.md: no {path}"));
    let modules = fs::read_dir(root.join("src")).unwrap().map(|entry| entry.unwrap());
    let modules = modules.map(|entry| format!("src/{}", entry.file_name().display()));
    let missing = modules.filter(|module| !map.contains(module.as_str()));
    none(lost.chain(missing.map(|module| format!("ARCHITECTURE.md: {module} is not on the map"))));
}
