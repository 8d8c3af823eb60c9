//! What atomsub can do on this machine, and how much of what the machine can do that is.
//!
//! ```text
//! cargo bench --bench load -- [NAME ...] [--real prosody|ejabberd] [--quick] [--scale NUMBER|full]
//! ```
//!
//! It starts `atomsub run` as users do, over a durable store on a disk, plays the host of the component protocol
//! (XEP-0114) itself, and sends what people send, 1 KB entries. In the same run it measures limits: a disk that
//! syncs each publish and does nothing else, a component in memory that answers without a thought (echo), and
//! notifications that were ready before the clock started. Each line of the table is a figure, the limit that it is
//! compared with, their ratio, and where issue and README promise something whether that is met. `cpu` is the
//! service's own processor time for each, in microseconds: it tells more than the rate where others use the machine.
//!
//! Names choose what to measure: `publish read subscribe mixed fanout fair stuck growth`; all without any. `--scale`
//! is how many items and subscriptions fill the store for `growth`, and `full` is a million. With `--real` a real
//! server stands between and people are online at it: `publish fanout`. `ATOMSUB_LOAD_ENGINE` is the store's engine,
//! where it is not to be the default one.
//!
//! Seconds are worth what the machine's quiet is worth: the last line tells how much of it others used.

// A load that cannot go on says why and stops, as a test does; what it measures goes to the terminal.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
#![allow(clippy::print_stdout, clippy::print_stderr)]
// Figures are shown with three digits.
#![allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss)]

use std::process::ExitCode;

use plan::{Plan, USAGE};
use table::Table;

mod fair;
mod fanout;
mod flow;
mod growth;
mod host;
mod limits;
mod machine;
mod mixed;
mod people;
mod plan;
mod publish;
mod read;
mod real;
mod service;
mod splitter;
mod stage;
mod stanza;
mod stuck;
mod subscribe;
mod table;

// What the tests use and this does not is no dead code.
#[allow(dead_code, clippy::format_push_string, clippy::format_collect)]
#[path = "../../tests/servers/harness/mod.rs"]
mod harness;

/// Measures one thing.
type Load = fn(&mut Table, &Plan);

const LOADS: [(&str, Load); 8] = [
    ("publish", publish::measure),
    ("read", read::measure),
    ("subscribe", subscribe::measure),
    ("mixed", mixed::measure),
    ("fanout", fanout::measure),
    ("fair", fair::measure),
    ("stuck", stuck::measure),
    ("growth", growth::measure),
];

/// What is measured behind a real server.
const REAL: [(&str, Load); 2] = [("publish", real::publish_online), ("fanout", real::tell_online)];

fn main() -> ExitCode {
    let plan = match Plan::read(std::env::args().skip(1)) {
        Ok(plan) => plan,
        Err(usage) => {
            eprintln!("{usage}");
            return ExitCode::FAILURE;
        }
    };
    let loads: &[(&str, Load)] = if plan.real.is_some() { &REAL } else { &LOADS };
    let names: Vec<&str> = loads.iter().map(|(name, _)| *name).collect();
    if let [unknown, ..] = plan.unknown(&names)[..] {
        eprintln!("there is no load {unknown:?}, but {}\n{USAGE}", names.join(" "));
        return ExitCode::FAILURE;
    }
    println!("{}, the store on {}\n", machine::description(), machine::file_system());
    let mut table = Table::new();
    let others = machine::Others::watch();
    for (_, load) in loads.iter().filter(|(name, _)| plan.wants(name)) {
        load(&mut table, &plan);
    }
    table.end();
    println!("others used {:.0} % of the processors meanwhile", others.share() * 100.0);
    ExitCode::SUCCESS
}
