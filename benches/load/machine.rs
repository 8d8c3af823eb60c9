//! The machine: what it is, and how much of it others use.

use std::fs;
use std::time::Instant;

/// A tick of the kernel's clocks: a hundredth of a second on every Linux that users see.
pub(crate) const TICK: f64 = 0.01;

/// What it is, in a few words.
pub(crate) fn description() -> String {
    let info = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = info.lines().find_map(|line| line.strip_prefix("model name")).unwrap_or_default();
    format!("{} processors {}", processors(), model.trim_start_matches([' ', '\t', ':']))
}

fn processors() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// The file system on which that is, as the kernel calls it.
pub(crate) fn file_system() -> String {
    let place = fs::canonicalize(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let mounts = fs::read_to_string("/proc/mounts").unwrap();
    let fields = mounts.lines().filter_map(|line| {
        let mut fields = line.split(' ').skip(1);
        Some((fields.next()?, fields.next()?))
    });
    let around = fields.filter(|(mount, _)| place.starts_with(mount));
    around.max_by_key(|(mount, _)| mount.len()).map_or_else(String::new, |(_, kind)| kind.to_owned())
}

/// What others do meanwhile.
pub(crate) struct Others {
    start: Instant,
    busy: f64,
}

impl Others {
    /// Watches from now on. All that was started has to have ended in the end.
    pub(crate) fn watch() -> Self {
        Self { start: Instant::now(), busy: busy() - own() }
    }

    /// Which share of the processors they used.
    pub(crate) fn share(&self) -> f64 {
        let used = busy() - own() - self.busy;
        (used / self.start.elapsed().as_secs_f64() / processors() as f64).max(0.0)
    }
}

/// Seconds for which processors were busy, all together.
fn busy() -> f64 {
    let stat = fs::read_to_string("/proc/stat").unwrap();
    let ticks: Vec<f64> =
        stat.lines().next().unwrap().split_whitespace().skip(1).flat_map(str::parse).collect();
    // All but idle and waiting for disks.
    (ticks[..8].iter().sum::<f64>() - ticks[3] - ticks[4]) * TICK
}

/// Seconds of processor time of this program and of all that it started and that ended.
fn own() -> f64 {
    used("self", 4)
}

/// Seconds of processor time of a process: in the first so many clocks that the kernel keeps for it.
pub(crate) fn used(process: &str, clocks: usize) -> f64 {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).unwrap();
    let fields = stat.rsplit_once(')').expect("behind the name").1.split_whitespace();
    fields.skip(11).take(clocks).flat_map(str::parse::<f64>).sum::<f64>() * TICK
}
