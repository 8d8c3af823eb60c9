//! What is written, checked as a whole: either a [`Config`], or all that is wrong with it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use jid::{BareJid, Jid};

use super::address;
use super::keys::{self, Key, SECTIONS, Written};
use super::layers::{Layers, Sources, find_key};
use super::problem::{ConfigError, Problem};
use super::secret::{read_secret, readable_by};
use super::{Config, Multicast, Service};
use crate::host::Secret;
use crate::http::{PublicUrl, Settings};

const GROUP_AND_OTHERS: u32 = 0o077;
const OTHERS: u32 = 0o007;

pub(super) fn validate(sources: &Sources, layers: &Layers) -> Result<Config, ConfigError> {
    let mut validator = Validator { sources, layers, problems: Vec::new(), warnings: Vec::new() };
    let written = &layers.written;
    let services = validator.services(written);
    let admins = written.admins.iter().flatten().filter_map(|admin| validator.admin(admin)).collect();
    validator.contact(&written.contact);
    let http = validator.http(&written.http);
    let fetch = validator.fetch(written, &services);
    validator.limits(&written.limits);
    if !validator.problems.is_empty() {
        return Err(ConfigError(validator.problems));
    }
    let mut store = written.store.clone();
    store.path = beside(&sources.file, &store.path);
    let (limits, log) = (written.limits.clone(), written.log.clone());
    let contact = written.contact.clone();
    let comments = written.access.comments;
    Ok(Config {
        services,
        admins,
        comments,
        store,
        contact,
        http,
        fetch,
        limits,
        log,
        warnings: validator.warnings,
    })
}

/// Collects what is wrong, and goes on.
pub(super) struct Validator<'a> {
    sources: &'a Sources,
    layers: &'a Layers,
    problems: Vec<Problem>,
    warnings: Vec<String>,
}

