//! The command `add-feed`: has the entries of a feed of the web published in a node — XEP-0050.
//!
//! Refuses: `bad-request` (no URL that can be fetched, or one of the service itself), `item-not-found`, `forbidden`, `not-acceptable` (a node that takes
//! no entries), `resource-constraint` (more feeds than there is room for), and where it creates the node what creating
//! refuses.

use crate::atom;
use crate::limits::{FEEDS_PER_NODE_MAX, IMPORTS_PER_FEED_MAX};
use crate::pubsub::access::{find, may};
use crate::pubsub::affiliation::Action;
use crate::pubsub::command::{Field, Sheet, Stage};
use crate::pubsub::form::Form;
use crate::pubsub::jid::Jid;
use crate::pubsub::node::Node;
use crate::pubsub::owner::create::{initial, make};
use crate::pubsub::refusal::{Refusal, Why};
use crate::pubsub::{Context, Failure, Tx, reserved};

use super::{Feed, Import, address};

/// Asks for a feed and a node, or has the one go to the other.
pub(in crate::pubsub) fn add_feed(
    ctx: &mut Context<'_>,
    tx: &mut dyn Tx,
    form: Option<&Form>,
) -> Result<Stage, Failure> {
    let Some(form) = form else { return Ok(Stage::Asks(sheet())) };
    let needed = |var: &str| {
        let value = form.value(var).map(str::trim).filter(|value| !value.is_empty());
        value.ok_or_else(|| Why::BadRequest.because(format!("the form does not say which {var}")))
    };
    let (url, name) = (needed("url")?, needed("node")?);
    let by = ctx.from.to_bare();
    if !ctx.is_admin() {
        let most = ctx.service.feeds_per_account;
        let held = tx.imports_by(Some(by.bare()), most)?.len();
        if held >= most {
            let text = format!("you have {most} feeds already, and nobody has more: remove one first");
            return Err(Why::ResourceConstraint.because(text).into());
        }
    }
    Ok(match begin(ctx, tx, url, name, Some(by))? {
        Begun::Now => Stage::note(format!(
            "The feed is fetched now; \"List feeds\" says how that went. What it has goes to the node {name:?} without \
             telling anybody; what is new from then on is told."
        )),
        Begun::Before => Stage::note(format!("The feed goes to the node {name:?} already.")),
    })
}

/// Whether it is new that a feed goes to a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Begun {
    /// It is.
    Now,
    /// It went there before.
    Before,
}

/// Has a feed go to a node. The node is created where it is not there and the sender may.
pub fn begin(
    ctx: &mut Context<'_>,
    tx: &mut dyn Tx,
    url: &str,
    name: &str,
    by: Option<Jid>,
) -> Result<Begun, Failure> {
    let url = address::read(url).map_err(|why| Why::BadRequest.because(why))?;
    if ctx.service.public_url.as_ref().is_some_and(|own| address::is_below(&url, own)) {
        return Err(Why::BadRequest.because("this feed is one of the service itself").into());
    }
    let url = url.as_str();
    let node = find_or_create(ctx, tx, name)?;
    let kind = &node.config.payload_type;
    if !(atom::is_atom(kind) || kind.is_empty()) {
        let text = format!("the node {name:?} takes {kind}, and no entries of feeds");
        return Err(Why::NotAcceptable.because(text).into());
    }
    if let Some(import) = tx.import(node.key, url)? {
        match tx.feed(url)? {
            Some(feed) if feed.next.is_some() && feed.failures == 0 => return Ok(Begun::Before),
            // Whoever asks again may have mended why it failed. If not, it is left alone for as long as before.
            Some(feed) if feed.next.is_some() => tx.put_feed(&Feed { next: Some(ctx.now), ..feed })?,
            // It had stopped.
            Some(_) | None => tx.put_feed(&Feed::new(&import.url, ctx.now))?,
        }
        return Ok(Begun::Now);
    }
    room(tx, &node, url)?;
    // A node that comes later gets what the feed has, and so does one whose feed had stopped.
    let feed = match tx.feed(url)? {
        Some(known) => {
            Feed { moved: known.moved, title: known.title, push: known.push, ..Feed::new(url, ctx.now) }
        }
        None => Feed::new(url, ctx.now),
    };
    tx.put_feed(&feed)?;
    let (url, node, added) = (url.to_owned(), node.key, ctx.now);
    tx.put_import(&Import { url, node, by, added, is_begun: false, refused: None })?;
    Ok(Begun::Now)
}

fn find_or_create(ctx: &mut Context<'_>, tx: &mut dyn Tx, name: &str) -> Result<Node, Failure> {
    if reserved::beginning(name).is_some() {
        return Err(Why::Forbidden.because("this node is filled by the service itself").into());
    }
    match find(ctx, tx, name) {
        Ok((node, affiliation)) => {
            // The service publishes where its owner may, also in the eyes of the nodes above.
            for action in [Action::Administer, Action::Publish] {
                may(ctx, tx, &node, affiliation, action).map_err(of_command)?;
            }
            Ok(node)
        }
        Err(Failure::Refused(refusal)) if refusal.why == Why::ItemNotFound && ctx.may_create(name) => {
            make(ctx, tx, name, initial(ctx, name, None)?)
        }
        Err(failure) => Err(failure),
    }
}

/// A command is forbidden in another way than a request.
pub(super) fn of_command(failure: Failure) -> Failure {
    if let Failure::Refused(refusal) = &failure
        && refusal.why == Why::Forbidden
    {
        return Refusal { why: Why::ForbiddenCommand, ..refusal.clone() }.into();
    }
    failure
}

fn room(tx: &dyn Tx, node: &Node, url: &str) -> Result<(), Failure> {
    let text = if tx.imports_into(node.key, FEEDS_PER_NODE_MAX)?.len() >= FEEDS_PER_NODE_MAX {
        format!("{FEEDS_PER_NODE_MAX} feeds go to this node already, and no more can")
    } else if tx.imports_of(url, None, IMPORTS_PER_FEED_MAX)?.len() >= IMPORTS_PER_FEED_MAX {
        format!("this feed goes to {IMPORTS_PER_FEED_MAX} nodes already: subscribe to one of them")
    } else {
        return Ok(());
    };
    Err(Why::ResourceConstraint.because(text).into())
}

fn sheet() -> Sheet {
    let field = |var, label| Field { var, kind: "text-single", label, required: true, ..Field::default() };
    Sheet {
        title: "Add a feed",
        instructions:
            "What is new in the feed is published in the node. A node that is not there is created."
                .to_owned(),
        fields: vec![
            field("url", "The URL of the feed: Atom, RSS or JSON Feed"),
            field("node", "The node, which has to be yours"),
        ],
        ..Sheet::default()
    }
}
