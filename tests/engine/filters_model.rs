//! Random filters and entries against a model of what they mean: who hears, and as which of his subscriptions.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use arbtest::arbitrary::{Result as Arbitrary, Unstructured};

use crate::filters::{entry, form, named, publish};
use crate::stage::{Stage, set};

/// What an entry has, or what a filter asks for.
#[derive(Debug)]
struct Choice {
    categories: BTreeSet<&'static str>,
    authors: BTreeSet<&'static str>,
    languages: BTreeSet<&'static str>,
    words: BTreeSet<&'static str>,
}

/// At most two of these.
fn some(u: &mut Unstructured<'_>, of: &[&'static str]) -> Arbitrary<BTreeSet<&'static str>> {
    (0..u.int_in_range(0..=2)?).map(|_| u.choose(of).copied()).collect()
}

impl Choice {
    fn any(u: &mut Unstructured<'_>) -> Arbitrary<Self> {
        Ok(Self {
            categories: some(u, &["news", "sports", "art"])?,
            authors: some(u, &["Ann", "Ed Miller", "Zoë"])?,
            languages: some(u, &["de", "en", "fr-CA"])?,
            words: some(u, &["harbour", "storm", "straße", "東京"])?,
        })
    }

    fn entry(&self) -> String {
        let Self { categories, authors, languages, words } = self;
        let mut inner = String::new();
        for word in words {
            write!(inner, "<title>{}!</title>", word.to_uppercase()).unwrap();
        }
        for term in categories {
            write!(inner, "<category term='{term}'/>").unwrap();
        }
        for name in authors {
            write!(inner, "<author><name>{name}</name></author>").unwrap();
        }
        for language in languages {
            write!(inner, "<summary xml:lang='{language}'/>").unwrap();
        }
        entry(&inner)
    }

    /// The form that asks for it, all words in one line.
    fn form(&self) -> String {
        let values = |all: &BTreeSet<&'static str>| all.iter().copied().collect::<Vec<_>>();
        form(&[
            ("category", &values(&self.categories)),
            ("author", &values(&self.authors)),
            ("language", &values(&self.languages)),
            ("words", &[&values(&self.words).join(" ")]),
        ])
    }

    fn lets_through(&self, entry: &Self) -> bool {
        let any =
            |wanted: &BTreeSet<&str>, there: &BTreeSet<&str>| wanted.is_empty() || !wanted.is_disjoint(there);
        any(&self.categories, &entry.categories)
            && any(&self.authors, &entry.authors)
            && any(&self.languages, &entry.languages)
            && self.words.is_subset(&entry.words)
    }
}

#[test]
fn everybody_hears_what_his_filters_let_through() {
    const PEOPLE: [&str; 3] = ["francisco", "bernardo", "horatio"];
    arbtest::arbtest(|u| {
        let mut stage = Stage::new();
        stage.node("n", &[("deliver_payloads", if u.arbitrary()? { "1" } else { "0" })]);
        let mut held = BTreeMap::<(&str, String), Choice>::new();
        for _ in 0..u.int_in_range(1..=30)? {
            let who = *u.choose(&PEOPLE)?;
            let subscribe = format!("<subscribe node='n' jid='{who}@denmark.lit'/>");
            match u.int_in_range(0..=5)? {
                0 | 1 => {
                    let filter = Choice::any(u)?;
                    let request = format!("{subscribe}<options>{}</options>", filter.form());
                    let answer = stage.send(&set(&format!("{who}@denmark.lit/x"), &request));
                    let subid = answer.split("subid='").nth(1).unwrap().split('\'').next().unwrap();
                    held.insert((who, subid.to_owned()), filter);
                }
                2 => {
                    let Some((who, subid)) = held.keys().find(|(whose, _)| *whose == who).cloned() else {
                        continue;
                    };
                    let request = format!("<unsubscribe node='n' jid='{who}@denmark.lit' subid='{subid}'/>");
                    stage.send(&set(&format!("{who}@denmark.lit/x"), &request));
                    held.remove(&(who, subid));
                }
                _ => {
                    let entry = Choice::any(u)?;
                    let told = publish(&mut stage, "n", u.choose(&["1", "2"])?, &entry.entry());
                    for who in PEOPLE {
                        let all: Vec<_> = held.iter().filter(|((whose, _), _)| *whose == who).collect();
                        let wanted: BTreeSet<&str> = all
                            .iter()
                            .filter(|(_, filter)| filter.lets_through(&entry))
                            .map(|((_, subid), _)| subid.as_str())
                            .collect();
                        let to = format!("to='{who}@denmark.lit'");
                        let heard: Vec<&str> =
                            told.split("<message ").filter(|message| message.contains(&to)).collect();
                        assert_eq!(
                            heard.len(),
                            usize::from(!wanted.is_empty()),
                            "{who}: {all:?} {entry:?} {told}"
                        );
                        let names: BTreeSet<&str> = heard.iter().flat_map(|message| named(message)).collect();
                        assert_eq!(
                            names,
                            if all.len() > 1 { wanted } else { BTreeSet::new() },
                            "{who}: {told}"
                        );
                    }
                }
            }
        }
        Ok(())
    })
    .budget_ms(4_000);
}