impl Validator<'_> {
    fn services(&mut self, written: &Written) -> Vec<Service> {
        if written.service.is_empty() {
            self.note(
                "service",
                "no component; write a block headed by [[service]], or let `atomsub setup` write it",
            );
        }
        let creators = self.creators(written);
        let mut seen = BTreeSet::new();
        let mut services = Vec::new();
        for (index, service) in written.service.iter().enumerate() {
            let label = Label { number: index + 1, of: written.service.len() };
            let jid = self.address(label, "jid", service.jid.as_deref(), address::component);
            let server = self.address(label, "server", service.server.as_deref(), address::server);
            let secret = self.secret(label, service);
            let Some(jid) = jid else { continue };
            if !seen.insert(jid.clone()) {
                self.note(
                    &label.key("jid"),
                    format!("`{jid}` has a block already; write each component once"),
                );
            }
            let multicast = self.multicast(label, service.multicast.as_deref());
            let create_nodes = creators.clone().or_else(|| self.parent_domain(&jid));
            if let (Some(server), Some(secret), Some(create_nodes), Some(multicast)) =
                (server, secret, create_nodes, multicast)
            {
                services.push(Service { jid, server, secret, create_nodes, multicast });
            }
        }
        services
    }

    fn address<T>(
        &mut self,
        label: Label,
        name: &str,
        text: Option<&str>,
        read: fn(&str) -> Result<T, String>,
    ) -> Option<T> {
        let key = label.key(name);
        let Some(text) = text else {
            let example = find_key(&format!("service.{name}")).map(Key::to_string).unwrap_or_default();
            return self.wrong(&key, format!("is missing; write it like {example}"));
        };
        read(text).map_or_else(|why| self.wrong(&key, why), Some)
    }

    fn multicast(&mut self, label: Label, text: Option<&str>) -> Option<Multicast> {
        match text {
            Some("off") => Some(Multicast::Off),
            None | Some("auto") => Some(Multicast::Auto),
            Some(text) => self.wrong(&label.key("multicast"), format!("`{text}` is none of auto, off")),
        }
    }

    fn secret(&mut self, label: Label, service: &keys::Service) -> Option<Secret> {
        let key = label.key("secret");
        let advice = "write the one from the server's configuration";
        let secret = match (&service.secret, &service.secret_file) {
            (Some(_), Some(_)) => {
                return self.wrong(&key, "secret and secret_file are both there; keep one of them");
            }
            (None, None) => return self.wrong(&key, "is missing; write secret or secret_file"),
            (Some(secret), None) => {
                self.warn_of_config_file(service);
                secret.clone()
            }
            (None, Some(file)) => self.secret_file(label, file)?,
        };
        if secret.reveal().trim().is_empty() {
            return self.wrong(&key, format!("is empty; {advice}"));
        }
        Some(secret)
    }

    fn secret_file(&mut self, label: Label, file: &Path) -> Option<Secret> {
        let credentials = self.sources.environment.iter().find(|(name, _)| name == "CREDENTIALS_DIRECTORY");
        let credentials = credentials.map(|(_, directory)| Path::new(directory));
        let path =
            credentials.map_or_else(|| beside(&self.sources.file, file), |directory| directory.join(file));
        // What systemd puts there is ours alone, though its access list shows as a group's right to read.
        let is_credential = credentials.is_some_and(|directory| path.starts_with(directory));
        if !is_credential && readable_by(&path, GROUP_AND_OTHERS) {
            self.warn_of(&path, "chmod 600");
        }
        match read_secret(&path) {
            Ok(secret) => Some(secret),
            Err(error) => {
                let why = format!("{} cannot be read, {error}; put the secret there", path.display());
                self.wrong(&label.key("secret_file"), why)
            }
        }
    }

    /// Packages install the file readable by the program's group, so only others count here.
    fn warn_of_config_file(&mut self, service: &keys::Service) {
        let file = &self.sources.file;
        let is_in_file = self.layers.origin("secret") == file.to_string_lossy();
        if service.secret.is_some() && is_in_file && readable_by(file, OTHERS) {
            self.warn_of(&file.clone(), "chmod o-rwx");
        }
    }

    fn warn_of(&mut self, path: &Path, command: &str) {
        let path = path.display();
        let warning = format!("{path} holds a secret and is readable by others; run {command} {path}");
        if !self.warnings.contains(&warning) {
            self.warnings.push(warning);
        }
    }

    fn creators(&mut self, written: &Written) -> Option<Vec<BareJid>> {
        let advice = "write domains or bare JIDs, create_nodes = [\"example.org\"]";
        let listed = written.access.create_nodes.as_ref()?;
        let creator = |text: &String| match BareJid::new(text) {
            Ok(jid) => Some(jid),
            Err(error) => {
                self.wrong("access.create_nodes", format!("`{text}` is no bare JID, {error}; {advice}"))
            }
        };
        Some(listed.iter().filter_map(creator).collect())
    }

    fn parent_domain(&mut self, jid: &BareJid) -> Option<Vec<BareJid>> {
        match address::parent(jid) {
            Ok(parent) => Some(vec![parent]),
            Err(why) => {
                self.wrong("access.create_nodes", format!("{why}; write create_nodes = [\"example.org\"]"))
            }
        }
    }

    fn admin(&mut self, text: &str) -> Option<BareJid> {
        let advice = "write an account, admins = [\"juliet@example.org\"]";
        match Jid::new(text).map(Jid::try_into_full) {
            Ok(Err(bare)) if bare.node().is_some() => Some(bare),
            Ok(Err(_)) => self.wrong(
                "admins",
                format!("`{text}` is a domain, and would not stand for its users; {advice}"),
            ),
            Ok(Ok(full)) => {
                self.wrong("admins", format!("`{full}` has a resource; write `{}`", full.to_bare()))
            }
            Err(error) => self.wrong("admins", format!("`{text}` is no bare JID, {error}; {advice}")),
        }
    }

    fn contact(&mut self, contact: &keys::Contact) {
        for (field, addresses) in contact.fields() {
            let key = format!("contact.{}", field.trim_end_matches("-addresses"));
            for address in addresses.iter().filter(|address| !address::is_uri(address)) {
                self.note(
                    &key,
                    format!("`{address}` is no URI; write it like \"mailto:juliet@example.org\""),
                );
            }
        }
    }

    /// The web side, unless it is off.
    fn http(&mut self, http: &keys::Http) -> Option<Settings> {
        let mut proxies = Vec::new();
        for proxy in &http.proxies {
            match proxy.parse() {
                Ok(address) => proxies.push(address),
                Err(_) => self.note(
                    "http.proxies",
                    format!("`{proxy}` is no IP address; write proxies = [\"127.0.0.1\"]"),
                ),
            }
        }
        let hub_allow = self.networks("http.hub_allow", http.hub_allow.as_deref());
        let listen = http.listen.as_deref()?;
        let public = match &http.public_url {
            Some(url) => PublicUrl::parse(url),
            None => {
                Err("is missing; write what listen is found under, \"https://feeds.example.org\"".to_owned())
            }
        };
        let public = public.map_err(|why| self.note("http.public_url", why)).ok();
        if http.publish && public.as_ref().is_some_and(PublicUrl::is_readable_on_the_way) {
            let warning = "http.public_url begins with http://, so tokens could be read on their way; put a proxy that \
                           speaks TLS in front and write https://, or write publish = false";
            self.warnings.push(warning.to_owned());
        }
        match listen.parse() {
            Ok(listen) => {
                let hub = http.hub.then_some(hub_allow);
                Some(Settings { listen, public: public?, proxies, hub, publish: http.publish })
            }
            Err(_) => self.wrong(
                "http.listen",
                format!("`{listen}` is no address to listen on; write listen = \"127.0.0.1:5280\""),
            ),
        }
    }

    fn limits(&mut self, limits: &keys::Limits) {
        for section in SECTIONS {
            for key in section.keys {
                let path = section.path_of(key.name);
                let Some((range, value)) = key.range.as_ref().zip(self.layers.number(&path)) else {
                    continue;
                };
                if !range.contains(&value) {
                    self.note(
                        &path,
                        format!("{value} is out of range; write {} to {}", range.start(), range.end()),
                    );
                }
            }
        }
        if limits.payload_bytes >= limits.stanza_bytes {
            let why =
                format!("an entry comes in a stanza; write less than stanza_bytes, {}", limits.stanza_bytes);
            self.note("limits.payload_bytes", why);
        }
    }

    /// Notes a problem, and gives nothing in place of the value.
    pub(super) fn wrong<T>(&mut self, key: &str, why: impl AsRef<str>) -> Option<T> {
        self.note(key, why);
        None
    }

    pub(super) fn note(&mut self, key: &str, why: impl AsRef<str>) {
        self.problems.push(Problem::new(self.layers.origin(key), format!("{key}: {}", why.as_ref())));
    }
}

/// How messages name a service: by its place when there are several.
#[derive(Clone, Copy)]
struct Label {
    number: usize,
    of: usize,
}

impl Label {
    fn key(self, name: &str) -> String {
        if self.of == 1 { format!("service.{name}") } else { format!("service#{}.{name}", self.number) }
    }
}

/// A path of the file `file`: relative ones start at its directory.
fn beside(file: &Path, path: &Path) -> PathBuf {
    file.parent().unwrap_or(Path::new("")).join(path)
}
