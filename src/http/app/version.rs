//! The versions of members as entity tags: what is to be changed is named as it was read.

use axum::http::{HeaderMap, HeaderName, header};

use crate::pubsub::atompub::changes::Known;
use crate::pubsub::atompub::entries::Version;
use crate::pubsub::node::NodeKey;

/// A version as a strong entity tag.
pub(super) fn tag(version: Version) -> String {
    format!("\"{:x}-{:x}\"", version.node.0, version.place)
}

/// As what a request knows the member that it is to change; nothing where it does not say.
pub(super) fn known(headers: &HeaderMap) -> Option<Known> {
    let tags = tags(headers, header::IF_MATCH)?;
    if tags.contains(&"*") {
        return Some(Known::Whatever);
    }
    // A weak one, or none of ours, is of nothing that is here.
    Some(Known::As(tags.into_iter().filter_map(read).collect()))
}

/// Whether a request says that it has this version already.
pub(super) fn has(headers: &HeaderMap, version: Version) -> bool {
    let tags = tags(headers, header::IF_NONE_MATCH).unwrap_or_default();
    tags.iter().any(|tag| *tag == "*" || read(tag.trim_start_matches("W/")) == Some(version))
}

fn tags(headers: &HeaderMap, name: HeaderName) -> Option<Vec<&str>> {
    let values = headers.get_all(name).into_iter();
    let values: Vec<&str> = values.map(|value| value.to_str().unwrap_or_default()).collect();
    let tags = values.iter().flat_map(|value| value.split(',')).map(str::trim);
    (!values.is_empty()).then(|| tags.collect())
}

fn read(tag: &str) -> Option<Version> {
    let (node, place) = tag.strip_prefix('"')?.strip_suffix('"')?.split_once('-')?;
    let number = |text: &str| {
        let number = u64::from_str_radix(text, 16).ok()?;
        (format!("{number:x}") == text).then_some(number)
    };
    Some(Version { node: NodeKey(number(node)?), place: number(place)? })
}
