//! Items that say something about a node of entries: its feed's metadata (XEP-0277), its picture — over XEP-0060
//! [#publisher-publish].

use atomsub::pubsub::affiliation::Affiliation;
use atomsub::pubsub::presence::receive::Presence;
use atomsub::pubsub::presence::show::Show;

use crate::stage::{ENTRY, Stage, ask, configure, form, get, owner_set, set};

const HAMLET: &str = "hamlet@denmark.lit/elsinore";
const HORATIO: &str = "horatio@denmark.lit/castle";
const FRANCISCO: &str = "francisco@denmark.lit/barracks";
const METADATA: &str = "urn:xmpp:avatar:metadata";
const DATA: &str = "urn:xmpp:avatar:data";
const FEED: &str = "<feed xmlns='http://www.w3.org/2005/Atom'><title>Hamlet's thoughts</title>\
                    <id>tag:denmark.lit,2003:home</id><updated>2003-12-13T18:30:02Z</updated></feed>";
const PICTURE: &str = "<metadata xmlns='urn:xmpp:avatar:metadata'><info bytes='12345' height='64' width='64' \
                       id='357a8123a30844a3aa99861b6349264ba67a5694' type='image/png' \
                       url='https://denmark.lit/skull.png'/></metadata>";
const PICTURE_DATA: &str = "<data xmlns='urn:xmpp:avatar:data'>qANQR1DBwU4DX7jmYZnncm</data>";

/// The three that there are.
const COMPANIONS: [(&str, &str); 3] = [("0", FEED), (METADATA, PICTURE), (DATA, PICTURE_DATA)];

fn publish(from: &str, id: &str, payload: &str) -> String {
    set(from, &format!("<publish node='musings'><item id='{id}'>{payload}</item></publish>"))
}

/// A node of Hamlet's, on which everybody may publish and Horatio is a publisher, with one subscriber.
fn musings(options: &[(&str, &str)]) -> Stage {
    let mut stage = Stage::new();
    stage.node("musings", &[&[("publish_model", "open")], options].concat());
    stage.affiliate("musings", "horatio@denmark.lit", Affiliation::Publisher);
    stage.subscribe("musings", "francisco@denmark.lit");
    stage
}

/// The ids in an answer, and the number that is told with them.
fn ids(answer: &str) -> String {
    let ids = answer.split("<item ").skip(1);
    let ids: Vec<&str> = ids.filter_map(|rest| rest.split(['\'']).nth(1)).collect();
    let count = answer.split("<count>").nth(1).and_then(|rest| rest.split('<').next()).unwrap();
    format!("{} of {count}", ids.join(" "))
}

fn all(stage: &mut Stage) -> String {
    ids(&stage.send(&get(FRANCISCO, "<items node='musings'/>")))
}

#[test]
fn they_are_told_retrieved_and_listed_like_other_items() {
    let mut stage = musings(&[]);
    stage.send(&publish(HAMLET, "1", ENTRY));
    for (id, payload) in COMPANIONS {
        let heard = stage.send(&publish(HAMLET, id, payload));
        let item = format!("<item id='{id}' publisher='hamlet@denmark.lit'>{payload}</item>");
        assert!(heard.contains("<message") && heard.contains(&item), "{heard}");
        let read = stage.send(&get(FRANCISCO, &format!("<items node='musings'><item id='{id}'/></items>")));
        assert!(read.contains(&item), "{read}");
    }
    assert_eq!(all(&mut stage), format!("1 0 {METADATA} {DATA} of 4"));
    let list = "<query xmlns='http://jabber.org/protocol/disco#items' node='musings'/>";
    let listed = stage.send(&ask("get", FRANCISCO, list));
    for id in ["1", "0", METADATA, DATA] {
        assert!(listed.contains(&format!("name='{id}'")), "{listed}");
    }
    let retract = format!("<retract node='musings'><item id='{METADATA}'/></retract>");
    assert!(stage.send(&set(HAMLET, &retract)).contains(&format!("<retract id='{METADATA}'/>")));
}

/// Who may, where everybody may publish entries.
#[test]
fn only_those_whose_node_it_is_say_what_it_is() {
    let rows = [
        ("0", FEED, [true, false, false, false]),
        (METADATA, PICTURE, [true, true, false, false]),
        (DATA, PICTURE_DATA, [true, true, false, false]),
    ];
    for (id, payload, allowed) in rows {
        let who = [HAMLET, HORATIO, FRANCISCO, "osric@denmark.lit"];
        for (from, allowed) in who.into_iter().zip(allowed) {
            let mut stage = musings(&[]);
            stage.affiliate("musings", "osric@denmark.lit", Affiliation::PublishOnly);
            let request = publish(from, id, payload);
            if allowed {
                stage.send(&request);
            } else {
                stage.refuses(&[(request, "auth/forbidden/-")]);
                stage.send(&publish(from, id, ENTRY));
            }
        }
    }
}

