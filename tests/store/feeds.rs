//! Feeds of the web and where they go: what stores keep of them, and the calls of random histories.

use arbtest::arbitrary::{Result as Arbitrary, Unstructured};
use atomsub::pubsub::fault::Fault;
use atomsub::pubsub::import::{Feed, Import, Known, Moved, Push};
use atomsub::pubsub::node::NodeKey;
use atomsub::pubsub::secret::Secret;
use atomsub::pubsub::time::Timestamp;
use atomsub::pubsub::tx::Tx;

use crate::conformance::on_each;
use crate::nouns::{done, failed, jid};

const URLS: [&str; 3] = ["http://a.lit/", "http://a.lit/\0", "https://b.lit/feed"];
const WHO: [Option<&str>; 3] = [None, Some("r@m.lit"), Some("j@c.lit/x")];

/// A call about feeds.
#[derive(Clone, Debug)]
pub enum Call {
    Put(&'static str, i64),
    Remove(&'static str),
    Due(i64, usize),
    Pushed(&'static str, i64),
    Import(u64, &'static str, Option<&'static str>),
    End(u64, &'static str),
    Of(&'static str, Option<u64>, usize),
    Know(u64, &'static str, u64),
}

pub fn call(u: &mut Unstructured<'_>, key: u64) -> Arbitrary<Call> {
    let url = *u.choose(&URLS)?;
    Ok(match u.int_in_range(0..=8)? {
        0 => Call::Put(url, u.int_in_range(-1..=5)?),
        1 => Call::Remove(url),
        2 => Call::Due(u.int_in_range(-1..=6)?, u.int_in_range(0..=2)?),
        3 | 4 => Call::Import(key, url, *u.choose(&WHO)?),
        5 => Call::End(key, url),
        8 => Call::Pushed(url, u.int_in_range(1..=5)?),
        6 => Call::Of(url, u.arbitrary::<bool>()?.then_some(key), u.int_in_range(0..=2)?),
        _ => Call::Know(key, url, u.int_in_range(0..=2)?),
    })
}

pub fn make(tx: &mut dyn Tx, call: &Call) -> Result<String, Fault> {
    let done = |()| String::new();
    match call.clone() {
        Call::Put(url, next) => tx.put_feed(&feed(url, next)).map(done),
        Call::Remove(url) => tx.remove_feed(url).map(done),
        Call::Due(now, limit) => tx.feeds_due(Timestamp(now), limit).map(|due| format!("{due:?}")),
        Call::Pushed(url, next) => tx.feed_pushed(&token(url, next)).map(|feed| format!("{feed:?}")),
        Call::Import(key, url, by) => tx.put_import(&import(NodeKey(key), url, by)).map(done),
        Call::End(key, url) => tx.remove_import(NodeKey(key), url).map(done),
        Call::Of(url, after, limit) => {
            tx.imports_of(url, after.map(NodeKey), limit).map(|found| format!("{found:?}"))
        }
        Call::Know(key, url, print) => tx.put_known(NodeKey(key), url, &[known(print)]).map(done),
    }
}

pub fn dump(tx: &dyn Tx, keys: std::ops::Range<u64>) -> Result<Vec<String>, Fault> {
    let mut dump = Vec::new();
    for url in URLS {
        dump.push(format!("{:?} {:?}", tx.feed(url)?, tx.imports_of(url, None, usize::MAX)?));
    }
    for key in keys.map(NodeKey) {
        dump.push(format!("{:?}", tx.imports_into(key, usize::MAX)?));
        for url in URLS {
            dump.push(format!("{:?} {:?}", tx.import(key, url)?, tx.known(key, url)?));
        }
    }
    for who in WHO {
        let bare = who.map(|who| jid(who).bare().to_owned());
        dump.push(format!("{:?}", tx.imports_by(bare.as_deref(), usize::MAX)?));
    }
    Ok(dump)
}

fn feed(url: &str, next: i64) -> Feed {
    Feed {
        next: (next >= 0).then_some(Timestamp(next)),
        moved: Some(Moved { to: "http://c.lit/".to_owned(), since: Timestamp(3) }),
        etag: Some("W/\"1\"".to_owned()),
        push: (next > 0).then(|| push(&token(url, next))),
        ..Feed::new(url, Timestamp(0))
    }
}

fn token(url: &str, next: i64) -> String {
    format!("{}{next}", url.len())
}

fn push(token: &str) -> Push {
    Push {
        hub: "http://hub.lit/".to_owned(),
        topic: "http://a.lit/".to_owned(),
        token: token.to_owned(),
        secret: Secret::new("s"),
        next: Timestamp(1),
        until: None,
        failures: 0,
        is_heard: false,
    }
}

fn import(node: NodeKey, url: &str, by: Option<&str>) -> Import {
    Import { url: url.to_owned(), node, by: by.map(jid), added: Timestamp(1), is_begun: true, refused: None }
}

fn known(print: u64) -> Known {
    let first = Timestamp(2);
    Known { item: "1".to_owned(), print, first, counted_since: first, edits: 1, is_deleted: false }
}

#[test]
fn feeds_come_when_they_are_due() {
    on_each(|store| {
        done(store, |tx| {
            tx.put_feed(&feed(URLS[0], 9))?;
            tx.put_feed(&feed(URLS[1], 4))?;
            tx.put_feed(&feed(URLS[2], -1))?;
            tx.put_feed(&feed(URLS[0], 3))
        });
        done(store, |tx| {
            let urls = |now, limit| {
                let due = tx.feeds_due(Timestamp(now), limit)?;
                Ok::<_, Fault>(due.into_iter().map(|feed| feed.url).collect::<Vec<_>>())
            };
            assert_eq!(urls(2, 9)?, Vec::<String>::new());
            assert_eq!(urls(3, 9)?, [URLS[0]]);
            assert_eq!(urls(9, 9)?, [URLS[0], URLS[1]]);
            assert_eq!(urls(9, 1)?, [URLS[0]]);
            assert_eq!(tx.feed(URLS[2])?, Some(feed(URLS[2], -1)));
            tx.remove_feed(URLS[0])
        });
        failed(store, |tx| tx.remove_feed(URLS[1]));
        done(store, |tx| {
            assert_eq!(tx.feed(URLS[0])?, None);
            assert_eq!(tx.feeds_due(Timestamp(9), 9)?, [feed(URLS[1], 4)]);
            Ok(())
        });
    });
}

#[test]
fn feeds_are_found_by_what_is_pushed() {
    on_each(|store| {
        done(store, |tx| {
            tx.put_feed(&feed(URLS[0], 1))?;
            tx.put_feed(&feed(URLS[0], 2))?;
            tx.put_feed(&feed(URLS[2], 3))
        });
        done(store, |tx| {
            assert_eq!(tx.feed_pushed(&token(URLS[0], 1))?, None, "another token has taken its place");
            assert_eq!(tx.feed_pushed(&token(URLS[0], 2))?, Some(feed(URLS[0], 2)));
            assert_eq!(tx.feed_pushed("")?, None);
            tx.remove_feed(URLS[2])?;
            assert_eq!(tx.feed_pushed(&token(URLS[2], 3))?, None);
            Ok(())
        });
    });
}

#[test]
fn imports_are_found_by_node_by_feed_and_by_who_wants_them() {
    on_each(|store| {
        let all = [
            import(NodeKey(1), URLS[0], Some("r@m.lit")),
            import(NodeKey(1), URLS[2], None),
            import(NodeKey(2), URLS[0], Some("j@c.lit/x")),
        ];
        done(store, |tx| all.iter().try_for_each(|import| tx.put_import(import)));
        done(store, |tx| tx.put_known(NodeKey(1), URLS[0], &[known(1), known(2)]));
        done(store, |tx| tx.put_known(NodeKey(9), URLS[0], &[known(1)]));
        done(store, |tx| {
            assert_eq!(tx.import(NodeKey(1), URLS[2])?, Some(all[1].clone()));
            assert_eq!(tx.imports_into(NodeKey(1), 9)?, all[..2]);
            assert_eq!(tx.imports_of(URLS[0], None, 9)?, [all[0].clone(), all[2].clone()]);
            assert_eq!(tx.imports_of(URLS[0], Some(NodeKey(1)), 9)?, all[2..]);
            assert_eq!(tx.imports_by(Some("j@c.lit"), 9)?, all[2..]);
            assert_eq!(tx.imports_by(None, 9)?, all[1..2]);
            assert_eq!(tx.known(NodeKey(1), URLS[0])?, [known(1), known(2)]);
            assert_eq!(tx.known(NodeKey(9), URLS[0])?, [], "nothing is known of what is not imported");
            tx.put_import(&Import { by: Some(jid("j@c.lit")), ..all[0].clone() })?;
            tx.remove_import(NodeKey(2), URLS[0])
        });
        done(store, |tx| {
            assert_eq!(tx.imports_by(Some("r@m.lit"), 9)?, []);
            assert_eq!(tx.imports_by(Some("j@c.lit"), 9)?.len(), 1);
            tx.remove_import(NodeKey(1), URLS[0])?;
            assert_eq!(tx.known(NodeKey(1), URLS[0])?, []);
            tx.remove_import(NodeKey(1), URLS[2])
        });
    });
}
