//! What a request says about pages and their order — XEP-0059, XEP-0413.

use crate::pubsub::form::boolean;
use crate::pubsub::paging::{Order, OrderBy, Rsm};
use crate::pubsub::{Refusal, Why};
use crate::xml::Element;

use super::ns;

/// The page that is asked for.
pub(super) fn rsm(parent: Element<'_>) -> Result<Option<Rsm>, Refusal> {
    let Some(set) = parent.child("set", ns::RSM) else { return Ok(None) };
    if set.child("index", ns::RSM).is_some() {
        let text = "pages are found by <after/> and <before/>, not by <index/>";
        return Err(Why::NotImplemented.because(text));
    }
    // A cursor may be a name, which may begin or end with a space; a blank one is the indentation of an empty element.
    let text = |name| set.child(name, ns::RSM).map(|element| element.text().into_owned());
    let cursor = |name| text(name).map(|text| if text.trim().is_empty() { String::new() } else { text });
    Ok(Some(Rsm {
        max: text("max").and_then(|max| max.trim().parse().ok()),
        after: cursor("after").filter(|after| !after.is_empty()),
        before: cursor("before"),
    }))
}

/// The order that is asked for: the first one, since no two items have the same place and a second would decide nothing.
pub(super) fn order(parent: Element<'_>) -> Result<Option<Order>, Refusal> {
    let Some(order) = parent.child("order", ns::ORDER_BY) else { return Ok(None) };
    let by = match order.attr("by").map(str::trim) {
        Some("creation") => OrderBy::Creation,
        Some("modification") => OrderBy::Modification,
        Some(other) => {
            return Err(Why::NotImplemented.because(format!("items are not ordered by {other:?} here")));
        }
        None => return Err(Why::BadRequest.because("<order/> needs the attribute by")),
    };
    let descending = order.attr("desc").and_then(boolean) == Some(true);
    Ok(Some(Order { by, descending }))
}
