//! Whether what is kept of feeds agrees with itself.

use super::kv::wanted_by;
use crate::pubsub::fault::Fault;
use crate::store::keys;
use crate::store::verify::Walk;

/// Walks the feeds and their imports.
pub(in crate::store) fn walk(walk: &mut Walk<'_>) -> Result<(), Fault> {
    walk.each(&keys::all_feeds(), |walk, feed| {
        walk.report.feeds += 1;
        if let Some(due) = feed.next {
            let reminded = walk.get(&keys::feed_due(due, &feed.url))?.is_some();
            walk.expect(reminded, || format!("the feed {} has no reminder", feed.url));
        }
        Ok(())
    })?;
    walk.each(&keys::all_feeds_due(), |walk, (due, url)| {
        let found = walk.get(&keys::feed(&url))?.is_some_and(|feed| feed.next == Some(due));
        walk.expect(found, || format!("a reminder of the feed {url} is about nothing"));
        Ok(())
    })?;
    let (mut imports, mut listed, mut wanted) = (0_u64, 0_u64, 0_u64);
    walk.each(&keys::all_imports(), |walk, import| {
        imports += 1;
        let (node, url) = (import.node, &import.url);
        let is_listed = walk.get(&keys::import_of(url, node))?.is_some();
        let is_wanted = walk.get(&keys::import_by(wanted_by(&import), node, url))?.is_some();
        walk.expect(is_listed && is_wanted, || {
            format!("the import of {url} into node {} is not listed", node.0)
        });
        Ok(())
    })?;
    walk.each(&keys::all_imports_of(), |_, _| {
        listed += 1;
        Ok(())
    })?;
    walk.each(&keys::all_imports_by(), |_, _| {
        wanted += 1;
        Ok(())
    })?;
    walk.expect(imports == listed && imports == wanted, || {
        format!("{listed} imports are listed, {wanted} are wanted and {imports} are there")
    });
    walk.each_key(&keys::all_known(), |walk, key, _| {
        let is_imported = walk.get(&keys::import_of_known(key))?.is_some();
        walk.expect(is_imported, || "entries are known of a feed that is not imported".to_owned());
        Ok(())
    })
}
