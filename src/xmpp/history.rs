//! The history of a node on the wire — XEP-0313, XEP-0442: a query, its results as messages of their own, and its end.

use crate::pubsub::subscriber::history::{History, HistoryPage};
use crate::pubsub::subscriber::history_filter::HistoryFilter;
use crate::pubsub::{Refusal, Request, Timestamp, Why};
use crate::xml::{Element, Writer};

use super::form::field;
use super::head::Head;
use super::paging::{order, rsm};
use super::request::{form, node};
use super::{notice, ns, response};

/// Reads a query.
pub(super) fn query(query: Element<'_>) -> Result<Request, Refusal> {
    let filter = match form(query) {
        Some(form) if form.form_type.as_deref().is_some_and(|kind| kind != ns::MAM) => {
            return Err(Why::BadRequest.because(format!("the FORM_TYPE of a query is {}", ns::MAM)));
        }
        Some(form) => HistoryFilter::read(&form)?,
        None => HistoryFilter::default(),
    };
    Ok(Request::History(History {
        node: node(query)?,
        queryid: query.attr("queryid").map(str::to_owned),
        filter,
        order: order(query)?.unwrap_or_default(),
        rsm: rsm(query)?.unwrap_or_default(),
        flip: query.child("flip-page", ns::MAM).is_some(),
    }))
}

/// Writes the results, one message each, shaped as the notices were.
pub(super) fn results(out: &mut Writer, head: &Head, page: &HistoryPage) {
    for result in &page.results {
        out.open("message").attr_opt("from", head.to.as_deref()).attr_opt("to", head.from.as_deref());
        out.attr("id", &result.uid);
        out.open("result").attr("xmlns", ns::MAM).attr_opt("queryid", page.queryid.as_deref());
        out.attr("id", &result.uid);
        out.open("forwarded").attr("xmlns", ns::FORWARD);
        out.open("delay").attr("xmlns", ns::DELAY).attr("stamp", &result.stamp.to_rfc3339()).close();
        out.open("message").attr("xmlns", ns::CLIENT).attr_opt("from", head.to.as_deref());
        out.attr("type", if page.normal { "normal" } else { "headline" });
        notice::children(out, &page.node, &result.event);
        out.close().close().close().close();
    }
}

/// Writes what follows the results.
pub(super) fn end(out: &mut Writer, page: &HistoryPage) {
    out.open("fin").attr("xmlns", ns::MAM);
    out.attr_opt("complete", page.is_complete.then_some("true"));
    response::page(out, &page.info);
    out.close();
}

/// Writes where a history begins and ends.
pub(super) fn ends(out: &mut Writer, node: &str, ends: Option<&[(String, Timestamp); 2]>) {
    out.open("metadata").attr("xmlns", ns::MAM).attr("node", node);
    for (name, (uid, time)) in ["start", "end"].into_iter().zip(ends.into_iter().flatten()) {
        out.open(name).attr("id", uid).attr("timestamp", &time.to_rfc3339()).close();
    }
    out.close();
}

/// Writes what a query may say.
pub(super) fn fields(out: &mut Writer) {
    out.open("query").attr("xmlns", ns::MAM);
    out.open("x").attr("xmlns", ns::FORM).attr("type", "form");
    field(out, "FORM_TYPE", "hidden", &[ns::MAM.to_owned()]);
    field(out, "with", "jid-single", &[]);
    for var in ["start", "end", "before-id", "after-id"] {
        field(out, var, "text-single", &[]);
    }
    out.open("field").attr("var", "ids").attr("type", "list-multi");
    out.open("validate").attr("xmlns", ns::VALIDATE).attr("datatype", "xs:string");
    out.open("open").close();
    out.close().close().close().close();
}
