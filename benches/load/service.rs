//! atomsub as an admin runs it, and what the system says of it: memory, processor time, disk.

use std::fs;
use std::net::SocketAddr;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::Path;
use std::time::Duration;

use crate::harness::SECRET;
use crate::harness::process::{Group, Scratch};
use crate::harness::service::command;
use crate::machine::used;
use crate::stanza::SERVICE;

/// A running atomsub with a durable store.
pub(crate) struct Service {
    dir: Scratch,
    group: Group,
}

impl Service {
    /// Starts it as a component of this server, with its store in `dir`, which may hold one.
    pub(crate) fn start(dir: Scratch, server: SocketAddr) -> Self {
        Self::start_with(dir, server, "auto")
    }

    /// The same, and says whether people are told through the server's multicast service.
    pub(crate) fn start_with(dir: Scratch, server: SocketAddr, multicast: &str) -> Self {
        let root = dir.path().display();
        let engine = std::env::var("ATOMSUB_LOAD_ENGINE").unwrap_or_else(|_| "sled".to_owned());
        let text = format!(
            "[[service]]\njid = \"{SERVICE}\"\nserver = \"{server}\"\nsecret = \"{SECRET}\"\n\
             multicast = \"{multicast}\"\n[store]\nengine = \"{engine}\"\npath = \"{root}/store\"\n"
        );
        let config = dir.write("component.toml", &text);
        fs::set_permissions(&config, fs::Permissions::from_mode(0o600)).unwrap();
        let mut run = command(env!("CARGO_BIN_EXE_atomsub"));
        run.arg("run").arg("--config").arg(config);
        let group = Group::start(&mut run, &dir.path().join("atomsub.log"));
        Self { dir, group }
    }

    /// Fails when it ended.
    pub(crate) fn insist(&mut self) {
        if let Some(status) = self.group.ended() {
            panic!("atomsub ended with {status}:\n{}", self.group.log());
        }
    }

    /// Waits until the server has let it in.
    pub(crate) fn await_link(&mut self) {
        while !self.group.log().contains("linked") {
            self.insist();
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Stops it as an admin would; its store stays.
    pub(crate) fn stop(mut self) -> Scratch {
        let status = self.group.stop();
        assert!(status.success(), "atomsub ended with {status}:\n{}", self.group.log());
        self.dir
    }

    /// Bytes of memory that it has now.
    pub(crate) fn memory(&self) -> u64 {
        self.status("VmRSS:")
    }

    /// The most bytes of memory that it has had since [`Self::forget_peak`].
    pub(crate) fn peak(&self) -> u64 {
        self.status("VmHWM:")
    }

    /// Begins to watch for a new peak.
    pub(crate) fn forget_peak(&self) {
        fs::write(format!("/proc/{}/clear_refs", self.group.pid()), "5").unwrap();
    }

    fn status(&self, field: &str) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.group.pid())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix(field)).expect("the kernel tells");
        line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024
    }

    /// The processor time that it has used, all threads together.
    pub(crate) fn cpu(&self) -> Duration {
        Duration::from_secs_f64(used(&self.group.pid().to_string(), 2))
    }

    /// Bytes on the disk that its store takes.
    pub(crate) fn disk(&self) -> u64 {
        disk(&self.dir.path().join("store"))
    }
}

fn disk(path: &Path) -> u64 {
    let entry = fs::symlink_metadata(path).unwrap();
    let own = entry.blocks() * 512;
    if !entry.is_dir() {
        return own;
    }
    own + fs::read_dir(path).unwrap().map(|entry| disk(&entry.unwrap().path())).sum::<u64>()
}

/// A directory on a disk, not in memory as `/tmp` may be.
pub(crate) fn on_disk() -> Scratch {
    Scratch::within(Path::new(env!("CARGO_TARGET_TMPDIR")))
}
