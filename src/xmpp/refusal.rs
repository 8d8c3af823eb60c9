//! The one table of errors: a refusal to its type, its condition of RFC 6120 and its condition of XEP-0060.

use crate::pubsub::refusal::{Feature, Refusal, Why};
use crate::xml::write::Writer;

use super::ns;

/// An error on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wire {
    /// What the sender should do: cancel, modify, auth, wait.
    pub kind: &'static str,
    /// The condition of RFC 6120.
    pub condition: &'static str,
    /// The condition of XEP-0060.
    pub application: Option<&'static str>,
}

const fn wire(kind: &'static str, condition: &'static str, application: &'static str) -> Wire {
    Wire { kind, condition, application: Some(application) }
}

const fn plain(kind: &'static str, condition: &'static str) -> Wire {
    Wire { kind, condition, application: None }
}

/// The table — the error examples of XEP-0060; where it has none, RFC 6120 decides the type.
pub const fn of(why: Why) -> Wire {
    match why {
        Why::BadRequest => plain("modify", "bad-request"),
        Why::CompareAndPublishFailed(_) => wire("modify", "conflict", "precondition-not-met"),
        Why::ClosedNode => wire("cancel", "not-allowed", "closed-node"),
        Why::Forbidden => plain("auth", "forbidden"),
        Why::ForbiddenCommand => plain("cancel", "forbidden"),
        Why::Gone => plain("modify", "gone"),
        Why::Internal => plain("wait", "internal-server-error"),
        Why::InvalidConfiguration => wire("modify", "not-acceptable", "invalid-options"),
        Why::InvalidJid => wire("modify", "bad-request", "invalid-jid"),
        Why::InvalidOptions => wire("modify", "bad-request", "invalid-options"),
        Why::InvalidPayload => wire("modify", "bad-request", "invalid-payload"),
        Why::InvalidRelation => wire("cancel", "not-allowed", "invalid-option"),
        Why::InvalidSubid => wire("modify", "not-acceptable", "invalid-subid"),
        Why::ItemForbidden => wire("modify", "bad-request", "item-forbidden"),
        Why::ItemNotFound => plain("cancel", "item-not-found"),
        Why::ItemRequired => wire("modify", "bad-request", "item-required"),
        Why::JidRequired => wire("modify", "bad-request", "jid-required"),
        Why::MaxItemsExceeded => wire("cancel", "not-allowed", "max-items-exceeded"),
        Why::MaxNodesExceeded => wire("cancel", "not-allowed", "max-nodes-exceeded"),
        Why::AtomIdChanged | Why::NodeExists => plain("cancel", "conflict"),
        Why::NodeFull => wire("cancel", "conflict", "node-full"),
        Why::NodeidRequired => wire("modify", "bad-request", "nodeid-required"),
        Why::NotAcceptable => plain("modify", "not-acceptable"),
        Why::NotAllowed => plain("cancel", "not-allowed"),
        Why::NotAuthorizedToRead => wire("auth", "not-authorized", "not-subscribed"),
        Why::NotImplemented => plain("cancel", "feature-not-implemented"),
        Why::NotInRosterGroup => wire("auth", "not-authorized", "not-in-roster-group"),
        Why::NotSubscribed => wire("cancel", "unexpected-request", "not-subscribed"),
        Why::NotSubscribedToConfigure => wire("modify", "unexpected-request", "not-subscribed"),
        Why::PayloadRequired => wire("modify", "bad-request", "payload-required"),
        Why::PayloadTooBig => wire("modify", "not-acceptable", "payload-too-big"),
        Why::PendingSubscription => wire("auth", "not-authorized", "pending-subscription"),
        Why::PreconditionNotMet => wire("cancel", "conflict", "precondition-not-met"),
        Why::PresenceSubscriptionRequired => wire("auth", "not-authorized", "presence-subscription-required"),
        Why::ResourceConstraint => plain("wait", "resource-constraint"),
        Why::ServiceUnavailable => plain("cancel", "service-unavailable"),
        Why::StanzaTooBig => plain("modify", "policy-violation"),
        Why::SubidRequired => wire("modify", "bad-request", "subid-required"),
        Why::TooManySubscriptions => wire("wait", "policy-violation", "too-many-subscriptions"),
        Why::Unsupported(_) => wire("cancel", "feature-not-implemented", "unsupported"),
        Why::UnsupportedAccessModel => wire("modify", "not-acceptable", "unsupported-access-model"),
    }
}

/// Writes the `<error/>` of a refusal in the order of RFC 6120, section 8.3.2: clients know the condition, the text and
/// the application's own condition by their places.
pub fn write(out: &mut Writer, refusal: &Refusal) {
    let wire = of(refusal.why);
    out.open("error").attr("type", wire.kind);
    out.open(wire.condition).attr("xmlns", ns::STANZAS);
    if refusal.why == Why::Gone {
        // The URI of where to go instead.
        out.text(&refusal.text);
    }
    out.close();
    if !refusal.text.is_empty() && refusal.why != Why::Gone {
        out.open("text").attr("xmlns", ns::STANZAS).attr("xml:lang", "en").text(&refusal.text).close();
    }
    if let Some(condition) = wire.application {
        out.open(condition).attr("xmlns", ns::ERRORS);
        if let Why::Unsupported(feature) = refusal.why {
            out.attr("feature", name(feature));
        }
        out.close();
    }
    if let Why::CompareAndPublishFailed(newest) = refusal.why {
        out.open("compare-and-publish-failed").attr("xmlns", ns::CAP);
        out.attr("cap-id", &newest.to_string()).close();
    }
    out.close();
}

const fn name(feature: Feature) -> &'static str {
    match feature {
        Feature::PersistentItems => "persistent-items",
        Feature::Subscribe => "subscribe",
    }
}
