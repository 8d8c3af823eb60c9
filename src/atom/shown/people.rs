//! Who is named on the web: nobody under an address that is not shown to be his, and nobody's mail address.

use crate::atom::author::{Authorship, Claim, authorship, claim};
use crate::atom::entry::{Entry, Person};
use crate::atom::uri;
use crate::limits::WEB_PEOPLE_MAX;

/// Somebody on the web.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShownPerson {
    /// The name.
    pub name: String,
    /// Where to find them.
    pub uri: Option<String>,
}

impl ShownPerson {
    /// Somebody with an account.
    pub fn of_jid(bare: &str) -> Self {
        Self { name: name_of_jid(bare).to_owned(), uri: Some(uri::entity(bare)) }
    }
}

/// The authors and contributors of an entry, where its node tells who has published it, or does not.
pub(super) fn people(entry: &Entry, publisher: Option<&str>) -> (Vec<ShownPerson>, Vec<ShownPerson>) {
    let authors = entry.credited();
    let shown = authors.iter().take(WEB_PEOPLE_MAX).map(|author| shown(author, publisher)).collect();
    let Some(publisher) = publisher else { return (shown, Vec::new()) };
    let itself = || vec![ShownPerson::of_jid(publisher)];
    match authorship(entry, publisher) {
        Authorship::Verified | Authorship::Unclaimed if authors.is_empty() => (itself(), Vec::new()),
        Authorship::Verified | Authorship::Unclaimed => (shown, Vec::new()),
        Authorship::Repost => (shown, itself()),
        Authorship::Mismatch => (itself(), Vec::new()),
    }
}

fn shown(person: &Person, publisher: Option<&str>) -> ShownPerson {
    let is_publisher = publisher.is_some_and(|publisher| claim(person, publisher) == Some(Claim::Publisher));
    let is_web = |uri: &String| {
        let uri = uri.to_ascii_lowercase();
        uri.starts_with("https://") || uri.starts_with("http://")
    };
    let jid = person.uri.as_deref().and_then(uri::parse).map(|named| named.jid);
    let name = match (&person.name, &jid) {
        (name, Some(jid)) if name.is_empty() => name_of_jid(jid).to_owned(),
        (name, None) if name.is_empty() => "unknown".to_owned(),
        (name, _) => name.clone(),
    };
    ShownPerson { name, uri: person.uri.clone().filter(|uri| is_publisher || is_web(uri)) }
}

/// The part before the `@`, or the domain where there is none.
fn name_of_jid(jid: &str) -> &str {
    jid.split(['@', '/']).next().filter(|name| !name.is_empty()).unwrap_or(jid)
}
