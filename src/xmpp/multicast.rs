//! One stanza for many: what a multicast service offers, and what is written to it — XEP-0033.

use bytes::{BufMut, BytesMut};

use crate::limits::{
    MULTICAST_ADDRESSES_BYTES_MAX, MULTICAST_RECIPIENTS, MULTICAST_RECIPIENTS_MAX, MULTICAST_SERVICES_MAX,
};
use crate::pubsub::jid::domain;
use crate::xml::write::{Writer, escape_attr};
use crate::xml::{COMPONENT_NS, Element};

use super::{ns, question};

/// A multicast service and whom it is used for: those at the host that offers it. So all that they get takes one way,
/// and stays in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Multicast {
    /// Its address.
    pub jid: String,
    /// The host's domain.
    pub host: String,
    /// How many recipients one stanza may have.
    pub recipients_max: usize,
}

impl Multicast {
    /// Whether what this address gets goes through the service. An address without a local part does not: errors of the
    /// service could not be told from its own.
    pub fn serves(&self, to: &str) -> bool {
        let bare = to.split('/').next().unwrap_or(to);
        bare.len() > self.host.len() + 1 && domain(bare) == self.host
    }
}

/// The recipients of one stanza.
#[derive(Debug, Default)]
pub struct Addresses {
    xml: String,
    count: usize,
}

impl Addresses {
    /// Adds one.
    pub fn add(&mut self, to: &str) {
        self.xml.push_str("<address type='bcc' jid='");
        escape_attr(&mut self.xml, to);
        self.xml.push_str("'/>");
        self.count += 1;
    }

    /// Whether there is nobody.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Whether a stanza has no room for more.
    pub fn is_full(&self, multicast: &Multicast) -> bool {
        self.count >= multicast.recipients_max || self.xml.len() >= MULTICAST_ADDRESSES_BYTES_MAX
    }

    /// Nobody again.
    pub fn clear(&mut self) {
        self.xml.clear();
        self.count = 0;
    }

    /// Appends them as the element that the service takes out again. They are all blind copies: nobody sees who else is
    /// subscribed.
    pub(super) fn write(&self, out: &mut BytesMut) {
        out.put_slice(b"<addresses xmlns='");
        out.put_slice(ns::ADDRESS.as_bytes());
        out.put_slice(b"'>");
        out.put_slice(self.xml.as_bytes());
        out.put_slice(b"</addresses>");
    }
}

/// Asks somebody what he is.
pub fn info_question(service: &str, of: &str, id: &str) -> String {
    question(service, of, id, ns::DISCO_INFO)
}

/// Asks a host what it has.
pub fn items_question(service: &str, of: &str, id: &str) -> String {
    question(service, of, id, ns::DISCO_ITEMS)
}

/// How many recipients a stanza may have for whoever says in this answer what he is; nothing where he has no multicast.
pub fn recipients_max(iq: Element<'_>) -> Option<usize> {
    let query = answer(iq, ns::DISCO_INFO)?;
    let is_feature =
        |child: &Element<'_>| child.is("feature", ns::DISCO_INFO) && child.attr("var") == Some(ns::ADDRESS);
    query.children().find(is_feature)?;
    let said = query.children().filter(|child| child.is("x", ns::FORM)).find_map(limit);
    let max = said.unwrap_or(MULTICAST_RECIPIENTS).min(MULTICAST_RECIPIENTS_MAX);
    (max > 0).then_some(max)
}

/// The services that a host names in this answer, as many as are worth asking.
pub fn services(iq: Element<'_>) -> Vec<String> {
    let Some(query) = answer(iq, ns::DISCO_ITEMS) else { return Vec::new() };
    let items =
        query.children().filter(|item| item.is("item", ns::DISCO_ITEMS) && item.attr("node").is_none());
    let jids = items.filter_map(|item| item.attr("jid")).filter(|jid| !jid.contains(['@', '/']));
    jids.take(MULTICAST_SERVICES_MAX).map(str::to_owned).collect()
}

