//! Who may do what, for people to read: `matrix.txt`, made by asking the engine about every combination.

use std::fmt::Write as _;

use atomsub::pubsub::access::may;
use atomsub::pubsub::affiliation::{Action, Affiliation};
use atomsub::pubsub::atompub::token::Secret;
use atomsub::pubsub::config::{AccessModel, NodeConfig, PublishModel};
use atomsub::pubsub::node::{Node, NodeId};
use atomsub::pubsub::roster::Rosters;
use atomsub::pubsub::subscription::{State, Subscription};
use atomsub::pubsub::subscription_options::SubscriptionOptions;
use atomsub::pubsub::{Context, Failure, Ids, Jid, Service, Timestamp};
use atomsub::store::memory::Memory;
use atomsub::store::transact;
use atomsub::xmpp::refusal;
use expect_test::expect_file;

use crate::stage::SERVICE;

const ACTIONS: [Action; 7] = [
    Action::Discover,
    Action::Subscribe,
    Action::Retrieve,
    Action::Publish,
    Action::Retract,
    Action::Moderate,
    Action::Administer,
];

/// The columns: every affiliation, and somebody who has none but a subscription.
const COLUMNS: [(&str, Affiliation, bool); 7] = [
    ("owner", Affiliation::Owner, false),
    ("publisher", Affiliation::Publisher, false),
    ("publish-only", Affiliation::PublishOnly, false),
    ("member", Affiliation::Member, false),
    ("subscriber", Affiliation::None, true),
    ("none", Affiliation::None, false),
    ("outcast", Affiliation::Outcast, false),
];

#[test]
fn the_matrix_is_as_it_was_agreed() {
    let mut text =
        String::from("What the affiliation alone says; where it says Model, the node's models decide.\n\n");
    let names = Affiliation::ALL.map(Affiliation::as_str);
    row(&mut text, ["action", "", ""], names);
    for action in ACTIONS {
        row(
            &mut text,
            [&format!("{action:?}"), "", ""],
            Affiliation::ALL.map(|a| format!("{:?}", a.allows(action))),
        );
    }
    text.push_str("\nWhat is answered; `any` where a model makes no difference.\n\n");
    row(&mut text, ["action", "access", "publish"], COLUMNS.map(|(name, ..)| name));
    for action in ACTIONS {
        answers(&mut text, action);
    }
    expect_file!["matrix.txt"].assert_eq(&text);
}

/// The rows of one action, one for each value of a model that makes a difference.
fn answers(text: &mut String, action: Action) {
    let all: Vec<_> = AccessModel::ALL
        .iter()
        .flat_map(|access| PublishModel::ALL.iter().map(move |publish| (*access, *publish)))
        .map(|(access, publish)| (access, publish, verdicts(access, publish, action)))
        .collect();
    let same = |same_model: fn(&Row, &Row) -> bool| {
        all.iter().all(|a| all.iter().all(|b| !same_model(a, b) || a.2 == b.2))
    };
    let any_access = same(|a, b| a.1 == b.1);
    let any_publish = same(|a, b| a.0 == b.0);
    for (access, publish, verdicts) in &all {
        if (any_access && *access != AccessModel::Open) || (any_publish && *publish != PublishModel::Open) {
            continue;
        }
        let access = if any_access { "any" } else { access.as_str() };
        let publish = if any_publish { "any" } else { publish.as_str() };
        row(text, [&format!("{action:?}"), access, publish], verdicts.clone());
    }
}

type Row = (AccessModel, PublishModel, [String; 7]);

/// What `may` says to each column about an action on a node with these models.
fn verdicts(access_model: AccessModel, publish_model: PublishModel, action: Action) -> [String; 7] {
    let mut store = Memory::default();
    let verdicts = transact(&mut store, |tx| {
        let node = Node {
            key: tx.new_node_key()?,
            id: NodeId { service: SERVICE.to_owned(), name: "princely_musings".to_owned() },
            creator: Jid::from_host("hamlet@denmark.lit"),
            created: Timestamp(0),
            config: NodeConfig { access_model, publish_model, ..NodeConfig::default() },
            expiry: None,
            ties: Vec::new(),
            moved: None,
        };
        tx.put_node(&node)?;
        Ok(COLUMNS.map(|(name, affiliation, subscribed)| {
            let from = Jid::from_host(&format!("{name}@denmark.lit"));
            if subscribed {
                let options = SubscriptionOptions::default();
                let mut subscription =
                    Subscription::new(from.clone(), "1".to_owned(), State::Subscribed, options, Timestamp(0));
                tx.put_subscription(node.key, &mut subscription).unwrap();
            }
            let service = service();
            let context = Context {
                service: &service,
                from: &from,
                now: Timestamp(0),
                rosters: &Rosters::default(),
                ids: &mut NoIds,
            };
            match may(&context, tx, &node, affiliation, action) {
                Ok(()) => "yes".to_owned(),
                Err(Failure::Refused(refusal)) => {
                    let wire = refusal::of(refusal.why);
                    wire.application.unwrap_or(wire.condition).to_owned()
                }
                Err(Failure::Faulted(fault)) => panic!("{fault}"),
                Err(Failure::Missing(owners)) => panic!("{owners:?}"),
            }
        }))
    });
    verdicts.unwrap()
}

fn service() -> Service {
    Service {
        jid: SERVICE.to_owned(),
        admins: Vec::new(),
        creators: Vec::new(),
        anyone_comments: true,
        feeds_per_account: 0,
        payload_bytes_max: 0,
        contact: Vec::new(),
        is_durable: true,
        on_web: false,
        public_url: None,
        atompub: None,
        started: Timestamp(0),
    }
}

struct NoIds;

impl Ids for NoIds {
    fn next(&mut self) -> String {
        panic!("asking whether something is allowed needs no id")
    }

    fn secret(&mut self) -> Secret {
        panic!("nor a secret")
    }
}

fn row<const N: usize>(text: &mut String, head: [&str; 3], cells: [impl AsRef<str>; N]) {
    let mut line = format!("{:<11}{:<11}{:<13}", head[0], head[1], head[2]);
    for cell in cells {
        write!(line, "{:<15}", short(cell.as_ref())).unwrap();
    }
    writeln!(text, "{}", line.trim_end()).unwrap();
}

/// Two of the specification's words are too long for a column.
fn short(word: &str) -> &str {
    match word {
        "presence-subscription-required" => "no-presence",
        "not-in-roster-group" => "not-in-group",
        word => word,
    }
}
