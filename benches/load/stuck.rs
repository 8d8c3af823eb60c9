//! A host that stops reading: the service's memory stays bounded, and all goes on once it reads again.

use std::io::Write as _;
use std::thread::{sleep, spawn};
use std::time::{Duration, Instant};

use crate::fanout::{AUDIENCE, audience};
use crate::host::Heard;
use crate::plan::Plan;
use crate::stage::{Stage, fresh};
use crate::stanza::{JULIET, iq, newest, publish, subscriber};
use crate::table::{Row, Table, Target};

const ITEMS: usize = 100;

/// More answers and notices than fit anywhere, while nobody reads.
pub(crate) fn measure(table: &mut Table, plan: &Plan) {
    let (asks, publishes) = (plan.either(2_000, 8_000), plan.either(50, 200));
    let silence = Duration::from_secs(if plan.either(0, 1) == 0 { 2 } else { 10 });
    let mut stage = Stage::new();
    let node = audience(&mut stage, AUDIENCE);
    let read = stage.node_with_items(ITEMS);
    let before = stage.service.memory();
    stage.service.forget_peak();

    let mut socket = stage.host.socket();
    let writer = spawn(move || {
        for number in 0..publishes {
            let stanza = iq("set", JULIET, "p", &publish(&node, &fresh("unheard")));
            socket.write_all(stanza.as_bytes()).unwrap();
            for _ in 0..asks / publishes {
                let stanza = iq("get", &subscriber(number), "g", &newest(&read, ITEMS));
                socket.write_all(stanza.as_bytes()).unwrap();
            }
        }
    });
    sleep(silence);
    let stuck = stage.service.peak();
    let (start, mut answers, mut notices) = (Instant::now(), 0, 0);
    while answers < asks + publishes || notices < publishes * AUDIENCE {
        stage.host.hear(|heard| match heard {
            Heard::Answer(..) => answers += 1,
            Heard::Notice(_) => notices += 1,
        });
    }
    writer.join().unwrap();
    let took = start.elapsed();
    let mb = |bytes: u64| bytes as f64 / 1e6;
    let name = format!("host reads nothing for {} s, {} MB to tell: most memory", silence.as_secs(), {
        asks * ITEMS * 1_200 / 1_000_000 + publishes * AUDIENCE * 1_400 / 1_000_000
    });
    table.add(&Row::new(&name, mb(stuck), "MB").of(mb(before), "before").to(Target::AtMost(200.0)));
    let name = "host reads again: most memory until all was told";
    table.add(
        &Row::new(name, mb(stage.service.peak()), "MB").of(mb(before), "before").to(Target::AtMost(200.0)),
    );
    let told = (answers + notices) as f64 / took.as_secs_f64();
    table.add(&Row::new("host reads again: answers and notices", told, "/s"));
}
