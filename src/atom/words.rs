//! The words of texts, found again whatever their case and however their letters are encoded.
//!
//! A word is a run of letters, marks and digits. Where a script writes no spaces between words, or hangs particles on
//! them, a word is looked for anywhere: each pair of neighbouring signs counts as a word.

use std::collections::BTreeSet;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Where a line may or may not break, and letters may or may not join.
const INVISIBLE: [char; 5] = ['\u{AD}', '\u{200C}', '\u{200D}', '\u{2060}', '\u{FEFF}'];

/// A text without what does not matter when texts are compared: case, composition, and how white it is between words.
pub(super) fn folded(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !folded.is_empty() {
            folded.push(' ');
        }
        if word.is_ascii() {
            folded.extend(word.chars().map(|c| c.to_ascii_lowercase()));
            continue;
        }
        let visible = word.chars().filter(|c| !INVISIBLE.contains(c));
        // By way of the upper case, "ß" becomes "ss" and both sigmas the same.
        let lower = visible.nfkc().flat_map(char::to_uppercase).flat_map(char::to_lowercase);
        folded.extend(lower.nfc());
    }
    folded
}

/// Whether there is a word in a text.
pub(super) fn has_word(text: &str) -> bool {
    runs(&folded(text)).next().is_some()
}

/// The words of some texts.
#[derive(Clone, Debug, Default)]
pub(super) struct Words(BTreeSet<String>);

impl Words {
    /// Adds the words of a text.
    pub(super) fn add(&mut self, text: &str) {
        for (kind, run) in runs(&folded(text)) {
            if kind == Kind::Letter {
                self.insert(run);
                continue;
            }
            for pair in pairs(run) {
                self.insert(pair);
                self.insert(first(pair, 1));
            }
        }
    }

    /// Whether all words of a text are among them.
    pub(super) fn have_all_of(&self, text: &str) -> bool {
        runs(&folded(text)).all(|(kind, run)| {
            let has = |word: &str| self.0.contains(word);
            // The last sign has no neighbour.
            let pairs_len = run.chars().count().saturating_sub(1).max(1);
            if kind == Kind::Letter { has(run) } else { pairs(run).take(pairs_len).all(has) }
        })
    }

    fn insert(&mut self, word: &str) {
        if !self.0.contains(word) {
            self.0.insert(word.to_owned());
        }
    }
}

/// What a character is to the word it is in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Part of a word that ends where no letter follows.
    Letter,
    /// Part of a text in which nothing shows where words end.
    Sign,
    /// Between words.
    Gap,
}

impl Kind {
    fn of(c: char) -> Self {
        match c {
            // Thai and Lao, Burmese, Khmer; kana and Han; Hangul.
            '\u{E00}'..='\u{EFF}'
            | '\u{1000}'..='\u{109F}'
            | '\u{1780}'..='\u{17FF}'
            | '\u{3005}'..='\u{3007}'
            | '\u{3041}'..='\u{30FA}'
            | '\u{30FC}'..='\u{31FF}'
            | '\u{3400}'..='\u{4DBF}'
            | '\u{4E00}'..='\u{9FFF}'
            | '\u{AC00}'..='\u{D7AF}'
            | '\u{F900}'..='\u{FAFF}'
            | '\u{20000}'..='\u{3FFFF}' => Self::Sign,
            c if c.is_alphanumeric() || is_combining_mark(c) => Self::Letter,
            _ => Self::Gap,
        }
    }
}

/// What is between gaps, cut where its kind changes.
fn runs(text: &str) -> impl Iterator<Item = (Kind, &str)> {
    let mut rest = text;
    std::iter::from_fn(move || {
        loop {
            let kind = Kind::of(rest.chars().next()?);
            let end = rest.find(|c| Kind::of(c) != kind).unwrap_or(rest.len());
            let (run, after) = rest.split_at(end);
            rest = after;
            if kind != Kind::Gap {
                return Some((kind, run));
            }
        }
    })
}

/// Each sign of a run with its neighbour; the last one alone.
fn pairs(run: &str) -> impl Iterator<Item = &str> {
    run.char_indices().map(|(at, _)| first(run.get(at..).unwrap_or_default(), 2))
}

fn first(text: &str, len: usize) -> &str {
    text.char_indices().nth(len).and_then(|(end, _)| text.get(..end)).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::{Words, folded, has_word};

    #[test]
    fn texts_are_compared_without_case_and_composition() {
        for (one, other) in [
            ("STRASSE", "straße"),
            ("ΟΔΟΣ", "οδος"),
            ("cafe\u{301}", "CAFÉ"),
            ("ＡＴＯＭ", "atom"),
            ("co\u{AD}operate", "cooperate"),
            (" a\n b ", "a B"),
            ("ΐ", "Ϊ\u{301}"),
        ] {
            assert_eq!(folded(one), folded(other), "{one} {other}");
        }
        assert_ne!(folded("café"), folded("cafe"));
    }

    #[test]
    fn words_are_whole_where_the_script_shows_them() {
        let cases = [
            ("The Harbour reopens.", "harbour", true),
            ("The Harbour reopens.", "reopens THE", true),
            ("The Harbour reopens.", "harbour closes", false),
            ("The Harbours reopen.", "harbour", false),
            ("(harbour)", "harbour", true),
            ("XEP-0060, 2nd", "xep-0060", true),
            ("XEP-0060, 2nd", "2ND", true),
            ("हिन्दी में", "हिन्दी", true),
            ("हिन्दी में", "हिन", false),
            ("東京都は大きい", "東京", true),
            ("東京都は大きい", "京都", true),
            ("東京都は大きい", "東都", false),
            ("東京都は大きい", "京", true),
            ("東京都は大きい", "大きい", true),
            ("東京2026", "2026 東京", true),
            ("서울에서", "서울", true),
            ("ภาษาไทย", "ไทย", true),
            ("ｶﾀｶﾅ", "カタカナ", true),
            ("", "harbour", false),
        ];
        for (text, wanted, expected) in cases {
            let mut words = Words::default();
            words.add(text);
            assert_eq!(words.have_all_of(wanted), expected, "{wanted} in {text}");
        }
    }

    #[test]
    fn some_texts_have_no_word() {
        for (text, expected) in
            [("a", true), ("1", true), ("京", true), ("-!", false), (" ", false), ("🎉", false)]
        {
            assert_eq!(has_word(text), expected, "{text}");
        }
    }
}
