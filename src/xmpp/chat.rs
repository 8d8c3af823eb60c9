//! A message that somebody wrote, and the answer to it.
//!
//! Only what a person may have written to the service is answered, and never by anything but one message, or two
//! programs could talk for ever: no errors, headlines or rooms; nothing from a service (a JID without a local part);
//! nothing that comes late, and nothing that says by an element that it is about something else than its text. What
//! is answered all the same is bounded by `pubsub::chat::talks`.

use bytes::Bytes;

use crate::limits::CHAT_THREAD_BYTES_MAX;
use crate::pubsub::Jid;
use crate::pubsub::chat::{Chat, Said, Thread, Words};
use crate::xml::{COMPONENT_NS, Element, Writer};

use super::head::Head;
use super::{leaf, ns};

/// Elements of messages that are no talk, whatever their text: events, forms, what was kept or copied, invitations and
/// private messages of rooms.
const NO_TALK: &[(&str, &str)] = &[
    ("event", ns::EVENT),
    ("x", ns::FORM),
    ("delay", ns::DELAY),
    ("x", "jabber:x:delay"),
    ("received", "urn:xmpp:carbons:2"),
    ("sent", "urn:xmpp:carbons:2"),
    ("forwarded", ns::FORWARD),
    ("result", ns::MAM),
    ("x", "http://jabber.org/protocol/muc#user"),
    ("x", "jabber:x:conference"),
];

/// Reads what a person wrote to the service of this JID, if that is what it is.
pub(super) fn read(message: Element<'_>, service: &str) -> Option<Chat> {
    let jid = |name| message.attr(name).map(Jid::from_host);
    let is_person = jid("from").is_some_and(|from| from.local().is_some());
    let is_for_us = jid("to").is_some_and(|to| to.bare() == service);
    let is_talk = !matches!(message.attr("type"), Some("error" | "groupchat" | "headline"))
        && !message.children().any(|child| NO_TALK.iter().any(|(name, ns)| child.is(name, ns)));
    let body = message.child("body", COMPONENT_NS).filter(|_| is_person && is_for_us && is_talk)?;
    let thread = message.child("thread", COMPONENT_NS).map(|thread| Thread {
        id: thread.text().trim().to_owned(),
        parent: thread.attr("parent").map(str::to_owned),
    });
    let usable = |thread: &Thread| {
        let bytes = thread.id.len() + thread.parent.as_ref().map_or(0, String::len);
        !thread.id.is_empty() && bytes <= CHAT_THREAD_BYTES_MAX
    };
    Some(Chat { words: Words::read(&body.text()), thread: thread.filter(usable) })
}

/// The answer, from whom the other wrote to.
pub(super) fn write(head: &Head, said: &Said) -> Bytes {
    let mut out = Writer::new();
    out.open("message").attr("type", "chat").attr("id", &said.id);
    out.attr_opt("from", head.to.as_deref()).attr_opt("to", head.from.as_deref());
    leaf(&mut out, "body", &said.text);
    if let Some(thread) = &said.thread {
        out.open("thread").attr_opt("parent", thread.parent.as_deref()).text(&thread.id).close();
    }
    out.finish().into()
}
