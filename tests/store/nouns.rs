//! Short ways to say nodes, items, subscriptions and notices.

use std::path::PathBuf;

use atomsub::pubsub::atompub::token::{Kind, Rights, Token, TokenKey};
use atomsub::pubsub::config::NodeConfig;
use atomsub::pubsub::fault::{Failure, Fault};
use atomsub::pubsub::item::{Direction, Item, ItemRange};
use atomsub::pubsub::jid::Jid;
use atomsub::pubsub::node::{Node, NodeId, NodeKey};
use atomsub::pubsub::notice::{Audience, Event, Notice};
use atomsub::pubsub::presence::contact::{Contact, Seen};
use atomsub::pubsub::subscription::{State, Subscription, SubscriptionKey};
use atomsub::pubsub::subscription_options::SubscriptionOptions;
use atomsub::pubsub::time::Timestamp;
use atomsub::pubsub::tombstone::Tombstone;
use atomsub::pubsub::tx::Tx;
use atomsub::store::{self, Place, Store};

/// The place of an engine's store in a directory.
pub type PlaceIn = fn(PathBuf) -> Place;

/// The engines that keep their records in files.
pub const ENGINES: [(&str, PlaceIn); 2] = [("sled", Place::Sled), ("fjall", Place::Fjall)];

pub const SERVICE: &str = "pubsub.capulet.lit";

pub fn id(name: &str) -> NodeId {
    NodeId { service: SERVICE.to_owned(), name: name.to_owned() }
}

pub fn node(key: NodeKey, name: &str) -> Node {
    Node {
        key,
        id: id(name),
        creator: jid("juliet@capulet.lit"),
        created: Timestamp(7),
        config: NodeConfig::default(),
        expiry: None,
        ties: Vec::new(),
        moved: None,
    }
}

pub fn jid(text: &str) -> Jid {
    Jid::from(text.to_owned())
}

pub fn item(id: &str, time: i64) -> Item {
    Item {
        id: id.to_owned(),
        publisher: jid(publisher(time)),
        created: Timestamp(time),
        updated: Timestamp(time),
        seq: 0,
        created_seq: 0,
        payload: Some(format!("<entry xmlns='http://www.w3.org/2005/Atom'><id>{id}</id>{time}</entry>")),
        added: None,
        as_published: false,
        companion: time % 2 == 0,
        atom_id: (time % 3 > 0).then(|| atom_id(time)),
        comments: (time % 4 > 0).then(|| comments(time)),
    }
}

pub fn tombstone(id: &str, time: i64) -> Tombstone {
    Tombstone { id: id.to_owned(), atom_id: Some(atom_id(time)), when: Timestamp(time), place: 0 }
}

/// A token of an account that ends at this time.
pub fn token(id: &str, account: &str, expires: i64) -> Token {
    Token {
        key: TokenKey::of(id),
        kind: if expires % 2 == 0 { Kind::Bearer } else { Kind::Webhook },
        id: id.to_owned(),
        hint: "atomsub-".to_owned(),
        name: String::new(),
        service: SERVICE.to_owned(),
        account: jid(account),
        node: (expires % 3 > 0).then(|| "a".to_owned()),
        rights: Rights { read: true, publish: true, edit: expires % 2 == 0 },
        created: Timestamp(0),
        expires: Timestamp(expires),
        used: None,
    }
}

/// Who publishes an item of this time.
pub fn publisher(time: i64) -> &'static str {
    if time % 5 > 0 { "juliet@capulet.lit" } else { "nurse@capulet.lit" }
}

/// The node that an item of this time names for its comments, if it names one.
pub fn comments(time: i64) -> NodeId {
    id(&format!("comments/{}", time % 4))
}

/// The atom:id of an item of this time, if it has one.
pub fn atom_id(time: i64) -> String {
    format!("tag:{}", time % 3)
}

pub fn subscription(whose: &str, subid: &str) -> Subscription {
    let options = SubscriptionOptions::default();
    Subscription::new(jid(whose), subid.to_owned(), State::Subscribed, options, Timestamp(1))
}

pub fn which(whose: &str, subid: &str) -> SubscriptionKey {
    subscription(whose, subid).key()
}

pub fn contact(whose: &str, seen: Seen) -> Contact {
    Contact { jid: jid(whose), sees_service: false, seen }
}

