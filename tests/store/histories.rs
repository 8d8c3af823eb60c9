//! Random histories of transactions, commits and reopenings: each engine answers what the model answers.

use std::time::Duration;

use arbtest::arbitrary::{Result as Arbitrary, Unstructured};
use atomsub::pubsub::affiliation::Affiliation;
use atomsub::pubsub::atompub::token::{Secret, TokenKey};
use atomsub::pubsub::fault::Fault;
use atomsub::pubsub::item::{Direction, ItemRange};
use atomsub::pubsub::node::{NodeKey, Tie};
use atomsub::pubsub::presence::contact::Seen;
use atomsub::pubsub::subscription_options::Expire;
use atomsub::pubsub::time::Timestamp;
use atomsub::pubsub::tx::Tx;
use atomsub::store::kv::KvStore;
use atomsub::store::memory::Memory;
use atomsub::store::{self, Store};

use crate::callbacks;
use crate::feeds;
use crate::map::Map;
use crate::nouns::{
    ENGINES, SERVICE, atom_id, comments, contact, create, done, dump, failed, item, node, notice, publisher,
    subscription, token, tombstone, which,
};

const NAMES: [&str; 3] = ["a", "a\0", "b"];
const ITEMS: [&str; 4] = ["1", "1\0", "\u{10FFFF}", ""];
const JIDS: [&str; 4] = ["r@m.lit", "r@m.lit/x", "r@m.lit/", "j@c.lit"];
const BARE: [&str; 2] = ["r@m.lit", "j@c.lit"];
const KEYS: u64 = 5;

