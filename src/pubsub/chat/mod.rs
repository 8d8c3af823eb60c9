//! A conversation with somebody whose client knows nothing of XEP-0060: what this is, and a few words that do
//! something. Each is a use case, asked with the sender's own rights; what it refuses is said in the refusal's words.

mod reading;
mod subscribing;
pub mod talks;
mod words;

use crate::atom::summary::shortened;
use crate::atom::uri;
use crate::limits::{CHAT_ANSWER_CHARS_MAX, CHAT_SECONDS};
use crate::pubsub::refusal::{Refusal, Why};
use crate::pubsub::{Context, Failure, Jid, Response, Tx};

pub use words::Words;

/// What somebody wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chat {
    /// The words.
    pub words: Words,
    /// The conversation that they belong to.
    pub thread: Option<Thread>,
}

/// What names a conversation — RFC 6121, section 5.2.5.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Thread {
    /// Its id.
    pub id: String,
    /// The id of the conversation that it came out of.
    pub parent: Option<String>,
}

/// What the service answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// The id of the message.
    pub id: String,
    /// The conversation that it belongs to.
    pub thread: Option<Thread>,
    /// The words.
    pub text: String,
}

impl Chat {
    /// Whether it may change something.
    pub const fn changes(&self) -> bool {
        match self.words {
            Words::Subscribe(_) | Words::Unsubscribe(_) => true,
            Words::Help | Words::List(_) | Words::Last(_) | Words::Nameless(_) | Words::TooMuch => false,
        }
    }
}

/// Does what the words say, and answers in words. What is refused changes nothing.
pub fn chat(ctx: &mut Context<'_>, tx: &mut dyn Tx, request: &Chat) -> Result<Response, Failure> {
    let answer = answer(ctx, tx, &request.words);
    let mut say = |text: &str| Said {
        id: ctx.ids.next(),
        thread: request.thread.clone(),
        text: shortened(text, CHAT_ANSWER_CHARS_MAX),
    };
    match answer {
        Ok(text) => Ok(Response::Said(say(&text))),
        Err(Failure::Refused(refusal)) => {
            let said = if refusal.why == Why::Gone {
                // Its text is the new place alone.
                say(&format!("the node has moved to {}", refusal.text))
            } else {
                say(&refusal.text)
            };
            Err(refusal.in_words(said).into())
        }
        Err(failure @ (Failure::Faulted(_) | Failure::Missing(_))) => Err(failure),
    }
}

fn answer(ctx: &mut Context<'_>, tx: &mut dyn Tx, words: &Words) -> Result<String, Failure> {
    match words {
        Words::Help => Ok(help(&ctx.service.jid)),
        Words::List(after) => reading::list(ctx, tx, after.as_deref()),
        Words::Subscribe(written) => subscribing::subscribe(ctx, tx, &node_of(ctx, written)?),
        Words::Unsubscribe(written) => subscribing::unsubscribe(ctx, tx, &node_of(ctx, written)?),
        Words::Last(written) => reading::last(ctx, tx, &node_of(ctx, written)?),
        Words::Nameless(word) => {
            Ok(format!("Which node? Write: {word} NODE\nThe word list shows the nodes."))
        }
        Words::TooMuch => {
            let minutes = CHAT_SECONDS / 60;
            Ok(format!(
                "That was much at once. There will be answers again in {minutes} minutes at the latest."
            ))
        }
    }
}

/// What this is. It does not begin with a word that would be understood here: nobody may take it for a request.
fn help(service: &str) -> String {
    format!(
        "This is {service}, where people publish news, each feed in a node of its own. These words are understood:\n\
         list: shows the nodes\n\
         last NODE: shows the newest entries\n\
         subscribe NODE: sends you new entries as messages\n\
         unsubscribe NODE: ends that\n\
         help: shows this"
    )
}

/// The node that is meant: by its name, or by a URI that names it at this service.
fn node_of(ctx: &Context<'_>, written: &str) -> Result<String, Refusal> {
    let Some(named) = uri::parse(written) else { return Ok(written.to_owned()) };
    let service = &ctx.service.jid;
    if Jid::parse(&named.jid).is_none_or(|jid| jid.bare() != service) {
        let text = format!("that is at {}, and this is {service}", named.jid);
        return Err(Why::ItemNotFound.because(text));
    }
    named.node.ok_or_else(|| Why::NodeidRequired.because(format!("{written:?} names no node")))
}

/// A text for one line, without what would break it.
fn line(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect()
}
