//! The layers of a configuration, later ones over earlier ones: defaults, file, environment, options.

use std::collections::BTreeMap;
use std::path::PathBuf;

use figment::error::Kind;
use figment::providers::{Format, Toml};
use figment::value::{Dict, Value};
use figment::{Figment, Profile};

use super::keys::{Key, SECTIONS, Section, Service, Shown, Written};
use super::problem::{ConfigError, Problem};
use super::read::read_bounded;
use crate::host::Secret;
use crate::limits;

/// Where a configuration is taken from.
#[derive(Debug)]
pub struct Sources {
    /// The file, which must be there.
    pub file: PathBuf,
    /// The environment, of which `ATOMSUB_*` and `CREDENTIALS_DIRECTORY` are looked at.
    pub environment: Vec<(String, String)>,
    /// What options on the command line say.
    pub options: Vec<Override>,
}

/// One key set from outside the file.
#[derive(Debug, Clone)]
pub struct Override {
    /// How the one who set it knows it, `--server` or `ATOMSUB_SERVER`.
    pub origin: String,
    /// The key's full name, `store.path`; those of the only service stand alone, `server`.
    pub key: String,
    /// The value, as text.
    pub value: String,
}

/// The tables of which there may be several.
const BLOCKS: [&str; 2] = ["service", "feeds"];
/// The variables with our prefix that are no keys.
const NOT_KEYS: &[&str] = &["CONFIG"];

/// The layers, merged, and who said what.
pub(super) struct Layers {
    pub(super) written: Written,
    merged: Figment,
    overrides: Vec<Override>,
    file: String,
}

impl Layers {
    pub(super) fn read(sources: &Sources) -> Result<Self, ConfigError> {
        let file = sources.file.display().to_string();
        let text = read_bounded(&sources.file, limits::CONFIG_BYTES)
            .map_err(|error| ConfigError(vec![unreadable(&file, &error)]))?;
        let overrides: Vec<Override> = sources
            .environment
            .iter()
            .filter_map(of_environment)
            .chain(sources.options.iter().cloned())
            .collect();

        let mut problems = unknown_keys(&file, &text)?;
        if let Some(set) = sources.options.iter().find(|set| service_key(&set.key) == "secret") {
            let why =
                "secret: everyone on the machine can read a command line; use ATOMSUB_SECRET or secret_file";
            problems.push(Problem::new(&set.origin, why));
        }
        let (of_service, others): (Vec<_>, Vec<_>) =
            overrides.iter().partition(|set| Service::SECTION.key(service_key(&set.key)).is_some());
        let mut merged = Figment::from(Toml::string(&defaults())).merge(Toml::string(&text));
        for set in others {
            match find_key(&set.key) {
                Some(_) if set.key.starts_with("feeds.") => {
                    let why =
                        format!("{}: feeds are written into the file, each as a block of its own", set.key);
                    problems.push(Problem::new(&set.origin, why));
                }
                Some(key) => merged = merged.merge((set.key.as_str(), value_for(key, &set.value))),
                None => problems.push(Problem::unknown_key(&set.origin, &set.key)),
            }
        }
        if !problems.is_empty() {
            return Err(ConfigError(problems));
        }

        let written = merged.extract().map_err(|error| wrong_types(&file, &overrides, error))?;
        let mut layers = Self { written, merged, overrides: overrides.clone(), file };
        for set in of_service {
            layers.set_service(set).map_err(|problem| ConfigError(vec![problem]))?;
        }
        Ok(layers)
    }

    /// Who said `key`: the last layer that did, or else the file, where it is to be written.
    pub(super) fn origin(&self, key: &str) -> &str {
        origin(&self.overrides, &self.file, key)
    }

    /// The number at `path`.
    pub(super) fn number(&self, path: &str) -> Option<usize> {
        self.merged.extract_inner(path).ok()
    }

    /// Sets a key of the only service, which needs no block in the file then.
    fn set_service(&mut self, set: &Override) -> Result<(), Problem> {
        if self.written.service.is_empty() {
            let (jid, server, secret, secret_file, multicast) = (None, None, None, None, None);
            self.written.service.push(Service { jid, server, secret, secret_file, multicast });
        }
        let [service] = self.written.service.as_mut_slice() else {
            let why = "sets a key of the only [[service]], but there are several: write it into their blocks";
            return Err(Problem::new(&set.origin, why));
        };
        let value = set.value.clone();
        match service_key(&set.key) {
            "jid" => service.jid = Some(value),
            "server" => service.server = Some(value),
            "multicast" => service.multicast = Some(value),
            // Either of the two takes the place of the other one from an earlier layer.
            "secret" => (service.secret, service.secret_file) = (Some(Secret::new(value)), None),
            _ => (service.secret, service.secret_file) = (None, Some(value.into())),
        }
        Ok(())
    }
}

impl Section {
    fn key(&self, name: &str) -> Option<&'static Key> {
        self.keys.iter().find(|key| key.name == name)
    }
}

/// A service's key, however it was named: `server` or `service.server`.
fn service_key(key: &str) -> &str {
    key.strip_prefix("service.").unwrap_or(key)
}

/// The key of that full name.
pub(super) fn find_key(path: &str) -> Option<&'static Key> {
    let (section, key) = path.rsplit_once('.').unwrap_or(("", path));
    SECTIONS.iter().find(|known| known.name == section)?.key(key)
}

fn origin<'a>(overrides: &'a [Override], file: &'a str, key: &str) -> &'a str {
    let said = overrides.iter().rev().find(|set| service_key(&set.key) == service_key(key));
    said.map_or(file, |set| &set.origin)
}

