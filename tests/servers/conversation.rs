//! A person with a client that knows nothing of pubsub writes to the service, and reads what is published.

use atomsub::limits::CHAT_ANSWERS_MAX;
use minidom::Element;

use crate::harness::client::{Client, PATIENCE};
use crate::harness::server::Kind;
use crate::harness::xml::{EVENT, attr, find};
use crate::stage::{COMMENTS, QUIET, SERVICE, Stage, create, on_both_servers, publish};

on_both_servers!(subscribing_and_reading_in_words, whoever_talks_without_end_is_not_answered_any_more);

/// What the service says to something that is written to it.
fn answer(client: &mut Client, body: &str) -> String {
    client.send(&format!(
        "<message type='chat' to='{SERVICE}' id='w'><body>{body}</body><thread>t</thread></message>"
    ));
    let said = client.expect(PATIENCE, &format!("the answer to {body}"), is_said);
    assert_eq!((attr(&said, "from"), attr(&said, "to")), (SERVICE, client.jid()));
    assert!(!matches!(attr(&said, "id"), "" | "w"), "an id of its own");
    assert_eq!(find(&said, &["thread"]).map(Element::text).as_deref(), Some("t"));
    find(&said, &["body"]).expect("words").text()
}

fn is_said(stanza: &Element) -> bool {
    stanza.name() == "message" && attr(stanza, "type") == "chat"
}

fn subscribing_and_reading_in_words(stage: &Stage) {
    let (mut juliet, mut romeo) = (stage.juliet(), stage.romeo());
    let node = "in-words";
    create(&mut juliet, node, &[("title", "In words")]);

    assert!(answer(&mut romeo, "hello").starts_with(&format!("This is {SERVICE}")));
    let first = answer(&mut romeo, "list in-word");
    assert!(first.starts_with("in-words: In words"), "{first}");
    let subscribed = answer(&mut romeo, &format!("Subscribe xmpp:{SERVICE}?;node={node}"));
    assert!(subscribed.starts_with("You are subscribed to in-words."), "{subscribed}");

    juliet.ok("set", SERVICE, &publish(node, "1", "Fair &amp; warm"));
    let news = romeo.expect(PATIENCE, "an entry with its text", |stanza| find(stanza, &["body"]).is_some());
    assert!(news.get_child("event", EVENT).is_some(), "{}", String::from(&news));
    assert_eq!(find(&news, &["body"]).unwrap().text(), "Fair & warm");
    assert_eq!(answer(&mut romeo, "last in-words"), "Fair & warm");

    assert_eq!(answer(&mut romeo, "unsubscribe in-words"), "You are not subscribed to in-words any more.");
    let refused = answer(&mut romeo, "unsubscribe in-words");
    assert_eq!(refused, "romeo@montague.example is not subscribed to this node");

    // Neither a headline nor what is written to nobody is answered.
    romeo.send(&format!("<message type='headline' to='{SERVICE}'><body>help</body></message>"));
    romeo.send(&format!("<message type='chat' to='clerk@{SERVICE}'><body>help</body></message>"));
    romeo.never(QUIET, "an answer", is_said);
}

fn whoever_talks_without_end_is_not_answered_any_more(stage: &Stage) {
    let mut romeo = stage.romeo();
    for _ in 0..=CHAT_ANSWERS_MAX {
        romeo.send(&format!("<message to='{COMMENTS}'><body>What?</body></message>"));
    }
    for number in 1..=CHAT_ANSWERS_MAX {
        let answer = romeo.expect(PATIENCE, "an answer", is_said);
        let text = find(&answer, &["body"]).expect("words").text();
        let beginning = if number < CHAT_ANSWERS_MAX { "This is" } else { "That was much" };
        assert!(text.starts_with(beginning), "{number}: {text}");
    }
    romeo.never(QUIET, "one answer more", is_said);
}
