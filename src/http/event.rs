//! Events as they are written into the stream.

use bytes::Bytes;
use serde_json::json;

use crate::atom::{shown, uri};
use crate::limits::{WEB_EVENT_BYTES_MAX, WEB_RETRY_AFTER};
use crate::pubsub::node::{Node, NodeKey};
use crate::pubsub::reader::changes::{Change, Changes};

use super::feed::{entry, patience};
use super::live::{Event, Station};
use super::place::Places;
use super::router::Web;
use super::{atom, json};

/// There was too much to tell: whoever shows the node has to read it again.
pub(super) const RESET: &[u8] = b"event: reset\ndata: {}\n\n";

/// The beginning: when to come back, and from where.
pub(super) fn hello(changes: &Changes) -> Bytes {
    // Where there is more to come, its ids do.
    let is_here = changes.list.is_empty();
    let id = if is_here { id(&changes.public.node, changes.place) } else { String::new() };
    format!("retry: {}\n{id}\n", WEB_RETRY_AFTER.as_millis()).into()
}

/// The events of some changes, oldest first.
pub(super) fn of_changes(web: &Web, station: &Station, changes: &Changes) -> Vec<Event> {
    let node = &changes.public.node;
    let places = Places::of(web, station.service, node);
    changes.list.iter().filter_map(|change| of_change(&places, station, node, change)).collect()
}

fn of_change(places: &Places, station: &Station, node: &Node, change: &Change) -> Option<Event> {
    let (kind, data) = match change {
        Change::Published(item) => {
            let is_large = item.payload.as_ref().is_some_and(|payload| payload.len() > WEB_EVENT_BYTES_MAX);
            let shown = entry(places, node, item, is_large, patience())?;
            let data = if station.atom { atom::entry(&shown) } else { json::item(&shown).to_string() };
            ("entry", data)
        }
        Change::Removed(gone) => {
            let item = uri::item(&node.id.service, &node.id.name, &gone.id);
            let id = shown::id(gone.atom_id.as_deref(), &item);
            (
                "deleted",
                json!({ "id": id, "when": gone.when.to_rfc3339(), "_xmpp": { "uri": item } }).to_string(),
            )
        }
    };
    let text = format!("{}event: {kind}\n{}\n", id(node, change.place()), lines(&data));
    Some(Event { place: change.place(), text: text.into(), is_last: false })
}

/// The node is configured differently.
pub(super) fn node(changes: &Changes) -> Event {
    let config = &changes.public.node.config;
    let data = json!({ "title": config.title, "description": config.description });
    let text = format!("event: node\n{}\n", lines(&data.to_string()));
    Event { place: changes.place, text: text.into(), is_last: false }
}

/// There was too much to tell.
pub(super) fn reset(changes: &Changes) -> Event {
    let text = format!("{}event: reset\ndata: {{}}\n\n", id(&changes.public.node, changes.place));
    Event { place: changes.place, text: text.into(), is_last: false }
}

/// The node is not for everybody any more, or not at all.
pub(super) fn end(place: u64) -> Event {
    Event { place, text: Bytes::from_static(b"event: node\ndata: {\"gone\":true}\n\n"), is_last: true }
}

fn id(node: &Node, place: u64) -> String {
    format!("id: {}.{place}\n", node.key.0)
}

/// Reads an id of ours.
pub(super) fn parse_id(id: &str) -> Option<(NodeKey, u64)> {
    let (key, place) = id.split_once('.')?;
    Some((NodeKey(key.parse().ok()?), place.parse().ok()?))
}

/// Data in the lines of an event.
fn lines(data: &str) -> String {
    let mut lines = String::with_capacity(data.len() + 16);
    // A reader of the stream ends lines at each of these.
    for line in data.split(['\n', '\r']) {
        lines.push_str("data: ");
        lines.push_str(line);
        lines.push('\n');
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::{lines, parse_id};
    use crate::pubsub::node::NodeKey;

    #[test]
    fn data_stays_data() {
        assert_eq!(lines("a\nevent: x\r\rb"), "data: a\ndata: event: x\ndata: \ndata: b\n");
    }

    #[test]
    fn ids_are_keys_and_places() {
        assert_eq!(parse_id("7.105"), Some((NodeKey(7), 105)));
        for other in ["", "105", "a.1", "1.a", "1.2.3", "-1.2"] {
            assert_eq!(parse_id(other), None, "{other}");
        }
    }
}
