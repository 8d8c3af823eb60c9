//! What is wrong with a configuration, said so that the next edit mends it.

use std::fmt;

use super::keys::SECTIONS;

/// Everything that is wrong with a configuration: never empty, one line each.
#[derive(Debug, PartialEq, Eq)]
pub struct ConfigError(pub Vec<Problem>);

/// One thing that is wrong: where it was written, and what to write instead.
#[derive(Debug, PartialEq, Eq)]
pub struct Problem {
    /// The file, the environment variable or the option.
    pub origin: String,
    /// The key, what is wrong with it and what to write.
    pub text: String,
}

impl Problem {
    /// A problem of what stands at `origin`.
    pub fn new(origin: impl Into<String>, text: impl Into<String>) -> Self {
        Self { origin: origin.into(), text: text.into() }
    }

    /// A key that nothing reads, with the one that was probably meant.
    pub fn unknown_key(origin: impl Into<String>, path: &str) -> Self {
        let meant = nearest_key(path).map_or_else(
            || "component.toml.example lists every key".to_owned(),
            |known| format!("did you mean `{known}`?"),
        );
        Self::new(origin, format!("unknown key `{path}`: {meant}"))
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.origin, self.text)
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            problem.fmt(f)?;
        }
        Ok(())
    }
}

impl std::error::Error for ConfigError {}

/// The known table or key whose name is nearest to `path`, unless all are far.
fn nearest_key(path: &str) -> Option<String> {
    SECTIONS
        .iter()
        .flat_map(|section| {
            let keys = section.keys.iter().map(|key| section.path_of(key.name));
            keys.chain((!section.name.is_empty()).then(|| section.name.to_owned()))
        })
        .filter(|known| known != path)
        .map(|known| (distance(path, &known), known))
        .filter(|(distance, known)| distance * 3 <= known.len())
        .min()
        .map(|(_, known)| known)
}

/// How many slips of the pen lead from `known` to `path`; the right key in the wrong table is one.
fn distance(path: &str, known: &str) -> usize {
    let name = |path: &str| path.rsplit('.').next().map(str::to_owned);
    if path != known && name(path) == name(known) { 1 } else { strsim::damerau_levenshtein(path, known) }
}
