//! A directory with a configuration, and what comes from outside it.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use atomsub::config::{Config, ConfigError, Override, Sources};
use expect_test::Expect;
use tempfile::TempDir;

pub const SERVICE: &str = r#"
    [[service]]
    jid = "pubsub.example.org"
    server = "127.0.0.1:5347"
    secret = "hunter2"
"#;

/// A directory with a `component.toml`, and what comes from outside it.
pub struct Given {
    directory: TempDir,
    pub sources: Sources,
}

impl Given {
    pub fn file(toml: &str) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("component.toml");
        write(&file, toml, 0o600);
        Self { directory, sources: Sources { file, environment: Vec::new(), options: Vec::new() } }
    }

    pub fn variable(mut self, name: &str, value: &str) -> Self {
        self.sources.environment.push((name.into(), value.into()));
        self
    }

    pub fn option(mut self, key: &str, value: &str) -> Self {
        self.sources.options.push(Override { origin: "--set".into(), key: key.into(), value: value.into() });
        self
    }

    pub fn beside(self, name: &str, text: &str, mode: u32) -> Self {
        write(&self.path(name), text, mode);
        self
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    pub fn load(&self) -> Result<Config, ConfigError> {
        Config::load(&self.sources)
    }

    pub fn good(&self) -> Config {
        self.load().unwrap()
    }

    /// Expects these error lines.
    pub fn check(&self, expected: &Expect) {
        let lines = self.load().unwrap_err().to_string();
        assert!(!lines.contains("hunter2"), "a secret is shown: {lines}");
        expected.assert_eq(&lines.replace(&format!("{}/", self.directory.path().display()), ""));
    }
}

pub fn write(path: &Path, text: &str, mode: u32) {
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

pub fn with(more: &str) -> String {
    format!("{more}\n{SERVICE}")
}
