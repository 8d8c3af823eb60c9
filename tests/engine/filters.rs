//! Filters of subscriptions: what they let through, and how they are set — XEP-0060 [#impl-content].

use std::fmt::Write as _;

use atomsub::limits::{FILTER_BYTES_MAX, FILTER_VALUES_MAX};
use atomsub::store::{self, Place};

use crate::stage::{Stage, get, set};

pub const FRANCISCO: &str = "francisco@denmark.lit/barracks";
pub const HAMLET: &str = "hamlet@denmark.lit/a";

/// Fields of a form with their values; ours are written without `x-pubsub#filter_`, others in full.
pub type Fields<'a> = &'a [(&'a str, &'a [&'a str])];

/// A submitted form.
pub fn form(fields: Fields<'_>) -> String {
    let mut form = "<x xmlns='jabber:x:data' type='submit'>".to_owned();
    for (var, values) in fields {
        let prefix = if var.contains('#') { "" } else { "x-pubsub#filter_" };
        write!(form, "<field var='{prefix}{var}'>").unwrap();
        values.iter().for_each(|value| write!(form, "<value>{value}</value>").unwrap());
        form.push_str("</field>");
    }
    form + "</x>"
}

pub fn subscription(node: &str, fields: Fields<'_>) -> String {
    let subscribe = format!("<subscribe node='{node}' jid='francisco@denmark.lit'/>");
    set(FRANCISCO, &format!("{subscribe}<options>{}</options>", form(fields)))
}

/// Francisco subscribes with a filter; the SubID.
pub fn subscribe(stage: &mut Stage, node: &str, fields: Fields<'_>) -> String {
    let answer = stage.send(&subscription(node, fields));
    answer.split("subid='").nth(1).unwrap().split('\'').next().unwrap().to_owned()
}

pub fn entry(inner: &str) -> String {
    format!("<entry xmlns='http://www.w3.org/2005/Atom'>{inner}</entry>")
}

pub fn titled(title: &str) -> String {
    entry(&format!("<title>{title}</title>"))
}

pub fn publish(stage: &mut Stage, node: &str, id: &str, payload: &str) -> String {
    stage.send(&set(HAMLET, &format!("<publish node='{node}'><item id='{id}'>{payload}</item></publish>")))
}

/// The messages to Francisco in what was sent.
pub fn to_francisco(sent: &str) -> Vec<&str> {
    let messages = sent.split("<message ").skip(1);
    messages.filter(|message| message.contains("to='francisco@denmark.lit")).collect()
}

/// The SubIDs that a message names.
pub fn named(message: &str) -> Vec<&str> {
    let pieces = message.split("<header name='SubID'>").skip(1);
    pieces.map(|piece| piece.split('<').next().unwrap()).collect()
}

/// One entry for all that follows, and filters that let it through or not.
#[test]
fn filters_let_through_what_they_say() {
    const ENTRY: &str = "<title>Harbour reopens</title><id>tag:a</id>\
        <category term='Local News' scheme='http://a.lit/kinds'/><category term='politics'/>\
        <author><name>Ed  Miller</name><uri>xmpp:ed@Example.com/home?message</uri></author>\
        <author><name>Ann</name><uri>http://ann.example/</uri></author>\
        <summary type='html'>&lt;p&gt;After the &lt;b&gt;st&lt;/b&gt;orm,&lt;br/&gt;ferries sail. Caf&amp;eacute; open.</summary>\
        <content type='xhtml' xml:lang='fr'><div xmlns='http://www.w3.org/1999/xhtml'><p>Élan</p><p>vital</p></div></content>";
    let entry = entry(ENTRY).replacen("<entry ", "<entry xml:lang='de-AT' ", 1);
    let table: &[(Fields<'_>, bool)] = &[
        (&[], true),
        (&[("category", &["politics"])], true),
        (&[("category", &["POLITICS "])], true),
        (&[("category", &["local news"])], true),
        (&[("category", &["news"])], false),
        (&[("category", &["sports", "politics"])], true),
        (&[("category", &["{http://a.lit/kinds}local news"])], true),
        (&[("category", &["{http://A.lit/kinds}local news"])], false),
        (&[("category", &["{http://a.lit/kinds}politics"])], false),
        (&[("category", &["{}politics"])], true),
        (&[("category", &["{}local news"])], false),
        (&[("author", &["ed miller"])], true),
        (&[("author", &["Ed"])], false),
        (&[("author", &["ed@example.com"])], true),
        (&[("author", &["xmpp:ed@example.com"])], true),
        (&[("author", &["xmpp:e%64@example.com"])], true),
        (&[("author", &["http://ann.example/"])], true),
        (&[("author", &["hamlet@denmark.lit"])], true),
        (&[("author", &["xmpp:Hamlet@Denmark.lit"])], true),
        (&[("author", &["horatio@denmark.lit"])], false),
        (&[("author", &["horatio@denmark.lit", "Ann"])], true),
        (&[("language", &["de"])], true),
        (&[("language", &["DE-at"])], true),
        (&[("language", &["d"])], false),
        (&[("language", &["de-DE"])], false),
        (&[("language", &["en", "fr"])], true),
        (&[("language", &["en"])], false),
        (&[("language", &["*"])], true),
        (&[("words", &["harbour"])], true),
        (&[("words", &["storm ferries HARBOUR"])], true),
        (&[("words", &["storm snow"])], false),
        (&[("words", &["snow", "storm"])], true),
        (&[("words", &["reopen"])], false),
        (&[("words", &["ormferries"])], false),
        (&[("words", &["CAFÉ"])], true),
        (&[("words", &["cafe"])], false),
        (&[("words", &["vital élan"])], true),
        (&[("words", &["br"])], false),
        (&[("words", &["miller"])], false),
        (&[("words", &["harbour"]), ("category", &["politics"]), ("language", &["de"])], true),
        (&[("words", &["harbour"]), ("category", &["sports"])], false),
        (&[("words", &["snow"]), ("category", &["politics"])], false),
    ];
    for (filter, expected) in table {
        let mut stage = Stage::with_musings();
        subscribe(&mut stage, "princely_musings", filter);
        let told = publish(&mut stage, "princely_musings", "1", &entry);
        assert_eq!(to_francisco(&told).len(), usize::from(*expected), "{filter:?}: {told}");
    }
}

/// What is not said, or said elsewhere.
#[test]
fn filters_look_where_an_entry_says_it() {
    let musings: &[(&str, &str)] = &[];
    let german: &[(&str, &str)] = &[("language", "de")];
    let untyped: &[(&str, &str)] = &[("type", "")];
    let silent: &[(&str, &str)] = &[("itemreply", "owner")];
    let aggregated = entry("<title>x</title><source><author><name>Ed</name></author></source>");
    let own = entry("<author><name>Ann</name></author><source><author><name>Ed</name></author></source>");
    let foreign = entry("<x xmlns='urn:x'><title>harbour</title></x><category xmlns='urn:x' term='a'/>");
    let english = entry("<title xml:lang='en'>x</title>");
    let (binary, bare) = (entry("<content type='image/png'>harbour</content>"), titled("harbour"));
    let other = "<note xmlns='urn:x'><title>harbour</title></note>".to_owned();
    let table = [
        (musings, &aggregated, ("author", "Ed"), true),
        (musings, &own, ("author", "Ed"), false),
        (musings, &foreign, ("words", "harbour"), false),
        (musings, &foreign, ("category", "a"), false),
        (musings, &binary, ("words", "harbour"), false),
        (musings, &bare, ("language", "*"), false),
        (german, &bare, ("language", "de"), true),
        (german, &english, ("language", "de"), false),
        (german, &english, ("language", "en-GB"), false),
        (german, &english, ("language", "en"), true),
        (untyped, &other, ("words", "harbour"), false),
        (untyped, &other, ("author", "hamlet@denmark.lit"), true),
        // Nobody finds out by a filter what the node does not tell.
        (silent, &bare, ("author", "hamlet@denmark.lit"), false),
        (silent, &bare, ("words", "harbour"), true),
    ];
    for (config, payload, (var, value), expected) in table {
        let mut stage = Stage::new();
        stage.node("n", config);
        subscribe(&mut stage, "n", &[(var, &[value])]);
        let told = publish(&mut stage, "n", "1", payload);
        assert_eq!(to_francisco(&told).len(), usize::from(expected), "{var} {value} in {payload}: {told}");
    }
}

/// The filter in force is the one at the time of delivery.
#[test]
fn a_filter_can_be_changed_and_taken_away() {
    let mut stage = Stage::with_musings();
    subscribe(&mut stage, "princely_musings", &[("words", &["harbour"])]);
    let options = |form: &str| {
        set(
            FRANCISCO,
            &format!("<options node='princely_musings' jid='francisco@denmark.lit'>{form}</options>"),
        )
    };
    let steps: [(&[&str], usize); 4] = [(&["storm"], 1), (&["harbour"], 0), (&[""], 1), (&["harbour"], 0)];
    for (words, expected) in steps {
        stage.send(&options(&form(&[("words", words)])));
        let told = publish(&mut stage, "princely_musings", "1", &titled("Storm"));
        assert_eq!(to_francisco(&told).len(), expected, "{words:?}: {told}");
    }
    // What a form does not mention stays.
    stage.send(&options(&form(&[("category", &["a"])])));
    let shown = stage.send(&get(FRANCISCO, "<options node='princely_musings' jid='francisco@denmark.lit'/>"));
    for (var, value) in [("category", "a"), ("words", "harbour")] {
        let field = shown.split(&format!("var='x-pubsub#filter_{var}' type='text-multi'")).nth(1).unwrap();
        let field = field.split("</field>").next().unwrap();
        assert!(
            field.ends_with(&format!("><value>{value}</value>")) && field.contains("label='Only"),
            "{shown}"
        );
    }
    let defaults = stage.send(&get(FRANCISCO, "<default/>"));
    assert_eq!(defaults.matches("var='x-pubsub#filter_").count(), 4, "{defaults}");
}

#[test]
fn a_filter_survives_a_restart() {
    let directory = tempfile::tempdir().unwrap();
    let open = || store::open(&Place::Sled(directory.path().to_owned())).unwrap();
    let mut stage = Stage::over(open());
    stage.node("n", &[]);
    let fields: Fields<'_> =
        &[("category", &["a", "b"]), ("author", &["Ann"]), ("language", &["de"]), ("words", &["x y"])];
    let subid = subscribe(&mut stage, "n", fields);
    let mut stage = stage.reopened(open);
    assert_eq!(subscribe(&mut stage, "n", fields), subid, "it is the same still");
}

#[test]
fn errors() {
    let mut stage = Stage::with_musings();
    let many: Vec<String> = (0..=FILTER_VALUES_MAX).map(|number| number.to_string()).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let (lines, long) = (many.join("\n"), "x".repeat(FILTER_BYTES_MAX + 1));
    let wrong: [(&str, &[&str]); 13] = [
        ("words", &many),
        ("words", &[&lines]),
        ("words", &[&long]),
        ("category", &[&long[1..], "x"]),
        ("words", &["a", "!?"]),
        ("category", &["{http://a.lit/}"]),
        ("category", &["{} "]),
        ("language", &["english language"]),
        ("language", &["en_GB"]),
        ("language", &["en-"]),
        ("language", &["1"]),
        ("language", &["de*"]),
        ("colour", &["blue"]),
    ];
    let rows =
        wrong.map(|field| (subscription("princely_musings", &[field]), "modify/bad-request/invalid-options"));
    stage.refuses(&rows);
    for fits in [&many[1..], &[&long[1..]]] {
        subscribe(&mut stage, "princely_musings", &[("words", fits)]);
    }
}
