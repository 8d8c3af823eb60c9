//! The options of a subscription, declared once — XEP-0060 [#subscriber-configure], [#registrar-formtypes-subscribe].

use serde::{Deserialize, Serialize};

use crate::atom::filter::{self, Filter};
use crate::limits::{DIGEST_MILLISECONDS_MIN, FILTER_BYTES_MAX, FILTER_VALUES_MAX, LEASE_SECONDS_MAX};

use super::form::{Form, boolean};
use super::presence::show::Shows;
use super::refusal::{Refusal, Why};
use super::time::Timestamp;

/// How a subscriber wants to hear of a node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubscriptionOptions {
    /// `pubsub#deliver`: whether to hear at all.
    pub deliver: bool,
    /// `pubsub#digest`: whether published items are collected.
    pub digest: bool,
    /// `pubsub#digest_frequency`: for how many milliseconds at least.
    pub digest_milliseconds: u64,
    /// `pubsub#expire`
    pub expire: Expire,
    /// `pubsub#include_body`: whether messages can be read without a client for this.
    pub include_body: bool,
    /// `pubsub#show-values`: only when in one of these states; all of them: whatever the presence.
    pub show_values: Shows,
    /// `x-pubsub#filter_category` and so on: which items to hear of. Ours.
    pub filter: Filter,
}

/// When a subscription ends by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Expire {
    /// Never.
    Never,
    /// At a point in time.
    At(Timestamp),
    /// When the subscriber goes offline.
    WithPresence,
}

/// A day.
const DIGEST_MILLISECONDS: u64 = 24 * 60 * 60 * 1000;

impl Default for SubscriptionOptions {
    fn default() -> Self {
        Self {
            deliver: true,
            digest: false,
            digest_milliseconds: DIGEST_MILLISECONDS,
            expire: Expire::Never,
            include_body: false,
            show_values: Shows::ALL,
            filter: Filter::default(),
        }
    }
}

/// One option of a subscription.
pub struct Field {
    /// Its name on the wire.
    pub var: &'static str,
    /// The type of the form field.
    pub kind: &'static str,
    /// What it means, for people.
    pub label: &'static str,
    /// Its values in some options.
    pub read: fn(&SubscriptionOptions) -> Vec<String>,
    write: fn(&mut SubscriptionOptions, &[String], Timestamp) -> Option<()>,
}

macro_rules! flag {
    ($var:literal, $field:ident, $label:literal) => {
        Field {
            var: concat!("pubsub#", $var),
            kind: "boolean",
            label: $label,
            read: |options| vec![if options.$field { "1" } else { "0" }.to_owned()],
            write: |options, values, _| {
                options.$field = boolean(values.first()?)?;
                Some(())
            },
        }
    };
}

/// One question of the filter: lines of which one has to fit.
macro_rules! filter {
    ($var:literal, $field:ident, $is_right:ident, $label:literal) => {
        Field {
            var: concat!("x-pubsub#filter_", $var),
            kind: LINES,
            label: $label,
            read: |options| options.filter.$field.clone(),
            write: |options, values, _| {
                options.filter.$field = lines(values, filter::$is_right)?;
                Some(())
            },
        }
    };
}

/// The table.
pub static FIELDS: &[Field] = &[
    flag!("deliver", deliver, "Whether to deliver events"),
    flag!("digest", digest, "Whether to collect published items and deliver them together"),
    Field {
        var: "pubsub#digest_frequency",
        kind: "text-single",
        label: "Milliseconds between two such deliveries",
        read: |options| vec![options.digest_milliseconds.to_string()],
        write: |options, values, _| {
            let wanted: u64 = values.first()?.trim().parse().ok()?;
            options.digest_milliseconds = wanted.max(DIGEST_MILLISECONDS_MIN);
            Some(())
        },
    },
    Field {
        var: "pubsub#expire",
        kind: "text-single",
        label: "When the subscription ends: a DateTime, or presence; empty for never",
        read: |options| match options.expire {
            Expire::Never => vec![String::new()],
            Expire::At(end) => vec![end.to_rfc3339()],
            Expire::WithPresence => vec!["presence".to_owned()],
        },
        write: |options, values, now| {
            options.expire = match values.first().map_or("", |value| value.trim()) {
                "" => Expire::Never,
                "presence" => Expire::WithPresence,
                date => {
                    let end = Timestamp::parse(date).filter(|end| *end > now)?;
                    Expire::At(end.min(now.plus_seconds(LEASE_SECONDS_MAX)))
                }
            };
            Some(())
        },
    },
    flag!("include_body", include_body, "Whether to add a text that every client can show"),
    Field {
        var: "pubsub#show-values",
        kind: "list-multi",
        label: "The states of presence in which to deliver events",
        read: |options| options.show_values.iter().map(|show| show.as_str().to_owned()).collect(),
        write: |options, values, _| {
            options.show_values = Shows::parse(values)?;
            Some(())
        },
    },
    filter!(
        "category",
        categories,
        is_category,
        "Only entries of one of these categories: term or {scheme}term"
    ),
    filter!("author", authors, is_author, "Only entries by one of these: names, URIs or JIDs"),
    filter!(
        "language",
        languages,
        is_language,
        "Only entries in one of these languages, such as de or en-GB"
    ),
    filter!("words", words, is_line, "Only entries with all the words of one of these lines"),
];

/// The kind of fields with several lines.
const LINES: &str = "text-multi";

/// The lines of a field without those that say nothing; their order says nothing either.
fn lines(values: &[String], is_right: fn(&str) -> bool) -> Option<Vec<String>> {
    let lines = values.iter().flat_map(|value| value.lines()).map(str::trim).filter(|line| !line.is_empty());
    let mut lines: Vec<String> = lines.map(str::to_owned).collect();
    lines.sort_unstable();
    lines.dedup();
    lines.iter().all(|line| is_right(line)).then_some(lines)
}

/// Refuses more lines than are looked at for every entry.
fn check_size(field: &Field, values: &[String]) -> Result<(), Refusal> {
    let lines: usize = values.iter().map(|value| value.lines().count()).sum();
    let bytes: usize = values.iter().map(String::len).sum();
    if field.kind != LINES || lines <= FILTER_VALUES_MAX && bytes <= FILTER_BYTES_MAX {
        return Ok(());
    }
    let most = format!("at most {FILTER_VALUES_MAX} lines of {FILTER_BYTES_MAX} bytes together");
    Err(Why::InvalidOptions.because(format!("{} takes {most}", field.var)))
}

/// The options that result when a form is applied; fields that are not in the form keep their values.
pub fn apply(
    base: &SubscriptionOptions,
    form: &Form,
    now: Timestamp,
) -> Result<SubscriptionOptions, Refusal> {
    let mut options = base.clone();
    for (var, values) in &form.fields {
        let Some(field) = FIELDS.iter().find(|field| field.var == var) else {
            return Err(Why::InvalidOptions.because(format!("there is no option {var:?}")));
        };
        check_size(field, values)?;
        if (field.write)(&mut options, values, now).is_none() {
            let text = format!("{var} cannot be {:?}", values.join(", "));
            return Err(Why::InvalidOptions.because(text));
        }
    }
    Ok(options)
}
