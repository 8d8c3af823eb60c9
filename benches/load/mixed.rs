//! A day's work: of a hundred users' requests 80 % read the newest 20 items, 15 % publish, 5 % subscribe or, who is
//! subscribed, unsubscribe; over 20 nodes. So about half of the users hear of what is published to a node each.

use rand::rngs::SmallRng;
use rand::{RngExt as _, SeedableRng as _};

use crate::limits::echo_rate;
use crate::plan::Plan;
use crate::stage::{Measured, Stage, fresh};
use crate::stanza::{JULIET, iq, newest, publish, subscribe, subscriber};
use crate::table::{Row, Table, Target};

const USERS: usize = 100;
const NODES: usize = 20;
const ITEMS: usize = 100;
const NEWEST: usize = 20;

/// The mixture, on nodes of its own.
pub(crate) fn mixed(stage: &mut Stage, plan: &Plan) -> Measured {
    let nodes = stage.nodes(NODES, &[]);
    stage.publish(&nodes, 0..NODES * ITEMS);
    stage.flow(USERS, plan, mixture(&nodes))
}

fn mixture(nodes: &[String]) -> impl FnMut(&mut Vec<u8>, usize, &str) {
    let mut chance = SmallRng::seed_from_u64(1594);
    let mut subscribed = [None; USERS];
    move |out, user, id| {
        let (jid, node) = (subscriber(user), chance.random_range(0..nodes.len()));
        let stanza = match chance.random_range(0..100) {
            0..80 => iq("get", &jid, id, &newest(&nodes[node], NEWEST)),
            80..95 => iq("set", JULIET, id, &publish(&nodes[node], &fresh("mixed"))),
            _ => {
                let (un, node) = subscribed[user].take().map_or(("", node), |left| ("un", left));
                subscribed[user] = un.is_empty().then_some(node);
                iq("set", &jid, id, &subscribe(un, &nodes[node], &jid))
            }
        };
        out.extend_from_slice(stanza.as_bytes());
    }
}

/// The mixture, with its limit.
pub(crate) fn measure(table: &mut Table, plan: &Plan) {
    let mut stage = Stage::new();
    let node = stage.node_with_items(ITEMS);
    let answer = stage.newest(&node, NEWEST);
    let limit = echo_rate(&answer, USERS, plan, mixture(&[node]));
    let done = mixed(&mut stage, plan);
    let name = "mixed: 80 % newest 20, 15 % publish, 5 % subscribe, 100 users";
    table.add(&done.row(name, "/s").of(limit, "echo of like answers").to(Target::AtLeast(15_000.0)));
    let [half, most] = [0.5, 0.99].map(|share| done.wait(share).as_secs_f64() * 1e3);
    table.add(&Row::new("mixed: half of the answers took less than", half, "ms"));
    table.add(&Row::new("mixed: 99 % of the answers took less than", most, "ms").to(Target::AtMost(20.0)));
}
