//! Whether cost stays flat as the work grows: the same loads over an empty store and over a full one.

use std::time::Instant;

use crate::flow::fill;
use crate::plan::Plan;
use crate::stage::{Measured, Stage};
use crate::stanza::{ENTRY_BYTES, JULIET, iq, retract};
use crate::table::{Row, Table, Target};
use crate::{fanout, mixed, publish, read, subscribe};

/// A load that is repeated.
type Repeated = (&'static str, fn(&mut Stage, &Plan) -> Measured);

const REPEATED: [Repeated; 7] = [
    ("publish, one at a time", publish::one),
    ("publish, 64 in flight over 64 nodes", publish::many),
    ("newest 20 of 1,000 items, 16 at a time", read::newest_items),
    ("walk through 1,000 items in pages of 50", read::walk),
    ("subscribe/unsubscribe, 16 in flight, among 1,000", subscribe::among_few),
    ("mixed, 100 users", mixed::mixed),
    ("notifications of a publish to 10,000 subscribers", |stage, plan| fanout::usual(stage, plan).told),
];

/// Fills, measures, overwrites, deletes.
pub(crate) fn measure(table: &mut Table, plan: &Plan) {
    let mut stage = Stage::new();
    let count = plan.scale;
    let payload = (count * ENTRY_BYTES) as f64 / 1e6;
    let disk = |stage: &Stage| stage.service.disk() as f64 / 1e6;
    let before = disk(&stage);
    // Nobody is told of what is deleted, so that this measures the store.
    let nodes = stage.nodes((count / 100).max(1), &[("notify_sub", "0"), ("notify_retract", "0")]);
    let start = Instant::now();
    stage.publish(&nodes, 0..count);
    let rate = count as f64 / start.elapsed().as_secs_f64();
    table.add(&Row::new(&format!("fill: {count} items in {} nodes", nodes.len()), rate, "/s"));
    let filled = disk(&stage) - before;
    table.add(&Row::new("disk, filled", filled, "MB").of(payload, "payload").to(Target::Within(0.0, 3.0)));
    stage.publish(&nodes, 0..count / 10 * 9);
    table.add(
        &Row::new("disk, 90 % overwritten", disk(&stage) - before, "MB")
            .of(payload, "payload")
            .to(Target::Within(0.0, 3.0)),
    );

    let start = Instant::now();
    stage.subscribe(&nodes, 0..count);
    let rate = count as f64 / start.elapsed().as_secs_f64();
    table.add(&Row::new(&format!("fill: {count} subscriptions"), rate, "/s"));
    let (mut stage, took) = stage.restart();
    table.add(&Row::new("from start to serving", took.as_secs_f64(), "s").to(Target::AtMost(2.0)));
    // One after the other, since the machine is not always the same.
    let mut little = Stage::new();
    for (name, load) in REPEATED {
        let (empty, full) = (load(&mut little, plan), load(&mut stage, plan));
        let row = full.row(&format!("full store: {name}"), "/s");
        table.add(&row.of(empty.rate, "empty store").to(Target::Share(0.75)));
        let row = Row::new("full store: the same, processor time of each", full.cpu * 1e6, "us");
        table.add(&row.of(empty.cpu * 1e6, "empty store").to(Target::Within(0.0, 1.25)));
    }
    drop(little);
    table.add(&Row::new("memory", stage.service.memory() as f64 / 1e6, "MB").to(Target::AtMost(300.0)));

    let full = disk(&stage) - before;
    fill(&mut stage.host, count / 10 * 9, |out, at, id| {
        let stanza = iq("set", JULIET, id, &retract(&nodes[at % nodes.len()], &format!("item{at}")));
        out.extend_from_slice(stanza.as_bytes());
    });
    table.add(&Row::new("disk, 90 % of the items deleted", disk(&stage) - before, "MB").of(full, "before"));
}
