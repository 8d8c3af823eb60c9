//! Commands on the wire — XEP-0050, XEP-0060 [#owner-subreq-process].

use crate::pubsub::command::{self, Execute, Field, Sheet, Shown, Stage, Table};
use crate::xml::{Element, Writer};

use super::request::form;
use super::{leaf, ns};

/// Reads what is to be done.
pub(super) fn read(command: Element<'_>) -> Execute {
    let form = form(command);
    Execute {
        command: command.attr("node").unwrap_or_default().to_owned(),
        cancelled: command.attr("action") == Some("cancel")
            || form.as_ref().is_some_and(|form| form.cancelled),
        form,
    }
}

/// The list of commands.
pub(super) fn list(out: &mut Writer, service: &str, nodes: &[&str]) {
    out.open("query").attr("xmlns", ns::DISCO_ITEMS).attr("node", ns::COMMANDS);
    for node in nodes {
        out.open("item").attr("jid", service).attr("node", node).attr("name", name(node)).close();
    }
    out.close();
}

/// What a command is.
pub(super) fn info(out: &mut Writer, node: &str) {
    out.open("query").attr("xmlns", ns::DISCO_INFO).attr("node", node);
    out.open("identity")
        .attr("category", "automation")
        .attr("type", "command-node")
        .attr("name", name(node))
        .close();
    for feature in [ns::COMMANDS, ns::FORM] {
        out.open("feature").attr("var", feature).close();
    }
    out.close();
}

/// What a command says. None keeps any state, so that its session needs no name that nobody could guess.
pub(super) fn stage(out: &mut Writer, node: &str, stage: &Stage) {
    let status = match stage {
        Stage::Asks(_) => "executing",
        Stage::Done { .. } => "completed",
        Stage::Cancelled => "canceled",
    };
    let session = node.rsplit('#').next().unwrap_or(node);
    out.open("command").attr("xmlns", ns::COMMANDS).attr("node", node);
    out.attr("sessionid", session).attr("status", status);
    match stage {
        Stage::Asks(form) => {
            out.open("actions").attr("execute", "complete").open("complete").close().close();
            sheet(out, "form", form);
        }
        Stage::Done { note, shown } => {
            if let Some(note) = note {
                out.open("note").attr("type", "info").text(note).close();
            }
            match shown {
                Some(Shown::Sheet(facts)) => sheet(out, "result", facts),
                Some(Shown::Table(rows)) => table(out, rows),
                None => {}
            }
        }
        Stage::Cancelled => {}
    }
    out.close();
}

fn name(node: &str) -> &'static str {
    command::find(node).map_or("", |command| command.name)
}

fn sheet(out: &mut Writer, kind: &str, sheet: &Sheet) {
    out.open("x").attr("xmlns", ns::FORM).attr("type", kind);
    heading(out, sheet.title, &sheet.instructions);
    if let Some(form_type) = sheet.form_type {
        super::form::field(out, "FORM_TYPE", "hidden", &[form_type.to_owned()]);
    }
    for Field { var, kind, label, values, options, required } in &sheet.fields {
        out.open("field").attr("var", var).attr("type", kind).attr("label", label);
        if *required {
            out.open("required").close();
        }
        for value in values {
            leaf(out, "value", value);
        }
        for (label, value) in options {
            out.open("option").attr("label", label);
            leaf(out, "value", value);
            out.close();
        }
        out.close();
    }
    out.close();
}

fn table(out: &mut Writer, table: &Table) {
    out.open("x").attr("xmlns", ns::FORM).attr("type", "result");
    heading(out, table.title, "");
    out.open("reported");
    for (var, label) in &table.columns {
        out.open("field").attr("var", var).attr("type", "text-single").attr("label", label).close();
    }
    out.close();
    for row in &table.rows {
        out.open("item");
        for ((var, _), value) in table.columns.iter().zip(row) {
            out.open("field").attr("var", var);
            leaf(out, "value", value);
            out.close();
        }
        out.close();
    }
    out.close();
}

fn heading(out: &mut Writer, title: &str, instructions: &str) {
    for (name, text) in [("title", title), ("instructions", instructions)] {
        if !text.is_empty() {
            leaf(out, name, text);
        }
    }
}
