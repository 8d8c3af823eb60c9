//! Subscribing and unsubscribing, among few others and among many.

use crate::flow::median;
use crate::limits::echo_rate;
use crate::plan::Plan;
use crate::stage::{Measured, Stage};
use crate::stanza::{iq, subscribe, subscriber};
use crate::table::{Row, Table, Target};

const AT_ONCE: usize = 16;
const FEW: usize = 1_000;

/// In turn, by some at once, on a node with the usual few others.
pub(crate) fn among_few(stage: &mut Stage, plan: &Plan) -> Measured {
    let node = among(stage, FEW);
    stage.flow(AT_ONCE, plan, in_turn(&node))
}

/// A node with that many subscribers, room left for those who come and go.
fn among(stage: &mut Stage, others: usize) -> String {
    // The owner need not hear of each: that would be half of the work.
    let node = stage.node(&[("notify_sub", "0")]);
    stage.subscribe(std::slice::from_ref(&node), AT_ONCE..AT_ONCE + others);
    node
}

fn in_turn(node: &str) -> impl FnMut(&mut Vec<u8>, usize, &str) {
    let mut is_in = [false; AT_ONCE];
    move |out, user, id| {
        let (jid, un) = (subscriber(user), if is_in[user] { "un" } else { "" });
        is_in[user] = !is_in[user];
        out.extend_from_slice(iq("set", &jid, id, &subscribe(un, node, &jid)).as_bytes());
    }
}

/// Both, with their limit.
pub(crate) fn measure(table: &mut Table, plan: &Plan) {
    let many = plan.either(20_000, 100_000);
    let limit = echo_rate(&[], AT_ONCE, plan, in_turn("echo"));
    table.add(&Row::new("echo component, subscribe/unsubscribe, 16 in flight", limit, "/s"));
    let mut stage = Stage::new();
    let nodes = [FEW, many].map(|others| among(&mut stage, others));
    // In turn, since the machine is not always the same.
    let mut rounds: Vec<[Measured; 2]> = Vec::new();
    for _ in 0..3 {
        rounds.push([0, 1].map(|which| stage.flow(AT_ONCE, plan, in_turn(&nodes[which]))));
    }
    let usual = |which: usize, what: fn(&Measured) -> f64| {
        median(rounds.iter().map(|round| what(&round[which])).collect())
    };
    let (rates, cpus) =
        ([0, 1].map(|which| usual(which, |one| one.rate)), [0, 1].map(|which| usual(which, |one| one.cpu)));
    for which in [0, 1] {
        let others = [FEW, many][which];
        let name = format!("subscribe/unsubscribe, 16 in flight, among {others}");
        let row = Row { cpu: Some(cpus[which] * 1e6), ..Row::new(&name, rates[which], "/s") };
        table.add(&row.of(limit, "echo").to(Target::AtLeast(20_000.0)));
    }
    let row = Row::new("the latter, and the former", rates[1], "/s").of(rates[0], "among few");
    table.add(&row.to(Target::Within(0.8, 1.2)));
    let row =
        Row::new("the same, processor time of each", cpus[1] * 1e6, "us").of(cpus[0] * 1e6, "among few");
    table.add(&row.to(Target::Within(0.8, 1.2)));
}
