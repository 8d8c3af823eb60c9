//! Whether cost stays flat as the work grows: the same loads over an empty store and over a full one.

use std::time::Instant;

use crate::flow::fill;
use crate::plan::Plan;
use crate::stage::Stage;
use crate::stanza::{ENTRY_BYTES, JULIET, iq, retract};
use crate::table::{Row, Table, Target};
use crate::{fanout, mixed, publish, read, subscribe};

/// A load that is repeated.
type Repeated = (&'static str, fn(&mut Stage, &Plan) -> f64);

const REPEATED: [Repeated; 7] = [
    ("publish, one at a time", |stage, plan| publish::one(stage, plan).rate),
    ("publish, 64 in flight over 64 nodes", |stage, plan| publish::many(stage, plan).rate),
    ("newest 20 of 1,000 items, 16 at a time", |stage, plan| read::newest_items(stage, plan).rate),
    ("walk through 1,000 items in pages of 50", |stage, plan| read::walk(stage, plan).rate),
    ("subscribe/unsubscribe, 16 in flight, among 1,000", |stage, plan| {
        subscribe::among_few(stage, plan).rate
    }),
    ("mixed, 100 users", |stage, plan| mixed::mixed(stage, plan).rate),
    ("notifications of a publish to 10,000", |stage, plan| fanout::usual(stage, plan).told.rate),
];

/// Fills, measures, overwrites, deletes.
pub(crate) fn measure(table: &mut Table, plan: &Plan) {
    let mut stage = Stage::new();
    let empty = REPEATED.map(|(_, load)| load(&mut stage, plan));
    drop(stage);

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
    let (stage, took) = stage.restart();
    let mut stage = stage;
    table.add(&Row::new("from start to serving", took.as_secs_f64(), "s").to(Target::AtMost(2.0)));
    for ((name, load), empty) in REPEATED.iter().zip(empty) {
        let row = Row::new(&format!("full store: {name}"), load(&mut stage, plan), "/s");
        table.add(&row.of(empty, "empty store").to(Target::Share(0.75)));
    }
    table.add(&Row::new("memory", stage.service.memory() as f64 / 1e6, "MB").to(Target::AtMost(300.0)));

    let full = disk(&stage) - before;
    fill(&mut stage.host, count / 10 * 9, |out, at, id| {
        let stanza = iq("set", JULIET, id, &retract(&nodes[at % nodes.len()], &format!("item{at}")));
        out.extend_from_slice(stanza.as_bytes());
    });
    table.add(&Row::new("disk, 90 % of the items deleted", disk(&stage) - before, "MB").of(full, "before"));
}
