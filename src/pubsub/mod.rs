//! The engine: XEP-0060 as decisions over typed requests. Pure: no I/O, no async, no clock, no XML.
//!
//! A use case is a file: its request, its one public function, its errors. The function finds the node, asks whether
//! the sender may, checks what was sent, does it through [`Tx`], and tells: always in this order.

pub mod access;
pub mod affiliation;
pub mod atompub;
mod attachments;
pub mod bounce;
pub mod caching;
pub mod chat;
pub mod command;
mod comments;
pub mod companion;
pub mod config;
pub mod context;
pub mod entity;
pub mod expiry;
pub mod fault;
pub mod filtered;
pub mod form;
pub mod hub;
pub mod import;
pub mod item;
pub mod jid;
mod kept_config;
mod last;
pub mod node;
pub mod notice;
pub mod options;
pub mod owner;
mod pages;
pub mod paging;
pub mod presence;
mod probe;
pub mod profile;
mod public_subscribers;
pub mod publisher;
pub mod reach;
pub mod reader;
pub mod refusal;
mod relations;
pub mod removal;
mod reserved;
pub mod roster;
pub mod secret;
pub mod service;
pub mod subscriber;
pub mod subscription;
pub mod subscription_options;
mod tell;
pub mod time;
pub mod tombstone;
pub mod tx;
pub mod uid;
pub mod upkeep;

use affiliation::Affiliation;
use atompub::{Call, Told, serve};
use chat::{Chat, Said, chat};
use command::{Execute, Stage, execute};
use config::NodeConfig;
pub use context::{Contact, Context, Ids, Service};
use entity::affiliations::{OwnAffiliations, own_affiliations};
use entity::discover_items::{DiscoverItems, discover_items};
use entity::discover_nodes::{DiscoverNodes, NodeEntry, discover_nodes};
use entity::node_info::{NodeDescription, NodeInfo, node_info};
use entity::subscriptions::{NamedSubscription, OwnSubscriptions, own_subscriptions};
pub use fault::{Failure, Fault};
use item::Item;
pub use jid::Jid;
use owner::affiliations::{Affiliations, ChangeAffiliations, affiliations, change_affiliations};
use owner::configure::{Configuration, Configure, configuration_form, configure};
use owner::create::{Create, create};
use owner::default_configuration::default_configuration;
use owner::delete::{Delete, delete};
use owner::purge::{Purge, purge};
use owner::subscription_requests::{Authorize, authorize};
use owner::subscriptions::{ChangeSubscriptions, Subscriptions, change_subscriptions, subscriptions};
use paging::PageInfo;
use publisher::publish::{Publish, publish};
use publisher::retract::{Retract, retract};
pub use refusal::{Refusal, Why};
use subscriber::history::{History, HistoryEnds, HistoryPage, history, history_ends};
use subscriber::items::{Items, items};
use subscriber::options::{
    DefaultOptions, Options, SetOptions, default_options, options as get_options, set_options,
};
use subscriber::subscribe::{Subscribe, subscribe};
use subscriber::unsubscribe::{Unsubscribe, unsubscribe};
use subscription::Subscription;
pub use time::Timestamp;
pub use tx::Tx;

/// What somebody asks of the service.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is named after its use case")]
pub enum Request {
    ServiceInfo,
    Ping,
    Version,
    Time,
    LastActivity,
    DiscoverNodes(DiscoverNodes),
    NodeInfo(NodeInfo),
    DiscoverItems(DiscoverItems),
    OwnSubscriptions(OwnSubscriptions),
    OwnAffiliations(OwnAffiliations),
    Subscribe(Subscribe),
    Unsubscribe(Unsubscribe),
    Items(Items),
    History(History),
    HistoryEnds(HistoryEnds),
    HistoryFields,
    Publish(Publish),
    Retract(Retract),
    Create(Create),
    Delete(Delete),
    DefaultConfiguration,
    Configuration(Configuration),
    Configure(Configure),
    Purge(Purge),
    Affiliations(Affiliations),
    ChangeAffiliations(ChangeAffiliations),
    Subscriptions(Subscriptions),
    ChangeSubscriptions(ChangeSubscriptions),
    Options(Options),
    SetOptions(SetOptions),
    DefaultOptions(DefaultOptions),
    Authorize(Authorize),
    Commands,
    CommandInfo(String),
    Execute(Execute),
    Chat(Chat),
    AtomPub(Box<Call>),
}

