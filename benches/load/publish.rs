//! Publishing: by one who waits for each answer, and by many at once, each to a node of his own.

use std::time::{Duration, Instant};

use crate::flow::median;
use crate::limits::{Disk, echo_rate};
use crate::plan::Plan;
use crate::stage::{Measured, Stage, fresh};
use crate::stanza::{JULIET, iq, publish};
use crate::table::{Row, Table, Target};

/// How long it is the turn of each.
const TURN: Duration = Duration::from_millis(50);
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
    let [rate, limit, in_place] = beside_syncs(&mut stage, plan);
    table.add(&Row::new("1.3 KB written in place and synced, one at a time", in_place, "/s"));
    table.add(&Row::new("1.3 KB appended and synced, one at a time", limit, "/s"));
    let row = Row::new("publish, one at a time", rate, "/s").of(limit, "append + fdatasync");
    table.add(&row.to(Target::Share(0.6)));

    let echo = echo_rate(&[], MANY, plan, to_nodes(&vec!["echo".to_owned(); MANY]));
    table.add(&Row::new("echo component, publishes, 64 in flight", echo, "/s"));
    let together = Disk::new().appends(MANY, plan.stretch()) * MANY as f64;
    table.add(&Row::new("64 times 1.3 KB appended and synced together", together, "/s"));
    let done = many(&mut stage, plan);
    let target = Target::AtLeastAndShare(20_000.0, 0.15);
    table.add(&done.row("publish, 64 in flight over 64 nodes", "/s").of(echo, "echo").to(target));
    let name = "publish, 64 in flight over 64 nodes, and what the disk allows";
    table.add(&Row::new(name, done.rate, "/s").of(together, "64 appends + fdatasync"));
}

/// Publishes, appends and writes in place in turns of a few, since a disk is not always as fast: what is usual of each, a
/// second.
fn beside_syncs(stage: &mut Stage, plan: &Plan) -> [f64; 3] {
    let node = stage.node(&[]);
    let (mut growing, mut laid_out) = (Disk::new(), Disk::laid_out());
    let [mut publishes, mut appends, mut in_place] = [const { Vec::new() }; 3];
    let start = Instant::now();
    while start.elapsed() < plan.stretch() * 6 {
        let (turn, mut count) = (Instant::now(), 0);
        while turn.elapsed() < TURN {
            stage.ask(JULIET, "set", &publish(&node, &fresh("new")));
            count += 1;
        }
        publishes.push(f64::from(count) / turn.elapsed().as_secs_f64());
        appends.push(growing.appends(1, TURN));
        in_place.push(laid_out.appends(1, TURN));
    }
    [publishes, appends, in_place].map(median)
}
