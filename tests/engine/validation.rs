//! The rules for entries (RFC 4287), each in each mode of a node: what is refused, what is added, and that nothing else
//! changes, in the item as it is stored, told, retrieved and found in the history.

use atomsub::pubsub::item::Item;
use atomsub::pubsub::node::NodeId;
use atomsub::xml::{Limits, Tree, infoset_equal};

use crate::corpus;
use crate::stage::{SERVICE, Stage, ask, get, set};

use Outcome::{Added, Kept, Refused};

const HAMLET: &str = "hamlet@denmark.lit/blogbot";
const FRANCISCO: &str = "francisco@denmark.lit";
const MODES: [&str; 3] = ["strict", "complete", "off"];

const ID: &str = "<id>tag:denmark.lit,2003:1</id>";
const TITLE: &str = "<title>Soliloquy</title>";
const UPDATED: &str = "<updated>2003-12-13T18:30:02Z</updated>";
const AUTHOR: &str = "<author><name>Hamlet</name></author>";
const CONTENT: &str = "<content>To be</content>";
const VALID: [&str; 5] = [ID, TITLE, UPDATED, AUTHOR, CONTENT];

const OWN_ID: &str = "<id>xmpp:pubsub.shakespeare.lit?;node=complete;item=1</id>";
const OWN_AUTHOR: &str = "<author><name>hamlet</name><uri>xmpp:hamlet@denmark.lit</uri></author>";
const OWN_LINK: &str = "<link rel='alternate' href='xmpp:pubsub.shakespeare.lit?;node=complete;item=1'/>";

