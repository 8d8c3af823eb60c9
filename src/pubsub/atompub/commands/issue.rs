//! Making tokens and webhooks. What their secrets are is told once, to whoever makes them.

use crate::limits::{
    TOKEN_DAYS, TOKEN_DAYS_MAX, TOKEN_NAME_CHARS_MAX, TOKEN_NODES_MAX, TOKENS_PER_ACCOUNT_MAX,
};
use crate::pubsub::affiliation::Action;
use crate::pubsub::atompub::collection;
use crate::pubsub::atompub::collections::publishable;
use crate::pubsub::atompub::token::{Kind, Rights, Token, TokenKey, hint};
use crate::pubsub::command::{Field, Sheet, Shown, Stage};
use crate::pubsub::form::Form;
use crate::pubsub::refusal::{Refusal, Why};
use crate::pubsub::{Context, Failure, Tx};

use super::{RIGHTS, own, wrong};

const DAY: u64 = 24 * 60 * 60;

/// Makes a token, which is told this once.
pub(in crate::pubsub) fn create_token(
    ctx: &mut Context<'_>,
    tx: &mut dyn Tx,
    form: Option<&Form>,
) -> Result<Stage, Failure> {
    let Some(form) = form else { return Ok(Stage::Asks(asks_for_token(ctx, tx)?)) };
    let rights = rights(form)?;
    let node = form.value("node").filter(|node| !node.is_empty());
    match node {
        Some(node) => allowed(ctx, tx, node, rights)?,
        None => publishes_somewhere(ctx, tx)?,
    }
    let shown = ctx.ids.secret().token();
    let key = TokenKey::of(&shown);
    let token = issue(ctx, tx, form, Draft { key, kind: Kind::Bearer, node, rights, hint: hint(&shown) })?;
    let base = ctx.service.atompub.clone().unwrap_or_default();
    Ok(told(
        "Your token",
        "Keep it now: it is told this once. Programs show it as a bearer token, or as the password of your JID.",
        vec![
            ("token", "The token", shown),
            ("service", "The service document", format!("{base}/app/service")),
        ],
        token,
    ))
}

/// Makes a webhook: an address for those who can only post, and what they sign with.
pub(in crate::pubsub) fn create_webhook(
    ctx: &mut Context<'_>,
    tx: &mut dyn Tx,
    form: Option<&Form>,
) -> Result<Stage, Failure> {
    let Some(form) = form else { return Ok(Stage::Asks(asks_for_webhook(ctx, tx)?)) };
    let node = form.value("node").filter(|node| !node.is_empty());
    let node = node.ok_or_else(|| wrong("a webhook is for one node: name it in the field node"))?;
    // To publish what it has published before changes it.
    let rights = Rights { publish: true, edit: true, read: false };
    allowed(ctx, tx, node, rights)?;
    let id = ctx.ids.next();
    let secret = tx.webhook_secret()?.unwrap_or_else(|| ctx.ids.secret());
    tx.put_webhook_secret(secret)?;
    let draft =
        Draft { key: TokenKey::of(&id), kind: Kind::Webhook, node: Some(node), rights, hint: id.clone() };
    let token = issue(ctx, tx, form, draft)?;
    let base = ctx.service.atompub.clone().unwrap_or_default();
    Ok(told(
        "Your webhook",
        "What is posted there is signed: X-Hub-Signature-256 is sha256= and the HMAC-SHA256 of the body, by this secret.",
        vec![
            ("url", "Where to post", format!("{base}/app/hook/{id}")),
            ("secret", "The secret", secret.of_webhook(&id).0),
        ],
        token,
    ))
}

/// What is about to be a token.
struct Draft<'a> {
    key: TokenKey,
    kind: Kind,
    node: Option<&'a str>,
    rights: Rights,
    hint: String,
}

/// Stores a token, if there is room for it.
fn issue(ctx: &mut Context<'_>, tx: &mut dyn Tx, form: &Form, draft: Draft<'_>) -> Result<Token, Failure> {
    let name = form.value("name").unwrap_or_default().trim().to_owned();
    if name.chars().count() > TOKEN_NAME_CHARS_MAX {
        return Err(wrong(format!("a name has at most {TOKEN_NAME_CHARS_MAX} characters")).into());
    }
    let days = match form.value("days").map(str::trim).filter(|days| !days.is_empty()) {
        None => Some(TOKEN_DAYS),
        Some(days) => days.parse().ok().filter(|days| (1..=TOKEN_DAYS_MAX).contains(days)),
    };
    let days = days.ok_or_else(|| wrong(format!("the field days is a number from 1 to {TOKEN_DAYS_MAX}")))?;
    if own(ctx, tx, ctx.from.bare())?.len() >= TOKENS_PER_ACCOUNT_MAX {
        let text =
            format!("you have {TOKENS_PER_ACCOUNT_MAX} tokens and webhooks: revoke one that is not needed");
        return Err(Why::ResourceConstraint.because(text).into());
    }
    let Draft { key, kind, node, rights, hint } = draft;
    let id = if kind == Kind::Webhook { hint.clone() } else { ctx.ids.next() };
    let token = Token {
        key,
        kind,
        id,
        hint,
        name,
        service: ctx.service.jid.clone(),
        account: ctx.from.to_bare(),
        node: node.map(str::to_owned),
        rights,
        created: ctx.now,
        expires: ctx.now.plus_seconds(days * DAY),
        used: None,
    };
    tx.put_token(&token)?;
    Ok(token)
}

