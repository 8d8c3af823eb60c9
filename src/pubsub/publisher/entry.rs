//! What becomes of a payload on its way into the store: checked by the rules of its node, completed, and known by its
//! atom:id — beside XEP-0060 [#publisher-publish].
//!
//! What is stored is what is told and retrieved. The size that counts is that of what was sent.

use crate::atom::author::{self, Authorship, Policy};
use crate::atom::complete::{Completed, Publication, complete};
use crate::atom::validation::{self, Flaw, Mode};
use crate::atom::{self, Entry, profile};
use crate::limits::ATOM_ID_BYTES_MAX;
use crate::pubsub::Context;
use crate::pubsub::config::{ItemReply, NodeConfig};
use crate::pubsub::item::{Added, Item};
use crate::pubsub::node::Node;
use crate::pubsub::profile::is_comments;
use crate::pubsub::refusal::{Refusal, Why};

use super::publish::{NewItem, Payload};

/// A payload as it is stored.
#[derive(Debug)]
pub(super) struct Prepared {
    pub(super) payload: Option<String>,
    pub(super) added: Option<Added>,
    pub(super) atom_id: Option<String>,
}

impl Prepared {
    /// A payload that is no entry, or none.
    pub(super) fn as_it_is(payload: Option<&Payload>) -> Self {
        Self { payload: payload.map(|payload| payload.xml.clone()), added: None, atom_id: None }
    }
}

/// The payload of an item, if there is one where there has to be one, and it can be carried.
pub(super) fn payload<'a>(
    ctx: &Context<'_>,
    config: &NodeConfig,
    item: &'a NewItem,
) -> Result<Option<&'a Payload>, Refusal> {
    let payload = match item.payloads.as_slice() {
        // Kept, but not delivered: the item's id says it all, if that is what the publisher wants.
        [] if !config.deliver_payloads && !atom::is_atom(&config.payload_type) => return Ok(None),
        [] => return Err(Why::PayloadRequired.because("the <item/> is empty: put the entry into it")),
        [payload] => payload,
        _ => return Err(Why::InvalidPayload.because("an <item/> holds one element, the entry")),
    };
    let own = config.max_payload_size.and_then(|bytes| usize::try_from(bytes).ok());
    let most = own.unwrap_or(usize::MAX).min(ctx.service.payload_bytes_max);
    if payload.xml.len() > most {
        let text = format!("the payload has {} bytes, at most {most} are taken", payload.xml.len());
        return Err(Why::PayloadTooBig.because(text));
    }
    validation::check_xml(&payload.xml).map_err(flawed)?;
    Ok(Some(payload))
}

/// Makes of the payload of an item what is stored, or refuses it. `known` is the item that it modifies.
pub(super) fn prepare(
    ctx: &Context<'_>,
    node: &Node,
    id: &str,
    payload: &Payload,
    known: Option<&Item>,
) -> Result<Prepared, Refusal> {
    check(&node.config, payload, known)?;
    let Some(entry) = payload.entry.as_deref() else {
        return Ok(Prepared::as_it_is(Some(payload)));
    };
    let corrected = authored(ctx, node, payload, entry)?;
    let xml = corrected.as_deref().unwrap_or(&payload.xml);
    let known = Publication {
        service: &ctx.service.jid,
        node: &node.id.name,
        item: id,
        publisher: signatory(ctx, node),
        time: ctx.now.date(),
    };
    let is_atom = atom::is_atom(&node.config.payload_type);
    let completed = if is_atom { complete(node.config.validation, xml, entry, known) } else { None };
    let is_given = completed.is_some() && entry.flaws.contains(&Flaw::NoId);
    let atom_id = if is_given { Some(known.uri()) } else { entry.id.clone() };
    let added = completed.as_ref().and_then(added);
    let completed = completed.map(|completed| completed.xml);
    let payload = completed.or(corrected).unwrap_or_else(|| payload.xml.clone());
    let atom_id = atom_id.filter(|id| id.len() <= ATOM_ID_BYTES_MAX);
    Ok(Prepared { payload: Some(payload), added, atom_id })
}

/// Refuses what the type of the node and its validation do not allow.
fn check(config: &NodeConfig, payload: &Payload, known: Option<&Item>) -> Result<(), Refusal> {
    let (mode, kind) = (config.validation, &config.payload_type);
    if !atom::is_atom(kind) && mode != Mode::Off && !profile::takes_items(kind) {
        return Err(
            Why::ItemForbidden.because("this node only holds other nodes together: it takes no items")
        );
    }
    if !atom::is_atom(kind) {
        let text = || format!("this node takes payloads in the namespace {kind}, not {}", payload.ns);
        let is_taken = profile::takes(kind, &payload.ns) || !profile::takes_items(kind);
        return if is_taken { Ok(()) } else { Err(Why::InvalidPayload.because(text())) };
    }
    let entry = payload.entry.as_deref();
    validation::check(mode, entry).map_err(flawed)?;
    let Some(entry) = entry.filter(|_| mode != Mode::Off) else { return Ok(()) };
    let atom_id = known.and_then(|known| known.atom_id.as_deref());
    validation::check_id(mode, atom_id, entry).map_err(flawed)?;
    profile::check(kind, entry).map_err(|text| Why::InvalidPayload.because(text))
}

/// What the node's policy makes of an entry that names somebody else as its author; nothing where that may stay.
fn authored(
    ctx: &Context<'_>,
    node: &Node,
    payload: &Payload,
    entry: &Entry,
) -> Result<Option<String>, Refusal> {
    let publisher = ctx.from.bare();
    // Nobody comments in the name of somebody else, whatever it is said to be taken from, nor together with him: clients
    // show the first author.
    let is_spoof = || {
        author::authorship(entry, publisher) == Authorship::Mismatch
            || is_comments(&node.id.name) && author::names_others(entry, publisher)
    };
    match node.config.author_policy {
        Policy::Reject if is_spoof() => {
            let text = format!("A-AUTHOR: the entry names another author than {publisher}, who publishes it");
            Err(Why::NotAcceptable.because(text))
        }
        Policy::Replace if is_spoof() => {
            if entry.is_sealed {
                let text = format!(
                    "A-AUTHOR: {publisher}, who publishes the entry, would have to be its author, but it is signed \
                     or encrypted"
                );
                return Err(Why::NotAcceptable.because(text));
            }
            let unreadable = || Why::InvalidPayload.because("the author of the entry cannot be replaced");
            author::replaced(&payload.xml, signatory(ctx, node)).map(Some).ok_or_else(unreadable)
        }
        Policy::Annotate | Policy::Reject | Policy::Replace => Ok(None),
    }
}

/// Who is named as the author of what the service completes: the publisher, unless the node does not tell who that is.
fn signatory<'a>(ctx: &Context<'a>, node: &Node) -> &'a str {
    match node.config.itemreply {
        ItemReply::Publisher => ctx.from.bare(),
        ItemReply::Owner | ItemReply::None => &ctx.service.jid,
    }
}

fn added(completed: &Completed) -> Option<Added> {
    Some(Added { at: u32::try_from(completed.at).ok()?, len: u32::try_from(completed.len).ok()? })
}

fn flawed(flaw: Flaw) -> Refusal {
    let why = if flaw == Flaw::IdChanged { Why::AtomIdChanged } else { Why::InvalidPayload };
    why.because(validation::text(flaw))
}
