//! What is wrong with a file, all of it at once, and without its secrets.

use expect_test::{Expect, expect};

use crate::given::{Given, with};

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