/// What a form says that a token is for: all, where it says nothing.
fn rights(form: &Form) -> Result<Rights, Refusal> {
    let chosen = form.values("rights");
    if let Some(unknown) = chosen.iter().find(|word| RIGHTS.iter().all(|(known, _)| known != word)) {
        return Err(wrong(format!("{unknown:?} is none of publish, edit, read")));
    }
    let has = |word: &str| !form.has("rights") || chosen.iter().any(|chosen| chosen == word);
    let rights = Rights { publish: has("publish"), edit: has("edit"), read: has("read") };
    if rights == Rights::default() {
        return Err(wrong("a token is for something: choose some of publish, edit, read"));
    }
    Ok(rights)
}

/// Refuses a token for a node with which its account may not do now what it is for.
fn allowed(ctx: &Context<'_>, tx: &dyn Tx, name: &str, rights: Rights) -> Result<(), Failure> {
    let read = rights.read.then_some(Action::Retrieve);
    let publish = (rights.publish || rights.edit).then_some(Action::Publish);
    for action in [publish, read].into_iter().flatten() {
        collection(ctx, tx, name, action)?;
    }
    Ok(())
}

/// Refuses a token for all nodes to those who may publish to none, so that not everybody leaves something in the store.
fn publishes_somewhere(ctx: &Context<'_>, tx: &dyn Tx) -> Result<(), Failure> {
    // A name that no kind of node has to itself.
    if ctx.may_create("") || !publishable(ctx, tx)?.is_empty() {
        return Ok(());
    }
    let text = "there is no node here that you may publish to: name one in the field node";
    Err(Why::ForbiddenCommand.because(text).into())
}

fn asks_for_token(ctx: &Context<'_>, tx: &dyn Tx) -> Result<Sheet, Failure> {
    let rights = RIGHTS.map(|(word, label)| (label.to_owned(), word.to_owned()));
    let rights = Field {
        var: "rights",
        kind: "list-multi",
        label: "What for",
        values: RIGHTS.map(|(word, _)| word.to_owned()).to_vec(),
        options: rights.to_vec(),
        ..Field::default()
    };
    let mut nodes = nodes(ctx, tx)?;
    nodes.options.insert(0, ("all that you may publish to".to_owned(), String::new()));
    nodes.values.push(String::new());
    Ok(Sheet {
        title: "Create an HTTP token",
        instructions: "With a token a program publishes for you over HTTP, as far as you may and no further."
            .to_owned(),
        fields: vec![name(), nodes, rights, days()],
        ..Sheet::default()
    })
}

fn asks_for_webhook(ctx: &Context<'_>, tx: &dyn Tx) -> Result<Sheet, Failure> {
    let nodes = Field { required: true, ..nodes(ctx, tx)? };
    Ok(Sheet {
        title: "Create a webhook",
        instructions: "What a program posts to a webhook, and signs, is published to one node for you."
            .to_owned(),
        fields: vec![name(), nodes, days()],
        ..Sheet::default()
    })
}

fn name() -> Field {
    Field { var: "name", kind: "text-single", label: "What you call it", ..Field::default() }
}

fn nodes(ctx: &Context<'_>, tx: &dyn Tx) -> Result<Field, Failure> {
    let names = publishable(ctx, tx)?.into_iter().take(TOKEN_NODES_MAX).map(|node| node.id.name);
    let options = names.map(|name| (name.clone(), name)).collect();
    Ok(Field { var: "node", kind: "list-single", label: "For which node", options, ..Field::default() })
}

fn days() -> Field {
    let values = vec![TOKEN_DAYS.to_string()];
    Field { var: "days", kind: "text-single", label: "For how many days", values, ..Field::default() }
}

/// What somebody is told who has made something.
fn told(
    title: &'static str,
    instructions: &str,
    facts: Vec<(&'static str, &'static str, String)>,
    token: Token,
) -> Stage {
    let ends = ("expires", "Ends", token.expires.to_rfc3339());
    let facts = facts.into_iter().chain([ends, ("id", "Its id, to revoke it", token.id)]);
    let fields = facts.map(|(var, label, value)| Field {
        var,
        kind: "text-single",
        label,
        values: vec![value],
        ..Field::default()
    });
    let (instructions, fields) = (instructions.to_owned(), fields.collect());
    let sheet = Sheet { title, instructions, fields, ..Sheet::default() };
    Stage::Done { note: None, shown: Some(Shown::Sheet(sheet)) }
}
