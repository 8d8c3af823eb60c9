//! What makes an entry a valid one (RFC 4287), and which of it a node insists on.
//!
//! The rules have numbers, E01 to E25, by which refusals name them. Some ask the service for something and not the
//! publisher, so nothing breaks them here: to leave alone what an entry holds beside Atom (E17, E18, E19), and to take an
//! entry whatever its dates (E21), wherever its atom:id is found too (E22, E23), and with unencoded links (E25).

use super::entry::Entry;

/// How much a node insists on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mode {
    /// Entries are valid.
    Strict,
    /// Entries may lack what the service can add, and be as odd as those of the clients in use.
    Complete,
    /// Everything is taken.
    Off,
}

impl Mode {
    /// All of them.
    pub const ALL: &[Self] = &[Self::Strict, Self::Complete, Self::Off];

    /// The mode in one word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Strict => "strict",
            Self::Complete => "complete",
            Self::Off => "off",
        }
    }

    /// Reads the word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|mode| mode.as_str() == word)
    }
}

/// What may be wrong with an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the table says what each is")]
pub enum Flaw {
    NoEntry,
    NoId,
    SeveralIds,
    IdNoIri,
    NoTitle,
    SeveralTitles,
    NoUpdated,
    SeveralUpdated,
    Date,
    NoAuthor,
    Person,
    SeveralContents,
    NoLink,
    SameLinks,
    NoSummary,
    Several,
    ContentType,
    Markup,
    Link,
    Category,
    IdChanged,
    Comment,
}

/// What a mode does about a flaw.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The entry is refused.
    Refuse,
    /// What is missing is added.
    Add,
    /// The entry is taken as it is.
    Accept,
}

/// A rule, as far as one flaw goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Its number.
    pub id: &'static str,
    /// What the mode `complete` does. `strict` refuses, and `off` accepts but for what XMPP cannot carry.
    pub complete: Verdict,
    /// What is right.
    pub text: &'static str,
}

const fn refuse(id: &'static str, text: &'static str) -> Rule {
    Rule { id, complete: Verdict::Refuse, text }
}

const fn add(id: &'static str, text: &'static str) -> Rule {
    Rule { id, complete: Verdict::Add, text }
}

const fn accept(id: &'static str, text: &'static str) -> Rule {
    Rule { id, complete: Verdict::Accept, text }
}

/// The table.
pub const fn rule(flaw: Flaw) -> Rule {
    match flaw {
        Flaw::NoEntry => refuse("E01", "payload must be an Atom entry"),
        Flaw::NoId => add("E02", "an entry has an <id/>"),
        Flaw::SeveralIds => refuse("E02", "an entry has only one <id/>"),
        Flaw::IdNoIri => accept("E03", "the <id/> is an absolute IRI, without white space around it"),
        Flaw::NoTitle => add("E04", "an entry has a <title/>, which may be empty"),
        Flaw::SeveralTitles => accept("E04", "an entry has only one <title/>"),
        Flaw::NoUpdated => add("E05", "an entry has an <updated/>"),
        Flaw::SeveralUpdated => accept("E05", "an entry has only one <updated/>"),
        Flaw::Date => accept("E05", "<updated/> and <published/> are dates like 2003-12-13T18:30:02Z"),
        Flaw::NoAuthor => add("E06", "an entry, or its <source/>, has an <author/>"),
        Flaw::Person => accept(
            "E07",
            "an <author/> or <contributor/> has one <name/> and at most one <uri/> and <email/>",
        ),
        Flaw::SeveralContents => accept("E08", "an entry has only one <content/>"),
        Flaw::NoLink => add("E09", "an entry without <content/> has a <link rel='alternate'/>"),
        Flaw::SameLinks => accept("E10", "alternate links differ in type or hreflang"),
        Flaw::NoSummary => accept("E11", "an entry whose content is elsewhere or in base64 has a <summary/>"),
        Flaw::Several => {
            accept("E12", "an entry has only one <published/>, <rights/>, <source/> and <summary/>")
        }
        Flaw::ContentType => accept(
            "E13",
            "the type of <content/> is text, html, xhtml or a media type, but no composite one; with src it is a \
             media type, and the element is empty",
        ),
        Flaw::Markup => accept(
            "E14",
            "text of the types text and html holds no elements, that of the type xhtml one <div/> of XHTML",
        ),
        Flaw::Link => accept("E15", "a <link/> has a href"),
        Flaw::Category => accept("E16", "a <category/> has a term, and its scheme is an IRI"),
        Flaw::IdChanged => accept("E20", "an entry keeps its <id/>: publish another one as another item"),
        Flaw::Comment => refuse("E24", "XMPP carries no XML comments"),
    }
}

/// What a mode does about a flaw.
pub const fn verdict(mode: Mode, flaw: Flaw) -> Verdict {
    match (mode, flaw) {
        (Mode::Strict, _) | (_, Flaw::Comment) => Verdict::Refuse,
        (Mode::Complete, _) => rule(flaw).complete,
        (Mode::Off, _) => Verdict::Accept,
    }
}

/// A flaw for people: the rule's number and what is right.
pub fn text(flaw: Flaw) -> String {
    let Rule { id, text, .. } = rule(flaw);
    format!("{id}: {text}")
}

/// The first flaw for which a mode refuses a payload; none is what is no entry.
pub fn check(mode: Mode, entry: Option<&Entry>) -> Result<(), Flaw> {
    let flaws = entry.map_or(&[Flaw::NoEntry][..], |entry| &entry.flaws);
    match flaws.iter().find(|flaw| verdict(mode, **flaw) == Verdict::Refuse) {
        Some(flaw) => Err(*flaw),
        None => Ok(()),
    }
}

/// Whether a mode lets an item have another atom:id than it had.
pub fn check_id(mode: Mode, known: Option<&str>, entry: &Entry) -> Result<(), Flaw> {
    let is_changed = known.is_some() && entry.id.is_some() && known != entry.id.as_deref();
    let is_refused = verdict(mode, Flaw::IdChanged) == Verdict::Refuse;
    if is_changed && is_refused { Err(Flaw::IdChanged) } else { Ok(()) }
}

/// Refuses what no stream of XMPP carries: one that it is sent over ends — RFC 6120 11.1. Whatever else it forbids was
/// not read at all.
pub fn check_xml(xml: &str) -> Result<(), Flaw> {
    let mut rest = xml;
    while let Some((_, after)) = rest.split_once("<!") {
        let Some(text) = after.strip_prefix("[CDATA[") else { return Err(Flaw::Comment) };
        rest = text.split_once("]]>").map_or("", |(_, after)| after);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{Flaw, check_xml};

    #[test]
    fn comments_are_found_but_not_in_text() {
        let cases = [
            ("<e><!-- x --></e>", Err(Flaw::Comment)),
            ("<e><![CDATA[<!-- x -->]]></e>", Ok(())),
            ("<e><![CDATA[<!]]><![CDATA[ ]]><f/></e>", Ok(())),
            ("<e><![CDATA[]]]]><!----></e>", Err(Flaw::Comment)),
            ("<e>&lt;!-- x --></e>", Ok(())),
        ];
        for (xml, expected) in cases {
            assert_eq!(check_xml(xml), expected, "{xml}");
        }
    }
}
