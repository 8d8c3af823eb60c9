//! The table: a figure, the limit it is compared with, and whether it meets its target.

use std::fmt::Write as _;

/// What a figure has to reach.
#[derive(Clone, Copy)]
pub(crate) enum Target {
    /// Nothing: it is shown for what it tells.
    None,
    /// At least so much.
    AtLeast(f64),
    /// At most so much.
    AtMost(f64),
    /// At least this share of the limit.
    Share(f64),
    /// At least so much and this share of the limit.
    AtLeastAndShare(f64, f64),
    /// A ratio to what it is compared with in this range.
    Within(f64, f64),
}

/// A line of the table.
pub(crate) struct Row {
    /// What was measured.
    pub(crate) name: String,
    /// How much it is.
    pub(crate) figure: f64,
    /// Of what.
    pub(crate) unit: &'static str,
    /// What it is compared with.
    pub(crate) limit: Option<(f64, &'static str)>,
    /// What it has to reach.
    pub(crate) target: Target,
    /// Microseconds of the service's processor time for each.
    pub(crate) cpu: Option<f64>,
}

/// All lines, printed as they come.
pub(crate) struct Table {
    rows: usize,
    missed: usize,
}

impl Table {
    /// Prints the head.
    pub(crate) fn new() -> Self {
        println!(
            "| {:<72} | {:>9} |    | {:>6} | {:<35} | {:>6} | {:<18} | {:<6} |",
            "what", "figure", "cpu", "limit", "ratio", "target", ""
        );
        println!("|{0:-<74}|{0:->10}:|----|{0:->7}:|{0:-<37}|{0:->7}:|{0:-<20}|{0:-<8}|", "");
        Self { rows: 0, missed: 0 }
    }

    /// Prints a line.
    pub(crate) fn add(&mut self, row: &Row) {
        self.rows += 1;
        let ratio = row.limit.map(|(limit, _)| row.figure / limit);
        let limit = row.limit.map_or_else(String::new, |(limit, of)| format!("{} {of}", number(limit)));
        let verdict = row.verdict();
        self.missed += usize::from(verdict == Some(false));
        println!(
            "| {:<72} | {:>9} | {:<2} | {:>6} | {limit:<35} | {:>6} | {:<18} | {:<6} |",
            row.name,
            number(row.figure),
            row.unit,
            row.cpu.map_or_else(String::new, number),
            ratio.map_or_else(String::new, number),
            row.target.text(),
            match verdict {
                None => "",
                Some(true) => "met",
                Some(false) => "MISSED",
            }
        );
    }

    /// Sums up.
    pub(crate) fn end(&self) {
        println!("\n{} figures, {} targets missed", self.rows, self.missed);
    }
}

impl Row {
    /// A figure that stands alone.
    pub(crate) fn new(name: &str, figure: f64, unit: &'static str) -> Self {
        Self { name: name.to_owned(), figure, unit, limit: None, target: Target::None, cpu: None }
    }

    /// Compared with that.
    pub(crate) fn of(self, limit: f64, what: &'static str) -> Self {
        Self { limit: Some((limit, what)), ..self }
    }

    /// With a target.
    pub(crate) fn to(self, target: Target) -> Self {
        Self { target, ..self }
    }

    fn verdict(&self) -> Option<bool> {
        let ratio = self.limit.map(|(limit, _)| self.figure / limit);
        match self.target {
            Target::None => None,
            Target::AtLeast(least) => Some(self.figure >= least),
            Target::AtMost(most) => Some(self.figure <= most),
            Target::Share(share) => ratio.map(|ratio| ratio >= share),
            Target::AtLeastAndShare(least, share) => {
                ratio.map(|ratio| self.figure >= least && ratio >= share)
            }
            Target::Within(least, most) => ratio.map(|ratio| ratio >= least && ratio <= most),
        }
    }
}

impl Target {
    fn text(self) -> String {
        match self {
            Self::None => String::new(),
            Self::AtLeast(least) => format!(">= {}", number(least)),
            Self::AtMost(most) => format!("<= {}", number(most)),
            Self::Share(share) => format!("ratio >= {share}"),
            Self::AtLeastAndShare(least, share) => format!(">= {}, r >= {share}", number(least)),
            Self::Within(least, most) => format!("{least} <= ratio <= {most}"),
        }
    }
}

/// Three digits at least, thousands apart.
pub(crate) fn number(value: f64) -> String {
    let digits = match value.abs() {
        small if small < 10.0 => 2,
        small if small < 100.0 => 1,
        _ => 0,
    };
    let text = format!("{value:.digits$}");
    let (whole, rest) =
        text.split_once('.').map_or((text.as_str(), ""), |(whole, _)| (whole, &text[whole.len()..]));
    let mut apart = String::new();
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at) % 3 == 0 && digit.is_ascii_digit() {
            apart.push(',');
        }
        let _ = write!(apart, "{digit}");
    }
    apart + rest
}
