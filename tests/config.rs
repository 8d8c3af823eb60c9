//! Configurations in, and what they mean or what is wrong with them out.

#![expect(clippy::needless_raw_string_hashes, reason = "they are written by expect-test")]
#![expect(clippy::unwrap_used, reason = "what cannot be set up has failed the test")]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use atomsub::config::{
    Comments, Config, ConfigError, Engine, LogFormat, Multicast, Override, Sources, example,
};
use expect_test::{Expect, expect, expect_file};
use tempfile::TempDir;

const SERVICE: &str = r#"
    [[service]]
    jid = "pubsub.example.org"
    server = "127.0.0.1:5347"
    secret = "hunter2"
"#;

/// A directory with a `component.toml`, and what comes from outside it.
struct Given {
    directory: TempDir,
    sources: Sources,
}

impl Given {
    fn file(toml: &str) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("component.toml");
        write(&file, toml, 0o600);
        Self { directory, sources: Sources { file, environment: Vec::new(), options: Vec::new() } }
    }

    fn variable(mut self, name: &str, value: &str) -> Self {
        self.sources.environment.push((name.into(), value.into()));
        self
    }

    fn option(mut self, key: &str, value: &str) -> Self {
        self.sources.options.push(Override { origin: "--set".into(), key: key.into(), value: value.into() });
        self
    }

    fn beside(self, name: &str, text: &str, mode: u32) -> Self {
        write(&self.path(name), text, mode);
        self
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn load(&self) -> Result<Config, ConfigError> {
        Config::load(&self.sources)
    }

    fn good(&self) -> Config {
        self.load().unwrap()
    }

    /// Expects these error lines.
    fn check(&self, expected: &Expect) {
        let lines = self.load().unwrap_err().to_string();
        assert!(!lines.contains("hunter2"), "a secret is shown: {lines}");
        expected.assert_eq(&lines.replace(&format!("{}/", self.directory.path().display()), ""));
    }
}

