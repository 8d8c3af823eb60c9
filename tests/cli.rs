//! The command line, as an admin uses it.

#![expect(clippy::needless_raw_string_hashes, reason = "they are written by expect-test")]
#![expect(clippy::unwrap_used, reason = "what cannot be set up has failed the test")]

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};

use atomsub::config::{Config, Engine, Sources};
use atomsub::store::kv::{Engine as _, Writes};
use atomsub::store::sled::Sled;
use atomsub::store::{keys, record};
use expect_test::{Expect, expect};
use tempfile::TempDir;

/// What a command did.
struct Done {
    code: Option<i32>,
    out: String,
    err: String,
}

/// A directory to work in.
struct Shell(TempDir);

impl Shell {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    /// The program with these words, in this directory, with an environment that has nothing of ours.
    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_atomsub"));
        command.args(words).current_dir(self.path()).env_clear().stdin(Stdio::null());
        command
    }

    fn run(&self, words: &[&str]) -> Done {
        let output = self.command(words).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Done { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.path().join(name);
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    }

    fn load(&self, name: &str) -> Config {
        let file = self.path().join(name);
        Config::load(&Sources { file, environment: Vec::new(), options: Vec::new() }).unwrap()
    }
}

/// A port on which nobody listens.
fn closed_port() -> u16 {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port()
}

#[test]
fn help_names_the_commands() {
    let done = Shell::new().run(&["--help"]);
    assert_eq!(done.code, Some(0));
    for word in ["run", "check", "setup", "export", "import", "component of an XMPP server"] {
        assert!(done.out.contains(word), "{word} is missing: {}", done.out);
    }
    assert_eq!(Shell::new().run(&["--version"]).out, concat!("atomsub ", env!("CARGO_PKG_VERSION"), "\n"));
}

