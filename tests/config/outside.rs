//! What comes from outside the file: the environment, options, and the files of secrets.

use std::path::Path;

use atomsub::config::Config;
use expect_test::expect;

use crate::given::{Given, SERVICE, with, write};

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