impl Request {
    /// Whether it may change something: then its answer has to wait for the disk.
    pub const fn changes(&self) -> bool {
        match self {
            Self::ServiceInfo
            | Self::Ping
            | Self::Version
            | Self::Time
            | Self::LastActivity
            | Self::DiscoverNodes(_)
            | Self::NodeInfo(_)
            | Self::DiscoverItems(_)
            | Self::OwnSubscriptions(_)
            | Self::OwnAffiliations(_)
            | Self::Items(_)
            | Self::History(_)
            | Self::HistoryEnds(_)
            | Self::HistoryFields
            | Self::DefaultConfiguration
            | Self::Configuration(_)
            | Self::Affiliations(_)
            | Self::Subscriptions(_)
            | Self::Options(_)
            | Self::DefaultOptions(_)
            | Self::Commands
            | Self::CommandInfo(_) => false,
            Self::Subscribe(_)
            | Self::Unsubscribe(_)
            | Self::Publish(_)
            | Self::Retract(_)
            | Self::Create(_)
            | Self::Delete(_)
            | Self::Configure(_)
            | Self::Purge(_)
            | Self::ChangeAffiliations(_)
            | Self::ChangeSubscriptions(_)
            | Self::SetOptions(_)
            | Self::Authorize(_)
            | Self::Execute(_) => true,
            Self::Chat(chat) => chat.changes(),
            Self::AtomPub(call) => call.wish.changes(),
        }
    }
}

