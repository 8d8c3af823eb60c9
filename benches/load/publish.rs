//! Publishing: by one who waits for each answer, and by many at once, each to a node of his own.

use crate::limits::{echo_rate, syncs};
use crate::plan::Plan;
use crate::stage::{Measured, Stage, fresh};
use crate::stanza::{JULIET, iq, publish};
use crate::table::{Row, Table, Target};

/// How many publish at once.
const MANY: usize = 64;

/// One at a time.
pub(crate) fn one(stage: &mut Stage, plan: &Plan) -> Measured {
    let node = stage.node(&[]);
    stage.flow(1, plan, to_nodes(&[node]))
}

/// Many at a time.
pub(crate) fn many(stage: &mut Stage, plan: &Plan) -> Measured {
    let nodes = stage.nodes(MANY, &[]);
    stage.flow(MANY, plan, to_nodes(&nodes))
}

/// Each user publishes new items to his own node.
fn to_nodes(nodes: &[String]) -> impl FnMut(&mut Vec<u8>, usize, &str) {
    move |out, user, id| {
        let publish = publish(&nodes[user], &fresh("new"));
        out.extend_from_slice(iq("set", JULIET, id, &publish).as_bytes());
    }
}

/// Both, with their limits.
pub(crate) fn measure(table: &mut Table, plan: &Plan) {
    let mut stage = Stage::new();
    let echo = echo_rate(&[], 1, plan, to_nodes(&["echo".to_owned()]));
    table.add(&Row::new("echo component, publishes, one at a time", echo, "/s"));
    // The disk is not always as fast: before, between and after.
    let mut limits = vec![syncs(plan.stretch())];
    let mut all = Vec::new();
    for _ in 0..3 {
        all.push(one(&mut stage, &plan.third()));
        limits.push(syncs(plan.stretch()));
    }
    limits.sort_by(f64::total_cmp);
    all.sort_by(|one, other| one.rate.total_cmp(&other.rate));
    let (limit, done) = (f64::midpoint(limits[1], limits[2]), &all[1]);
    table.add(&Row::new("1.3 KB appended and synced, one at a time", limit, "/s"));
    table.add(
        &done.row("publish, one at a time", "/s").of(limit, "append + fdatasync").to(Target::Share(0.6)),
    );
    let echo = echo_rate(&[], MANY, plan, to_nodes(&vec!["echo".to_owned(); MANY]));
    table.add(&Row::new("echo component, publishes, 64 in flight", echo, "/s"));
    let done = many(&mut stage, plan);
    let target = Target::AtLeastAndShare(20_000.0, 0.15);
    table.add(&done.row("publish, 64 in flight over 64 nodes", "/s").of(echo, "echo").to(target));
}