/// `ATOMSUB_STORE__PATH=/srv` as the key `store.path`.
fn of_environment((name, value): &(String, String)) -> Option<Override> {
    let key = name.strip_prefix("ATOMSUB_").filter(|key| !NOT_KEYS.contains(key))?;
    let key = key.to_lowercase().replace("__", ".");
    Some(Override { origin: name.clone(), key, value: value.clone() })
}

/// The text of an override as the type that its key has. What does not fit stays text, and is refused when read.
fn value_for(key: &Key, text: &str) -> Value {
    match key.shown.toml().chars().next() {
        Some('"') => Value::from(text),
        Some('[') if text.starts_with('[') => list(text).map_or_else(|| Value::from(text), Value::from),
        Some('[') => {
            text.split(',').map(str::trim).filter(|part| !part.is_empty()).collect::<Vec<_>>().into()
        }
        _ => text.parse::<usize>().map_or_else(|_| Value::from(text), Value::from),
    }
}

/// A list as the file would write it.
fn list(text: &str) -> Option<Vec<String>> {
    let mut line: BTreeMap<String, Vec<String>> = Toml::from_str(&format!("list = {text}")).ok()?;
    line.remove("list")
}

/// The lowest layer, as a file would say it. Services and feeds have no defaults.
fn defaults() -> String {
    let mut lines: Vec<String> = BLOCKS.iter().map(|name| format!("{name} = []")).collect();
    for section in
        SECTIONS.iter().filter(|section| !section.name.is_empty() && !BLOCKS.contains(&section.name))
    {
        lines.push(format!("[{}]", section.name));
        let keys = section.keys.iter().filter(|key| matches!(key.shown, Shown::Default(_)));
        lines.extend(keys.map(Key::to_string));
    }
    lines.join("\n")
}

fn unreadable(file: &str, error: &std::io::Error) -> Problem {
    let advice = "write one with `atomsub setup pubsub.example.org`, or name yours with --config";
    Problem::new(file, format!("cannot be read, {error}: {advice}"))
}

/// The keys of the file that nothing would read.
fn unknown_keys(file: &str, text: &str) -> Result<Vec<Problem>, ConfigError> {
    let tables: Dict =
        Figment::from(Toml::string(text)).extract().map_err(|error| wrong_types(file, &[], error))?;
    let mut problems = Vec::new();
    let mut look = |table: &str, keys: &Dict| {
        let Some(section) = SECTIONS.iter().find(|section| section.name == table) else { return };
        let unknown = keys.keys().filter(|key| section.key(key).is_none());
        problems.extend(unknown.map(|key| Problem::unknown_key(file, &section.path_of(key))));
    };
    let is_table = |name: &str| !name.is_empty() && SECTIONS.iter().any(|section| section.name == name);
    let (known, above): (Dict, Dict) = tables.into_iter().partition(|(name, _)| is_table(name));
    look("", &above);
    // What is no table, or no list of them, is of the wrong type, and is said to be when it is read.
    for (name, value) in &known {
        if let (Some(keys), false) = (value.as_dict(), BLOCKS.contains(&name.as_str())) {
            look(name, keys);
        }
        value.as_array().into_iter().flatten().filter_map(Value::as_dict).for_each(|keys| look(name, keys));
    }
    Ok(problems)
}

/// What does not parse, or is of the wrong type, in our words; without the value where that may be a secret.
fn wrong_types(file: &str, overrides: &[Override], errors: figment::Error) -> ConfigError {
    ConfigError(errors.into_iter().map(|error| wrong_type(file, overrides, &error)).collect())
}

fn wrong_type(file: &str, overrides: &[Override], error: &figment::Error) -> Problem {
    let is_name = |part: &&str| part.parse::<usize>().is_err() && *part != Profile::Default.as_str();
    let path: Vec<&str> = error.path.iter().map(String::as_str).filter(is_name).collect();
    let path = path.join(".");
    let origin = origin(overrides, file, &path);
    let found = match &error.kind {
        Kind::Message(text) => return Problem::new(origin, without_snippet(text)),
        Kind::InvalidType(found, _) | Kind::InvalidValue(found, _) => format!("found {found}"),
        Kind::UnknownVariant(found, known) => format!("`{found}` is none of {}", known.join(", ")),
        Kind::InvalidLength(..)
        | Kind::UnknownField(..)
        | Kind::MissingField(_)
        | Kind::DuplicateField(_)
        | Kind::ISizeOutOfRange(_)
        | Kind::USizeOutOfRange(_)
        | Kind::Unsupported(_)
        | Kind::UnsupportedKey(..) => error.kind.to_string(),
    };
    let text = match find_key(&path) {
        Some(key) if key.name == "secret" => "is not text; write it in quotes, secret = \"…\"".to_owned(),
        Some(key) => format!("{found}; write it like {key}"),
        None if BLOCKS.contains(&path.as_str()) => {
            format!("each is a block of its own, headed by [[{path}]] in two brackets")
        }
        None => format!("{found}; it is a table of keys, headed by [{path}]"),
    };
    Problem::new(origin, format!("{path}: {text}"))
}

/// A TOML error in one line, without the line of the file that it quotes, which may hold a secret.
fn without_snippet(text: &str) -> String {
    let quotes = |line: &&str| {
        !line.trim_start().trim_start_matches(|c: char| c.is_ascii_digit()).trim_start().starts_with('|')
    };
    text.lines().filter(quotes).collect::<Vec<_>>().join(": ")
}
