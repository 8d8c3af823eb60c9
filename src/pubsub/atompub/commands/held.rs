//! Listing tokens and webhooks, and revoking them.

use crate::pubsub::atompub::token::{Kind, Token};
use crate::pubsub::command::{Field, Sheet, Shown, Stage, Table};
use crate::pubsub::form::Form;
use crate::pubsub::refusal::Why;
use crate::pubsub::{Context, Failure, Jid, Timestamp, Tx};

use super::{own, words, wrong};

/// Lists the tokens and webhooks of the sender.
pub(in crate::pubsub) fn list(
    ctx: &mut Context<'_>,
    tx: &mut dyn Tx,
    _: Option<&Form>,
) -> Result<Stage, Failure> {
    let tokens = own(ctx, tx, ctx.from.bare())?;
    if tokens.is_empty() {
        return Ok(Stage::note("you have no tokens"));
    }
    let columns = [
        ("name", "Name"),
        ("kind", "Kind"),
        ("begins", "Begins with"),
        ("node", "Node"),
        ("rights", "For"),
        ("created", "Made"),
        ("expires", "Ends"),
        ("used", "Last used"),
        ("id", "Id"),
    ];
    let rows = tokens.into_iter().map(|token| {
        let used = token.used.map(Timestamp::to_rfc3339).unwrap_or_default();
        let node = token.node.unwrap_or_default();
        let (created, expires) = (token.created.to_rfc3339(), token.expires.to_rfc3339());
        let (kind, rights) = (kind(token.kind).to_owned(), words(token.rights));
        vec![token.name, kind, token.hint, node, rights, created, expires, used, token.id]
    });
    let table = Table { title: "Your tokens and webhooks", columns: columns.to_vec(), rows: rows.collect() };
    Ok(Stage::Done { note: None, shown: Some(Shown::Table(table)) })
}

/// Revokes some of the sender's; an admin may revoke all of somebody.
pub(in crate::pubsub) fn revoke(
    ctx: &mut Context<'_>,
    tx: &mut dyn Tx,
    form: Option<&Form>,
) -> Result<Stage, Failure> {
    let Some(form) = form else { return Ok(asks_which(ctx, &own(ctx, tx, ctx.from.bare())?)) };
    let account = form.value("account").filter(|account| !account.is_empty());
    let ids = form.values("token");
    let revoked = match account {
        Some(_) if !ctx.is_admin() => {
            return Err(Why::ForbiddenCommand.because("only an admin revokes the tokens of others").into());
        }
        Some(account) => {
            let account = Jid::parse(account).ok_or_else(|| wrong("the field account is no JID"))?;
            own(ctx, tx, account.bare())?
        }
        None => {
            let own = own(ctx, tx, ctx.from.bare())?;
            if let Some(unknown) = ids.iter().find(|id| own.iter().all(|token| token.id != **id)) {
                return Err(Why::ItemNotFound.because(format!("you have no token {unknown:?}")).into());
            }
            own.into_iter().filter(|token| ids.contains(&token.id)).collect()
        }
    };
    for token in &revoked {
        tx.remove_token(token.key)?;
    }
    Ok(Stage::note(match revoked.len() {
        0 => "nothing was revoked".to_owned(),
        1 => "one was revoked".to_owned(),
        many => format!("{many} were revoked"),
    }))
}

fn asks_which(ctx: &Context<'_>, tokens: &[Token]) -> Stage {
    if tokens.is_empty() && !ctx.is_admin() {
        return Stage::note("you have no tokens");
    }
    let label = |token: &Token| {
        let words = [kind(token.kind), &token.name, &format!("({})", token.hint)];
        words.into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
    };
    let options = tokens.iter().map(|token| (label(token), token.id.clone())).collect();
    let mut fields =
        vec![Field { var: "token", kind: "list-multi", label: "Which", options, ..Field::default() }];
    if ctx.is_admin() {
        let label = "Or all of this account";
        fields.push(Field { var: "account", kind: "jid-single", label, ..Field::default() });
    }
    let title = "Revoke HTTP tokens and webhooks";
    Stage::Asks(Sheet { title, fields, ..Sheet::default() })
}

fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Bearer => "token",
        Kind::Webhook => "webhook",
    }
}
