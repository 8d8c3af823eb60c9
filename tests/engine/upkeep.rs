//! What is done without anybody asking: leases end, digests go out — XEP-0060 [#impl-leases].

use crate::stage::{Stage, form, get, set};

const FRANCISCO: &str = "francisco@denmark.lit/barracks";

fn subscribed_with(fields: &[(&str, &str)]) -> Stage {
    let mut stage = Stage::with_musings();
    stage.publish("princely_musings", "old");
    let subscribe = "<subscribe node='princely_musings' jid='francisco@denmark.lit'/>";
    stage.send(&set(FRANCISCO, &format!("{subscribe}<options>{}</options>", form(fields))));
    stage
}

#[test]
fn a_lease_ends_and_everybody_concerned_hears_of_it() {
    let mut stage = subscribed_with(&[("expire", "2003-12-13T18:31:02Z")]);
    assert_eq!(stage.pass(59), "");
    let ended = stage.pass(1);
    for whom in ["francisco@denmark.lit", "hamlet@denmark.lit"] {
        let told = ended.split("<message").find(|message| message.contains(&format!("to='{whom}'")));
        assert!(told.is_some_and(|told| told.contains("subscription='none'")), "{whom}: {ended}");
    }
    assert!(!stage.send(&get(FRANCISCO, "<subscriptions/>")).contains("<subscription "));
    assert_eq!(stage.pass(3600), "");
}

#[test]
fn a_lease_that_was_renewed_does_not_end() {
    let mut stage = subscribed_with(&[("expire", "2003-12-13T18:31:02Z")]);
    let longer = form(&[("expire", "2003-12-13T19:00:00Z")]);
    let options = format!("<options node='princely_musings' jid='francisco@denmark.lit'>{longer}</options>");
    stage.send(&set(FRANCISCO, &options));
    assert_eq!(stage.pass(600), "");
}

#[test]
fn a_digest_holds_what_was_published_since_the_last() {
    let mut stage = subscribed_with(&[("digest", "1"), ("digest_frequency", "60000")]);
    for id in ["a", "b"] {
        stage.publish("princely_musings", id);
    }
    assert_eq!(stage.pass(59), "", "nothing before the period is over");
    let digest = stage.pass(1);
    assert_eq!(digest.matches("<message").count(), 1, "{digest}");
    let ids: Vec<&str> =
        digest.split("<item id='").skip(1).filter_map(|rest| rest.split('\'').next()).collect();
    assert_eq!(ids, ["a", "b"]);
    assert_eq!(stage.pass(60), "", "nothing new, no digest");
    stage.publish("princely_musings", "c");
    let next = stage.pass(60);
    assert!(next.contains("id='c'") && !next.contains("<item id='a'"), "{next}");
}

#[test]
fn a_digest_that_is_asked_for_later_begins_then() {
    let mut stage = subscribed_with(&[]);
    stage.publish("princely_musings", "at once");
    let digest = form(&[("digest", "1"), ("digest_frequency", "60000")]);
    let options = format!("<options node='princely_musings' jid='francisco@denmark.lit'>{digest}</options>");
    stage.send(&set(FRANCISCO, &options));
    stage.publish("princely_musings", "later");
    let digest = stage.pass(60);
    assert!(digest.contains("<item id='later'") && !digest.contains("<item id='at once'"), "{digest}");
}

#[test]
fn the_last_item_comes_with_the_subscription_where_the_node_says_so() {
    for (send_last, expected) in [("never", 0), ("on_sub", 1), ("on_sub_and_presence", 1)] {
        let mut stage = Stage::new();
        stage.node("musings", &[("send_last_published_item", send_last)]);
        for id in ["first", "last"] {
            stage.publish("musings", id);
        }
        let heard = stage.send(&set(FRANCISCO, "<subscribe node='musings' jid='francisco@denmark.lit'/>"));
        assert_eq!(heard.matches("<item id='last'").count(), expected, "{send_last}: {heard}");
        assert_eq!(
            heard.matches("<delay xmlns='urn:xmpp:delay' stamp='2003-12-13T18:30:02Z'/>").count(),
            expected
        );
    }
}
