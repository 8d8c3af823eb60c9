//! How available somebody is.

use serde::{Deserialize, Serialize};

/// How available somebody is — RFC 6121, and the values of `pubsub#show-values`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Show {
    /// `away`
    Away,
    /// `chat`
    Chat,
    /// `dnd`
    DoNotDisturb,
    /// Available, without more.
    Online,
    /// `xa`
    ExtendedAway,
}

impl Show {
    /// All of them, in the order of their words.
    pub const ALL: [Self; 5] = [Self::Away, Self::Chat, Self::DoNotDisturb, Self::Online, Self::ExtendedAway];

    /// The word of `pubsub#show-values`, which for all but `online` is the word of presence too.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Online => "online",
            Self::Chat => "chat",
            Self::Away => "away",
            Self::ExtendedAway => "xa",
            Self::DoNotDisturb => "dnd",
        }
    }

    /// Reads the word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|show| show.as_str() == word)
    }

    const fn bit(self) -> u8 {
        1 << self as u8
    }
}

/// Some ways to be available.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shows(u8);

impl Shows {
    /// All of them.
    pub const ALL: Self = Self((1 << Show::ALL.len()) - 1);

    /// Reads some words; none where one of them is unknown, or there is none.
    pub fn parse(words: &[String]) -> Option<Self> {
        let mut shows = 0;
        for word in words {
            shows |= Show::parse(word)?.bit();
        }
        (shows != 0).then_some(Self(shows))
    }

    /// Whether this is one of them.
    pub const fn has(self, show: Show) -> bool {
        self.0 & show.bit() != 0
    }

    /// Each of them.
    pub fn iter(self) -> impl Iterator<Item = Show> {
        Show::ALL.into_iter().filter(move |show| self.has(*show))
    }
}
