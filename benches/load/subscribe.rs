//! Subscribing and unsubscribing, among few others and among many.

use crate::limits::echo_rate;
use crate::plan::Plan;
use crate::stage::{Measured, Stage};
use crate::stanza::{iq, subscribe, subscriber};
use crate::table::{Row, Table, Target};

const AT_ONCE: usize = 16;
const FEW: usize = 1_000;

/// In turn, by some at once, on a node that others are subscribed to.
pub(crate) fn among(stage: &mut Stage, others: usize, plan: &Plan) -> Measured {
    // The owner need not hear of each: that would be half of the work.
    let node = stage.node(&[("notify_sub", "0")]);
    stage.subscribe(std::slice::from_ref(&node), AT_ONCE..others);
    stage.flow(AT_ONCE, plan, in_turn(&node))
}

/// The usual few.
pub(crate) fn among_few(stage: &mut Stage, plan: &Plan) -> Measured {
    among(stage, FEW, plan)
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
    let few = among_few(&mut stage, plan);
    let target = Target::AtLeast(20_000.0);
    let row = few.row(&format!("subscribe/unsubscribe, 16 in flight, among {FEW}"), "/s");
    table.add(&row.of(limit, "echo").to(target));
    let lots = among(&mut stage, many, plan);
    let row = lots.row(&format!("subscribe/unsubscribe, 16 in flight, among {many}"), "/s");
    table.add(&row.of(limit, "echo").to(target));
    let row = Row::new("the latter, and the former", lots.rate, "/s").of(few.rate, "among few");
    table.add(&row.to(Target::Within(0.8, 1.2)));
}