/// What the sender is told when the request succeeded.
#[derive(Clone, Debug, PartialEq)]
pub enum Response {
    /// It is done, and there is nothing more to say.
    Done,
    /// What the service is.
    ServiceInfo {
        /// Whom to turn to.
        contact: Vec<Contact>,
    },
    /// Name and version of the software.
    Version,
    /// The time at the service.
    Time(Timestamp),
    /// Seconds since the service started.
    LastActivity(u64),
    /// The nodes of the service.
    Nodes(Vec<NodeEntry>, PageInfo),
    /// What a node is.
    NodeInfo(Box<NodeDescription>),
    /// The ItemIDs of a node.
    ItemIds {
        /// The NodeID.
        node: String,
        /// The ItemIDs, oldest first.
        ids: Vec<String>,
        /// Where they are in the node.
        info: PageInfo,
    },
    /// The sender's subscriptions.
    OwnSubscriptions {
        /// The node that was asked about.
        node: Option<String>,
        /// The subscriptions with the names of their nodes.
        list: Vec<NamedSubscription>,
    },
    /// The sender's affiliations.
    OwnAffiliations {
        /// The node that was asked about.
        node: Option<String>,
        /// The affiliations with the names of their nodes.
        list: Vec<(String, Affiliation)>,
    },
    /// The subscription as it now is.
    Subscribed {
        /// The NodeID.
        node: String,
        /// The subscription.
        subscription: Subscription,
    },
    /// Items.
    Items {
        /// The NodeID.
        node: String,
        /// The items, oldest first.
        items: Vec<Item>,
        /// Whether the node tells who published them.
        with_publisher: bool,
        /// Whether the node tells what XEP-0395 compares.
        with_cap_values: bool,
        /// Where they are in the node.
        info: PageInfo,
    },
    /// A page of the history of a node.
    History(Box<HistoryPage>),
    /// Where the history of a node begins and ends.
    HistoryEnds {
        /// The NodeID.
        node: String,
        /// The ids and times of the first and the last publication, if there are any.
        ends: Option<[(String, Timestamp); 2]>,
    },
    /// What a query of the history may say.
    HistoryFields,
    /// What was published.
    Published {
        /// The NodeID.
        node: String,
        /// The ItemIDs.
        ids: Vec<String>,
    },
    /// The node that was created.
    Created {
        /// The NodeID.
        node: String,
    },
    /// The options of a subscription.
    Options {
        /// The NodeID.
        node: String,
        /// The subscription.
        subscription: Box<Subscription>,
    },
    /// The options of a new subscription.
    DefaultOptions {
        /// The NodeID.
        node: Option<String>,
    },
    /// The commands that the sender is offered.
    Commands(Vec<&'static str>),
    /// What a command is.
    CommandInfo {
        /// Its node.
        command: String,
    },
    /// What a command says.
    Stage {
        /// Its node.
        command: String,
        /// It.
        stage: Box<Stage>,
    },
    /// How a node is configured, or how one is by default.
    Configuration {
        /// The NodeID.
        node: Option<String>,
        /// The configuration.
        config: Box<NodeConfig>,
    },
    /// What somebody is told who has shown a token; nobody shows one over XMPP.
    AtomPub(Box<Told>),
    /// Words, for whoever asked in words.
    Said(Said),
    /// The affiliations with a node.
    Affiliations {
        /// The NodeID.
        node: String,
        /// Bare JIDs and what they are.
        list: Vec<(Jid, Affiliation)>,
    },
    /// The subscriptions to a node.
    Subscriptions {
        /// The NodeID.
        node: String,
        /// The subscriptions.
        list: Vec<Subscription>,
    },
}

/// Decides about one request. It may be called again for the same request: it has no effect but through
/// `tx`, where it also queues the notices that its change causes.
pub fn handle(ctx: &mut Context<'_>, tx: &mut dyn Tx, request: &Request) -> Result<Response, Failure> {
    reserved::guard(request)?;
    match request {
        Request::ServiceInfo => Ok(Response::ServiceInfo { contact: ctx.service.contact.clone() }),
        Request::Commands => Ok(Response::Commands(command::offered(ctx))),
        Request::CommandInfo(command) => Ok(Response::CommandInfo { command: command.clone() }),
        Request::Execute(request) => execute(ctx, tx, request)
            .map(|stage| Response::Stage { command: request.command.clone(), stage: Box::new(stage) }),
        Request::Ping => Ok(Response::Done),
        Request::Version => Ok(Response::Version),
        Request::Time => Ok(Response::Time(ctx.now)),
        Request::LastActivity => {
            let uptime = ctx.now.0.saturating_sub(ctx.service.started.0) / 1000;
            Ok(Response::LastActivity(uptime.unsigned_abs()))
        }
        Request::DiscoverNodes(request) => discover_nodes(ctx, tx, request),
        Request::NodeInfo(request) => node_info(ctx, tx, request),
        Request::DiscoverItems(request) => discover_items(ctx, tx, request),
        Request::OwnSubscriptions(request) => own_subscriptions(ctx, tx, request),
        Request::OwnAffiliations(request) => own_affiliations(ctx, tx, request),
        Request::Subscribe(request) => subscribe(ctx, tx, request),
        Request::Unsubscribe(request) => unsubscribe(ctx, tx, request),
        Request::Items(request) => items(ctx, tx, request),
        Request::History(request) => history(ctx, tx, request),
        Request::HistoryEnds(request) => history_ends(ctx, tx, request),
        Request::HistoryFields => Ok(Response::HistoryFields),
        Request::Publish(request) => publish(ctx, tx, request),
        Request::Retract(request) => retract(ctx, tx, request),
        Request::Create(request) => create(ctx, tx, request),
        Request::Delete(request) => delete(ctx, tx, request),
        Request::DefaultConfiguration => Ok(default_configuration()),
        Request::Configuration(request) => configuration_form(ctx, tx, request),
        Request::Configure(request) => configure(ctx, tx, request),
        Request::Purge(request) => purge(ctx, tx, request),
        Request::Affiliations(request) => affiliations(ctx, tx, request),
        Request::ChangeAffiliations(request) => change_affiliations(ctx, tx, request),
        Request::Subscriptions(request) => subscriptions(ctx, tx, request),
        Request::ChangeSubscriptions(request) => change_subscriptions(ctx, tx, request),
        Request::Options(request) => get_options(ctx, tx, request),
        Request::SetOptions(request) => set_options(ctx, tx, request),
        Request::DefaultOptions(request) => default_options(ctx, tx, request),
        Request::Authorize(request) => authorize(ctx, tx, request),
        Request::Chat(request) => chat(ctx, tx, request),
        Request::AtomPub(call) => Ok(Response::AtomPub(Box::new(serve(ctx, tx, call)?))),
    }
}
