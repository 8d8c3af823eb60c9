//! Reading: the newest items of a node, and a walk through all of them in pages.

use std::time::{Duration, Instant};

use memchr::memmem;

use crate::flow::{Flow, median, percentile};
use crate::limits::{echo, echo_rate};
use crate::plan::Plan;
use crate::stage::{Measured, Stage, inside};
use crate::stanza::{iq, newest, page, subscriber};
use crate::table::{Row, Table, Target};

const NEWEST: usize = 20;
const AT_ONCE: usize = 16;
const PAGE: usize = 50;
const ITEMS: usize = 1_000;

/// The newest items of a node, asked for by some at once.
pub(crate) fn newest_items(stage: &mut Stage, plan: &Plan) -> Measured {
    let node = stage.node_with_items(ITEMS);
    stage.flow(AT_ONCE, plan, ask_newest(&node))
}

fn ask_newest(node: &str) -> impl FnMut(&mut Vec<u8>, usize, &str) {
    move |out, user, id| {
        out.extend_from_slice(iq("get", &subscriber(user), id, &newest(node, NEWEST)).as_bytes());
    }
}

/// How long each page of a walk took.
pub(crate) struct Walk(Vec<Duration>);

impl Walk {
    /// Through a node, from the first page to the last.
    pub(crate) fn through(stage: &mut Stage, node: &str) -> Self {
        let (mut pages, mut after) = (Vec::new(), None);
        loop {
            let start = Instant::now();
            let answer = stage.ask(&subscriber(0), "get", &page(node, PAGE, after.as_deref()));
            pages.push(start.elapsed());
            after = last(&answer);
            if after.is_none() || memmem::find_iter(&answer, "<item ").count() < PAGE {
                return Self(pages);
            }
        }
    }

    /// Pages a second.
    pub(crate) fn rate(&self) -> f64 {
        self.0.len() as f64 / self.0.iter().sum::<Duration>().as_secs_f64()
    }

    /// The usual time for a page of the last tenth, in those of the first tenth.
    fn slope(&self) -> f64 {
        let tenth = self.0.len().div_ceil(10);
        let [first, last] = [&self.0[..tenth], &self.0[self.0.len() - tenth..]].map(|part| {
            let mut part = part.to_vec();
            part.sort();
            percentile(&part, 0.5).as_secs_f64()
        });
        last / first
    }
}

/// The cursor behind a page.
fn last(answer: &[u8]) -> Option<String> {
    let start = memmem::find(answer, b"<last>")? + "<last>".len();
    let end = start + memmem::find(&answer[start..], b"</last>")?;
    Some(String::from_utf8_lossy(&answer[start..end]).into_owned())
}

/// Pages a second in walks through a node of the usual size.
pub(crate) fn walk(stage: &mut Stage, plan: &Plan) -> Measured {
    let node = stage.node_with_items(ITEMS);
    Walk::through(stage, &node);
    let (start, cpu, mut rates, mut pages) = (Instant::now(), stage.service.cpu(), Vec::new(), 0);
    while start.elapsed() < plan.stretch() * 3 {
        let walk = Walk::through(stage, &node);
        rates.push(walk.rate());
        pages += walk.0.len();
    }
    let cpu = stage.service.cpu().saturating_sub(cpu).as_secs_f64() / pages as f64;
    Measured { rate: median(rates), cpu, waits: None }
}

/// All, with their limits.
pub(crate) fn measure(table: &mut Table, plan: &Plan) {
    let mut stage = Stage::new();
    let node = stage.node_with_items(ITEMS);
    let answer = stage.newest(&node, NEWEST);
    let limit = echo_rate(&answer, AT_ONCE, plan, ask_newest(&node));
    let done = newest_items(&mut stage, plan);
    let row = done.row("newest 20 of 1,000 items, 16 at a time", "/s").of(limit, "echo of the same answers");
    table.add(&row.to(Target::AtLeast(15_000.0)));

    let answer = stage.ask(&subscriber(0), "get", &page(&node, PAGE, None));
    let mut echo = echo(inside(&answer));
    let ask = |out: &mut Vec<u8>, _: usize, id: &str| {
        out.extend_from_slice(iq("get", &subscriber(0), id, &page(&node, PAGE, None)).as_bytes());
    };
    let limit = Flow::run(&mut echo, 1, plan, ask).rate;
    let done = walk(&mut stage, plan);
    table.add(
        &done.row("walk through 1,000 items in pages of 50", "/s").of(limit, "echo of the same answers"),
    );

    // A node keeps no more than that.
    let items = plan.scale.min(100_000);
    let node = stage.node_with_items(items);
    let walk = Walk::through(&mut stage, &node);
    let name = format!("walk through {items} items: last pages' time in first pages'");
    table.add(&Row::new(&name, walk.slope(), "").of(1.0, "the first pages").to(Target::Within(0.8, 1.2)));
    let name = format!("walk through {items} items in pages of 50");
    table.add(&Row::new(&name, walk.rate(), "/s").of(limit, "echo of the same answers"));
}
