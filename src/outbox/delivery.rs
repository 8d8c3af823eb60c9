//! A notice in delivery: rendered once and, where somebody filters or wants a text, read once for its whole audience.

use std::sync::OnceLock;

use bytes::BytesMut;

use crate::atom::filter::Facets;
use crate::limits::{OUTBOX_PAGE, OUTBOX_PORTION_BYTES, SUBSCRIPTIONS_PER_ENTITY_AND_NODE_MAX};
use crate::pubsub::filtered::facets_of;
use crate::pubsub::notice::{Event, Notice};
use crate::pubsub::subscription::Subscription;
use crate::pubsub::{Fault, Tx};
use crate::xmpp::multicast::{Addresses, Multicast};
use crate::xmpp::notice::{self, Recipient, Rendered};

/// A notice in delivery.
#[derive(Debug)]
pub(super) struct Delivery {
    pub(super) seq: u64,
    pub(super) notice: Notice,
    rendered: Rendered,
    /// What filters see of it, once one has asked.
    facets: OnceLock<Option<Facets>>,
    /// Its text, once somebody wanted it.
    body: OnceLock<String>,
}

impl Delivery {
    pub(super) fn new(seq: u64, notice: Notice) -> Self {
        let rendered = Rendered::new(&notice, &message_id(seq));
        Self { seq, notice, rendered, facets: OnceLock::new(), body: OnceLock::new() }
    }

    pub(super) fn write_for(
        &self,
        tx: &dyn Tx,
        recipient: Recipient<'_>,
        stanzas: &mut BytesMut,
    ) -> Result<(), Fault> {
        let body = if recipient.with_body { self.body(tx)? } else { "" };
        self.rendered.write_for(recipient, body, stanzas);
        Ok(())
    }

    /// One stanza for all of these, who get the same.
    pub(super) fn write_through(
        &self,
        tx: &dyn Tx,
        multicast: &Multicast,
        addresses: &Addresses,
        like: Recipient<'_>,
        stanzas: &mut BytesMut,
    ) -> Result<(), Fault> {
        let body = if like.with_body { self.body(tx)? } else { "" };
        self.rendered.write_through(multicast, addresses, body, like.subids, stanzas);
        Ok(())
    }

    fn body(&self, tx: &dyn Tx) -> Result<&str, Fault> {
        if let Some(body) = self.body.get() {
            return Ok(body);
        }
        let payloads = self.notice.payloads(tx)?;
        Ok(self.body.get_or_init(|| notice::body(payloads.iter().map(|payload| &**payload))))
    }

    /// The size of a copy without its recipient.
    pub(super) fn bytes(&self) -> usize {
        self.rendered.bytes()
    }

    /// How many subscribers to read in one go: no more than a portion has room for, but all of one address.
    pub(super) fn page(&self) -> usize {
        let room = OUTBOX_PORTION_BYTES / self.bytes().max(1);
        room.clamp(SUBSCRIPTIONS_PER_ENTITY_AND_NODE_MAX + 1, OUTBOX_PAGE)
    }

    /// Whether the filter of a subscription lets the notice through. Only publications are filtered.
    pub(super) fn passes(&self, tx: &dyn Tx, subscription: &Subscription) -> Result<bool, Fault> {
        let filter = &subscription.options.filter;
        if filter.is_all() || !matches!(self.notice.event, Event::Published { .. }) {
            return Ok(true);
        }
        if self.facets.get().is_none() {
            let facets = facets_of(tx, &self.notice)?;
            self.facets.get_or_init(|| facets);
        }
        let facets = self.facets.get().and_then(Option::as_ref);
        Ok(facets.is_some_and(|facets| filter.matches(facets)))
    }
}

/// The id of every message that carries a notice: the same when it is sent again.
fn message_id(seq: u64) -> String {
    format!("n{seq}")
}
