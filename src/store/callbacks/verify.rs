//! Whether what is kept of callbacks agrees with itself.

use std::collections::BTreeMap;

use crate::pubsub::fault::Fault;
use crate::pubsub::hub::Share;
use crate::store::keys;
use crate::store::verify::Walk;

/// Walks the callbacks.
pub(in crate::store) fn walk(walk: &mut Walk<'_>) -> Result<(), Fault> {
    let mut counted: BTreeMap<Share, u64> = BTreeMap::new();
    walk.each(&keys::callbacks_after(None), |walk, callback| {
        walk.report.callbacks += 1;
        callback.shares().for_each(|share| *counted.entry(share).or_default() += 1);
        let ends = walk.get(&keys::callback_end(callback.ends, &callback.key))?.is_some();
        walk.expect(ends, || format!("a callback at {} has no end", callback.host));
        Ok(())
    })?;
    let (mut ends, mut recorded) = (0_u64, 0_usize);
    walk.each(&keys::all_callbacks_end(), |_, _| {
        ends += 1;
        Ok(())
    })?;
    let there = walk.report.callbacks;
    walk.expect(ends == there, || format!("{ends} callbacks end and {there} are there"));
    for (share, count) in &counted {
        let known = walk.get(&keys::callbacks_counted(share))?;
        walk.expect(known == Some(*count), || {
            format!("there are {count} callbacks of {share:?} and {known:?} are recorded")
        });
    }
    walk.each(&keys::all_callbacks_counted(), |_, _| {
        recorded += 1;
        Ok(())
    })?;
    let those = counted.len();
    walk.expect(recorded == those, || format!("callbacks of {recorded} are counted, and there are {those}"));
    Ok(())
}