pub fn notice(key: NodeKey, item: &str) -> Notice {
    Notice {
        key,
        node: id("princely_musings"),
        audience: Audience::Subscribers,
        normal: false,
        event: Event::Retracted { id: item.to_owned() },
    }
}

/// Runs a transaction that has to succeed.
pub fn done<R>(store: &mut dyn Store, mut work: impl FnMut(&mut dyn Tx) -> Result<R, Fault>) -> R {
    store::transact(store, |tx| Ok(work(tx)?)).unwrap()
}

/// Runs a transaction that does its work and then fails.
pub fn failed(store: &mut dyn Store, mut work: impl FnMut(&mut dyn Tx) -> Result<(), Fault>) {
    let failure = store.transact(&mut |tx| {
        work(tx)?;
        Err(Failure::Faulted(Fault::Bug("on purpose".to_owned())))
    });
    assert!(matches!(failure, Err(Failure::Faulted(Fault::Bug(text))) if text == "on purpose"));
}

/// Creates a node.
pub fn create(tx: &mut dyn Tx, name: &str) -> Result<NodeKey, Fault> {
    let key = tx.new_node_key()?;
    tx.put_node(&node(key, name))?;
    Ok(key)
}

/// All that can be read, as text.
pub fn dump(store: &mut dyn Store, entities: &[&str], keys: std::ops::Range<u64>) -> Vec<String> {
    let everything = |tx: &mut dyn Tx| {
        let mut dump = vec![format!("{:?}", tx.nodes(SERVICE, None, usize::MAX)?)];
        for key in keys.clone().map(NodeKey) {
            dump.push(format!(
                "{key:?} {:?} {:?} {}",
                tx.node_by_key(key)?,
                tx.counts(key)?,
                tx.audience_version(key)?
            ));
            for item in tx.items(key, ItemRange::ALL, Direction::NewestFirst, usize::MAX)? {
                assert_eq!(tx.item(key, &item.id)?.as_ref(), Some(&item));
                if let Some(atom_id) = &item.atom_id {
                    assert!(tx.items_with_atom_id(key, atom_id, usize::MAX)?.contains(&item.id));
                }
                if let Some(comments) = &item.comments {
                    let named = tx.items_with_comments(comments, item.publisher.bare(), usize::MAX)?;
                    assert!(named.contains(&(key, item.id.clone())));
                }
                dump.push(format!("{item:?}"));
            }
            let all = tx.items_by_creation(key, ItemRange::ALL, Direction::OldestFirst, usize::MAX)?;
            dump.push(format!(
                "{:?} {}",
                all.iter().map(|item| &item.id).collect::<Vec<_>>(),
                tx.newest_place(key)?
            ));
            dump.push(format!("{:?}", tx.subscriptions_page(key, None, usize::MAX)?));
            dump.push(format!("{:?}", tx.affiliations(key)?));
            for tombstone in tx.tombstones(key, ItemRange::ALL, Direction::OldestFirst, usize::MAX)? {
                assert_eq!(tx.tombstone(key, &tombstone.id)?.as_ref(), Some(&tombstone));
                dump.push(format!("{tombstone:?}"));
            }
            let mut place = 0;
            while let Some(queued) = tx.next_queued(key, place)? {
                place = queued.seq;
                dump.push(format!("{queued:?}"));
            }
        }
        let mut after = None;
        while let Some(key) = tx.queued_node(SERVICE, after)? {
            after = Some(key);
            dump.push(format!("{key:?} has notices"));
        }
        for bare in entities {
            dump.push(format!("{bare} {:?} {:?}", tx.subscriptions_of(bare)?, tx.affiliations_of(bare)?));
            dump.push(format!("{bare} {}", tx.nodes_created(SERVICE, bare)?));
            dump.push(format!("{:?}", tx.contact(SERVICE, bare)?));
            for token in tx.tokens_of(SERVICE, bare, usize::MAX)? {
                assert_eq!(tx.token(token.key)?.as_ref(), Some(&token));
                dump.push(format!("{token:?}"));
            }
        }
        dump.push(format!("{:?}", tx.webhook_secret()?.map(|secret| secret.0)));
        Ok(dump)
    };
    done(store, everything)
}
