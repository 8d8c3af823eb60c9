//! A configuration comes back from the store as it was, whatever option differs from its default.

use atomsub::pubsub::config::NodeConfig;
use atomsub::pubsub::node::Node;
use atomsub::pubsub::options::{FIELDS, Kind, set};
use atomsub::store::kv::KvStore;

use crate::map::Map;
use crate::nouns::{create, done, node};

/// Values to try for an option: at least one of them is not the default.
fn values(kind: Kind) -> Vec<Vec<String>> {
    let one = |value: &str| vec![value.to_owned()];
    match kind {
        Kind::Boolean => vec![one("0"), one("1")],
        Kind::Text => vec![one(""), one("two\nlines ä")],
        Kind::IntegerOrMax => vec![one("max"), one("7")],
        Kind::Lines | Kind::Jids => vec![vec![], vec!["a".to_owned(), "b".to_owned()]],
        Kind::Choice(words) => words().into_iter().map(one).collect(),
    }
}

#[test]
fn every_option_is_kept() {
    let mut store = KvStore::open(Map::default(), None).unwrap();
    let key = done(&mut store, |tx| create(tx, "a"));
    let mut all = NodeConfig::default();
    for field in FIELDS {
        let mut differs = false;
        for values in values(field.kind) {
            let mut config = NodeConfig::default();
            set(&mut config, field.var, &values).unwrap();
            if config != NodeConfig::default() {
                differs = true;
                set(&mut all, field.var, &values).unwrap();
            }
            for config in [config, all.clone()] {
                let stored = Node { config, ..node(key, "a") };
                let kept = done(&mut store, |tx| {
                    tx.put_node(&stored)?;
                    tx.node_by_key(key)
                });
                assert_eq!(kept, Some(stored), "{}", field.var);
            }
        }
        assert!(differs, "{} was never other than by default", field.var);
    }
}
