//! What people write, read: a word, in either case, and the node that it is about.

use crate::limits::CHAT_WORDS_BYTES_MAX;

/// What is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Words {
    /// To know what this is: everything that means nothing else.
    Help,
    /// To see the nodes, those after this one.
    List(Option<String>),
    /// To hear of a node.
    Subscribe(String),
    /// Not to hear of it any more.
    Unsubscribe(String),
    /// To see its newest entries.
    Last(String),
    /// One of these without the node.
    Nameless(&'static str),
    /// Whatever it is, it is more than is answered.
    TooMuch,
}

impl Words {
    /// Reads a message: its first line that is not empty.
    pub fn read(body: &str) -> Self {
        let first = body.lines().map(str::trim).find(|line| !line.is_empty());
        let Some(line) = first.filter(|line| line.len() <= CHAT_WORDS_BYTES_MAX) else { return Self::Help };
        let (word, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
        let node = Some(rest.trim_start()).filter(|rest| !rest.is_empty()).map(str::to_owned);
        let about = |name, make: fn(String) -> Self| node.clone().map_or(Self::Nameless(name), make);
        match word.to_lowercase().as_str() {
            "list" => Self::List(node),
            "subscribe" => about("subscribe", Self::Subscribe),
            "unsubscribe" => about("unsubscribe", Self::Unsubscribe),
            "last" => about("last", Self::Last),
            _ => Self::Help,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Words;
    use crate::limits::CHAT_WORDS_BYTES_MAX;

    #[test]
    fn words_are_read_as_people_write_them() {
        let news = || "news".to_owned();
        let cases = [
            ("help", Words::Help),
            ("Hello?", Words::Help),
            ("", Words::Help),
            ("list", Words::List(None)),
            ("LIST\tnews", Words::List(Some(news()))),
            ("Subscribe  news ", Words::Subscribe(news())),
            ("\n unsubscribe news\n-- \nJuliet", Words::Unsubscribe(news())),
            ("last fair verona", Words::Last("fair verona".to_owned())),
            ("last", Words::Nameless("last")),
            ("SUBSCRIBE ", Words::Nameless("subscribe")),
            ("unsubscribe", Words::Nameless("unsubscribe")),
            ("subscribed news", Words::Help),
            ("please subscribe news", Words::Help),
        ];
        for (body, expected) in cases {
            assert_eq!(Words::read(body), expected, "{body:?}");
        }
        let long = |bytes: usize| format!("last {}", "x".repeat(bytes - "last ".len()));
        assert_ne!(Words::read(&long(CHAT_WORDS_BYTES_MAX)), Words::Help);
        assert_eq!(Words::read(&long(CHAT_WORDS_BYTES_MAX + 1)), Words::Help);
    }
}