/// Movim's way to give a community a picture: with options of a user's own node first, and then without.
#[test]
fn movim_gives_a_community_a_picture() {
    let options = form(&[
        ("persist_items", "true"),
        ("access_model", "presence"),
        ("send_last_published_item", "on_sub_and_presence"),
        ("deliver_payloads", "true"),
        ("max_items", "1"),
    ]);
    let community = [
        ("persist_items", "true"),
        ("deliver_payloads", "false"),
        ("send_last_published_item", "on_sub"),
        ("access_model", "open"),
        ("max_items", "max"),
        ("title", "Thoughts"),
    ];
    let mut stage = Stage::new();
    stage.node("musings", &community);
    let plain = format!("<publish node='musings'><item id='{METADATA}'>{PICTURE}</item></publish>");
    let with_options = set(HAMLET, &format!("{plain}<publish-options>{options}</publish-options>"));
    stage.refuses(&[(with_options, "cancel/conflict/precondition-not-met")]);
    let published = stage.send(&set(HAMLET, &plain));
    assert!(
        published.contains(&format!("<publish node='musings'><item id='{METADATA}'/></publish>")),
        "{published}"
    );
    // What it asks of each node that it lists.
    let asked =
        stage.send(&get(FRANCISCO, &format!("<items node='musings'><item id='{METADATA}'/></items>")));
    assert!(asked.contains(PICTURE), "{asked}");
}

/// A full node, in each of the ways in which one can be full.
#[test]
fn they_take_no_room_and_make_none() {
    for full in ["retract-oldest", "discard-oldest", "reject"] {
        let mut stage = musings(&[("max_items", "2"), ("publish_node_full", full)]);
        for (id, payload) in COMPANIONS {
            stage.send(&publish(HAMLET, id, payload));
        }
        stage.send(&publish(HAMLET, "1", ENTRY));
        stage.send(&publish(HAMLET, "2", ENTRY));
        let companions = format!("0 {METADATA} {DATA}");
        assert_eq!(all(&mut stage), format!("{companions} 1 2 of 5"), "{full}");
        if full == "reject" {
            stage.refuses(&[(publish(HAMLET, "3", ENTRY), "cancel/conflict/node-full")]);
            stage.send(&publish(HAMLET, "0", FEED));
            assert_eq!(all(&mut stage), format!("{METADATA} {DATA} 1 2 0 of 5"));
        } else {
            let heard = stage.send(&publish(HAMLET, "3", ENTRY));
            assert_eq!(heard.contains("<retract id='1'/>"), full == "retract-oldest", "{heard}");
            assert_eq!(all(&mut stage), format!("{companions} 2 3 of 5"), "{full}");
        }
        stage.send(&configure(HAMLET, "musings", &[("max_items", "1")]));
        let left = all(&mut stage);
        assert!(left.ends_with(" of 4"), "{full}: {left}");
    }
}

/// An id may change sides: an entry under it takes room as any does.
#[test]
fn an_entry_in_place_of_one_is_an_entry() {
    let mut stage = musings(&[("max_items", "1")]);
    stage.send(&publish(HAMLET, "0", FEED));
    stage.send(&publish(HAMLET, "1", ENTRY));
    let heard = stage.send(&publish(HAMLET, "0", ENTRY));
    assert!(heard.contains("<retract id='1'/>"), "{heard}");
    assert_eq!(all(&mut stage), "0 of 1");
    stage.send(&publish(HAMLET, "0", FEED));
    stage.send(&publish(HAMLET, "2", ENTRY));
    assert_eq!(all(&mut stage), "0 2 of 2");
}

/// Both before what has expired is removed, and after.
#[test]
fn they_do_not_expire() {
    let mut stage = musings(&[("item_expire", "60")]);
    stage.send(&publish(HAMLET, "0", FEED));
    stage.send(&publish(HAMLET, "1", ENTRY));
    stage.send(&publish(HAMLET, METADATA, PICTURE));
    stage.send(&publish(HAMLET, "2", ENTRY));
    stage.wait(30);
    stage.send(&publish(HAMLET, "3", ENTRY));
    stage.wait(30);
    let living = format!("0 {METADATA} 3 of 3");
    assert_eq!(all(&mut stage), living);
    let heard = stage.pass(0);
    assert!(heard.contains("<retract id='1'/>") && heard.contains("<retract id='2'/>"), "{heard}");
    assert_eq!(heard.matches("<retract id=").count(), 2, "{heard}");
    assert_eq!(all(&mut stage), living);
    stage.pass(30);
    assert_eq!(all(&mut stage), format!("0 {METADATA} of 2"));
    assert_eq!(stage.pass(3600), "");
    stage.send(&publish(HAMLET, "4", ENTRY));
    assert!(stage.pass(60).contains("<retract id='4'/>"), "what comes later does");
}

