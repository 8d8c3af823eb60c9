//! What a configuration means, its defaults, and the example that shows them.

use std::path::Path;

use atomsub::config::{Comments, Engine, LogFormat, Multicast, example};
use expect_test::{expect, expect_file};

use crate::given::{Given, SERVICE, with};

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
    expect_file!["../../component.toml.example"].assert_eq(&example());
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

/// The example with every key live; prose is `# ` and a key is `#key`.
fn uncomment(example: &str) -> String {
    let live = |line: &str| match line.strip_prefix('#') {
        Some(key) if !key.starts_with(' ') => key.to_owned(),
        _ => line.to_owned(),
    };
    example.lines().map(live).collect::<Vec<_>>().join("\n")
}
