//! Filtered subscriptions: who hears of which entry — XEP-0060 [#impl-content], [#subscriber-subscribe-multi].

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use arbtest::arbitrary::{Result as Arbitrary, Unstructured};
use atomsub::limits::{FILTER_BYTES_MAX, FILTER_VALUES_MAX};
use atomsub::pubsub::presence::receive::Presence;
use atomsub::pubsub::presence::show::Show;
use atomsub::store::{self, Place};
use expect_test::expect;

use crate::stage::{SERVICE, Stage, get, owner_set, set};

const FRANCISCO: &str = "francisco@denmark.lit/barracks";
const HAMLET: &str = "hamlet@denmark.lit/a";

/// Fields of a form with their values; ours are written without `x-pubsub#filter_`, others in full.
type Fields<'a> = &'a [(&'a str, &'a [&'a str])];

/// A submitted form.
fn form(fields: Fields<'_>) -> String {
    let mut form = "<x xmlns='jabber:x:data' type='submit'>".to_owned();
    for (var, values) in fields {
        let prefix = if var.contains('#') { "" } else { "x-pubsub#filter_" };
        write!(form, "<field var='{prefix}{var}'>").unwrap();
        values.iter().for_each(|value| write!(form, "<value>{value}</value>").unwrap());
        form.push_str("</field>");
    }
    form + "</x>"
}

fn subscription(node: &str, fields: Fields<'_>) -> String {
    let subscribe = format!("<subscribe node='{node}' jid='francisco@denmark.lit'/>");
    set(FRANCISCO, &format!("{subscribe}<options>{}</options>", form(fields)))
}

/// Francisco subscribes with a filter; the SubID.
fn subscribe(stage: &mut Stage, node: &str, fields: Fields<'_>) -> String {
    let answer = stage.send(&subscription(node, fields));
    answer.split("subid='").nth(1).unwrap().split('\'').next().unwrap().to_owned()
}

fn entry(inner: &str) -> String {
    format!("<entry xmlns='http://www.w3.org/2005/Atom'>{inner}</entry>")
}

fn titled(title: &str) -> String {
    entry(&format!("<title>{title}</title>"))
}

fn publish(stage: &mut Stage, node: &str, id: &str, payload: &str) -> String {
    stage.send(&set(HAMLET, &format!("<publish node='{node}'><item id='{id}'>{payload}</item></publish>")))
}

/// The messages to Francisco in what was sent.
fn to_francisco(sent: &str) -> Vec<&str> {
    let messages = sent.split("<message ").skip(1);
    messages.filter(|message| message.contains("to='francisco@denmark.lit")).collect()
}

/// The ItemIDs in what Francisco was sent, in order.
fn ids(sent: &str) -> Vec<&str> {
    let pieces = to_francisco(sent).into_iter().flat_map(|message| message.split("<item id='").skip(1));
    pieces.map(|piece| piece.split('\'').next().unwrap()).collect()
}

/// The SubIDs that a message names.
fn named(message: &str) -> Vec<&str> {
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

/// A service that tells of an entry without it, and somebody who asked for it in two ways.
#[test]
fn a16_two_keyword_subscriptions_match() {
    let mut stage = Stage::new();
    stage.node("news", &[("deliver_payloads", "0"), ("notify_sub", "0")]);
    for words in ["harbour", "reopens", "storm"] {
        subscribe(&mut stage, "news", &[("words", &[words])]);
    }
    let publish =
        format!("<publish node='news'><item id='p2'>{}</item></publish>", titled("Harbour reopens"));
    stage.check(
        &set(HAMLET, &publish),
        &expect![[r#"
            <iq type='result' id='1' from='pubsub.shakespeare.lit' to='hamlet@denmark.lit/a'>
              <pubsub xmlns='http://jabber.org/protocol/pubsub'>
                <publish node='news'>
                  <item id='p2'/>
                </publish>
              </pubsub>
            </iq>
            <message from='pubsub.shakespeare.lit' id='n1' type='headline' to='francisco@denmark.lit'>
              <event xmlns='http://jabber.org/protocol/pubsub#event'>
                <items node='news'>
                  <item id='p2' publisher='hamlet@denmark.lit'/>
                </items>
              </event>
              <stanza-id xmlns='urn:xmpp:sid:0' by='pubsub.shakespeare.lit' id='1-1-0ffddb7413a7340c'/>
              <headers xmlns='http://jabber.org/protocol/shim'>
                <header name='SubID'>id-1</header>
                <header name='SubID'>id-2</header>
              </headers>
            </message>
        "#]],
    );
}

#[test]
fn only_the_subscriptions_that_match_are_named() {
    let mut stage = Stage::with_musings();
    let node = "princely_musings";
    let harbour = subscribe(&mut stage, node, &[("words", &["harbour"])]);
    let storm = subscribe(&mut stage, node, &[("words", &["storm"]), ("pubsub#include_body", &["1"])]);
    assert_ne!(harbour, storm);
    // The same filter, however it is written, is the same subscription.
    assert_eq!(subscribe(&mut stage, node, &[("words", &["", "harbour\n harbour "])]), harbour);
    let cases = [
        ("The harbour", vec![harbour.as_str()]),
        ("The storm", vec![storm.as_str()]),
        ("The storm in the harbour", vec![harbour.as_str(), storm.as_str()]),
    ];
    for (title, subids) in cases {
        let told = publish(&mut stage, node, "1", &titled(title));
        let [message] = to_francisco(&told)[..] else { panic!("one message about {title}: {told}") };
        assert_eq!(named(message), subids, "{title}");
        assert_eq!(message.contains("<body>"), subids.contains(&storm.as_str()), "{title}");
    }
    assert_eq!(to_francisco(&publish(&mut stage, node, "1", &titled("Calm"))), [""; 0]);

    let all = subscribe(&mut stage, node, &[]);
    let told = publish(&mut stage, node, "1", &titled("The storm"));
    assert_eq!(named(to_francisco(&told)[0]), [storm, all]);
}

/// XEP-0060 [#impl-shim].
#[test]
fn what_is_the_same_for_all_names_none() {
    let mut stage = Stage::with_musings();
    for words in ["a", "b"] {
        subscribe(&mut stage, "princely_musings", &[("words", &[words])]);
    }
    publish(&mut stage, "princely_musings", "1", &titled("x"));
    let retract = |attr: &str| format!("<retract node='princely_musings'{attr}><item id='1'/></retract>");
    let told = stage.send(&set(HAMLET, &retract("")));
    assert_eq!(named(to_francisco(&told)[0]).len(), 2, "all hear of a retraction: {told}");
    for all in ["<purge node='princely_musings'/>", "<delete node='princely_musings'/>"] {
        let told = stage.send(&owner_set(HAMLET, all));
        let [message] = to_francisco(&told)[..] else { panic!("{told}") };
        assert!(!message.contains("<headers"), "{message}");
    }
}

#[test]
fn a_modified_item_is_for_those_who_want_its_new_form() {
    let mut stage = Stage::with_musings();
    subscribe(&mut stage, "princely_musings", &[("words", &["harbour"])]);
    for (title, expected) in [("Harbour", 1), ("Storm", 0), ("Calm", 0), ("Harbour again", 1)] {
        let told = publish(&mut stage, "princely_musings", "1", &titled(title));
        assert_eq!(to_francisco(&told).len(), expected, "{title}: {told}");
    }
    publish(&mut stage, "princely_musings", "2", &titled("Storm"));
    for id in ["1", "2"] {
        let retract = format!("<retract node='princely_musings'><item id='{id}'/></retract>");
        let told = stage.send(&set(HAMLET, &retract));
        assert_eq!(to_francisco(&told).len(), 1, "of a retraction hear all: {told}");
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

/// What is not in the notice is looked up, as long as it is there as it was.
#[test]
fn nodes_that_only_notify_are_filtered_too() {
    let mut stage = Stage::new();
    stage.node(
        "n",
        &[("deliver_payloads", "0"), ("notify_retract", "0"), ("x-pubsub#payload_on_modify", "0")],
    );
    subscribe(&mut stage, "n", &[("words", &["harbour"])]);
    let cases: [(&[&str], usize); 6] = [
        (&["Harbour"], 1),
        (&["Storm"], 0),
        // Replaced before anybody was told: the later notice decides.
        (&["Harbour", "Storm"], 0),
        (&["Storm", "Harbour"], 1),
        (&["Harbour", "Harbour"], 1),
        (&["Storm", "Calm"], 0),
    ];
    for (titles, expected) in cases {
        let item = |title: &&str| format!("<item id='1'>{}</item>", titled(title));
        let items: String = titles.iter().map(item).collect();
        let told = stage.send(&set(HAMLET, &format!("<publish node='n'>{items}</publish>")));
        assert_eq!(to_francisco(&told).len(), expected, "{titles:?}: {told}");
    }
}

#[test]
fn nodes_that_keep_nothing() {
    let mut stage = Stage::new();
    stage.node("transient", &[("persist_items", "0")]);
    stage.node("bell", &[("persist_items", "0"), ("deliver_payloads", "0")]);
    for node in ["transient", "bell"] {
        subscribe(&mut stage, node, &[("words", &["harbour"])]);
        stage.subscribe(node, "bernardo@denmark.lit");
    }
    assert_eq!(to_francisco(&publish(&mut stage, "transient", "1", &titled("Harbour"))).len(), 1);
    assert_eq!(to_francisco(&publish(&mut stage, "transient", "1", &titled("Storm"))).len(), 0);
    let rung = stage.send(&set(HAMLET, "<publish node='bell'/>"));
    assert_eq!(
        (rung.matches("<message ").count(), to_francisco(&rung).len()),
        (1, 0),
        "nothing fits nothing"
    );
}

#[test]
fn digests_hold_what_the_filter_lets_through() {
    let mut stage = Stage::with_musings();
    let digest: [(&str, &[&str]); 2] = [("pubsub#digest", &["1"]), ("pubsub#digest_frequency", &["60000"])];
    let filter: (&str, &[&str]) = ("words", &["harbour"]);
    let harbour = subscribe(&mut stage, "princely_musings", &[digest[0], digest[1], filter]);
    for number in 0..200 {
        let title = if number % 50 == 0 { "Harbour" } else { "Storm" };
        publish(&mut stage, "princely_musings", &number.to_string(), &titled(title));
    }
    assert_eq!(ids(&stage.pass(60)), ["0", "50", "100", "150"]);
    publish(&mut stage, "princely_musings", "x", &titled("Storm"));
    assert_eq!(stage.pass(60), "", "nothing that fits, no digest");

    let body = subscribe(
        &mut stage,
        "princely_musings",
        &[digest[0], digest[1], ("words", &["storm"]), ("pubsub#include_body", &["1"])],
    );
    for title in ["Harbour", "Storm"] {
        publish(&mut stage, "princely_musings", title, &titled(title));
    }
    let told = stage.pass(60);
    assert_eq!(ids(&told), ["Harbour", "Storm"], "a message for each");
    let [first, second] = to_francisco(&told)[..] else { panic!("{told}") };
    assert_eq!((named(first), named(second)), (vec![harbour.as_str()], vec![body.as_str()]));
    assert!(!first.contains("<body>") && second.contains("<body>Storm</body>"), "{told}");
}

#[test]
fn the_last_item_comes_if_it_fits() {
    let mut stage = Stage::new();
    stage.node("n", &[("send_last_published_item", "on_sub_and_presence")]);
    for (id, title) in [("1", "Harbour"), ("2", "Storm")] {
        publish(&mut stage, "n", id, &titled(title));
    }
    let cases: [(Fields<'_>, &[&str]); 4] = [
        (&[("words", &["harbour"])], &[]),
        (&[("words", &["storm"])], &["2"]),
        (&[("words", &["storm"]), ("pubsub#deliver", &["0"])], &[]),
        (&[], &["2"]),
    ];
    for (fields, expected) in cases {
        assert_eq!(ids(&stage.send(&subscription("n", fields))), expected, "{fields:?}");
    }
    let came = stage.presence(FRANCISCO, Presence::Available(Show::Online));
    let [message] = to_francisco(&came)[..] else { panic!("{came}") };
    assert_eq!((named(message).len(), ids(&came)), (2, vec!["2"]));
    stage.presence(FRANCISCO, Presence::Unavailable);
    publish(&mut stage, "n", "3", &titled("Harbour"));
    let came = stage.presence(FRANCISCO, Presence::Available(Show::Online));
    assert_eq!((named(to_francisco(&came)[0]).len(), ids(&came)), (2, vec!["3"]));
}

/// XEP-0312.
#[test]
fn whoever_comes_back_hears_what_fits() {
    let mut stage = Stage::new();
    stage.node("n", &[("presence_based_delivery", "1")]);
    let harbour = subscribe(&mut stage, "n", &[("words", &["harbour"])]);
    let ferry = subscribe(&mut stage, "n", &[("words", &["ferry"])]);
    stage.presence(FRANCISCO, Presence::Available(Show::Online));
    stage.presence(FRANCISCO, Presence::Unavailable);
    stage.wait(1000);
    for (id, title) in
        [("1", "Harbour"), ("2", "Storm"), ("3", "Ferry"), ("4", "Ferry, harbour"), ("1", "Calm")]
    {
        publish(&mut stage, "n", id, &titled(title));
    }
    for number in 0..150 {
        publish(&mut stage, "n", &format!("s{number}"), &titled("Storm"));
    }
    let back = stage.presence(FRANCISCO, Presence::Returned(Show::Online, 100));
    assert_eq!(ids(&back), ["3", "4"], "{back}");
    let subids: Vec<Vec<&str>> = to_francisco(&back).into_iter().map(named).collect();
    assert_eq!(subids, [vec![ferry.as_str()], vec![harbour.as_str(), ferry.as_str()]]);
}

#[test]
fn whoever_asks_gets_everything() {
    let mut stage = Stage::with_musings();
    subscribe(&mut stage, "princely_musings", &[("words", &["harbour"])]);
    publish(&mut stage, "princely_musings", "1", &titled("Storm"));
    let items = stage.send(&get(FRANCISCO, "<items node='princely_musings'/>"));
    assert!(items.contains("<item id='1'"), "{items}");
    let query = format!(
        "<iq type='set' from='{FRANCISCO}' to='{SERVICE}' id='1'><query xmlns='urn:xmpp:mam:2' node='princely_musings'/></iq>"
    );
    let history = stage.send(&query);
    assert_eq!(history.matches("<result ").count(), 1, "{history}");
}

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
