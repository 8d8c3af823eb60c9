//! What the command line asks for.

use std::time::Duration;

use crate::harness::server::Kind;

/// What to measure, how long, and over how much.
pub(crate) struct Plan {
    names: Vec<String>,
    /// The server to put between, if one is wanted.
    pub(crate) real: Option<Kind>,
    quick: bool,
    /// Items, and as many subscriptions, in the full store; a hundredth as many nodes.
    pub(crate) scale: usize,
}

/// How to call it.
pub(crate) const USAGE: &str =
    "cargo bench --bench load -- [NAME ...] [--real prosody|ejabberd] [--quick] [--scale NUMBER|full]";

impl Plan {
    /// Reads the command line; an error is how it should have been.
    pub(crate) fn read(mut words: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut plan = Self { names: Vec::new(), real: None, quick: false, scale: 20_000 };
        while let Some(word) = words.next() {
            match word.as_str() {
                // Cargo says so to every bench.
                "--bench" => {}
                "--quick" => plan.quick = true,
                "--real" => {
                    plan.real = match words.next().as_deref() {
                        Some("prosody") => Some(Kind::Prosody),
                        Some("ejabberd") => Some(Kind::Ejabberd),
                        _ => return Err(USAGE.to_owned()),
                    }
                }
                "--scale" => {
                    let number = words.next().map(|word| word.replace("full", "1000000"));
                    plan.scale = number.and_then(|number| number.parse().ok()).ok_or(USAGE)?;
                }
                name if !name.starts_with('-') => plan.names.push(word),
                _ => return Err(USAGE.to_owned()),
            }
        }
        Ok(plan)
    }

    /// Whether what has this name is to be measured.
    pub(crate) fn wants(&self, name: &str) -> bool {
        self.names.is_empty() || self.names.iter().any(|wanted| wanted == name)
    }

    /// What is asked for and not among these names.
    pub(crate) fn unknown<'a>(&'a self, known: &[&str]) -> Vec<&'a str> {
        self.names.iter().map(String::as_str).filter(|name| !known.contains(name)).collect()
    }

    /// How long to measure: three of these.
    pub(crate) fn stretch(&self) -> Duration {
        Duration::from_millis(if self.quick { 250 } else { 1_000 })
    }

    /// How long to wait before that.
    pub(crate) fn warm_up(&self) -> Duration {
        self.stretch() / 2
    }

    /// So many in a quick run, so many otherwise.
    pub(crate) fn either(&self, quick: usize, thorough: usize) -> usize {
        if self.quick { quick } else { thorough }
    }
}
