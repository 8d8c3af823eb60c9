//! AtomPub (RFC 5023): what somebody does over HTTP who shows a token. It is what its account could do over XMPP, as far
//! as the token is for it: the same rights, the same rules for entries, the same notices, in one transaction.
//!
//! A node of entries is a collection, an item of it a member. What the account may not know of is not there.

pub mod changes;
pub mod collections;
pub mod commands;
pub mod entries;
pub mod token;

use changes::{Post, Remove, Replace, post, remove, replace};
use collections::{Collection, collections};
use entries::{Entries, Member, OneEntry, Page, entries, entry};
use token::{Kind, Token, TokenKey, WebhookSecret};

use super::access::{absent, find, may};
use super::affiliation::{Action, Affiliation};
use super::node::Node;
use super::refusal::{Refusal, Why};
use super::{Context, Failure, Tx, reserved};
use crate::atom;

/// Somebody who shows a token, and what he wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// The hash of what he shows.
    pub key: TokenKey,
    /// How he shows it.
    pub kind: Kind,
    /// What he wants.
    pub wish: Wish,
}

/// What somebody wants who shows a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wish {
    /// To be known, before more of what he sends is read. Whatever he wants then, the token is looked at again.
    Who,
    /// To know where he may publish.
    Collections,
    /// To see a page of a collection.
    Entries(Entries),
    /// To see a member.
    Entry(OneEntry),
    /// To publish an entry.
    Post(Post),
    /// To change one.
    Replace(Replace),
    /// To delete one.
    Remove(Remove),
}

/// What he is told.
#[derive(Clone, Debug, PartialEq)]
pub enum Told {
    /// There is no such token, or none any more.
    Unknown,
    /// Whose token it is; what signs what is sent, where it is a webhook.
    Who(Box<Token>, Option<WebhookSecret>),
    /// Where he may publish.
    Collections(Vec<Collection>),
    /// A page of a collection.
    Entries(Box<Page>),
    /// A member, as it is now.
    Entry(Box<Member>),
    /// It was published, on a node that keeps nothing.
    Passed,
    /// It is gone.
    Removed,
}

impl Wish {
    /// Whether it may change something: at least when the token was last used.
    pub const fn changes(&self) -> bool {
        match self {
            Self::Who => false,
            Self::Collections
            | Self::Entries(_)
            | Self::Entry(_)
            | Self::Post(_)
            | Self::Replace(_)
            | Self::Remove(_) => true,
        }
    }

    /// Whether a token is for it.
    const fn is_allowed(&self, token: &Token) -> bool {
        match self {
            Self::Who | Self::Collections => true,
            Self::Entries(_) | Self::Entry(_) => token.rights.read,
            Self::Post(_) => token.rights.publish,
            Self::Replace(_) | Self::Remove(_) => token.rights.edit,
        }
    }

    /// Which node it is about.
    fn node(&self) -> Option<&str> {
        match self {
            Self::Who | Self::Collections => None,
            Self::Entries(Entries { node, .. })
            | Self::Entry(OneEntry { node, .. })
            | Self::Post(Post { node, .. })
            | Self::Replace(Replace { node, .. })
            | Self::Remove(Remove { node, .. }) => Some(node),
        }
    }
}

/// Does what somebody wants, for the account of his token. That account is who asks, as the one that called has found out
/// by [`Wish::Who`]: a token of somebody else, or for another service, is none.
pub fn serve(ctx: &mut Context<'_>, tx: &mut dyn Tx, call: &Call) -> Result<Told, Failure> {
    let token = tx.token(call.key)?.filter(|token| token.kind == call.kind && token.lasts(ctx.now));
    let Some(token) = token.filter(|_| ctx.service.atompub.is_some()) else { return Ok(Told::Unknown) };
    if call.wish == Wish::Who {
        let secret = match token.kind {
            Kind::Bearer => None,
            Kind::Webhook => tx.webhook_secret()?.map(|secret| secret.of_webhook(&token.id)),
        };
        return Ok(Told::Who(Box::new(token), secret));
    }
    if token.account.bare() != ctx.from.bare() || token.service != ctx.service.jid {
        return Ok(Told::Unknown);
    }
    in_scope(&token, &call.wish)?;
    let told = match &call.wish {
        Wish::Who => Told::Unknown,
        Wish::Collections => Told::Collections(collections(ctx, tx, &token)?),
        Wish::Entries(wish) => Told::Entries(Box::new(entries(ctx, tx, wish)?)),
        Wish::Entry(wish) => Told::Entry(Box::new(entry(ctx, tx, wish)?)),
        Wish::Post(wish) => post(ctx, tx, &token, wish)?,
        Wish::Replace(wish) => Told::Entry(Box::new(replace(ctx, tx, wish)?)),
        Wish::Remove(wish) => {
            remove(ctx, tx, wish)?;
            Told::Removed
        }
    };
    if let Some(used) = token.used_at(ctx.now) {
        tx.put_token(&used)?;
    }
    Ok(told)
}

/// Refuses what a token is not for, before anything is said about nodes.
fn in_scope(token: &Token, wish: &Wish) -> Result<(), Refusal> {
    if wish.node().is_some_and(|node| !token.is_for(node)) {
        return Err(Why::Forbidden.because("this token is for another node"));
    }
    if wish.is_allowed(token) {
        return Ok(());
    }
    let words = match wish {
        Wish::Post(_) => "publish",
        Wish::Replace(_) | Wish::Remove(_) => "change or delete entries",
        Wish::Who | Wish::Collections | Wish::Entries(_) | Wish::Entry(_) => "read",
    };
    Err(Why::Forbidden.because(format!("this token is not made to {words}")))
}

/// The node of a collection, for those who may do this with it.
fn collection(
    ctx: &Context<'_>,
    tx: &dyn Tx,
    name: &str,
    action: Action,
) -> Result<(Node, Affiliation), Failure> {
    if reserved::beginning(name).is_some() {
        return Err(absent(name).into());
    }
    let (node, affiliation) = find(ctx, tx, name)?;
    if !holds_entries(&node) {
        return Err(absent(name).into());
    }
    match may(ctx, tx, &node, affiliation, action) {
        Ok(()) => Ok((node, affiliation)),
        // Whoever may not even know of it is not told that there is something that he may not do.
        Err(Failure::Refused(refusal)) => Err(match may(ctx, tx, &node, affiliation, Action::Discover) {
            Ok(()) => refusal.into(),
            Err(Failure::Refused(_)) => absent(name).into(),
            Err(other @ (Failure::Faulted(_) | Failure::Missing(_))) => other,
        }),
        Err(other @ (Failure::Faulted(_) | Failure::Missing(_))) => Err(other),
    }
}

/// Whether a node is a collection.
fn holds_entries(node: &Node) -> bool {
    (atom::is_atom(&node.config.payload_type) || node.config.payload_type.is_empty()) && node.moved.is_none()
}
