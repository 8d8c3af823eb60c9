//! The copies of a notice for one page of its audience: each a stanza, or one stanza for many where the host has a
//! multicast service.
//!
//! All that a user of that host is told goes through the service, also what is for him alone: it is a process of its
//! own there, and what went past it could arrive before what waits in it.

use bytes::BytesMut;

use crate::limits::OUTBOX_PORTION_BYTES;
use crate::pubsub::notice::Event;
use crate::pubsub::{Fault, Tx};
use crate::xmpp::multicast::{Addresses, Multicast};
use crate::xmpp::notice::Recipient;

use super::delivery::Delivery;

/// What a copy of a notice has beyond what all copies share: mostly its address.
const NOTICE_HEAD_BYTES: usize = 64;

/// The copies that are being written.
pub(super) struct Copies<'a> {
    tx: &'a dyn Tx,
    delivery: &'a Delivery,
    multicast: Option<&'a Multicast>,
    /// Those who get the notice as it is, and are still to be written.
    plain: Addresses,
    /// Those who get it with a text.
    with_body: Addresses,
    stanzas: &'a mut BytesMut,
}

impl<'a> Copies<'a> {
    pub(super) fn new(
        tx: &'a dyn Tx,
        delivery: &'a Delivery,
        multicast: Option<&'a Multicast>,
        stanzas: &'a mut BytesMut,
    ) -> Self {
        // What is no message is not ordered with those that are.
        let multicast = multicast.filter(|_| delivery.notice.event != Event::PresenceWanted);
        let (plain, with_body) = (Addresses::default(), Addresses::default());
        Self { tx, delivery, multicast, plain, with_body, stanzas }
    }

    /// Makes room at once for what will be there, so that nothing is moved while it grows.
    pub(super) fn make_room(&mut self, copies: usize) {
        let stanzas = copies.div_ceil(self.multicast.map_or(1, |multicast| multicast.recipients_max));
        let bytes = stanzas * self.delivery.bytes() + copies * NOTICE_HEAD_BYTES;
        self.stanzas.reserve(bytes.min(OUTBOX_PORTION_BYTES + self.delivery.bytes()));
    }

    /// Adds a copy; whether there is room for another one.
    pub(super) fn add(&mut self, recipient: Recipient<'_>) -> Result<bool, Fault> {
        match self.multicast.filter(|multicast| multicast.serves(recipient.to)) {
            None => self.delivery.write_for(self.tx, recipient, self.stanzas)?,
            Some(multicast) if recipient.subids.is_empty() => {
                let group = if recipient.with_body { &mut self.with_body } else { &mut self.plain };
                group.add(recipient.to);
                if group.is_full(multicast) {
                    self.delivery.write_through(self.tx, multicast, group, recipient, self.stanzas)?;
                    group.clear();
                }
            }
            // Nobody else has his subscriptions.
            Some(multicast) => {
                let mut alone = Addresses::default();
                alone.add(recipient.to);
                self.delivery.write_through(self.tx, multicast, &alone, recipient, self.stanzas)?;
            }
        }
        Ok(self.stanzas.len() < OUTBOX_PORTION_BYTES)
    }

    /// Writes what is still to be written.
    pub(super) fn finish(self) -> Result<(), Fault> {
        let Self { tx, delivery, multicast, plain, with_body, stanzas } = self;
        let Some(multicast) = multicast else { return Ok(()) };
        for (group, with_body) in [(plain, false), (with_body, true)] {
            if !group.is_empty() {
                let like = Recipient { to: "", with_body, subids: &[] };
                delivery.write_through(tx, multicast, &group, like, stanzas)?;
            }
        }
        Ok(())
    }
}
