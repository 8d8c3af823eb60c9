//! Tokens and webhooks, made, listed and revoked by commands (XEP-0050) from the account that they act for.

pub(in crate::pubsub) mod held;
pub(in crate::pubsub) mod issue;

use super::token::{Rights, Token};
use crate::limits::TOKENS_PER_ACCOUNT_MAX;
use crate::pubsub::refusal::{Refusal, Why};
use crate::pubsub::{Context, Failure, Tx};

/// What a token may be for: in a word, and for people.
const RIGHTS: [(&str, &str); 3] =
    [("publish", "publish entries"), ("edit", "change and delete entries"), ("read", "read entries")];

/// Whether there is something to show a token to.
pub(in crate::pubsub) fn is_for(ctx: &Context<'_>) -> bool {
    ctx.service.atompub.is_some()
}

/// The tokens of an account.
fn own(ctx: &Context<'_>, tx: &dyn Tx, account: &str) -> Result<Vec<Token>, Failure> {
    Ok(tx.tokens_of(&ctx.service.jid, account, TOKENS_PER_ACCOUNT_MAX)?)
}

/// What a token is for, in words.
fn words(rights: Rights) -> String {
    let has = [rights.publish, rights.edit, rights.read];
    let words = RIGHTS.iter().zip(has).filter(|(_, has)| *has).map(|((word, _), _)| *word);
    words.collect::<Vec<_>>().join(", ")
}

fn wrong(text: impl Into<std::borrow::Cow<'static, str>>) -> Refusal {
    Why::BadRequest.because(text)
}
