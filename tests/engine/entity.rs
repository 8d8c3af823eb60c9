//! What every XMPP entity is asked — XEP-0199, XEP-0092, XEP-0202, XEP-0012 — and what nothing here serves.

use expect_test::expect;

use crate::stage::{Stage, ask, get, set};

const FRANCISCO: &str = "francisco@denmark.lit/barracks";

#[test]
fn ping() {
    let ping = ask("get", FRANCISCO, "<ping xmlns='urn:xmpp:ping'/>");
    Stage::new().check(
        &ping,
        &expect![[r#"
            <iq type='result' id='1' from='pubsub.shakespeare.lit' to='francisco@denmark.lit/barracks'/>
        "#]],
    );
}

#[test]
fn version() {
    let version = ask("get", FRANCISCO, "<query xmlns='jabber:iq:version'/>");
    let answer = Stage::new().send(&version);
    let expected = concat!("<name>atomsub</name><version>", env!("CARGO_PKG_VERSION"), "</version>");
    assert!(answer.contains(expected), "{answer}");
}

#[test]
fn time() {
    let time = ask("get", FRANCISCO, "<time xmlns='urn:xmpp:time'/>");
    Stage::new().check(
        &time,
        &expect![[r#"
            <iq type='result' id='1' from='pubsub.shakespeare.lit' to='francisco@denmark.lit/barracks'>
              <time xmlns='urn:xmpp:time'>
                <tzo>+00:00</tzo>
                <utc>2003-12-13T18:30:02Z</utc>
              </time>
            </iq>
        "#]],
    );
}

#[test]
fn last_activity() {
    let last = ask("get", FRANCISCO, "<query xmlns='jabber:iq:last'/>");
    Stage::new().check(
        &last,
        &expect![[r#"
            <iq type='result' id='1' from='pubsub.shakespeare.lit' to='francisco@denmark.lit/barracks'>
              <query xmlns='jabber:iq:last' seconds='86400'/>
            </iq>
        "#]],
    );
}

#[test]
fn errors() {
    let ping = "<ping xmlns='urn:xmpp:ping'/>";
    Stage::with_musings().refuses(&[
        (ask("get", FRANCISCO, "<query xmlns='jabber:iq:roster'/>"), "cancel/service-unavailable/-"),
        (ask("set", FRANCISCO, ping), "cancel/service-unavailable/-"),
        (ask("get", FRANCISCO, ""), "modify/bad-request/-"),
        (ask("get", FRANCISCO, &ping.repeat(2)), "modify/bad-request/-"),
        (set(FRANCISCO, ""), "modify/bad-request/-"),
        (set(FRANCISCO, "<items node='princely_musings'/>"), "cancel/feature-not-implemented/-"),
        (get(FRANCISCO, "<create node='new'/>"), "cancel/feature-not-implemented/-"),
        (get(FRANCISCO, "<dance node='princely_musings'/>"), "cancel/feature-not-implemented/-"),
    ]);
}
