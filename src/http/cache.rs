//! Rendered documents, kept until a commit changes what they show.
//!
//! The line tells of each commit before its answers leave, so whoever has published finds his entry. A document that was
//! rendered from what was there before a commit, and is put here after it, is told by the number of the commit.

use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use crate::limits::{WEB_CACHE_AGE_MAX, WEB_CACHE_BYTES_MAX, WEB_CACHE_PAGES_MAX, WEB_CHANGES_REMEMBERED};
use crate::pubsub::node::NodeKey;

use super::page::Page;

/// What a document is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Key {
    pub(super) service: usize,
    pub(super) node: String,
    pub(super) document: Document,
}

/// Which document of a node.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Document {
    Feed { json: bool, archive: Option<u64> },
    Page { archive: Option<u64> },
    Item { id: String, atom: bool },
    Code,
}

/// A rendered document and what it depends on.
#[derive(Debug)]
pub(super) struct Rendered {
    pub(super) page: Page,
    pub(super) nodes: Vec<NodeKey>,
    /// After which commit it was asked for.
    pub(super) as_of: u64,
}

/// The documents.
#[derive(Debug, Default)]
pub(super) struct Cache(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    pages: HashMap<Key, Entry>,
    of_nodes: HashMap<NodeKey, HashSet<Key>>,
    bytes: usize,
    /// The last changes of nodes, with the numbers of their commits.
    changes: VecDeque<(u64, NodeKey)>,
    /// The commit up to which changes are forgotten.
    forgotten: u64,
    /// Grows with each use.
    uses: u64,
}

#[derive(Debug)]
struct Entry {
    page: Arc<Page>,
    nodes: Vec<NodeKey>,
    made: Instant,
    used: u64,
}

impl Cache {
    /// The document, if it is here and good.
    pub(super) fn get(&self, key: &Key) -> Option<Arc<Page>> {
        let mut kept = self.kept();
        kept.uses += 1;
        let uses = kept.uses;
        let entry = kept.pages.get_mut(key)?;
        entry.used = uses;
        (entry.made.elapsed() < WEB_CACHE_AGE_MAX).then(|| Arc::clone(&entry.page))
    }

    /// Keeps a document, unless something has changed since it was asked for.
    pub(super) fn put(&self, key: Key, rendered: Rendered) -> Arc<Page> {
        let Rendered { page, nodes, as_of } = rendered;
        let page = Arc::new(page);
        let mut kept = self.kept();
        let has_changed = |(commit, node): &(u64, NodeKey)| *commit > as_of && nodes.contains(node);
        if kept.forgotten <= as_of && !kept.changes.iter().any(has_changed) {
            kept.remove(&key);
            kept.make_room(page.weight());
            kept.uses += 1;
            let entry = Entry { page: Arc::clone(&page), nodes, made: Instant::now(), used: kept.uses };
            kept.insert(key, entry);
        }
        page
    }

    /// A commit has changed these nodes.
    pub(super) fn changed(&self, commit: u64, nodes: &BTreeSet<NodeKey>) {
        let mut kept = self.kept();
        for node in nodes {
            for key in kept.of_nodes.remove(node).unwrap_or_default() {
                kept.remove(&key);
            }
            kept.changes.push_back((commit, *node));
        }
        while kept.changes.len() > WEB_CHANGES_REMEMBERED {
            if let Some((commit, _)) = kept.changes.pop_front() {
                kept.forgotten = commit;
            }
        }
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        // Whoever panicked while he had it left at worst a page too few.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    fn insert(&mut self, key: Key, entry: Entry) {
        self.bytes += entry.page.weight();
        for node in &entry.nodes {
            self.of_nodes.entry(*node).or_default().insert(key.clone());
        }
        self.pages.insert(key, entry);
    }

    fn remove(&mut self, key: &Key) {
        let Some(entry) = self.pages.remove(key) else { return };
        self.bytes -= entry.page.weight();
        for node in entry.nodes {
            if let Some(keys) = self.of_nodes.get_mut(&node) {
                keys.remove(key);
                if keys.is_empty() {
                    self.of_nodes.remove(&node);
                }
            }
        }
    }

    /// Lets the quarter go that was not used for longest, as often as it takes.
    fn make_room(&mut self, bytes: usize) {
        let is_full =
            |kept: &Self| kept.bytes + bytes > WEB_CACHE_BYTES_MAX || kept.pages.len() >= WEB_CACHE_PAGES_MAX;
        while is_full(self) && !self.pages.is_empty() {
            let mut oldest: Vec<(u64, Key)> =
                self.pages.iter().map(|(key, entry)| (entry.used, key.clone())).collect();
            oldest.sort_by_key(|(used, _)| *used);
            oldest.truncate(oldest.len() / 4 + 1);
            for (_, key) in oldest {
                self.remove(&key);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Cache, Document, Key, Rendered};
    use crate::http::page::Page;
    use crate::limits::{WEB_CACHE_BYTES_MAX, WEB_CHANGES_REMEMBERED};
    use crate::pubsub::node::NodeKey;

    fn key(node: &str) -> Key {
        Key { service: 0, node: node.to_owned(), document: Document::Page { archive: None } }
    }

    fn put(cache: &Cache, node: &str, number: u64, as_of: u64) {
        let page = Page::new("text/plain", "", "x".repeat(400));
        cache.put(key(node), Rendered { page, nodes: vec![NodeKey(number), NodeKey(0)], as_of });
    }

    #[test]
    fn a_change_forgets_what_was_rendered_before_it() {
        let cache = Cache::default();
        put(&cache, "a", 1, 5);
        put(&cache, "b", 2, 5);
        assert!(cache.get(&key("a")).is_some());
        cache.changed(6, &[NodeKey(1)].into());
        assert!(cache.get(&key("a")).is_none() && cache.get(&key("b")).is_some());
        // It was asked for before the commit.
        put(&cache, "a", 1, 5);
        assert!(cache.get(&key("a")).is_none());
        put(&cache, "a", 1, 6);
        assert!(cache.get(&key("a")).is_some());
        cache.changed(7, &[NodeKey(0)].into());
        assert!(cache.get(&key("a")).is_none() && cache.get(&key("b")).is_none());
    }

    #[test]
    fn what_was_asked_for_too_long_ago_is_not_kept() {
        let cache = Cache::default();
        for commit in 10..10 + WEB_CHANGES_REMEMBERED as u64 + 5 {
            cache.changed(commit, &[NodeKey(9)].into());
        }
        put(&cache, "a", 1, 13);
        assert!(cache.get(&key("a")).is_none());
        put(&cache, "a", 1, 15);
        assert!(cache.get(&key("a")).is_some());
    }

    #[test]
    fn there_is_room_for_what_is_used() {
        let cache = Cache::default();
        put(&cache, "used", 1, 0);
        for number in 0..30_000 {
            put(&cache, &number.to_string(), number, 0);
            assert!(cache.get(&key("used")).is_some());
        }
        let kept = cache.kept();
        assert!(kept.bytes <= WEB_CACHE_BYTES_MAX && kept.pages.len() <= 10_000);
        assert_eq!(kept.bytes, kept.pages.values().map(|entry| entry.page.weight()).sum::<usize>());
        let listed: usize = kept.of_nodes.values().map(std::collections::HashSet::len).sum();
        assert!(listed <= 2 * kept.pages.len());
    }
}
