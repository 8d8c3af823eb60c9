//! Callbacks of the web: what stores keep of them, and the calls of random histories.

use arbtest::arbitrary::{Result as Arbitrary, Unstructured};
use atomsub::pubsub::fault::Fault;
use atomsub::pubsub::hub::{Callback, CallbackKey, Share, Version};
use atomsub::pubsub::node::NodeKey;
use atomsub::pubsub::secret::Secret;
use atomsub::pubsub::time::Timestamp;
use atomsub::pubsub::tx::Tx;

use crate::conformance::on_each;
use crate::nouns::{create, done, failed};

const TOPICS: [&str; 2] = ["https://f.lit/n/a/feed.atom", "https://f.lit/n/a/feed.json"];
const URLS: [&str; 3] = ["http://a.lit/", "http://a.lit/\0", "https://b.lit/?a=b"];
const CALLERS: [Option<&str>; 3] = [None, Some("192.0.2.1"), Some("2001:db8::")];

/// A call about callbacks.
#[derive(Clone, Debug)]
pub enum Call {
    Put(u64, usize, usize, Option<&'static str>, i64),
    Remove(u64, usize, usize),
    Of(u64, Option<(usize, usize)>, usize),
    After(Option<u64>),
    Ended(i64, usize),
}

pub fn call(u: &mut Unstructured<'_>, node: u64) -> Arbitrary<Call> {
    let (topic, url) = (u.choose_index(TOPICS.len())?, u.choose_index(URLS.len())?);
    Ok(match u.int_in_range(0..=7)? {
        0..=2 => Call::Put(node, topic, url, *u.choose(&CALLERS)?, u.int_in_range(0..=5)?),
        3 | 4 => Call::Remove(node, topic, url),
        5 => Call::Of(node, u.arbitrary::<bool>()?.then_some((topic, url)), u.int_in_range(0..=2)?),
        6 => Call::After(u.arbitrary::<bool>()?.then_some(node)),
        _ => Call::Ended(u.int_in_range(-1..=6)?, u.int_in_range(0..=3)?),
    })
}

pub fn make(tx: &mut dyn Tx, call: &Call) -> Result<String, Fault> {
    match call.clone() {
        Call::Put(node, topic, url, caller, ends) => {
            tx.put_callback(&callback(key(node, topic, url), caller, ends)).map(|()| String::new())
        }
        Call::Remove(node, topic, url) => {
            tx.remove_callback(&key(node, topic, url)).map(|was| was.to_string())
        }
        Call::Of(node, after, limit) => {
            let after = after.map(|(topic, url)| key(node, topic, url));
            tx.callbacks(NodeKey(node), after.as_ref(), limit).map(|found| format!("{found:?}"))
        }
        Call::After(node) => tx.callback_after(node.map(NodeKey)).map(|found| format!("{found:?}")),
        Call::Ended(now, limit) => {
            tx.callbacks_ended(Timestamp(now), limit).map(|ended| format!("{ended:?}"))
        }
    }
}

pub fn dump(tx: &dyn Tx, keys: std::ops::Range<u64>) -> Result<Vec<String>, Fault> {
    let mut dump = Vec::new();
    for node in keys.map(NodeKey) {
        for callback in tx.callbacks(node, None, usize::MAX)? {
            assert_eq!(tx.callback(&callback.key)?.as_ref(), Some(&callback));
            dump.push(format!("{callback:?}"));
        }
    }
    let topics = TOPICS.map(|topic| Share::Topic(topic.to_owned()));
    let hosts = ["a.lit", "b.lit"].map(|host| Share::Host(host.to_owned()));
    let callers = CALLERS.into_iter().flatten().map(|caller| Share::Caller(caller.to_owned()));
    let both = CALLERS
        .into_iter()
        .flatten()
        .flat_map(|caller| TOPICS.map(|topic| Share::TopicAndCaller(topic.to_owned(), caller.to_owned())));
    for share in topics.into_iter().chain(hosts).chain(callers).chain(both).chain([Share::All]) {
        dump.push(format!("{share:?} {}", tx.callbacks_counted(&share)?));
    }
    Ok(dump)
}

fn key(node: u64, topic: usize, url: usize) -> CallbackKey {
    CallbackKey { node: NodeKey(node), topic: TOPICS[topic].to_owned(), url: URLS[url].to_owned() }
}

fn callback(key: CallbackKey, caller: Option<&str>, ends: i64) -> Callback {
    Callback {
        host: key.url.split('/').nth(2).unwrap().to_owned(),
        caller: caller.map(str::to_owned),
        secret: caller.map(Secret::new),
        ends: Timestamp(ends),
        told: Version::default(),
        document: (ends % 2 == 0).then(|| "\"a\"".to_owned()),
        failures: 3,
        rests: Timestamp(9),
        key,
    }
}

#[test]
fn callbacks_are_found_by_node_and_by_end_and_counted() {
    on_each(|store| {
        let first = callback(key(1, 0, 0), CALLERS[1], 5);
        let second = callback(key(1, 0, 2), None, 4);
        let third = callback(key(2, 0, 0), CALLERS[1], 6);
        done(store, |tx| {
            create(tx, "a")?;
            create(tx, "b")?;
            [&third, &second, &first].into_iter().try_for_each(|callback| tx.put_callback(callback))
        });
        failed(store, |tx| tx.remove_callback(&first.key).map(drop));
        store.commit().unwrap();
        let host = Share::Host("a.lit".to_owned());
        let caller = Share::Caller("192.0.2.1".to_owned());
        done(store, |tx| {
            assert_eq!(tx.callbacks(NodeKey(1), None, 9)?, [first.clone(), second.clone()]);
            assert_eq!(tx.callbacks(NodeKey(1), Some(&first.key), 9)?, std::slice::from_ref(&second));
            assert_eq!(tx.callback_after(None)?, Some(first.clone()));
            assert_eq!(tx.callback_after(Some(NodeKey(1)))?, Some(third.clone()));
            assert_eq!(tx.callback_after(Some(NodeKey(2)))?, None);
            assert_eq!(tx.callbacks_ended(Timestamp(5), 9)?, [second.key.clone(), first.key.clone()]);
            assert_eq!(tx.callbacks_ended(Timestamp(5), 1)?, std::slice::from_ref(&second.key));
            assert_eq!([tx.callbacks_counted(&host)?, tx.callbacks_counted(&caller)?], [2, 2]);
            Ok(())
        });
        // What is put again is in the place of the other, also where it ends at another time and came from elsewhere.
        let again = Callback { caller: CALLERS[2].map(str::to_owned), ends: Timestamp(7), ..first.clone() };
        done(store, |tx| tx.put_callback(&again));
        // They outlive their nodes.
        done(store, |tx| {
            tx.remove_node(NodeKey(1))?;
            while !tx.sweep(NodeKey(1), 9)? {}
            Ok(())
        });
        store.commit().unwrap();
        done(store, |tx| {
            assert_eq!(tx.callbacks(NodeKey(1), None, 9)?, [again.clone(), second.clone()]);
            assert_eq!([tx.callbacks_counted(&host)?, tx.callbacks_counted(&caller)?], [2, 1]);
            assert_eq!(tx.callbacks_ended(Timestamp(6), 9)?, [second.key.clone(), third.key.clone()]);
            assert!(tx.remove_callback(&again.key)? && !tx.remove_callback(&again.key)?);
            assert_eq!([tx.callbacks_counted(&host)?, tx.callbacks_counted(&Share::All)?], [1, 2]);
            Ok(())
        });
        store.commit().unwrap();
        assert_eq!(store.verify().unwrap().callbacks, 2);
    });
}

#[test]
fn a_secret_is_kept_and_not_shown() {
    let callback = callback(key(1, 0, 0), CALLERS[1], 5);
    assert_eq!(callback.secret.as_ref().map(Secret::reveal), CALLERS[1]);
    let secretive = Callback { caller: None, ..callback };
    assert!(!format!("{secretive:?}").contains("192.0.2.1"));
}