/// Among very many that have expired and are still there, in pages of either direction and in either order.
#[test]
fn they_are_found_among_what_has_expired() {
    let mut stage = musings(&[("item_expire", "60")]);
    stage.send(&publish(HAMLET, "0", FEED));
    for number in 1..2_100 {
        stage.send(&publish(HAMLET, &number.to_string(), ENTRY));
    }
    stage.send(&publish(HAMLET, METADATA, PICTURE));
    stage.wait(60);
    for order in ["", "<order xmlns='urn:xmpp:order-by:1' by='creation'/>"] {
        for backward in [false, true] {
            let mut at = if backward { "<before/>".to_owned() } else { String::new() };
            let mut came = Vec::new();
            for _ in 0..9 {
                let set = format!("<set xmlns='http://jabber.org/protocol/rsm'><max>5</max>{at}</set>");
                let page = stage.send(&get(FRANCISCO, &format!("<items node='musings'/>{order}{set}")));
                came.extend(
                    page.split("<item id='").skip(1).map(|rest| rest.split('\'').next().unwrap().to_owned()),
                );
                let Some((_, first)) = page.split_once("<first") else { break };
                let first = first.split(['>', '<']).nth(1).unwrap();
                let last = page.split_once("<last>").unwrap().1.split('<').next().unwrap();
                at = if backward {
                    format!("<before>{first}</before>")
                } else {
                    format!("<after>{last}</after>")
                };
            }
            came.sort_unstable();
            assert_eq!(came, ["0", METADATA], "{order} backward: {backward}");
        }
    }
}

#[test]
fn none_is_the_last_item_that_is_sent_unasked() {
    let mut stage = musings(&[("send_last_published_item", "on_sub")]);
    stage.send(&publish(HAMLET, METADATA, PICTURE));
    let subscribe = |who: &str| {
        set(who, &format!("<subscribe node='musings' jid='{}'/>", who.split('/').next().unwrap()))
    };
    let alone = stage.send(&subscribe("ophelia@denmark.lit/window"));
    assert!(!alone.contains("<items "), "{alone}");
    stage.send(&publish(HAMLET, "1", ENTRY));
    for (id, payload) in COMPANIONS {
        stage.send(&publish(HAMLET, id, payload));
    }
    let heard = stage.send(&subscribe("laertes@denmark.lit/paris"));
    assert!(heard.contains("<items node='musings'><item id='1'"), "{heard}");
    assert_eq!(heard.matches("<item id=").count(), 1, "{heard}");
}

/// Whoever goes offline takes along what he has written, not what the node is.
#[test]
fn they_stay_when_their_publisher_goes() {
    let mut stage = Stage::new();
    stage.node("musings", &[("purge_offline", "1")]);
    stage.affiliate("musings", "horatio@denmark.lit", Affiliation::Publisher);
    stage.subscribe("musings", "francisco@denmark.lit");
    stage.send(&publish(HORATIO, METADATA, PICTURE));
    stage.send(&publish(HORATIO, "1", ENTRY));
    stage.reach.presences.note_complete();
    stage.presence(HORATIO, Presence::Available(Show::Online));
    let heard = stage.presence(HORATIO, Presence::Unavailable);
    assert!(heard.contains("<retract id='1'/>"), "{heard}");
    assert_eq!(all(&mut stage), format!("{METADATA} of 1"));
}

#[test]
fn a_purge_leaves_none() {
    let mut stage = musings(&[]);
    stage.send(&publish(HAMLET, "0", FEED));
    stage.send(&owner_set(HAMLET, "<purge node='musings'/>"));
    assert_eq!(all(&mut stage), " of 0");
}

/// What looks like one and is none, and where there are none.
#[test]
fn other_payloads_are_what_they_are() {
    let feed_with = FEED.replace("</feed>", &format!("{ENTRY}</feed>"));
    let invalid = "modify/bad-request/invalid-payload";
    let mut stage = musings(&[]);
    stage.refuses(&[
        (publish(HAMLET, "0", &feed_with), invalid),
        (publish(HAMLET, "1", FEED), invalid),
        (publish(HAMLET, METADATA, PICTURE_DATA), invalid),
        (publish(HAMLET, "1", PICTURE), invalid),
        (set(HAMLET, &format!("<publish node='musings'><item>{FEED}</item></publish>")), invalid),
    ]);
    // A node of something else holds pictures as its items.
    let mut stage = musings(&[("type", METADATA), ("max_items", "1")]);
    stage.send(&publish(FRANCISCO, METADATA, PICTURE));
    stage.send(&publish(HAMLET, "1", PICTURE));
    assert_eq!(all(&mut stage), "1 of 1");
}

/// Comments nodes may say what they are about, as XEP-0277 shows it.
#[test]
fn the_owner_of_a_comments_node_says_what_is_commented_on() {
    let node = "urn:xmpp:microblog:0:comments/1";
    let mut stage = Stage::new();
    let metadata = format!("<publish node='{node}'><item id='0'>{FEED}</item></publish>");
    stage.send(&set("juliet@capulet.lit/balcony", &format!("<create node='{node}'/>")));
    stage.refuses(&[(set(FRANCISCO, &metadata), "auth/forbidden/-")]);
    stage.send(&set("juliet@capulet.lit/balcony", &metadata));
}