/// A message to ourselves through the service. It comes back behind all that went there before.
pub fn echo(service: &str, multicast: &str, id: &str) -> String {
    let mut out = Writer::new();
    out.open("message").attr("from", service).attr("to", multicast).attr("id", id);
    out.open("addresses").attr("xmlns", ns::ADDRESS);
    out.open("address").attr("type", "bcc").attr("jid", service);
    out.finish()
}

fn answer<'a>(iq: Element<'a>, xmlns: &str) -> Option<Element<'a>> {
    let is_result = iq.is("iq", COMPONENT_NS) && iq.attr("type") == Some("result");
    iq.child("query", xmlns).filter(|_| is_result)
}

/// The limit for messages in a form of XEP-0128, as ejabberd says it where it is not the usual one.
fn limit(form: Element<'_>) -> Option<usize> {
    let value = |var: &str| {
        let mut fields = form.children().filter(|field| field.attr("var") == Some(var));
        fields.next()?.child("value", ns::FORM).map(|value| value.text().into_owned())
    };
    value("FORM_TYPE").filter(|kind| kind == ns::ADDRESS)?;
    value("message")?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::xml::{Limits, Tree};

    fn read(iq: &str) -> Tree {
        Tree::parse_stanza(iq.to_owned().into(), &Limits::default()).unwrap_or_else(|error| panic!("{error}"))
    }

    #[test]
    fn what_a_service_offers() {
        let form = |kind: &str, limit: &str| {
            format!(
                "<x xmlns='jabber:x:data' type='result'><field var='FORM_TYPE' type='hidden'><value>{kind}</value>\
                 </field><field var='message'><value>{limit}</value></field></x>"
            )
        };
        let feature = format!("<feature var='{}'/>", ns::ADDRESS);
        let check = |kind: &str, content: &str, max: Option<usize>| {
            let iq = format!("<iq type='{kind}'><query xmlns='{}'>{content}</query></iq>", ns::DISCO_INFO);
            assert_eq!(recipients_max(read(&iq).root()), max, "{iq}");
        };
        check("result", &feature, Some(MULTICAST_RECIPIENTS));
        check("error", &feature, None);
        check("result", "<feature var='http://jabber.org/protocol/disco#info'/>", None);
        check("result", &(feature.clone() + &form(ns::ADDRESS, "7")), Some(7));
        check("result", &(feature.clone() + &form(ns::ADDRESS, "5000")), Some(MULTICAST_RECIPIENTS_MAX));
        check("result", &(feature.clone() + &form(ns::ADDRESS, "infinite")), Some(MULTICAST_RECIPIENTS));
        check("result", &(feature.clone() + &form(ns::ADDRESS, "0")), None);
        check("result", &(feature + &form("urn:other", "7")), Some(MULTICAST_RECIPIENTS));
    }

    #[test]
    fn what_a_host_has() {
        let many = "<item jid='s.capulet.lit'/>".repeat(100);
        let of = |items: &str| {
            services(
                read(&format!("<iq type='result'><query xmlns='{}'>{items}</query></iq>", ns::DISCO_ITEMS))
                    .root(),
            )
        };
        let items = "<item jid='a.lit'/><item jid='b.lit' node='n'/><item jid='c@a.lit'/><item jid='a.lit/r'/><item/>";
        assert_eq!(of(items), ["a.lit"]);
        assert_eq!(of(&many).len(), MULTICAST_SERVICES_MAX);
    }

    #[test]
    fn whom_a_service_serves() {
        let multicast = Multicast { jid: "m.a.lit".to_owned(), host: "a.lit".to_owned(), recipients_max: 2 };
        let check = |to: &str, serves: bool| assert_eq!(multicast.serves(to), serves, "{to}");
        check("u@a.lit", true);
        check("u@a.lit/r@b.lit/s", true);
        check("a.lit", false);
        check("a.lit/u@a.lit", false);
        check("u@b.a.lit", false);
        check("u@xa.lit", false);
        check("xa.lit", false);
    }
}
