//! Who has been answered how often: two programs that answer each other must come to an end.
//!
//! A program that answers every message falls silent when it gets no answer. So does a conversation of two of them, as
//! soon as one says nothing. In memory only: after a restart everybody is answered again.

use std::collections::BTreeMap;

use crate::limits::{CHAT_ANSWERS_MAX, CHAT_SECONDS, TALKERS_MAX};
use crate::pubsub::jid::Jid;
use crate::pubsub::time::Timestamp;

/// The answers since some time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Talks {
    since: Timestamp,
    answers: BTreeMap<String, u32>,
}

/// What to do with a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// Answer it.
    Answer,
    /// Say that this is the last answer for now.
    LastWord,
    /// Say nothing.
    Silence,
}

impl Talks {
    /// Whether somebody is to be answered; this counts as the answer.
    pub fn turn(&mut self, from: &Jid, now: Timestamp) -> Turn {
        // The clock may have been set back.
        if now.0.abs_diff(self.since.0) >= CHAT_SECONDS * 1000 {
            *self = Self { since: now, answers: BTreeMap::new() };
        }
        if self.answers.len() >= TALKERS_MAX && !self.answers.contains_key(from.bare()) {
            return Turn::Silence;
        }
        let answers = self.answers.entry(from.bare().to_owned()).or_default();
        *answers = answers.saturating_add(1);
        match (*answers).cmp(&CHAT_ANSWERS_MAX) {
            std::cmp::Ordering::Less => Turn::Answer,
            std::cmp::Ordering::Equal => Turn::LastWord,
            std::cmp::Ordering::Greater => Turn::Silence,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Talks, Turn};
    use crate::limits::{CHAT_ANSWERS_MAX, CHAT_SECONDS, TALKERS_MAX};
    use crate::pubsub::{Jid, Timestamp};

    #[test]
    fn a_program_that_answers_everything_is_told_once_and_then_nothing() {
        let mut talks = Talks::default();
        let (start, bot) = (Timestamp(1_000_000_000_000), Jid::from_host("bot@denmark.lit/x"));
        let other_resource = Jid::from_host("bot@denmark.lit/y");
        for _ in 1..CHAT_ANSWERS_MAX {
            assert_eq!(talks.turn(&bot, start), Turn::Answer);
        }
        assert_eq!(talks.turn(&other_resource, start), Turn::LastWord);
        assert_eq!(talks.turn(&bot, start), Turn::Silence);
        assert_eq!(talks.turn(&Jid::from_host("hamlet@denmark.lit"), start), Turn::Answer);
        assert_eq!(talks.turn(&bot, Timestamp(start.0 - 1)), Turn::Silence);
        assert_eq!(talks.turn(&bot, start.plus_seconds(CHAT_SECONDS)), Turn::Answer);
    }

    #[test]
    fn so_many_are_noted_and_no_more() {
        let mut talks = Talks::default();
        let one = |number: usize| Jid::from_host(&format!("u{number}@denmark.lit"));
        for number in 0..TALKERS_MAX {
            assert_eq!(talks.turn(&one(number), Timestamp(0)), Turn::Answer);
        }
        assert_eq!(talks.turn(&one(TALKERS_MAX), Timestamp(0)), Turn::Silence);
        assert_eq!(talks.turn(&one(0), Timestamp(0)), Turn::Answer);
    }
}
