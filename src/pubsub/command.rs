//! Commands — XEP-0050: what somebody has done by filling in a form. Each is a row of one table: discovery, the forms
//! and what they do come from it. None keeps anything between its stages but what the form brings back.

use super::atompub::commands::{self, held, issue};
use super::form::Form;
use super::import::{add_feed, list_feeds, remove_feed};
use super::owner::subscription_requests::get_pending;
use super::refusal::{Refusal, Why};
use super::{Context, Failure, Tx};

/// A command.
pub struct Command {
    /// Its name for programs: a node of service discovery, where no node of ours has it.
    pub node: &'static str,
    /// Its name for people.
    pub name: &'static str,
    /// Whether the sender is offered it. What he may do with it, it says itself.
    pub is_for: fn(&Context<'_>) -> bool,
    /// Does it, or asks for what is missing: without a form at first.
    pub run: fn(&mut Context<'_>, &mut dyn Tx, Option<&Form>) -> Result<Stage, Failure>,
}

/// All of them.
pub const COMMANDS: &[Command] = &[
    Command {
        node: "http://jabber.org/protocol/pubsub#get-pending",
        name: "Get pending subscriptions",
        is_for: |_| true,
        run: get_pending,
    },
    Command {
        node: "atomsub#create-http-token",
        name: "Create an HTTP token",
        is_for: commands::is_for,
        run: issue::create_token,
    },
    Command {
        node: "atomsub#create-webhook",
        name: "Create a webhook",
        is_for: commands::is_for,
        run: issue::create_webhook,
    },
    Command {
        node: "atomsub#list-http-tokens",
        name: "List HTTP tokens and webhooks",
        is_for: commands::is_for,
        run: held::list,
    },
    Command {
        node: "atomsub#revoke-http-token",
        name: "Revoke HTTP tokens and webhooks",
        is_for: commands::is_for,
        run: held::revoke,
    },
    Command {
        node: "atomsub#add-feed",
        name: "Add a feed",
        is_for: |ctx| ctx.may_add_feeds(),
        run: add_feed,
    },
    Command {
        node: "atomsub#list-feeds",
        name: "List feeds",
        is_for: |ctx| ctx.may_add_feeds(),
        run: list_feeds,
    },
    Command {
        node: "atomsub#remove-feed",
        name: "Remove a feed",
        is_for: |ctx| ctx.may_add_feeds(),
        run: remove_feed,
    },
];

/// The request to do one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Execute {
    /// Its node.
    pub command: String,
    /// What was filled in.
    pub form: Option<Form>,
    /// Whether the sender wants nothing after all.
    pub cancelled: bool,
}

/// What a command says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stage {
    /// It has to know more: a form to fill in.
    Asks(Sheet),
    /// It is done.
    Done {
        /// What is to be said about it.
        note: Option<String>,
        /// What is to be shown.
        shown: Option<Shown>,
    },
    /// The sender wanted nothing after all.
    Cancelled,
}

/// What is shown at the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shown {
    /// Some facts.
    Sheet(Sheet),
    /// Rows of the same kind.
    Table(Table),
}

/// A form.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sheet {
    /// What kind of form it is, for programs.
    pub form_type: Option<&'static str>,
    /// What it is called.
    pub title: &'static str,
    /// What to do with it.
    pub instructions: String,
    /// What it asks for, or tells.
    pub fields: Vec<Field>,
}

/// A field of a form.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Field {
    /// Its name for programs.
    pub var: &'static str,
    /// Its type in XEP-0004.
    pub kind: &'static str,
    /// Its name for people.
    pub label: &'static str,
    /// What is in it.
    pub values: Vec<String>,
    /// What may be chosen: labels and values.
    pub options: Vec<(String, String)>,
    /// Whether nothing goes without it.
    pub required: bool,
}

/// A table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    /// What it is called.
    pub title: &'static str,
    /// Its columns: names for programs and for people.
    pub columns: Vec<(&'static str, &'static str)>,
    /// What is in them.
    pub rows: Vec<Vec<String>>,
}

impl Execute {
    /// The node of pubsub that it is about, if it names one.
    pub fn about(&self) -> Option<&str> {
        let form = self.form.as_ref()?;
        form.value("pubsub#node").or_else(|| form.value("node"))
    }
}

impl Stage {
    /// The end, with some words.
    pub fn note(text: impl Into<String>) -> Self {
        Self::Done { note: Some(text.into()), shown: None }
    }
}

/// The command of this node.
pub fn find(node: &str) -> Option<&'static Command> {
    COMMANDS.iter().find(|command| command.node == node)
}

/// Those that the sender is offered.
pub fn offered(ctx: &Context<'_>) -> Vec<&'static str> {
    COMMANDS.iter().filter(|command| (command.is_for)(ctx)).map(|command| command.node).collect()
}

/// Does a command, or asks for what is missing.
pub fn execute(ctx: &mut Context<'_>, tx: &mut dyn Tx, request: &Execute) -> Result<Stage, Failure> {
    let command = find(&request.command).ok_or_else(unknown)?;
    if request.cancelled {
        return Ok(Stage::Cancelled);
    }
    if !(command.is_for)(ctx) {
        let text = format!("{} is not for you on this service", command.name);
        return Err(Why::ForbiddenCommand.because(text).into());
    }
    (command.run)(ctx, tx, request.form.as_ref())
}

fn unknown() -> Refusal {
    Why::ItemNotFound.because("there is no such command")
}