/// What becomes of an entry.
#[derive(Clone, Copy, Debug)]
enum Outcome {
    /// The rule's number is in the error.
    Refused,
    /// This stands before the end tag.
    Added(&'static str),
    /// It stays as it is.
    Kept,
}

fn entry(inner: &str) -> String {
    format!("<entry xmlns='http://www.w3.org/2005/Atom'>{inner}</entry>")
}

/// A valid entry with something more in it.
fn with(more: &str) -> String {
    entry(&(VALID.concat() + more))
}

/// A valid entry with something else in place of a part.
fn instead(part: &str, of: &str) -> String {
    entry(&VALID.concat().replace(of, part))
}

fn without(part: &str) -> String {
    instead("", part)
}

/// A stage with a node for each mode, called like it.
fn stage() -> Stage {
    let mut stage = Stage::new();
    stage.payload_bytes_max(200 * 1024);
    for mode in MODES {
        stage.node(mode, &[("x-pubsub#validation", mode)]);
        stage.subscribe(mode, FRANCISCO);
    }
    stage
}

fn publish(node: &str, entry: &str) -> String {
    set(HAMLET, &format!("<publish node='{node}'><item id='1'>{entry}</item></publish>"))
}

fn stored(stage: &mut Stage, node: &str) -> Item {
    let id = NodeId { service: SERVICE.to_owned(), name: node.to_owned() };
    stage.transact(|_, tx| tx.item(tx.node(&id)?.unwrap().key, "1")).unwrap()
}

/// Publishes to the node of a mode, and sees what becomes of it.
fn check(stage: &mut Stage, rule: &str, sent: &str, mode: &str, outcome: Outcome) {
    let publish = publish(mode, sent);
    let expected = match outcome {
        Refused => {
            stage.refuses(&[(publish.clone(), "modify/bad-request/invalid-payload")]);
            let answer = stage.any(&publish);
            assert!(answer.contains(&format!(">{rule}: ")), "{mode} has no {rule} for {sent}: {answer}");
            return;
        }
        Added(added) => sent.replace("</entry>", &format!("{added}</entry>")),
        Kept => sent.to_owned(),
    };
    let told = stage.send(&publish);
    kept(stage, mode, sent, &expected, &told);
}

/// The published entry is everywhere the expected one, and the original is known.
fn kept(stage: &mut Stage, node: &str, sent: &str, expected: &str, told: &str) {
    let item = stored(stage, node);
    assert_eq!(item.payload.as_deref(), Some(expected), "{node}: {sent}");
    assert_eq!(item.original().as_deref(), Some(sent), "{node}: {sent}");
    let items = stage.send(&get(FRANCISCO, &format!("<items node='{node}'><item id='1'/></items>")));
    let query = format!("<query xmlns='urn:xmpp:mam:2' node='{node}'/>");
    let history = stage.send(&ask("set", FRANCISCO, &query));
    let whole = format!("<item id='1' publisher='hamlet@denmark.lit'>{expected}</item>");
    for form in [told, &items, &history] {
        assert!(form.contains(&whole), "{node}: {sent} is {form}");
    }
}

/// Each entry by a rule, with what becomes of it in the modes strict and complete. Where nothing is validated it is kept.
fn check_all(cases: &[(&str, String, Outcome, Outcome)]) {
    let mut stage = stage();
    for (rule, sent, strict, complete) in cases {
        for (mode, outcome) in MODES.into_iter().zip([*strict, *complete, Kept]) {
            check(&mut stage, rule, sent, mode, outcome);
        }
    }
}

fn two(part: &str) -> String {
    format!("{part}{part}")
}

#[test]
fn what_each_entry_has() {
    check_all(&[
        ("E01", "<rss version='2.0' xmlns=''/>".to_owned(), Refused, Refused),
        ("E01", "<feed xmlns='http://www.w3.org/2005/Atom'/>".to_owned(), Refused, Refused),
        ("E01", "<entry xmlns='http://purl.org/atom/ns#'/>".to_owned(), Refused, Refused),
        ("E02", without(ID), Refused, Added(OWN_ID)),
        ("E02", with(ID), Refused, Refused),
        ("E03", instead("<id>711cd52a-a528-4356-b56b-8ac849f87835</id>", ID), Refused, Kept),
        ("E03", instead("<id> tag:denmark.lit,2003:1\n</id>", ID), Refused, Kept),
        ("E03", instead("<id/>", ID), Refused, Kept),
        ("E04", without(TITLE), Refused, Added("<title>To be</title>")),
        (
            "E04",
            with("<title type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'/></title>"),
            Refused,
            Kept,
        ),
        ("E04", instead("<title/>", TITLE), Kept, Kept),
        ("E05", without(UPDATED), Refused, Added(UPDATED)),
        ("E05", with(UPDATED), Refused, Kept),
        ("E05", instead("<updated>2003-12-13t18:30:02z</updated>", UPDATED), Refused, Kept),
        ("E05", instead("<updated>Sat, 13 Dec 2003 18:30:02 GMT</updated>", UPDATED), Refused, Kept),
        ("E05", with("<published>yesterday</published>"), Refused, Kept),
        ("E06", without(AUTHOR), Refused, Added(OWN_AUTHOR)),
        ("E06", instead("<source><author><name>Q</name></author></source>", AUTHOR), Kept, Kept),
        ("E06", instead("<source/>", AUTHOR), Refused, Added(OWN_AUTHOR)),
    ]);
}

#[test]
fn what_an_entry_may_have() {
    let xhtml = "<div xmlns='http://www.w3.org/1999/xhtml'>x</div>";
    check_all(&[
        ("E07", instead("<author><uri>xmpp:hamlet@denmark.lit</uri></author>", AUTHOR), Refused, Kept),
        ("E07", with("<contributor><name> </name></contributor>"), Refused, Kept),
        ("E07", with(&format!("<author><name>A</name>{}</author>", two("<uri>x</uri>"))), Refused, Kept),
        ("E07", with("<author><name>A</name><email>nobody</email></author>"), Refused, Kept),
        ("E08", with(&format!("<content type='xhtml'>{xhtml}</content>")), Refused, Kept),
        ("E09", without(CONTENT), Refused, Added(OWN_LINK)),
        ("E09", instead("<link rel='self' href='http://denmark.lit/1'/>", CONTENT), Refused, Added(OWN_LINK)),
        ("E09", instead("<link href='http://denmark.lit/1'/>", CONTENT), Kept, Kept),
        ("E10", with(&two("<link href='http://denmark.lit/1'/>")), Refused, Kept),
        ("E10", with("<link href='http://a.lit/1' type='a/b'/><link href='http://a.lit/1'/>"), Kept, Kept),
        ("E10", instead(&two("<link href='http://denmark.lit/1'/>"), CONTENT), Refused, Kept),
        ("E11", instead("<content src='http://denmark.lit/1'/>", CONTENT), Refused, Kept),
        ("E11", instead("<content type='image/png'>iVBORw0KGgo=</content>", CONTENT), Refused, Kept),
        ("E11", instead("<content type='image/svg+xml'><svg xmlns=''/></content>", CONTENT), Kept, Kept),
        ("E12", with(&two("<published>2003-12-13T18:30:02Z</published>")), Refused, Kept),
        ("E12", with(&two("<rights/>")), Refused, Kept),
        ("E12", with(&two("<source/>")), Refused, Kept),
        ("E12", with(&two("<summary/>")), Refused, Kept),
        ("E13", instead("<content type='markdown'/>", CONTENT), Refused, Kept),
        ("E13", instead("<content type='multipart/mixed'/>", CONTENT), Refused, Kept),
        ("E13", instead("<content type='text/html'>&lt;p></content>", CONTENT), Kept, Kept),
        ("E13", instead("<content type='a/b' src='c:d'>e</content><summary/>", CONTENT), Refused, Kept),
        ("E13", instead("<content type='html' src='c:d'/><summary/>", CONTENT), Refused, Kept),
        ("E14", instead("<content type='html'><p/></content>", CONTENT), Refused, Kept),
        ("E14", instead(&format!("<content type='xhtml'>{}</content>", two(xhtml)), CONTENT), Refused, Kept),
        ("E14", instead("<content type='xhtml'><div/></content>", CONTENT), Refused, Kept),
        ("E14", instead(&format!("<content type='xhtml'>\n{xhtml}\n</content>"), CONTENT), Kept, Kept),
        ("E14", with("<summary type='text/plain'>x</summary>"), Refused, Kept),
        ("E15", with("<link rel='related'/>"), Refused, Kept),
        ("E15", with("<link rel='related' href='http://a.lit' description='d' logo='l'/>"), Kept, Kept),
        ("E16", with("<category/>"), Refused, Kept),
        ("E16", with("<category term='a' scheme='b c'/>"), Refused, Kept),
    ]);
}

#[test]
fn what_is_left_alone() {
    check_all(&[
        ("E17", with("<source><entry/></source>"), Kept, Kept),
        ("E18", with("<p:o xmlns:p='urn:p' p:q='r'><title xmlns=''/></p:o><later/>"), Kept, Kept),
        ("E19", with("<Signature xmlns='http://www.w3.org/2000/09/xmldsig#'/>"), Kept, Kept),
        ("E21", instead("<updated>2999-01-01T00:00:00Z</updated>", UPDATED), Kept, Kept),
        ("E21", instead("<updated>1999-01-01T00:00:00Z</updated>", UPDATED), Kept, Kept),
        ("E25", with("<link rel='related' href='xmpp:a?;node=y z'/>"), Kept, Kept),
    ]);
}

/// E20: in the mode strict. E22: the same atom:id may be in several items, whoever published them.
#[test]
fn an_item_keeps_its_atom_id() {
    let mut stage = stage();
    for mode in MODES {
        stage.send(&publish(mode, &with("")));
        stage.send(&publish(mode, &with("<rights/>")));
        stage.send(&publish(mode, &with("")).replace("id='1'>", "id='2'>"));
    }
    let other = instead("<id>tag:denmark.lit,2003:2</id>", ID);
    stage.refuses(&[(publish("strict", &other), "cancel/conflict/-")]);
    assert!(stage.any(&publish("strict", &other)).contains(">E20: "));
    for mode in ["complete", "off"] {
        check(&mut stage, "E20", &other, mode, Kept);
        assert_eq!(stored(&mut stage, mode).atom_id.as_deref(), Some("tag:denmark.lit,2003:2"));
    }
}

/// E24, whatever the node takes.
#[test]
fn comments_are_refused_and_what_looks_like_one_is_not() {
    let mut stage = stage();
    stage.node("any", &[("type", "")]);
    stage.subscribe("any", FRANCISCO);
    let no_comment = with("<x xmlns='urn:x'><![CDATA[<!-- ]]>--&gt;</x>");
    for mode in MODES.into_iter().chain(["any"]) {
        check(&mut stage, "E24", &with("<!-- note -->"), mode, Refused);
        check(&mut stage, "E24", &no_comment, mode, Kept);
    }
}

#[test]
fn what_is_signed_or_encrypted_is_not_completed() {
    let mut stage = stage();
    for seal in [
        "<s:Signature xmlns:s='http://www.w3.org/2000/09/xmldsig#'/>",
        "<EncryptedData xmlns='http://www.w3.org/2001/04/xmlenc#'/>",
        "<content type='a/b+xml'><x><Signature xmlns='http://www.w3.org/2000/09/xmldsig#'/></x></content>",
    ] {
        check(&mut stage, "E02", &entry(seal), "complete", Kept);
        check(&mut stage, "E02", &entry(&format!("{ID}{ID}{seal}")), "complete", Refused);
        check(&mut stage, "E02", &entry(seal), "strict", Refused);
    }
}

/// XHTML, foreign names, prefixes, `xml:base`, CDATA, astral characters: whatever is in an entry stays, byte by byte, when
/// something is added, and means the same.
#[test]
fn nothing_else_changes() {
    let mut stage = stage();
    let author = "<author><name>O</name></author>";
    let long = format!("{ID}{TITLE}<content>{}</content>{author}", "😀 &amp; <![CDATA[<x>]]>\n".repeat(4000));
    assert!(long.len() > 100 * 1024);
    let entries = corpus::entries().into_iter().filter(|entry| entry.contains(author)).chain([entry(&long)]);
    let mut count = 0;
    for whole in entries.filter(|entry| !entry.contains("<!--")) {
        let sent = alone(&whole.replace(author, ""));
        let told = stage.send(&publish("complete", &whole.replace(author, "")));
        let (start, end) = sent.split_at(sent.rfind("</").unwrap());
        let updated = if sent.contains("<updated>") { "" } else { UPDATED };
        kept(&mut stage, "complete", &sent, &format!("{start}{updated}{OWN_AUTHOR}{end}"), &told);

        let item = stored(&mut stage, "complete");
        let (sent, original) = (parse(&sent), parse(&item.original().unwrap()));
        infoset_equal(sent.root(), original.root()).unwrap();
        let completed = parse(item.payload.as_deref().unwrap());
        let names: Vec<_> = completed.root().children().map(|child| (child.ns(), child.name())).collect();
        assert_eq!(names.last(), Some(&("http://www.w3.org/2005/Atom", "author")));
        count += 1;
    }
    assert!(count > 20, "{count}");
}

/// The entry as it is cut out of a stanza.
fn alone(entry: &str) -> String {
    let tree = Tree::parse_stanza(publish("n", entry).into(), &Limits::default()).unwrap();
    let path = ["pubsub", "publish", "item", "entry"];
    let at = path
        .into_iter()
        .fold(tree.root(), |at, name| at.children().find(|child| child.name() == name).unwrap());
    at.self_contained()
}

fn parse(xml: &str) -> Tree {
    Tree::parse(xml.to_owned().into(), &Limits::default()).unwrap()
}

/// Movim's question whether it may publish is no publication.
#[test]
fn an_empty_entry_that_only_asks_is_not_validated() {
    let mut stage = stage();
    for mode in MODES {
        let question = publish(mode, "<entry xmlns='http://www.w3.org/2005/Atom'/>");
        let answer = stage.send(&question.replace("id='1'>", "id='test_post'>"));
        assert!(answer.contains("type='result'") && !answer.contains("<message"), "{answer}");
    }
}

#[test]
fn an_empty_entry_is_opened() {
    let mut stage = stage();
    let told = stage.send(&publish("complete", "<entry xmlns='http://www.w3.org/2005/Atom' />"));
    let expected = format!(
        "<entry xmlns='http://www.w3.org/2005/Atom' >{OWN_ID}<title/>{UPDATED}{OWN_AUTHOR}{OWN_LINK}</entry>"
    );
    kept(&mut stage, "complete", "<entry xmlns='http://www.w3.org/2005/Atom' ></entry>", &expected, &told);
}

/// Where a signature beside the item would not be valid, the original is given: retrieved, found, and told from then on.
#[test]
fn the_original_is_given_where_it_has_to_be() {
    let mut stage = stage();
    let sent = without(AUTHOR);
    stage.send(&publish("complete", &sent));
    let id = NodeId { service: SERVICE.to_owned(), name: "complete".to_owned() };
    stage.transact(|_, tx| {
        let key = tx.node(&id)?.unwrap().key;
        let mut item = tx.item(key, "1")?.unwrap();
        item.as_published = true;
        tx.put_item(key, &mut item)
    });
    let given = format!("<item id='1' publisher='hamlet@denmark.lit'>{sent}</item>");
    let asked = [
        get(FRANCISCO, "<items node='complete'/>"),
        ask("set", FRANCISCO, "<query xmlns='urn:xmpp:mam:2' node='complete'/>"),
        publish("complete", &sent),
        get(FRANCISCO, "<items node='complete'/>"),
    ];
    for stanza in asked {
        let answer = stage.send(&stanza);
        assert!(answer.contains(&given), "{answer}");
    }
    assert!(stored(&mut stage, "complete").payload.unwrap().contains(OWN_AUTHOR));
}

/// A node that does not tell who publishes does not tell it in completed entries either.
#[test]
fn the_author_is_not_told_where_the_publisher_is_not() {
    let mut stage = Stage::new();
    for reply in ["owner", "none"] {
        stage.node(reply, &[("itemreply", reply), ("x-pubsub#author_policy", "replace")]);
        for author in ["", "<author><uri>xmpp:yorick@denmark.lit</uri></author>"] {
            stage.send(&publish(reply, &entry(&format!("{ID}{TITLE}{UPDATED}{CONTENT}{author}"))));
            let items = stage.send(&get(FRANCISCO, &format!("<items node='{reply}'/>")));
            let service = format!("<author><name>{SERVICE}</name><uri>xmpp:{SERVICE}</uri></author>");
            assert!(items.contains(&service) && !items.contains("hamlet"), "{items}");
        }
    }
}