#[test]
fn what_setup_writes_can_be_loaded_and_has_a_secret_for_its_owner_alone() {
    let shell = Shell::new();
    let done = shell.run(&["setup", "pubsub.example.net", "--server", "10.0.0.1:8888"]);
    assert_eq!((done.code, done.err.as_str()), (Some(0), ""));

    let mode = fs::metadata(shell.path().join("component.toml")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let config = shell.load("component.toml");
    let service = &config.services[0];
    assert_eq!((service.jid.as_str(), service.server.as_str()), ("pubsub.example.net", "10.0.0.1:8888"));
    assert_eq!(service.create_nodes[0].as_str(), "example.net");
    assert_eq!((config.store.engine, config.store.path), (Engine::Sled, shell.path().join("atomsub-store")));

    let secret = service.secret.reveal();
    assert_eq!(secret.len(), 64);
    assert!(secret.bytes().all(|byte| byte.is_ascii_hexdigit()), "{secret} needs quoting");
    for line in [
        "Component \"pubsub.example.net\"".to_owned(),
        format!("component_secret = \"{secret}\""),
        "\"pubsub.example.net\":".to_owned(),
        format!("password: \"{secret}\""),
        "port: 8888".to_owned(),
    ] {
        assert!(done.out.contains(&line), "{line} is missing: {}", done.out);
    }
    for placeholder in ["pubsub.example.org", "CHANGE-ME"] {
        assert!(!done.out.contains(placeholder), "{placeholder} is left: {}", done.out);
    }
}

#[test]
fn each_setup_has_a_secret_of_its_own() {
    let shell = Shell::new();
    for output in ["a.toml", "b.toml"] {
        assert_eq!(shell.run(&["setup", "pubsub.example.org", "--output", output]).code, Some(0));
    }
    let secret = |name| shell.load(name).services[0].secret.clone();
    assert_ne!(secret("a.toml"), secret("b.toml"));
}

#[test]
fn setup_overwrites_nothing() {
    let shell = Shell::new();
    assert_eq!(shell.run(&["setup", "pubsub.example.org"]).code, Some(0));
    let before = fs::read(shell.path().join("component.toml")).unwrap();
    let done = shell.run(&["setup", "pubsub.example.org"]);
    assert_eq!((done.code, done.out.as_str()), (Some(2), ""));
    expect![[r#"
        component.toml is there already and stays as it is; name another --output
    "#]]
    .assert_eq(&done.err);
    assert_eq!(fs::read(shell.path().join("component.toml")).unwrap(), before);
}

#[test]
fn setup_refuses_what_is_no_component() {
    let shell = Shell::new();
    let check = |words: &[&str], expected: Expect| {
        let done = shell.run(&[&["setup"], words].concat());
        assert_eq!(done.code, Some(2));
        expected.assert_eq(done.err.lines().next().unwrap());
    };
    check(
        &["juliet@example.org"],
        expect![
            "error: invalid value 'juliet@example.org' for '<JID>': `juliet@example.org` is an account, not a domain; write the component's domain, like pubsub.example.org"
        ],
    );
    check(
        &["pubsub"],
        expect![
            "`pubsub` has no parent domain whose users could create nodes; name it like pubsub.example.org"
        ],
    );
    check(
        &["pubsub.example.org", "--server", "localhost"],
        expect![
            "error: invalid value 'localhost' for '--server <HOST:PORT>': `localhost` is not the address of a server; write host:port, like 127.0.0.1:5347"
        ],
    );
    check(
        &["pubsub.example.org", "--output", "absent/component.toml"],
        expect![
            "absent/component.toml cannot be written, No such file or directory (os error 2); name another --output"
        ],
    );
    assert_eq!(fs::read_dir(shell.path()).unwrap().count(), 0);
}

#[test]
fn check_says_each_problem_of_the_configuration_on_a_line() {
    let shell = Shell::new();
    shell.write("component.toml", "[[service]]\njid = 'pubsub.example.org'\nsecret = 'hunter2'\n");
    let done = shell.run(&["check", "--set", "limits.stanza_depth=1"]);
    assert_eq!(done.code, Some(2));
    expect![[r#"
        FAIL configuration: component.toml: service.server: is missing; write it like server = "127.0.0.1:5347"
        FAIL configuration: --set: limits.stanza_depth: 1 is out of range; write 16 to 64
    "#]].assert_eq(&done.out);
}

#[test]
fn check_says_when_nobody_listens_for_components() {
    let shell = Shell::new();
    let port = closed_port();
    assert_eq!(
        shell.run(&["setup", "pubsub.example.org", "--server", &format!("127.0.0.1:{port}")]).code,
        Some(0)
    );
    let done = shell.run(&["check"]);
    assert_eq!(done.code, Some(4));
    let lines: Vec<&str> = done.out.lines().collect();
    let [configuration, secret, store, server] = lines.as_slice() else { panic!("{}", done.out) };
    assert_eq!(*configuration, "ok   configuration: component.toml");
    assert_eq!(*secret, "ok   secret: readable by this program alone");
    assert!(store.starts_with("ok   store: atomsub-store, "), "{store}");
    assert!(server.starts_with(&format!("FAIL port: nothing listens at 127.0.0.1:{port}: ")), "{server}");
}

#[test]
fn check_says_whether_the_web_side_can_listen() {
    let shell = Shell::new();
    let setup = ["setup", "pubsub.example.org", "--server", &format!("127.0.0.1:{}", closed_port())];
    assert_eq!(shell.run(&setup).code, Some(0));
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = listener.local_addr().unwrap();
    let public = "http.public_url=https://feeds.example.org";
    let in_use = "is in use, for https://feeds.example.org: by this service, if it runs";
    for (listen, code, expected) in [
        (format!("127.0.0.1:{}", closed_port()), 4, "ok   web: can listen on 127.0.0.1:"),
        (taken.to_string(), 4, in_use),
        ("192.0.2.1:80".to_owned(), 2, "FAIL web: http.listen: cannot listen on 192.0.2.1:80, "),
    ] {
        let done = shell.run(&["check", "--set", &format!("http.listen={listen}"), "--set", public]);
        assert_eq!(done.code, Some(code), "{}", done.out);
        assert!(done.out.contains(expected), "{}", done.out);
    }
}

#[test]
fn check_says_when_the_secret_is_for_everyone() {
    let shell = Shell::new();
    assert_eq!(shell.run(&["setup", "pubsub.example.org"]).code, Some(0));
    let file = shell.path().join("component.toml");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
    let done = shell.run(&["check", "--server", &format!("127.0.0.1:{}", closed_port())]);
    assert_eq!(done.code, Some(2), "the first failure decides");
    assert!(
        done.out.contains("FAIL secret: component.toml holds a secret and is readable by others"),
        "{}",
        done.out
    );
}

#[test]
fn check_says_when_the_store_has_no_place() {
    let shell = Shell::new();
    assert_eq!(shell.run(&["setup", "pubsub.example.org"]).code, Some(0));
    let done = shell.run(&["check", "--store", "/proc/atomsub"]);
    assert_eq!(done.code, Some(2));
    assert!(done.out.contains("FAIL store: /proc/atomsub"), "{}", done.out);
}

#[test]
fn run_refuses_a_bad_configuration() {
    let done = Shell::new().run(&["run"]);
    assert_eq!((done.code, done.out.as_str()), (Some(2), ""));
    assert!(done.err.starts_with("component.toml: cannot be read"), "{}", done.err);
}

#[test]
fn run_says_that_it_starts_and_ends_well_when_it_is_told_to() {
    let shell = Shell::new();
    assert_eq!(shell.run(&["setup", "pubsub.example.org"]).code, Some(0));
    let mut command = shell.command(&["run", "--server", &format!("127.0.0.1:{}", closed_port())]);
    let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let first = lines.next().unwrap().unwrap();
    assert!(first.contains(" INFO ") && first.contains("starting"), "{first}");
    assert!(!first.contains('\x1b'), "colours where no terminal is: {first}");
    assert!(Command::new("kill").arg(child.id().to_string()).status().unwrap().success());
    lines.for_each(drop);
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn the_configuration_can_be_named_by_the_environment() {
    let shell = Shell::new();
    shell.write("other.toml", "weather = 1");
    let output = shell.command(&["run"]).env("ATOMSUB_CONFIG", "other.toml").output().unwrap();
    assert!(String::from_utf8(output.stderr).unwrap().starts_with("other.toml: unknown key `weather`"));
}

#[test]
fn verify_tells_a_whole_store_from_a_damaged_one() {
    let shell = Shell::new();
    let setup = shell.run(&["setup", "pubsub.example.org"]);
    assert_eq!(setup.code, Some(0), "{}", setup.err);
    let store = shell.load("component.toml").store;
    drop(atomsub::store::open(&store.place()).unwrap());
    let whole = shell.run(&["verify"]);
    assert_eq!(whole.code, Some(0), "{}", whole.err);
    assert!(whole.out.starts_with("whole: 0 nodes, 0 items,"), "{}", whole.out);

    fs::write(store.path.join("head"), "this is no head").unwrap();
    let damaged = shell.run(&["verify"]);
    assert_eq!(damaged.code, Some(3), "{}{}", damaged.out, damaged.err);
}

/// Makes an empty store, in its place of the configuration.
fn create(shell: &Shell) {
    let setup = shell.run(&["setup", "pubsub.example.org"]);
    assert_eq!(setup.code, Some(0), "{}", setup.err);
    drop(atomsub::store::open(&shell.load("component.toml").store.place()).unwrap());
}

#[test]
fn an_exported_store_can_be_imported_into_another_engine() {
    let shell = Shell::new();
    create(&shell);
    let exported = shell.run(&["export", "archive"]);
    assert_eq!((exported.code, exported.err.as_str()), (Some(0), "exported 1 records\n"));
    let mode = fs::metadata(shell.path().join("archive")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600, "others can read it");

    let target = ["--set", "store.engine=fjall", "--set", "store.path=moved"];
    let imported = shell.run(&[&["import", "archive"], target.as_slice()].concat());
    assert_eq!((imported.code, imported.err.as_str()), (Some(0), "imported 1 records\n"));
    let whole = shell.run(&[&["verify"], target.as_slice()].concat());
    assert_eq!(whole.code, Some(0), "{}", whole.err);
    assert!(shell.path().join("moved/fjall").exists());
}

#[test]
fn an_archive_goes_through_pipes() {
    let shell = Shell::new();
    create(&shell);
    let exported = shell.command(&["export", "-"]).output().unwrap();
    assert!(exported.status.success());
    assert!(exported.stdout.starts_with(b"atomsub archive 1\n"));
    let mut import = shell.command(&["import", "-", "--store", "moved"]);
    let mut import = import.stdin(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    std::io::Write::write_all(&mut import.stdin.take().unwrap(), &exported.stdout).unwrap();
    let imported = import.wait_with_output().unwrap();
    assert!(imported.status.success(), "{}", String::from_utf8_lossy(&imported.stderr));
}

/// Does what cannot be done, in a shell with a store, and sees what is said.
fn fails(shell: &Shell, words: &[&str], code: i32, expected: &Expect) {
    let done = shell.run(words);
    assert_eq!((done.code, done.out.as_str()), (Some(code), ""), "{}", done.err);
    expected.assert_eq(done.err.trim_end());
}

#[test]
fn what_cannot_be_exported_is_said() {
    let shell = Shell::new();
    create(&shell);
    shell.write("archive", "something");
    fails(
        &shell,
        &["export", "archive"],
        2,
        &expect!["archive is there already and stays as it is; name another file"],
    );
    fails(
        &shell,
        &["export", "absent/archive"],
        2,
        &expect![
            "absent/archive cannot be written, No such file or directory (os error 2); name another file"
        ],
    );
    fails(
        &shell,
        &["export", "new", "--store", "nowhere"],
        2,
        &expect!["the store is unavailable: nowhere: there is no store"],
    );
    fails(
        &shell,
        &["export", "new", "--set", "store.engine=memory"],
        2,
        &expect![[
            r#"the store is unavailable: it is in memory and not kept; write engine = "sled" or "fjall""#
        ]],
    );
    fs::write(shell.load("component.toml").store.path.join("head"), "this is no head").unwrap();
    fails(
        &shell,
        &["export", "new"],
        3,
        &expect![
            "the store is damaged: its head file is not readable. The store is in atomsub-store: put a backup in its place, or move it away to begin anew; `atomsub verify` lists what is wrong with it"
        ],
    );
    assert!(!shell.path().join("new").exists(), "half an archive is left");
}

#[test]
fn what_cannot_be_imported_is_said() {
    let shell = Shell::new();
    create(&shell);
    shell.write("archive", "atomsub archive 1\nsomething else");
    fails(&shell, &["import", "absent"], 2, &expect!["absent: No such file or directory (os error 2)"]);
    fails(
        &shell,
        &["import", "archive"],
        2,
        &expect![
            "the store is unavailable: atomsub-store: there is a store already; move it away, or import to another store.path"
        ],
    );
    fails(
        &shell,
        &["import", "archive", "--store", "nowhere"],
        3,
        &expect!["the archive is damaged: it has a record that is too long"],
    );
    fails(
        &shell,
        &["import", "component.toml", "--store", "nowhere"],
        3,
        &expect!["the archive is damaged: it does not begin like an archive"],
    );
    shell.write("archive", "atomsub archive 2\n");
    fails(
        &shell,
        &["import", "archive", "--store", "nowhere"],
        2,
        &expect![
            "the archive is of a newer version than this program knows; use the program that wrote it, or a newer one"
        ],
    );
}

#[test]
fn a_store_that_turns_out_to_be_damaged_ends_the_service_and_is_not_opened_again() {
    let shell = Shell::new();
    create(&shell);
    let files = shell.load("component.toml").store.path.join("sled");
    let key = keys::next_node();
    let value = record::encode(&key, &1).unwrap();
    let change = |value| {
        let writes = Writes::from([(key.bytes().to_vec(), value)]);
        Sled::open(&files).unwrap().apply(&writes).unwrap();
    };
    // Something that was never committed; a record that is missing is the same to the proof.
    change(Some(value));
    let server = format!("127.0.0.1:{}", closed_port());
    let run = ["run", "--server", server.as_str()];
    let first = shell.run(&run);
    assert_eq!(first.code, Some(3), "{}", first.err);
    assert!(first.err.contains("it holds 2 records where there were 1"), "{}", first.err);
    let second = shell.run(&run);
    assert_eq!(second.code, Some(3), "{}", second.err);
    assert!(second.err.contains("it was found before that it holds 2 records"), "{}", second.err);
    assert_eq!(shell.run(&["verify"]).code, Some(3));

    change(None);
    assert_eq!(shell.run(&run).code, Some(3), "nobody has looked at it yet");
    assert_eq!(shell.run(&["verify"]).code, Some(0));
    drop(atomsub::store::open(&shell.load("component.toml").store.place()).unwrap());
}
