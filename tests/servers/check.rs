//! `atomsub check` on the way through real servers: all is well, the secret is wrong, the name is unknown.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;

use crate::harness::COMPONENTS;
use crate::harness::process::Scratch;
use crate::harness::server::{Kind, Server};
use crate::harness::service::{binary, command};

fn check(kind: Kind) {
    let Some(server) = Server::start(kind) else { return };
    let name = COMPONENTS[0];
    let (address, secret) = server.component(name);
    let run = |jid: &str, secret: &str| {
        let dir = Scratch::new();
        let service =
            format!("[[service]]\njid = \"{jid}\"\nserver = \"{address}\"\nsecret = \"{secret}\"\n");
        let config = dir.write("component.toml", &format!("{service}[store]\npath = \"store\"\n"));
        std::fs::set_permissions(&config, Permissions::from_mode(0o600)).unwrap();
        let done = command(binary()).arg("check").arg("--config").arg(config).output().unwrap();
        (done.status.code(), String::from_utf8(done.stdout).unwrap())
    };
    let failures = |said: &str| said.lines().filter(|line| line.starts_with("FAIL")).count();

    let (code, said) = run(name, secret);
    assert_eq!((code, failures(&said)), (Some(0), 0), "{said}");
    for step in ["ok   port:", "ok   login:", "ok   route:"] {
        assert!(said.contains(step), "{step} is missing: {said}");
    }

    let (code, said) = run(name, "not the secret");
    assert_eq!((code, failures(&said)), (Some(4), 1), "{said}");
    assert!(said.contains("FAIL login:") && said.contains("secret"), "{said}");
    assert!(!said.contains("not the secret"), "{said}");

    let (code, said) = run("unknown.capulet.example", secret);
    assert_eq!((code, failures(&said)), (Some(4), 1), "{said}");
    assert!(said.contains("FAIL login:") && said.contains("unknown.capulet.example"), "{said}");
}

#[test]
fn check_finds_its_way_through_prosody() {
    check(Kind::Prosody);
}

#[test]
fn check_finds_its_way_through_ejabberd() {
    check(Kind::Ejabberd);
}
