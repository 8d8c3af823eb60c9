//! Whether a huge audience of one node delays others: another node is published to while it is told.

use std::time::{Duration, Instant};

use crate::fanout::audience;
use crate::flow::percentile;
use crate::host::Heard;
use crate::plan::Plan;
use crate::splitter::{attr, head};
use crate::stage::{Stage, fresh};
use crate::stanza::{JULIET, iq, publish, subscribe};
use crate::table::{Row, Table, Target};

/// Who alone hears of the other node.
const ROMEO: &str = "romeo@montague.example";

/// How long answers and notices took, sorted.
struct Waits {
    answers: Vec<Duration>,
    notices: Vec<Duration>,
}

impl Waits {
    /// Publishes one at a time, meanwhile to the huge audience too, as often as it has been told.
    fn measure(stage: &mut Stage, node: &str, huge: Option<(&str, usize)>, plan: &Plan) -> Self {
        let (mut answers, mut notices) = (Vec::new(), Vec::new());
        let (end, mut untold) = (Instant::now() + plan.stretch() * 3, 0);
        while Instant::now() < end {
            if let Some((huge, size)) = huge.filter(|(_, size)| untold < size / 2) {
                let stanza = iq("set", JULIET, "huge", &publish(huge, &fresh("huge")));
                stage.host.send(stanza.as_bytes());
                untold += size;
            }
            let stanza = iq("set", JULIET, "small", &publish(node, &fresh("small")));
            let (start, mut answered, mut told) = (Instant::now(), None, None);
            stage.host.send(stanza.as_bytes());
            while answered.is_none() || told.is_none() {
                stage.host.hear(|heard| match heard {
                    Heard::Answer("small", _) => answered = Some(start.elapsed()),
                    Heard::Answer(..) => {}
                    Heard::Notice(notice) if attr(head(notice), "to") == Some(ROMEO) => {
                        told = Some(start.elapsed());
                    }
                    Heard::Notice(_) => untold -= 1,
                });
            }
            answers.extend(answered);
            notices.extend(told);
        }
        while untold > 0 {
            stage.host.hear(|heard| untold -= usize::from(matches!(heard, Heard::Notice(_))));
        }
        stage.settle();
        answers.sort();
        notices.sort();
        Self { answers, notices }
    }
}

/// Alone, and beside the huge audience.
pub(crate) fn measure(table: &mut Table, plan: &Plan) {
    let size = plan.either(20_000, 100_000);
    let mut stage = Stage::new();
    let huge = audience(&mut stage, size);
    let small = stage.node(&[("notify_sub", "0")]);
    stage.ask(ROMEO, "set", &subscribe("", &small, ROMEO));
    let alone = Waits::measure(&mut stage, &small, None, plan);
    let beside = Waits::measure(&mut stage, &small, Some((&huge, size)), plan);
    let ms = |wait: Duration| wait.as_secs_f64() * 1e3;
    for (what, alone, beside) in
        [("answer", &alone.answers, &beside.answers), ("notice", &alone.notices, &beside.notices)]
    {
        let usual = ms(percentile(alone, 0.5));
        let name = format!("publish beside a fan-out to {size}: half of the {what}s took less than");
        table.add(&Row::new(&name, ms(percentile(beside, 0.5)), "ms").of(usual, "without it"));
        let name = format!("publish beside a fan-out to {size}: delay of 99 % of the {what}s at most");
        let delay = ms(percentile(beside, 0.99)) - usual;
        table.add(&Row::new(&name, delay, "ms").to(Target::AtMost(10.0)));
    }
}