/// One call.
#[derive(Clone, Debug)]
enum Call {
    Create(&'static str),
    Configure(u64, &'static str),
    RemoveNode(u64),
    Sweep(u64, usize),
    PutItem(u64, &'static str, i64),
    RemoveItem(u64, &'static str),
    Bury(u64, &'static str, i64, u64),
    Unbury(u64, &'static str),
    Tombstones(u64, Option<u64>, bool, usize),
    GiveAsPublished(u64, &'static str),
    Items(u64, Option<u64>, Option<u64>, bool, bool, usize),
    NodesBefore(Option<&'static str>, usize),
    Subscribe(u64, &'static str, bool, i64),
    Due(i64),
    Expire(u64, i64),
    NodesDue(i64),
    Tie(u64, u64, Option<&'static str>),
    Tied(u64, Option<&'static str>, usize),
    WithAtomId(u64, i64, usize),
    WithComments(i64, usize),
    Unsubscribe(u64, &'static str, bool),
    Affiliate(u64, &'static str, Affiliation),
    Queue(u64),
    Serve(u64, u64),
    Dequeue(u64, u64),
    QueuedNode(Option<u64>),
    Contact(&'static str, Seen),
    Contacts(Option<&'static str>, usize),
    Callbacks(callbacks::Call),
    Token(&'static str, &'static str, i64),
    Revoke(&'static str),
    TokensDue(i64, usize),
    WebhookSecret(u8),
    Feeds(feeds::Call),
}

/// What happens to the store as a whole.
#[derive(Debug)]
enum Step {
    Transaction(Vec<Call>),
    Failure(Vec<Call>),
    Commit,
    Prove,
    Reopen,
}

fn subid(second: bool) -> &'static str {
    if second { "2" } else { "1" }
}

fn call(u: &mut Unstructured<'_>) -> Arbitrary<Call> {
    let key = u.int_in_range(1..=KEYS)?;
    let place = |u: &mut Unstructured<'_>| u.int_in_range(0..=9_u64);
    Ok(match u.int_in_range(0..=41)? {
        0 | 1 => Call::Create(u.choose(&NAMES)?),
        2 => Call::Configure(key, u.choose(&NAMES)?),
        3 => Call::RemoveNode(key),
        4 => Call::Sweep(key, u.int_in_range(0..=3)?),
        5 | 6 => Call::PutItem(key, u.choose(&ITEMS)?, u.int_in_range(0..=99)?),
        7 => Call::RemoveItem(key, u.choose(&ITEMS)?),
        8 => {
            let ends =
                [u.arbitrary::<bool>()?.then_some(place(u)?), u.arbitrary::<bool>()?.then_some(place(u)?)];
            Call::Items(key, ends[0], ends[1], u.arbitrary()?, u.arbitrary()?, u.int_in_range(0..=3)?)
        }
        9 => Call::Subscribe(key, u.choose(&JIDS)?, u.arbitrary()?, u.int_in_range(-1..=5)?),
        10 => Call::Unsubscribe(key, u.choose(&JIDS)?, u.arbitrary()?),
        11 => Call::Affiliate(key, u.choose(&BARE)?, *u.choose(&Affiliation::ALL)?),
        12 => Call::Queue(key),
        13 => Call::Serve(key, place(u)?),
        14 => Call::Dequeue(key, place(u)?),
        15 => Call::NodesBefore(u.arbitrary::<bool>()?.then_some(*u.choose(&NAMES)?), u.int_in_range(0..=3)?),
        16 => Call::Due(u.int_in_range(-1..=6)?),
        17 => Call::Expire(key, u.int_in_range(-1..=5)?),
        18 => Call::NodesDue(u.int_in_range(-1..=6)?),
        19 => Call::Contact(u.choose(&BARE)?, *u.choose(&[Seen::No, Seen::Asked, Seen::Yes])?),
        20 => Call::Contacts(u.arbitrary::<bool>()?.then_some(*u.choose(&BARE)?), u.int_in_range(0..=2)?),
        21 => Call::Tie(key, u.int_in_range(1..=KEYS)?, u.arbitrary::<bool>()?.then_some(*u.choose(&ITEMS)?)),
        22 => Call::Tied(key, u.arbitrary::<bool>()?.then_some(*u.choose(&ITEMS)?), u.int_in_range(0..=3)?),
        26 => Call::Bury(key, u.choose(&ITEMS)?, u.int_in_range(0..=9)?, u.int_in_range(1..=3)?),
        27 => Call::Unbury(key, u.choose(&ITEMS)?),
        28 => {
            let after = u.arbitrary::<bool>()?.then_some(place(u)?);
            Call::Tombstones(key, after, u.arbitrary()?, u.int_in_range(0..=3)?)
        }
        30 | 31 => Call::Token(u.choose(&ITEMS)?, u.choose(&BARE)?, u.int_in_range(0..=9)?),
        32 => Call::Revoke(u.choose(&ITEMS)?),
        33 => Call::TokensDue(u.int_in_range(-1..=9)?, u.int_in_range(0..=3)?),
        34 => Call::WebhookSecret(u.arbitrary()?),
        35..=37 => Call::Feeds(feeds::call(u, key)?),
        25 => Call::GiveAsPublished(key, u.choose(&ITEMS)?),
        23 => Call::WithAtomId(key, u.int_in_range(0..=2)?, u.int_in_range(0..=3)?),
        24 => Call::WithComments(u.int_in_range(0..=19)?, u.int_in_range(0..=3)?),
        38..=40 => Call::Callbacks(callbacks::call(u, key)?),
        _ => Call::QueuedNode(u.arbitrary::<bool>()?.then_some(key)),
    })
}

fn step(u: &mut Unstructured<'_>) -> Arbitrary<Step> {
    let kind = u.int_in_range(0..=11)?;
    let mut calls = Vec::new();
    for _ in 0..u.int_in_range(1..=6)? {
        calls.push(call(u)?);
    }
    Ok(match kind {
        0..=4 => Step::Transaction(calls),
        5 | 6 => Step::Failure(calls),
        7 | 8 => Step::Commit,
        9 | 10 => Step::Prove,
        _ => Step::Reopen,
    })
}

/// Makes a call and says what it gave. A call that is a bug of its caller changes nothing.
#[expect(clippy::too_many_lines, reason = "a line for each call")]
fn make(tx: &mut dyn Tx, call: &Call) -> String {
    let answer: Result<String, Fault> = match call.clone() {
        Call::Create(name) => create(tx, name).map(|key| format!("{key:?}")),
        // A key is never used again, so a node that was removed is not put again.
        Call::Configure(key, name) => tx.node_by_key(NodeKey(key)).and_then(|found| match found {
            Some(_) => tx.put_node(&node(NodeKey(key), name)).map(|()| String::new()),
            None => Ok(String::new()),
        }),
        Call::RemoveNode(key) => tx.remove_node(NodeKey(key)).map(|()| String::new()),
        Call::Sweep(key, limit) => tx.sweep(NodeKey(key), limit).map(|done| done.to_string()),
        Call::PutItem(key, id, time) => {
            let mut item = item(id, time);
            tx.put_item(NodeKey(key), &mut item).map(|()| format!("{item:?}"))
        }
        Call::GiveAsPublished(key, id) => tx.give_as_published(NodeKey(key), id).map(|was| was.to_string()),
        Call::Bury(key, id, time, most) => {
            let mut tombstone = tombstone(id, time);
            tx.put_tombstone(NodeKey(key), &mut tombstone, most).map(|()| format!("{tombstone:?}"))
        }
        Call::Unbury(key, id) => tx.remove_tombstone(NodeKey(key), id).map(|was| was.to_string()),
        Call::Tombstones(key, after, newest, limit) => {
            let direction = if newest { Direction::NewestFirst } else { Direction::OldestFirst };
            let range = ItemRange { after, before: None };
            tx.tombstones(NodeKey(key), range, direction, limit).map(|found| format!("{found:?}"))
        }
        Call::RemoveItem(key, id) => tx.remove_item(NodeKey(key), id).map(|was| was.to_string()),
        Call::Items(key, after, before, newest, by_creation, limit) => {
            let direction = if newest { Direction::NewestFirst } else { Direction::OldestFirst };
            let (key, range) = (NodeKey(key), ItemRange { after, before });
            let items = if by_creation {
                tx.items_by_creation(key, range, direction, limit)
            } else {
                tx.items(key, range, direction, limit)
            };
            items.and_then(|items| Ok(format!("{items:?} {}", tx.newest_place(key)?)))
        }
        Call::NodesBefore(before, limit) => {
            tx.nodes_before(SERVICE, before, limit).map(|nodes| format!("{nodes:?}"))
        }
        Call::Subscribe(key, whose, second, end) => {
            let mut one = subscription(whose, subid(second));
            if end >= 0 {
                one.options.expire = Expire::At(Timestamp(end));
            }
            tx.put_subscription(NodeKey(key), &mut one).map(|()| format!("{one:?}"))
        }
        Call::Expire(key, due) => tx.node_by_key(NodeKey(key)).and_then(|found| {
            let Some(mut node) = found else { return Ok(String::new()) };
            node.expiry = (due >= 0).then_some(Timestamp(due));
            tx.put_node(&node).map(|()| String::new())
        }),
        Call::Tie(key, to, item) => tx.node_by_key(NodeKey(key)).and_then(|found| {
            let Some(mut node) = found else { return Ok(String::new()) };
            let tie = Tie { node: NodeKey(to), item: item.map(str::to_owned) };
            node.ties = if node.ties.contains(&tie) { Vec::new() } else { vec![tie] };
            tx.put_node(&node).map(|()| String::new())
        }),
        Call::Tied(key, item, limit) => tx.tied(NodeKey(key), item, limit).map(|nodes| format!("{nodes:?}")),
        Call::WithAtomId(key, time, limit) => {
            tx.items_with_atom_id(NodeKey(key), &atom_id(time), limit).map(|ids| format!("{ids:?}"))
        }
        Call::WithComments(time, limit) => {
            tx.items_with_comments(&comments(time), publisher(time), limit).map(|found| format!("{found:?}"))
        }
        Call::NodesDue(now) => tx.nodes_due(Timestamp(now), 2).map(|due| format!("{due:?}")),
        Call::Due(now) => tx.subscriptions_due(Timestamp(now), 2).map(|due| format!("{due:?}")),
        Call::Unsubscribe(key, whose, second) => {
            tx.remove_subscription(NodeKey(key), &which(whose, subid(second))).map(|was| was.to_string())
        }
        Call::Affiliate(key, bare, affiliation) => {
            tx.set_affiliation(NodeKey(key), bare, affiliation).map(|()| String::new())
        }
        Call::Queue(key) => tx.queue(&notice(NodeKey(key), "1")).map(|seq| seq.to_string()),
        Call::Serve(key, seq) => {
            tx.put_served(NodeKey(key), seq, &which("r@m.lit", "1")).map(|()| String::new())
        }
        Call::Dequeue(key, seq) => tx.remove_queued(NodeKey(key), seq).map(|()| String::new()),
        Call::Contact(bare, seen) => tx.put_contact(SERVICE, &contact(bare, seen)).map(|()| String::new()),
        Call::Contacts(after, limit) => {
            tx.contacts(SERVICE, after, limit).map(|contacts| format!("{contacts:?}"))
        }
        Call::Callbacks(call) => callbacks::make(tx, &call),
        Call::Token(id, account, end) => tx.put_token(&token(id, account, end)).map(|()| String::new()),
        Call::Revoke(id) => tx.remove_token(TokenKey::of(id)).map(|was| was.to_string()),
        Call::TokensDue(now, limit) => tx.tokens_due(Timestamp(now), limit).map(|due| format!("{due:?}")),
        Call::WebhookSecret(byte) => tx.put_webhook_secret(Secret([byte; 32])).map(|()| String::new()),
        Call::Feeds(call) => feeds::make(tx, &call),
        Call::QueuedNode(after) => {
            tx.queued_node(SERVICE, after.map(NodeKey)).map(|queued| format!("{queued:?}"))
        }
    };
    match answer {
        Ok(answer) => answer,
        Err(Fault::Bug(what)) => what,
        Err(fault) => panic!("{call:?}: {fault}"),
    }
}

fn make_all(store: &mut dyn Store, step: &Step) -> Vec<String> {
    let mut answers = Vec::new();
    match step {
        Step::Transaction(calls) => done(store, |tx| {
            answers = calls.iter().map(|call| make(tx, call)).collect();
            Ok(())
        }),
        Step::Failure(calls) => failed(store, |tx| {
            answers = calls.iter().map(|call| make(tx, call)).collect();
            Ok(())
        }),
        Step::Commit => store.commit().unwrap(),
        // One record.
        Step::Prove => drop(store.prove(Duration::ZERO).unwrap()),
        Step::Reopen => {}
    }
    answers
}

fn everything(store: &mut dyn Store) -> Vec<String> {
    let mut all = dump(store, &BARE, 0..KEYS + 3);
    all.extend(done(store, |tx| feeds::dump(tx, 0..KEYS + 3)));
    all.extend(done(store, |tx| callbacks::dump(tx, 0..KEYS + 3)));
    all
}

/// Runs a history on the model and on another store; `reopen` closes that one, losing what is not committed.
fn compare(
    u: &mut Unstructured<'_>,
    mut store: Box<dyn Store>,
    reopen: &dyn Fn(Box<dyn Store>) -> Box<dyn Store>,
) -> Arbitrary<()> {
    let mut model = Memory::default();
    for _ in 0..u.int_in_range(1..=30)? {
        let step = step(u)?;
        if let Step::Reopen = step {
            store.commit().unwrap();
            model.commit().unwrap();
            assert!(store.changed().is_superset(&model.changed()));
            store = reopen(store);
        }
        assert_eq!(make_all(&mut *store, &step), make_all(&mut model, &step), "{step:?}");
        if let Step::Commit = step {
            // To write what is there already is a change to a store that does not look.
            assert!(store.changed().is_superset(&model.changed()), "{step:?}");
        }
        assert_eq!(everything(&mut *store), everything(&mut model), "{step:?}");
    }
    store.commit().unwrap();
    while !store.prove(Duration::ZERO).unwrap() {}
    let mut report = store.verify().unwrap();
    assert_eq!(std::mem::take(&mut report.findings), Vec::<String>::new());
    assert_eq!(report, model.verify().unwrap());
    Ok(())
}

#[test]
fn the_layout_answers_what_the_model_answers() {
    arbtest::arbtest(|u| {
        let disk = Map::default();
        let open = || Box::new(KvStore::open(disk.clone(), None).unwrap());
        compare(u, open(), &|_| open())
    })
    .budget_ms(4_000);
}

#[test]
fn each_engine_answers_what_the_model_answers() {
    for (_, place) in ENGINES {
        arbtest::arbtest(|u| {
            let directory = tempfile::tempdir().unwrap();
            let place = place(directory.path().join("store"));
            compare(u, store::open(&place).unwrap(), &|store| {
                drop(store);
                store::open(&place).unwrap()
            })
        })
        .budget_ms(6_000);
    }
}
