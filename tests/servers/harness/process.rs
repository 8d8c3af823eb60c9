//! Processes, ports and directories that leave nothing behind, however the test process ends.

use std::fs::File;
use std::io::Write as _;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{LazyLock, Mutex};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// A program in a process group of its own, its output in a file; stopped when dropped.
pub(crate) struct Group {
    child: Child,
    log: PathBuf,
}

impl Group {
    /// Starts `command`, appending what it says to `log`.
    pub(crate) fn start(command: &mut Command, log: &Path) -> Self {
        let out = File::options().create(true).append(true).open(log).unwrap();
        command.stdin(Stdio::null()).stdout(out.try_clone().unwrap()).stderr(out).process_group(0);
        let child = command.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}"));
        remember("group", &child.id().to_string());
        Self { child, log: log.to_owned() }
    }

    /// The id of the process that was started.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// What it said.
    pub(crate) fn log(&self) -> String {
        String::from_utf8_lossy(&std::fs::read(&self.log).unwrap_or_default()).into_owned()
    }

    /// How it ended, when it has.
    pub(crate) fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().unwrap()
    }

    /// Kills the whole group at once.
    pub(crate) fn kill9(&mut self) -> ExitStatus {
        self.signal("KILL");
        self.wait(Duration::from_secs(10)).expect("a killed process ends")
    }

    /// Asks it to stop, waits, and kills what is left.
    pub(crate) fn stop(&mut self) -> ExitStatus {
        if let Some(status) = self.ended() {
            return status;
        }
        self.signal("TERM");
        self.wait(Duration::from_secs(20)).unwrap_or_else(|| self.kill9())
    }

    fn wait(&mut self, patience: Duration) -> Option<ExitStatus> {
        let end = Instant::now() + patience;
        loop {
            if let Some(status) = self.ended() {
                remember("gone", &self.child.id().to_string());
                return Some(status);
            }
            if Instant::now() > end {
                return None;
            }
            sleep(Duration::from_millis(5));
        }
    }

    /// Sends a signal to the whole group.
    pub(crate) fn signal(&self, name: &str) {
        let kill = format!("kill -s {name} -- -{}", self.child.id());
        let _ = Command::new("sh").args(["-c", &kill]).stderr(Stdio::null()).status();
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        if self.ended().is_none() {
            self.kill9();
        }
    }
}

/// A directory that goes when dropped, or with the test process.
pub(crate) struct Scratch(tempfile::TempDir);

impl Scratch {
    /// An empty one.
    pub(crate) fn new() -> Self {
        Self::within(&std::env::temp_dir())
    }

    /// An empty one inside another directory.
    pub(crate) fn within(parent: &Path) -> Self {
        let dir = tempfile::Builder::new().prefix("atomsub-test-").tempdir_in(parent).unwrap();
        remember("dir", dir.path().to_str().unwrap());
        Self(dir)
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    /// Writes the file `name`, with the folders on the way, and says where it is.
    pub(crate) fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        path
    }
}

/// What survives in a static is never dropped, and a killed test drops nothing: a shell at the other end of a pipe
/// notices when this process is gone, kills the groups that are left and removes the directories.
fn remember(verb: &str, what: &str) {
    static REAPER: LazyLock<Mutex<ChildStdin>> = LazyLock::new(|| {
        let script = r#"groups=' '; dirs=
            while read -r verb what; do case $verb in
                group) groups="$groups$what " ;;
                gone) groups="${groups%% $what *} ${groups#* $what }" ;;
                dir) dirs="$dirs $what" ;;
            esac; done
            for group in $groups; do kill -s KILL -- "-$group"; done
            rm -rf -- $dirs"#;
        let mut command = Command::new("sh");
        command.args(["-c", script]).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        Mutex::new(command.process_group(0).spawn().unwrap().stdin.take().unwrap())
    });
    writeln!(REAPER.lock().unwrap(), "{verb} {what}").unwrap();
}

/// A free port on loopback, below those that the kernel gives to outgoing connections, so that it stays free while
/// a server restarts.
pub(crate) fn free_port() -> u16 {
    static NEXT: LazyLock<AtomicU16> =
        LazyLock::new(|| AtomicU16::new(u16::try_from(std::process::id() % 900).unwrap() * 20 + 12_000));
    loop {
        let port = 12_000 + NEXT.fetch_add(1, Ordering::Relaxed) % 20_000;
        if TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return port;
        }
    }
}

/// The address of a port on loopback.
pub(crate) fn local(port: u16) -> SocketAddr {
    (Ipv4Addr::LOCALHOST, port).into()
}

/// Waits until something accepts connections there.
pub(crate) fn await_port(port: u16, group: &mut Group) {
    // On a busy machine ejabberd takes its time.
    let end = Instant::now() + Duration::from_secs(120);
    while TcpStream::connect_timeout(&local(port), Duration::from_secs(1)).is_err() {
        if let Some(status) = group.ended() {
            panic!("the server ended with {status} instead of starting:\n{}", group.log());
        }
        assert!(Instant::now() < end, "nothing listens on port {port}:\n{}", group.log());
        sleep(Duration::from_millis(20));
    }
}

/// Whether one of these programs exists.
pub(crate) fn is_installed(program: &str) -> bool {
    let path = std::env::var("PATH").unwrap_or_default() + ":/usr/sbin:/sbin";
    path.split(':').any(|dir| Path::new(dir).join(program).is_file())
}