fn write(path: &Path, text: &str, mode: u32) {
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

fn with(more: &str) -> String {
    format!("{more}\n{SERVICE}")
}

#[test]
fn a_small_file_is_enough_and_the_rest_has_defaults() {
    let config = Given::file(SERVICE).good();
    let service = &config.services[0];
    assert_eq!(service.jid.as_str(), "pubsub.example.org");
    assert_eq!(service.server, "127.0.0.1:5347");
    assert_eq!(service.secret.reveal(), "hunter2");
    assert_eq!(service.create_nodes.iter().map(|jid| jid.as_str()).collect::<Vec<_>>(), ["example.org"]);
    assert!(config.admins.is_empty());
    assert_eq!(
        (config.store.engine, config.store.path.as_path()),
        (Engine::Sled, Path::new("/var/lib/atomsub"))
    );
    assert_eq!(config.limits.xml(), atomsub::xml::Limits::default());
    assert_eq!(config.limits.payload_bytes, 262_144);
    assert_eq!(config.log.format, LogFormat::Auto);
    assert!(config.warnings.is_empty());
}

#[test]
fn every_key_is_read() {
    let config = Given::file(
        r#"
        admins = ["Juliet@Example.org"]
        [[service]]
        jid = "pubsub.example.org"
        server = "[::1]:5347"
        secret = "a"
        [[service]]
        jid = "comments.example.net"
        server = "xmpp.example.net:8888"
        secret = "b"
        [store]
        engine = "memory"
        path = "kept"
        [access]
        create_nodes = ["example.org", "romeo@example.net"]
        [limits]
        stanza_bytes = 100000
        stanza_depth = 32
        attribute_bytes = 2048
        stanza_nodes = 500
        payload_bytes = 50000
        [log]
        format = "json"
        "#,
    )
    .good();
    assert_eq!(config.admins[0].as_str(), "juliet@example.org");
    assert_eq!(config.services[1].server, "xmpp.example.net:8888");
    let creators: Vec<&str> = config.services[1].create_nodes.iter().map(|jid| jid.as_str()).collect();
    assert_eq!(creators, ["example.org", "romeo@example.net"]);
    assert_eq!(config.store.engine, Engine::Memory);
    assert!(config.store.path.is_absolute() && config.store.path.ends_with("kept"));
    let xml = config.limits.xml();
    assert_eq!((xml.bytes, xml.depth, xml.attribute_bytes, xml.elements), (100_000, 32, 2048, 500));
    assert_eq!(config.limits.payload_bytes, 50_000);
    assert_eq!(config.log.format, LogFormat::Json);
}

#[test]
fn feeds_have_a_node_and_somebody_who_owns_it() {
    let admins = "admins = [\"juliet@example.org\"]\n";
    let import = "[fetch]\nper_account = 5\nseconds = 60\nallow = [\"10.0.0.0/8\", \"::1\"]\n";
    let feed =
        |rest: &str| format!("[[feeds]]\nurl = \"HTTPS://Blog.example/feed#x\"\nnode = \"news\"\n{rest}");
    let config = Given::file(&format!("{admins}{SERVICE}{import}{}", feed(""))).good();
    assert_eq!((config.fetch.per_account, config.fetch.seconds, config.fetch.allow.len()), (5, 60, 2));
    let found = &config.fetch.feeds[0];
    assert_eq!((found.url.as_str(), found.node.as_str()), ("https://blog.example/feed", "news"));
    assert_eq!(found.service.as_str(), "pubsub.example.org");

    let second = SERVICE.replace("pubsub", "other");
    let several = format!("{SERVICE}{second}{}{}", feed(""), feed("service = \"else.example.org\"\n"));
    let feeds =
        format!("{several}[[feeds]]\nurl = \"ftp://blog.example/\"\n[[feeds]]\n[fetch]\nallow = [\"x\"]\n");
    Given::file(&feeds).check(&expect![[r#"
        component.toml: fetch.allow: `x` is no network; write it like "10.1.0.0/16" or "fd00::/8"
        component.toml: feeds: nobody would own their nodes; write admins = ["juliet@example.org"] above
        component.toml: feeds#1.service: is missing; write which of the components has the node
        component.toml: feeds#2.service: `else.example.org` is none of the components
        component.toml: feeds#3.url: only http: and https: are fetched
        component.toml: feeds#3.node: is missing; write it like node = "news"
        component.toml: feeds#3.service: is missing; write which of the components has the node
        component.toml: feeds#4.url: is missing; write it like url = "https://example.org/feed"
        component.toml: feeds#4.node: is missing; write it like node = "news"
        component.toml: feeds#4.service: is missing; write which of the components has the node"#]]);
    let config = Given::file(&format!("{admins}{SERVICE}")).option("feeds.url", "https://blog.example/");
    config.check(&expect!["--set: feeds.url: feeds are written into the file, each as a block of its own"]);
}

#[test]
fn contacts_are_uris() {
    let toml = SERVICE.to_owned()
        + r#"
        [contact]
        abuse = ["mailto:abuse@example.org", "xmpp:juliet@example.org"]
        status = []
    "#;
    let contact = Given::file(&toml).good().contact;
    let told: Vec<_> = contact.fields().into_iter().filter(|(_, list)| !list.is_empty()).collect();
    let abuse = ["mailto:abuse@example.org".to_owned(), "xmpp:juliet@example.org".to_owned()];
    assert_eq!(told, [("abuse-addresses", abuse.as_slice())]);
    let toml = SERVICE.to_owned()
        + r#"
        [contact]
        admin = ["juliet@example.org", "xmpp:", "https://example.org/a b", "1:2"]
        support = "mailto:help@example.org"
    "#;
    Given::file(&toml.replace("support", "#")).check(&expect![[r#"
        component.toml: contact.admin: `juliet@example.org` is no URI; write it like "mailto:juliet@example.org"
        component.toml: contact.admin: `xmpp:` is no URI; write it like "mailto:juliet@example.org"
        component.toml: contact.admin: `https://example.org/a b` is no URI; write it like "mailto:juliet@example.org"
        component.toml: contact.admin: `1:2` is no URI; write it like "mailto:juliet@example.org""#]]);
    Given::file(&toml).check(&expect![[r#"component.toml: contact.support: found string "mailto:help@example.org"; write it like support = ["https://example.org/support"]"#]]);
}

#[test]
fn unknown_keys_are_all_named_with_the_nearest_known_one() {
    let toml = r#"
        admin = ["juliet@example.org"]
        path = "/srv"
        weather = "fine"
        [[service]]
        jid = "pubsub.example.org"
        sercet = "hunter2"
        [store]
        pth = "/srv"
        [acess]
        create_nodes = []
    "#;
    Given::file(toml).variable("ATOMSUB_STORE__ENGIN", "sled").option("limits.depth", "3").check(&expect![[
        r#"
        component.toml: unknown key `acess`: did you mean `access`?
        component.toml: unknown key `admin`: did you mean `admins`?
        component.toml: unknown key `path`: did you mean `store.path`?
        component.toml: unknown key `weather`: component.toml.example lists every key
        component.toml: unknown key `service.sercet`: did you mean `service.secret`?
        component.toml: unknown key `store.pth`: did you mean `store.path`?
        ATOMSUB_STORE__ENGIN: unknown key `store.engin`: did you mean `store.engine`?
        --set: unknown key `limits.depth`: component.toml.example lists every key"#
    ]]);
}

#[test]
fn what_makes_no_sense_is_all_said_at_once() {
    let toml = r#"
        admins = ["juliet@example.org/balcony", "example.org", "a@@b"]
        [[service]]
        jid = "juliet@example.org"
        server = "127.0.0.1"
        [[service]]
        jid = "pubsub.example.org"
        server = "localhost:0"
        secret = " "
        [[service]]
        jid = "PubSub.example.org"
        server = "http://localhost:5347"
        secret = "hunter2"
        secret_file = "hunter3"
        [[service]]
        jid = "pubsub.example.org/x"
        server = "::1:5347"
        secret_file = "absent"
        [[service]]
        [access]
        create_nodes = ["@"]
        [limits]
        stanza_bytes = 10
        stanza_depth = 100000
    "#;
    Given::file(toml).check(&expect![[r#"
        component.toml: access.create_nodes: `@` is no bare JID, nodepart empty despite the presence of a @; write domains or bare JIDs, create_nodes = ["example.org"]
        component.toml: service#1.jid: `juliet@example.org` is an account, not a domain; write the component's domain, like pubsub.example.org
        component.toml: service#1.server: `127.0.0.1` is not the address of a server; write host:port, like 127.0.0.1:5347
        component.toml: service#1.secret: is missing; write secret or secret_file
        component.toml: service#2.server: `localhost:0` is not the address of a server; write host:port, like 127.0.0.1:5347
        component.toml: service#2.secret: is empty; write the one from the server's configuration
        component.toml: service#3.server: `http://localhost:5347` is not the address of a server; write host:port, like 127.0.0.1:5347
        component.toml: service#3.secret: secret and secret_file are both there; keep one of them
        component.toml: service#3.jid: `pubsub.example.org` has a block already; write each component once
        component.toml: service#4.jid: `pubsub.example.org/x` is not a domain, resource found while parsing a bare JID; write the component's domain, like pubsub.example.org
        component.toml: service#4.server: `::1:5347` is not the address of a server; write host:port, like 127.0.0.1:5347
        component.toml: service#4.secret_file: absent cannot be read, No such file or directory (os error 2); put the secret there
        component.toml: service#5.jid: is missing; write it like jid = "pubsub.example.org"
        component.toml: service#5.server: is missing; write it like server = "127.0.0.1:5347"
        component.toml: service#5.secret: is missing; write secret or secret_file
        component.toml: admins: `juliet@example.org/balcony` has a resource; write `juliet@example.org`
        component.toml: admins: `example.org` is a domain, and would not stand for its users; write an account, admins = ["juliet@example.org"]
        component.toml: admins: `a@@b` is no bare JID, second @ found before parsing the resource; write an account, admins = ["juliet@example.org"]
        component.toml: limits.stanza_bytes: 10 is out of range; write 10000 to 16777216
        component.toml: limits.stanza_depth: 100000 is out of range; write 16 to 64
        component.toml: limits.payload_bytes: an entry comes in a stanza; write less than stanza_bytes, 10"#]]);
}

#[test]
fn a_single_problem_is_said_exactly() {
    let check = |toml: &str, expected: Expect| Given::file(toml).check(&expected);
    check(
        "",
        expect![
            "component.toml: service: no component; write a block headed by [[service]], or let `atomsub setup` write it"
        ],
    );
    check(
        "[[service]]\njid = 'pubsub'\nserver = 'localhost:5347'\nsecret = 'hunter2'",
        expect![[
            r#"component.toml: access.create_nodes: `pubsub` has no parent domain whose users could create nodes; write create_nodes = ["example.org"]"#
        ]],
    );
    check(
        "[service]\njid = 'pubsub.example.org'",
        expect!["component.toml: service: each is a block of its own, headed by [[service]] in two brackets"],
    );
    check(
        &with("[limits]\nstanza_bytes = 100000"),
        expect![
            "component.toml: limits.payload_bytes: an entry comes in a stanza; write less than stanza_bytes, 100000"
        ],
    );
}

#[test]
fn what_does_not_parse_is_said_without_the_secret() {
    let check = |toml: &str, expected: Expect| Given::file(toml).check(&expected);
    check(
        "[[service]]\nsecret = hunter2",
        expect![[
            r#"component.toml: TOML parse error at line 2, column 10: invalid string: expected `"`, `'`"#
        ]],
    );
    check(
        "[[service]]\nsecret = \"hunter2\nserver = 1",
        expect!["component.toml: TOML parse error at line 2, column 18: invalid basic string"],
    );
    check(
        "[[service]]\nsecret = ['hunter2']",
        expect![[r#"component.toml: service.secret: is not text; write it in quotes, secret = "…""#]],
    );
}

#[test]
fn what_is_of_the_wrong_type_is_said_with_the_right_one() {
    let check = |toml: &str, expected: Expect| Given::file(&with(toml)).check(&expected);
    check(
        "store = 3",
        expect!["component.toml: store: found signed int `3`; it is a table of keys, headed by [store]"],
    );
    check(
        "admins = 'juliet@example.org'",
        expect![[
            r#"component.toml: admins: found string "juliet@example.org"; write it like admins = ["juliet@example.org"]"#
        ]],
    );
    check(
        "[store]\nengine = 'slet'",
        expect![[
            r#"component.toml: store.engine: `slet` is none of sled, fjall, memory; write it like engine = "sled""#
        ]],
    );
    check(
        "[limits]\nstanza_depth = 'deep'",
        expect![[
            r#"component.toml: limits.stanza_depth: found string "deep"; write it like stanza_depth = 64"#
        ]],
    );
    check(
        "[limits]\nstanza_depth = -1",
        expect![
            "component.toml: limits.stanza_depth: found signed int `-1`; write it like stanza_depth = 64"
        ],
    );
}

#[test]
fn a_missing_file_is_an_error_that_says_what_to_do() {
    let mut given = Given::file("");
    given.sources.file = given.path("absent.toml");
    given.check(&expect!["absent.toml: cannot be read, No such file or directory (os error 2): write one with `atomsub setup pubsub.example.org`, or name yours with --config"]);
    given.sources.file = "/dev/zero".into();
    given.check(&expect!["/dev/zero: cannot be read, longer than 1048576 bytes: write one with `atomsub setup pubsub.example.org`, or name yours with --config"]);
}

#[test]
fn the_environment_overrides_the_file_and_options_override_the_environment() {
    let toml = with("[limits]\nstanza_depth = 32\nstanza_nodes = 1000\nattribute_bytes = 2000");
    let given = Given::file(&toml)
        .variable("ATOMSUB_LIMITS__STANZA_DEPTH", "33")
        .variable("ATOMSUB_LIMITS__STANZA_NODES", "1001")
        .variable("ATOMSUB_STORE__PATH", "/srv/12345")
        .variable("ATOMSUB_ADMINS", "juliet@example.org, romeo@example.net")
        .variable("ATOMSUB_ACCESS__CREATE_NODES", "['example.com']")
        .variable("ATOMSUB_SERVER", "10.0.0.1:5347")
        .variable("ATOMSUB_CONFIG", "is of the command line")
        .variable("PATH", "is of no interest")
        .option("limits.stanza_depth", "34")
        .option("service.server", "10.0.0.2:5347");
    let config = given.good();
    let limits = &config.limits;
    assert_eq!((limits.stanza_depth, limits.stanza_nodes, limits.attribute_bytes), (34, 1001, 2000));
    assert_eq!(config.store.path, Path::new("/srv/12345"));
    assert_eq!(config.admins.len(), 2);
    assert_eq!(config.services[0].create_nodes[0].as_str(), "example.com");
    assert_eq!(config.services[0].server, "10.0.0.2:5347");
}

#[test]
fn an_override_that_is_wrong_is_named_as_its_author_knows_it() {
    Given::file(SERVICE)
        .variable("ATOMSUB_LIMITS__STANZA_DEPTH", "1")
        .variable("ATOMSUB_SERVER", "nowhere")
        .option("admins", "example.org")
        .check(&expect![[r#"
            ATOMSUB_SERVER: service.server: `nowhere` is not the address of a server; write host:port, like 127.0.0.1:5347
            --set: admins: `example.org` is a domain, and would not stand for its users; write an account, admins = ["juliet@example.org"]
            ATOMSUB_LIMITS__STANZA_DEPTH: limits.stanza_depth: 1 is out of range; write 16 to 64"#]]);
    Given::file(SERVICE).option("limits.stanza_depth", "deep").check(&expect![[
        r#"--set: limits.stanza_depth: found string "deep"; write it like stanza_depth = 64"#
    ]]);
}

#[test]
fn the_secret_can_come_from_the_environment() {
    let secret = |given: Given| given.good().services[0].secret.reveal().to_owned();
    assert_eq!(secret(Given::file(SERVICE).variable("ATOMSUB_SECRET", "12345")), "12345");
    let in_file = SERVICE.replace("secret =", "secret_file =");
    assert_eq!(secret(Given::file(&in_file).variable("ATOMSUB_SECRET", "true")), "true");
    let empty =
        Given::file("").variable("ATOMSUB_JID", "pubsub.example.org").variable("ATOMSUB_SERVER", "xmpp:5347");
    assert_eq!(secret(empty.variable("ATOMSUB_SECRET", "x")), "x");

    Given::file(SERVICE).option("secret", "hunter2").check(&expect![
        "--set: secret: everyone on the machine can read a command line; use ATOMSUB_SECRET or secret_file"
    ]);
    let two = format!("{SERVICE}\n{}", SERVICE.replace("pubsub", "comments"));
    Given::file(&two).variable("ATOMSUB_SECRET", "hunter2").check(&expect!["ATOMSUB_SECRET: sets a key of the only [[service]], but there are several: write it into their blocks"]);
}

#[test]
fn a_secret_file_is_found_trimmed_once_and_looked_after() {
    let toml = SERVICE.replace("secret = \"hunter2\"", "secret_file = \"key\"");
    let secret = |config: &Config| config.services[0].secret.reveal().to_owned();

    let config = Given::file(&toml).beside("key", "two\n\n", 0o600).good();
    assert_eq!((secret(&config), config.warnings.len()), ("two\n".into(), 0));

    let shared = Given::file(&toml).beside("key", "s3cret\n", 0o640);
    assert_eq!(secret(&shared.good()), "s3cret");
    let key = shared.path("key");
    let warning = format!("{0} holds a secret and is readable by others; run chmod 600 {0}", key.display());
    assert_eq!(shared.good().warnings, [warning]);

    // Where systemd puts credentials, the group bits are those of its access list.
    let credentials = tempfile::tempdir().unwrap();
    write(&credentials.path().join("key"), "from systemd", 0o440);
    let directory = credentials.path().to_str().unwrap();
    for name in ["key".to_owned(), format!("{directory}/key")] {
        let given =
            Given::file(&toml.replace("\"key\"", &format!("{name:?}"))).beside("key", "not this", 0o600);
        let config = given.variable("CREDENTIALS_DIRECTORY", directory).good();
        assert_eq!((secret(&config), config.warnings.len()), ("from systemd".into(), 0), "{name}");
    }

    Given::file(&toml).beside("key", "\n", 0o600).check(&expect![
        "component.toml: service.secret: is empty; write the one from the server's configuration"
    ]);
    Given::file(&toml).beside("key", &"x".repeat(5000), 0o600).check(&expect!["component.toml: service.secret_file: key cannot be read, longer than 4096 bytes; put the secret there"]);
}

#[test]
fn a_file_that_holds_a_secret_is_not_for_everyone() {
    let warnings = |mode: u32, secret: Option<&str>| {
        let mut given = Given::file(SERVICE);
        write(&given.path("component.toml"), SERVICE, mode);
        if let Some(secret) = secret {
            given = given.variable("ATOMSUB_SECRET", secret);
        }
        given.good().warnings.len()
    };
    assert_eq!(warnings(0o644, None), 1);
    assert_eq!(warnings(0o640, None), 0, "packages give the program's group the right to read");
    assert_eq!(warnings(0o644, Some("from the environment")), 0);
}

#[test]
fn no_secret_is_ever_shown() {
    let debug = format!("{:#?}", Given::file(SERVICE).good());
    assert!(debug.contains("[hidden]") && !debug.contains("hunter2"), "{debug}");
}

#[test]
fn everybody_may_create_comments_nodes_unless_it_says_otherwise() {
    let comments = |line: &str| Given::file(&with(&format!("[access]\n{line}")));
    assert_eq!(comments("").good().comments, Comments::Anyone);
    assert_eq!(comments("comments = \"creators\"").good().comments, Comments::Creators);
    comments("comments = \"nobody\"").check(&expect![[r#"component.toml: access.comments: `nobody` is none of anyone, creators; write it like comments = "anyone""#]]);
}

#[test]
fn a_multicast_service_is_used_where_it_says_so() {
    let multicast = |line: &str| Given::file(&format!("{SERVICE}\n{line}"));
    assert_eq!(multicast("").good().services[0].multicast, Multicast::Auto);
    assert_eq!(multicast("multicast = \"off\"").good().services[0].multicast, Multicast::Off);
    let set = multicast("multicast = \"auto\"").option("multicast", "off").good();
    assert_eq!(set.services[0].multicast, Multicast::Off);
    multicast("multicast = \"yes\"")
        .check(&expect!["component.toml: service.multicast: `yes` is none of auto, off"]);
}

#[test]
fn the_example_is_fresh() {
    expect_file!["../component.toml.example"].assert_eq(&example());
}

#[test]
fn the_example_loads_and_shows_the_defaults() {
    let config = Given::file(&example()).good();
    assert_eq!(config.services.len(), 1);
    let everything = uncomment(&example()).replace("secret = \"write", "#");
    let shown = Given::file(&everything).beside("secret", "x", 0o600);
    let shown = shown.option("secret_file", "secret").good();
    assert_eq!(
        format!("{:?}{:?}{:?}", shown.store, shown.limits, shown.log),
        format!("{:?}{:?}{:?}", config.store, config.limits, config.log)
    );
    assert_eq!(shown.admins[0].as_str(), "juliet@example.org");
}

/// The example with every key live; prose is `# ` and a key is `#key`.
fn uncomment(example: &str) -> String {
    let live = |line: &str| match line.strip_prefix('#') {
        Some(key) if !key.starts_with(' ') => key.to_owned(),
        _ => line.to_owned(),
    };
    example.lines().map(live).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_web_side_is_off_unless_it_is_told_where_to_listen() {
    assert!(Given::file(SERVICE).good().http.is_none());
    let http = |keys: &str| Given::file(&format!("{SERVICE}\n[http]\n{keys}"));
    assert!(http("public_url = 'https://feeds.example.org'").good().http.is_none());
    let on = "listen = '127.0.0.1:5280'\npublic_url = 'https://feeds.example.org/'\nproxies = ['10.0.0.1']";
    let web = http(on).good().http.unwrap();
    assert_eq!(web.listen, "127.0.0.1:5280".parse().unwrap());
    assert_eq!(web.public.at("/n/a"), "https://feeds.example.org/n/a");
    assert_eq!(web.proxies, ["10.0.0.1".parse::<std::net::IpAddr>().unwrap()]);
    assert_eq!(web.hub, Some(vec![]));
    let hub = |keys: &str| http(&format!("{on}\n{keys}")).good().http.unwrap().hub;
    assert_eq!(hub("hub_allow = ['10.0.0.0/8']"), Some(vec!["10.0.0.0/8".parse().unwrap()]));
    assert_eq!(hub("hub_allow = ['10.0.0.0/8']\nhub = false"), None);
    http(&format!("{on}\nhub_allow = ['x']")).check(&expect![[r#"
        component.toml: http.hub_allow: `x` is no network; write it like "10.1.0.0/16" or "fd00::/8""#]]);

    assert!(web.publish && !http(&format!("{on}\npublish = false")).good().http.unwrap().publish);
    for (url, publish, warns) in [
        ("https://a", true, false),
        ("http://a", true, true),
        ("http://a", false, false),
        ("http://127.0.0.1:5280", true, false),
        ("http://[::1]:5280", true, false),
        ("http://localhost", true, false),
    ] {
        let keys = format!("listen = '127.0.0.1:5280'\npublic_url = '{url}'\npublish = {publish}");
        let warnings = http(&keys).good().warnings;
        assert_eq!(
            warnings.iter().any(|warning| warning.contains("http.public_url")),
            warns,
            "{url} {warnings:?}"
        );
    }

    for (keys, expected) in [
        ("listen = '127.0.0.1:5280'", "http.public_url: is missing; write what listen is found under"),
        (
            "listen = 'localhost'\npublic_url = 'https://a'",
            "http.listen: `localhost` is no address to listen on",
        ),
        (
            "listen = '[::1]:80'\npublic_url = 'feeds.example.org'",
            "http.public_url: `feeds.example.org` begins with neither https:// nor http://",
        ),
        ("proxies = ['proxy']", "http.proxies: `proxy` is no IP address"),
    ] {
        let given = http(keys);
        let said = given.load().unwrap_err().to_string();
        assert!(said.contains(expected), "{said}");
    }
}
