//! What people ask, rendered: 1 KB entries, complete and valid by RFC 4287.

use std::fmt::Write as _;

/// The service's name on every host.
pub(crate) const SERVICE: &str = "pubsub.capulet.example";
/// Who owns and publishes.
pub(crate) const JULIET: &str = "juliet@capulet.example/balcony";
const PUBSUB: &str = "<pubsub xmlns='http://jabber.org/protocol/pubsub'>";
/// Bytes of an entry.
pub(crate) const ENTRY_BYTES: usize = 1024;

/// A complete entry of [`ENTRY_BYTES`]; its atom:id is that of `name`.
pub(crate) fn entry(name: &str) -> String {
    let mut entry = format!(
        "<entry xmlns='http://www.w3.org/2005/Atom'><id>tag:capulet.example,2026:{name}</id>\
         <title>What light through yonder window breaks</title>\
         <author><name>Juliet Capulet</name><uri>xmpp:juliet@capulet.example</uri></author>\
         <published>2026-07-01T18:00:00Z</published><updated>2026-07-01T18:00:00Z</updated>\
         <link rel='alternate' type='text/html' href='https://capulet.example/2026/07/{name}'/>\
         <category term='balcony'/><content type='html'>&lt;p&gt;"
    );
    let end = "&lt;/p&gt;</content></entry>";
    let line = "My bounty is as boundless as the sea, my love as deep; the more I give to thee, ";
    let room = ENTRY_BYTES.saturating_sub(entry.len() + end.len());
    entry.extend(line.chars().cycle().take(room));
    entry.push_str(end);
    entry
}

/// Any IQ.
pub(crate) fn iq(kind: &str, from: &str, id: &str, payload: &str) -> String {
    format!("<iq type='{kind}' from='{from}' to='{SERVICE}' id='{id}'>{payload}</iq>")
}

/// What an IQ of a publisher or subscriber holds.
pub(crate) fn pubsub(action: &str) -> String {
    format!("{PUBSUB}{action}</pubsub>")
}

/// To make a node that differs from the default in these options, written without `pubsub#`.
pub(crate) fn create(node: &str, options: &[(&str, &str)]) -> String {
    let mut action = format!("<create node='{node}'/>");
    if !options.is_empty() {
        action.push_str(
            "<configure><x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE'><value>\
             http://jabber.org/protocol/pubsub#node_config</value></field>",
        );
        for (var, value) in options {
            let _ = write!(action, "<field var='pubsub#{var}'><value>{value}</value></field>");
        }
        action.push_str("</x></configure>");
    }
    pubsub(&action)
}

/// To publish an entry of that name under that ItemID.
pub(crate) fn publish(node: &str, item: &str) -> String {
    let entry = entry(item);
    pubsub(&format!("<publish node='{node}'><item id='{item}'>{entry}</item></publish>"))
}

/// To delete items.
pub(crate) fn retract(node: &str, item: &str) -> String {
    pubsub(&format!("<retract node='{node}'><item id='{item}'/></retract>"))
}

/// To subscribe or, with `un`, to unsubscribe.
pub(crate) fn subscribe(un: &str, node: &str, jid: &str) -> String {
    pubsub(&format!("<{un}subscribe node='{node}' jid='{jid}'/>"))
}

/// For the newest items.
pub(crate) fn newest(node: &str, count: usize) -> String {
    pubsub(&format!("<items node='{node}' max_items='{count}'/>"))
}

/// For a page of items, the first one or that after a cursor.
pub(crate) fn page(node: &str, size: usize, after: Option<&str>) -> String {
    let after = after.map(|after| format!("<after>{after}</after>")).unwrap_or_default();
    pubsub(&format!(
        "<items node='{node}'/><set xmlns='http://jabber.org/protocol/rsm'><max>{size}</max>{after}</set>"
    ))
}

/// The bare JID of a subscriber.
pub(crate) fn subscriber(number: usize) -> String {
    format!("reader{number}@montague.example")
}
