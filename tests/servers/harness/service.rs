//! atomsub itself, as an admin runs it: a configuration file, a store, a process.

use std::ffi::OsStr;
use std::fs::Permissions;
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::{Command, ExitStatus};
use std::sync::{Mutex, MutexGuard};
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::client::Client;
use super::process::{Group, Scratch, free_port, local};
use super::xml::attr;
use super::{ACCOUNTS, CAPULET};

/// A component to be: name, the server's address for it, secret.
pub(crate) type Component<'a> = (&'a str, SocketAddr, &'a str);

/// A running atomsub; shows what it said when a test fails.
pub(crate) struct Service {
    dir: Scratch,
    config: PathBuf,
    wrapper: Vec<String>,
    web: SocketAddr,
    group: Mutex<Group>,
}

impl Service {
    /// Starts it with a durable store, over which it serves these components. The nurse is its admin.
    pub(crate) fn start(components: &[Component<'_>]) -> Self {
        Self::start_with("sled", &[], components)
    }

    /// Starts it with that engine under its store, and below another program: `wrapper` is that program's command
    /// line, `@DIR@` in it a directory.
    pub(crate) fn start_with(engine: &str, wrapper: &[&str], components: &[Component<'_>]) -> Self {
        let dir = Scratch::new();
        let root = dir.path().display().to_string();
        let mut text = format!("admins = [\"{}\"]\n", ACCOUNTS[1]);
        for (jid, server, secret) in components {
            text += &format!("[[service]]\njid = \"{jid}\"\nserver = \"{server}\"\nsecret = \"{secret}\"\n");
        }
        text += &format!("[store]\nengine = \"{engine}\"\npath = \"{root}/store\"\n");
        text += &format!("[access]\ncreate_nodes = [\"{CAPULET}\"]\n");
        let web = local(free_port());
        text += &format!(
            "[http]\nlisten = \"{web}\"\npublic_url = \"http://{web}\"\nhub_allow = [\"127.0.0.1\"]\n"
        );
        text += "[fetch]\nper_account = 5\nseconds = 1\nallow = [\"127.0.0.1\"]\n";
        let config = dir.write("component.toml", &text);
        std::fs::set_permissions(&config, Permissions::from_mode(0o600)).unwrap();
        let wrapper: Vec<String> = wrapper.iter().map(|word| word.replace("@DIR@", &root)).collect();
        let group = Mutex::new(launch(&dir, &config, &wrapper));
        Self { dir, config, wrapper, web, group }
    }

    /// Where its web side is.
    pub(crate) fn web(&self) -> SocketAddr {
        self.web
    }

    /// Starts it again, on the same store.
    pub(crate) fn launch(&self) {
        *self.group() = launch(&self.dir, &self.config, &self.wrapper);
    }

    /// Has it read one more piece of configuration when it is started again, in place of the last.
    pub(crate) fn configure_at_next_launch(&self, more: &str) {
        let text = std::fs::read_to_string(&self.config).unwrap();
        let own = text.split("# more\n").next().unwrap();
        std::fs::write(&self.config, format!("{own}# more\n{more}")).unwrap();
    }

    /// Kills it in the middle of whatever it does.
    pub(crate) fn kill9(&self) {
        self.group().kill9();
    }

    /// Asks it to stop, and does not wait for that.
    pub(crate) fn begin_to_stop(&self) {
        self.group().signal("TERM");
    }

    /// Asks it to stop, and waits.
    pub(crate) fn sigterm(&self) -> ExitStatus {
        self.group().stop()
    }

    /// The process that runs now; fails when it ended.
    pub(crate) fn pid(&self) -> u32 {
        self.insist();
        self.group().pid()
    }

    /// A file that a wrapper wrote.
    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.dir.path().join(name)).unwrap()
    }

    /// What it said.
    pub(crate) fn log(&self) -> String {
        self.group().log()
    }

    /// Waits until it answers to `client` as `jid`.
    pub(crate) fn await_answer(&self, client: &mut Client, jid: &str) {
        let end = Instant::now() + Duration::from_secs(30);
        let info = "<query xmlns='http://jabber.org/protocol/disco#info'/>";
        loop {
            // What a server passes on to a connection that just broke is answered by nobody: so, ask again.
            let id = client.next_id();
            client.send(&format!("<iq type='get' id='{id}' to='{jid}'>{info}</iq>"));
            let answer = client.seek(Duration::from_millis(500), |stanza| attr(stanza, "id") == id);
            if answer.is_some_and(|answer| attr(&answer, "type") == "result") {
                return;
            }
            self.insist();
            assert!(Instant::now() < end, "{jid} does not answer: {}", self.group().log());
            sleep(Duration::from_millis(20));
        }
    }

    /// Fails when the process ended.
    pub(crate) fn insist(&self) {
        let mut group = self.group();
        if let Some(status) = group.ended() {
            panic!("atomsub ended with {status}:\n{}", group.log());
        }
    }

    fn group(&self) -> MutexGuard<'_, Group> {
        self.group.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("--- what atomsub said:\n{}---", self.group().log());
        }
    }
}

/// Where the binary is: cargo tells tests; an example finds it next door.
pub(crate) fn binary() -> PathBuf {
    option_env!("CARGO_BIN_EXE_atomsub").map(PathBuf::from).unwrap_or_else(|| {
        let here = std::env::current_exe().unwrap();
        here.ancestors().nth(2).expect("target/debug/examples/demo").join("atomsub")
    })
}

/// The program, with nothing from the environment of the tests: it would take what is set for them as configuration.
pub(crate) fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("ATOMSUB_") {
            command.env_remove(name);
        }
    }
    command.env_remove("NOTIFY_SOCKET");
    command
}

fn launch(dir: &Scratch, config: &std::path::Path, wrapper: &[String]) -> Group {
    let mut words: Vec<String> = wrapper.to_vec();
    words.extend([
        binary().display().to_string(),
        "run".into(),
        "--config".into(),
        config.display().to_string(),
    ]);
    let mut command = command(&words[0]);
    command.args(&words[1..]);
    Group::start(&mut command, &dir.path().join("atomsub.log"))
}
