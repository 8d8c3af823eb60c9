//! The command get-pending on the wire — XEP-0050, XEP-0060 [#owner-subreq-process].

use crate::xml::Writer;

use super::form::field;
use super::{leaf, ns};

const NAME: &str = "Get pending subscriptions";

/// The list of commands.
pub(super) fn list(out: &mut Writer, service: &str) {
    out.open("query").attr("xmlns", ns::DISCO_ITEMS).attr("node", ns::COMMANDS);
    out.open("item").attr("jid", service).attr("node", ns::GET_PENDING).attr("name", NAME).close().close();
}

/// What the command is.
pub(super) fn info(out: &mut Writer) {
    out.open("query").attr("xmlns", ns::DISCO_INFO).attr("node", ns::GET_PENDING);
    out.open("identity")
        .attr("category", "automation")
        .attr("type", "command-node")
        .attr("name", NAME)
        .close();
    for feature in [ns::COMMANDS, ns::FORM] {
        out.open("feature").attr("var", feature).close();
    }
    out.close();
}

/// The form that asks for the node.
pub(super) fn nodes(out: &mut Writer, nodes: &[String]) {
    open(out, "executing");
    out.open("actions").attr("execute", "complete").open("complete").close().close();
    out.open("x").attr("xmlns", ns::FORM).attr("type", "form");
    field(out, "FORM_TYPE", "hidden", &[ns::SUBSCRIBE_AUTHORIZATION.to_owned()]);
    out.open("field").attr("var", "pubsub#node").attr("type", "list-single").attr("label", "The node");
    for node in nodes {
        out.open("option").attr("label", node);
        leaf(out, "value", node);
        out.close();
    }
    out.close().close().close();
}

/// The end of the command: completed or canceled, as XEP-0050 spells it.
pub(super) fn end(out: &mut Writer, status: &str) {
    open(out, status);
    out.close();
}

/// The command keeps no state: its session needs no name that nobody could guess.
fn open(out: &mut Writer, status: &str) {
    out.open("command").attr("xmlns", ns::COMMANDS).attr("node", ns::GET_PENDING);
    out.attr("sessionid", "get-pending").attr("status", status);
}
