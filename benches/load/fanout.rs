//! Telling many: notifications to a large audience, each as soon as one publishes.

use std::time::{Duration, Instant};

use crate::flow::{median, percentile};
use crate::host::Heard;
use crate::limits::blast;
use crate::plan::Plan;
use crate::stage::{Measured, Stage, fresh};
use crate::stanza::{JULIET, iq, publish, subscriber};
use crate::table::{Row, Table, Target};

/// How many a large audience has.
pub(crate) const AUDIENCE: usize = 10_000;

/// What came of it.
pub(crate) struct FanOut {
    /// Notifications a second.
    pub(crate) told: Measured,
    /// From the publish to the first of them.
    pub(crate) first: Duration,
    /// The most memory of the service.
    pub(crate) peak: u64,
}

/// Publishes again and again to a node with a large audience, each time when all were told of the last.
pub(crate) fn fan_out(stage: &mut Stage, node: &str, audience: usize, plan: &Plan) -> FanOut {
    let (mut firsts, mut lasts) = (Vec::new(), Vec::new());
    let begin = Instant::now() + plan.warm_up();
    let mut cpu = None;
    stage.service.forget_peak();
    while lasts.len() < 3 || begin.elapsed() < plan.stretch() * 3 {
        if cpu.is_none() && Instant::now() > begin {
            cpu = Some(stage.service.cpu());
        }
        let (first, last) = once(stage, node, audience);
        if cpu.is_some() {
            firsts.push(first);
            lasts.push(last);
        }
    }
    let used = stage.service.cpu().saturating_sub(cpu.unwrap_or_default());
    let told = (audience * lasts.len()) as f64;
    firsts.sort();
    lasts.sort();
    FanOut {
        told: Measured {
            rate: audience as f64 / percentile(&lasts, 0.5).as_secs_f64(),
            cpu: used.as_secs_f64() / told,
            waits: None,
        },
        first: percentile(&firsts, 0.5),
        peak: stage.service.peak(),
    }
}

/// Publishes once: how long until the first was told, and until all were.
fn once(stage: &mut Stage, node: &str, audience: usize) -> (Duration, Duration) {
    let stanza = iq("set", JULIET, "fan-out", &publish(node, &fresh("told")));
    let (start, mut first, mut told, mut is_answered) = (Instant::now(), None, 0, false);
    stage.host.send(stanza.as_bytes());
    while told < audience || !is_answered {
        stage.host.hear(|heard| match heard {
            Heard::Notice(_) => told += 1,
            Heard::Answer(..) => is_answered = true,
        });
        if told > 0 {
            first.get_or_insert_with(|| start.elapsed());
        }
    }
    assert_eq!(told, audience, "nobody is told twice");
    (first.unwrap_or_default(), start.elapsed())
}

/// The usual audience.
pub(crate) fn usual(stage: &mut Stage, plan: &Plan) -> FanOut {
    let node = audience(stage, AUDIENCE);
    fan_out(stage, &node, AUDIENCE, plan)
}

/// A node with that many subscribers.
pub(crate) fn audience(stage: &mut Stage, count: usize) -> String {
    let node = stage.node(&[("notify_sub", "0")]);
    stage.subscribe(std::slice::from_ref(&node), 0..count);
    stage.settle();
    node
}

/// All of it, with its limit.
pub(crate) fn measure(table: &mut Table, plan: &Plan) {
    let mut stage = Stage::new();
    let count = AUDIENCE;
    let node = audience(&mut stage, count);
    let notice = stage.notice(&node);
    let recipients: Vec<String> = (0..count).map(subscriber).collect();
    // In turn, since the machine is not always the same.
    let (mut limits, mut rounds) = (Vec::new(), Vec::new());
    for _ in 0..3 {
        limits.push(blast(&notice, &recipients, plan));
        rounds.push(fan_out(&mut stage, &node, count, plan));
    }
    let limit = median(limits);
    let usual = |what: fn(&FanOut) -> f64| median(rounds.iter().map(what).collect());
    table.add(&Row::new("notifications ready in memory, through the same socket", limit, "/s"));
    let name = format!("notifications of a publish to {count} subscribers");
    let cpu = usual(|round| round.told.cpu * 1e6);
    let row = Row { cpu: Some(cpu), ..Row::new(&name, usual(|round| round.told.rate), "/s") };
    table.add(&row.of(limit, "ready in memory").to(Target::Share(0.5)));
    let first = usual(|round| round.first.as_secs_f64() * 1e3);
    table.add(&Row::new("from the publish to the first notification", first, "ms").to(Target::AtMost(2.0)));
    let peak = usual(|round| round.peak as f64 / 1e6);
    table.add(&Row::new("most memory meanwhile", peak, "MB"));
}
