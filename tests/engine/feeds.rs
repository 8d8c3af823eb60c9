//! Feeds of the web: the commands that add, list and remove them, and what a fetched feed changes in a node.

use atomsub::feeds::reading::{Origin, read};
use atomsub::limits::FEED_TITLE_CHARS_MAX;
use atomsub::pubsub::affiliation::Affiliation;
use atomsub::pubsub::import::{Feed, Fetched, Import, Outcome, Version};
use atomsub::pubsub::node::NodeId;
use expect_test::expect;

use crate::relations;
use crate::stage::{SERVICE, Stage, ask, get, owner_set, set};

pub(crate) const OWNER: &str = "hamlet@denmark.lit/elsinore";
pub(crate) const ADMIN: &str = "bard@shakespeare.lit/quill";
pub(crate) const URL: &str = "https://blog.example/feed";
pub(crate) const DAY: u64 = 24 * 60 * 60;

/// Hamlet's node `news`, to which a feed goes and somebody listens.
pub(crate) fn stage() -> Stage {
    let mut stage = Stage::new();
    stage.payload_bytes_max(2048);
    stage.node("news", &[]);
    stage.subscribe("news", "francisco@denmark.lit");
    stage.send(&add(OWNER, URL, "news"));
    stage
}

fn command(from: &str, name: &str, fields: &[(&str, &str)]) -> String {
    let fields: Vec<String> = fields
        .iter()
        .map(|(var, value)| format!("<field var='{var}'><value>{value}</value></field>"))
        .collect();
    let form = match fields.as_slice() {
        [] => String::new(),
        fields => format!("<x xmlns='jabber:x:data' type='submit'>{}</x>", fields.concat()),
    };
    let command = format!(
        "<command xmlns='http://jabber.org/protocol/commands' node='atomsub#{name}'>{form}</command>"
    );
    ask("set", from, &command)
}

pub(crate) fn add(from: &str, url: &str, node: &str) -> String {
    command(from, "add-feed", &[("url", url), ("node", node)])
}

pub(crate) fn list(from: &str) -> String {
    command(from, "list-feeds", &[])
}

pub(crate) fn items(node: &str) -> String {
    get(OWNER, &format!("<items node='{node}'/>"))
}

/// An entry in RSS.
pub(crate) fn item(id: &str, text: &str) -> String {
    format!("<item><guid>{id}</guid><title>{text}</title></item>")
}

/// What came of fetching RSS with these items, the newest first.
pub(crate) fn rss(stage: &Stage, items: &[String]) -> Fetched {
    let title = "<title>Blog</title>";
    fetched(stage, &format!("<rss version='2.0'><channel>{title}{}</channel></rss>", items.concat()))
}

pub(crate) fn fetched(stage: &Stage, feed: &str) -> Fetched {
    let url = URL.parse().unwrap();
    let origin = Origin { feed: &url, url: &url, content_type: None, now: stage.now() };
    let document = Box::new(read(feed.as_bytes(), origin, &|| true).unwrap());
    come(Outcome::Read { document, is_whole: true })
}

pub(crate) fn come(outcome: Outcome) -> Fetched {
    Fetched {
        url: URL.to_owned(),
        place: URL.to_owned(),
        outcome,
        moved: None,
        version: Version::default(),
        hub: None,
        rest: 0,
        least: 15 * 60,
        chance: 0,
    }
}

pub(crate) fn feed(stage: &mut Stage) -> Feed {
    stage.transact(|_, tx| Ok(tx.feed(URL)?.unwrap()))
}

pub(crate) fn import(stage: &mut Stage, node: &str) -> Option<Import> {
    let id = NodeId { service: SERVICE.to_owned(), name: node.to_owned() };
    stage.transact(|_, tx| match tx.node(&id)? {
        Some(node) => tx.import(node.key, URL),
        None => Ok(None),
    })
}

/// What was told of entries: `+` published, `-` retracted.
pub(crate) fn told(notices: &str) -> Vec<String> {
    let messages = notices.split("<message ").skip(1);
    let what = messages.map(|message| match message.split_once("<title>") {
        Some((_, rest)) => format!("+{}", rest.split('<').next().unwrap()),
        None if message.contains("<retract ") => "-".to_owned(),
        None => message.to_owned(),
    });
    what.collect()
}

#[test]
fn commands_are_offered_where_there_are_feeds() {
    let mut stage = Stage::new();
    let list =
        "<query xmlns='http://jabber.org/protocol/disco#items' node='http://jabber.org/protocol/commands'/>";
    let info = "<query xmlns='http://jabber.org/protocol/disco#info' node='atomsub#add-feed'/>";
    stage.check(&ask("get", OWNER, list), &expect![[r#"
        <iq type='result' id='1' from='pubsub.shakespeare.lit' to='hamlet@denmark.lit/elsinore'>
          <query xmlns='http://jabber.org/protocol/disco#items' node='http://jabber.org/protocol/commands'>
            <item jid='pubsub.shakespeare.lit' node='http://jabber.org/protocol/pubsub#get-pending' name='Get pending subscriptions'/>
            <item jid='pubsub.shakespeare.lit' node='atomsub#create-http-token' name='Create an HTTP token'/>
            <item jid='pubsub.shakespeare.lit' node='atomsub#create-webhook' name='Create a webhook'/>
            <item jid='pubsub.shakespeare.lit' node='atomsub#list-http-tokens' name='List HTTP tokens and webhooks'/>
            <item jid='pubsub.shakespeare.lit' node='atomsub#revoke-http-token' name='Revoke HTTP tokens and webhooks'/>
            <item jid='pubsub.shakespeare.lit' node='atomsub#add-feed' name='Add a feed'/>
            <item jid='pubsub.shakespeare.lit' node='atomsub#list-feeds' name='List feeds'/>
            <item jid='pubsub.shakespeare.lit' node='atomsub#remove-feed' name='Remove a feed'/>
          </query>
        </iq>
    "#]]);
    stage.check(
        &ask("get", OWNER, info),
        &expect![[r#"
        <iq type='result' id='1' from='pubsub.shakespeare.lit' to='hamlet@denmark.lit/elsinore'>
          <query xmlns='http://jabber.org/protocol/disco#info' node='atomsub#add-feed'>
            <identity category='automation' type='command-node' name='Add a feed'/>
            <feature var='http://jabber.org/protocol/commands'/>
            <feature var='jabber:x:data'/>
          </query>
        </iq>
    "#]],
    );
    stage.check(&command(OWNER, "add-feed", &[]), &expect![[r#"
        <iq type='result' id='1' from='pubsub.shakespeare.lit' to='hamlet@denmark.lit/elsinore'>
          <command xmlns='http://jabber.org/protocol/commands' node='atomsub#add-feed' sessionid='add-feed' status='executing'>
            <actions execute='complete'>
              <complete/>
            </actions>
            <x xmlns='jabber:x:data' type='form'>
              <title>Add a feed</title>
              <instructions>What is new in the feed is published in the node. A node that is not there is created.</instructions>
              <field var='url' type='text-single' label='The URL of the feed: Atom, RSS or JSON Feed'>
                <required/>
              </field>
              <field var='node' type='text-single' label='The node, which has to be yours'>
                <required/>
              </field>
            </x>
          </command>
        </iq>
    "#]]);

    stage.feeds_per_account(0);
    assert!(!stage.send(&ask("get", OWNER, list)).contains("feed"));
    stage.refuses(&[(add(OWNER, URL, "news"), "cancel/forbidden/-")]);
}

#[test]
fn a_feed_is_added_and_listed() {
    let mut stage = Stage::new();
    stage.check(&list(OWNER), &expect![[r#"
        <iq type='result' id='1' from='pubsub.shakespeare.lit' to='hamlet@denmark.lit/elsinore'>
          <command xmlns='http://jabber.org/protocol/commands' node='atomsub#list-feeds' sessionid='list-feeds' status='completed'>
            <note type='info'>No feed goes to a node of yours.</note>
          </command>
        </iq>
    "#]]);
    // The node is created for it.
    stage.check(&add(OWNER, " HTTPS://Blog.Example/feed#top ", "news"), &expect![[r#"
        <iq type='result' id='1' from='pubsub.shakespeare.lit' to='hamlet@denmark.lit/elsinore'>
          <command xmlns='http://jabber.org/protocol/commands' node='atomsub#add-feed' sessionid='add-feed' status='completed'>
            <note type='info'>The feed is fetched now; "List feeds" says how that went. What it has goes to the node "news" without telling anybody; what is new from then on is told.</note>
          </command>
        </iq>
    "#]]);
    assert!(stage.send(&add(OWNER, URL, "news")).contains("already"));
    assert_eq!(feed(&mut stage).next, Some(stage.now()), "it is fetched at once");
    let document = rss(&stage, &[item("urn:x:1", "One")]);
    stage.fetched(&document);
    stage.check(&list(OWNER), &expect![[r#"
        <iq type='result' id='1' from='pubsub.shakespeare.lit' to='hamlet@denmark.lit/elsinore'>
          <command xmlns='http://jabber.org/protocol/commands' node='atomsub#list-feeds' sessionid='list-feeds' status='completed'>
            <x xmlns='jabber:x:data' type='result'>
              <title>Feeds</title>
              <reported>
                <field var='url' type='text-single' label='Feed'/>
                <field var='node' type='text-single' label='Node'/>
                <field var='title' type='text-single' label='Title'/>
                <field var='state' type='text-single' label='State'/>
                <field var='fetched' type='text-single' label='Last fetched'/>
                <field var='next' type='text-single' label='To be fetched'/>
              </reported>
              <item>
                <field var='url'>
                  <value>https://blog.example/feed</value>
                </field>
                <field var='node'>
                  <value>news</value>
                </field>
                <field var='title'>
                  <value>Blog</value>
                </field>
                <field var='state'>
                  <value>fine</value>
                </field>
                <field var='fetched'>
                  <value>2003-12-13T18:30:02Z</value>
                </field>
                <field var='next'>
                  <value>2003-12-13T19:30:02Z</value>
                </field>
              </item>
            </x>
          </command>
        </iq>
    "#]]);
    assert!(stage.send(&list("ophelia@denmark.lit/brook")).contains("No feed"));
}

#[test]
fn a_feed_is_removed() {
    let mut stage = stage();
    stage.fetched(&rss(&stage, &[item("urn:x:1", "One")]));
    stage.check(&command(OWNER, "remove-feed", &[]), &expect![[r#"
        <iq type='result' id='1' from='pubsub.shakespeare.lit' to='hamlet@denmark.lit/elsinore'>
          <command xmlns='http://jabber.org/protocol/commands' node='atomsub#remove-feed' sessionid='remove-feed' status='executing'>
            <actions execute='complete'>
              <complete/>
            </actions>
            <x xmlns='jabber:x:data' type='form'>
              <title>Remove a feed</title>
              <instructions>What came from the feed stays in the node.</instructions>
              <field var='feed' type='list-single' label='The feed'>
                <required/>
                <option label='https://blog.example/feed to news'>
                  <value>https://blog.example/feed news</value>
                </option>
              </field>
            </x>
          </command>
        </iq>
    "#]]);
    let removed = stage.send(&command(OWNER, "remove-feed", &[("feed", &format!("{URL} news"))]));
    assert!(removed.contains("does not go to"), "{removed}");
    assert_eq!(stage.transact(|_, tx| tx.feed(URL)), None, "nobody wants it any more");
    assert!(stage.send(&items("news")).contains("One"), "what came stays");
}

#[test]
fn who_may_add_what() {
    let mut stage = stage();
    stage.node("pictures", &[("type", "urn:x:pictures")]);
    let subscribers = "urn:xmpp:pps:subscribers:0/news";
    // Whoever owns a node, but may not publish in the one above it.
    stage.send(&relations::create(OWNER, "above", &[("publish_model", "publishers")]));
    stage.send(&relations::create(OWNER, "below", &[("parent", "above")]));
    stage.affiliate("below", "francisco@denmark.lit", Affiliation::Owner);
    stage.refuses(&[
        (add("francisco@denmark.lit/barracks", URL, "below"), "cancel/forbidden/-"),
        (command(OWNER, "add-feed", &[("url", URL)]), "modify/bad-request/-"),
        (command(OWNER, "add-feed", &[("node", "news")]), "modify/bad-request/-"),
        (add(OWNER, "blog.example", "news"), "modify/bad-request/-"),
        (add(OWNER, "file:///etc/passwd", "news"), "modify/bad-request/-"),
        (add(OWNER, "https://me:secret@blog.example/", "news"), "modify/bad-request/-"),
        (add(OWNER, "http://feeds.shakespeare.lit/n/other/feed.atom", "news"), "modify/bad-request/-"),
        (add(OWNER, URL, "pictures"), "modify/not-acceptable/-"),
        (add(OWNER, URL, subscribers), "auth/forbidden/-"),
        (add("francisco@denmark.lit/barracks", URL, "news"), "cancel/forbidden/-"),
        (add("romeo@montague.lit/orchard", URL, "nowhere"), "cancel/item-not-found/-"),
        (
            command("francisco@denmark.lit/b", "remove-feed", &[("feed", &format!("{URL} news"))]),
            "cancel/item-not-found/-",
        ),
        (command(OWNER, "feed-me", &[]), "cancel/item-not-found/-"),
    ]);
    stage.send(&add(OWNER, "https://blog.example/2", "news"));
    stage.refuses(&[(add(OWNER, "https://blog.example/3", "news"), "wait/resource-constraint/-")]);
    stage.send(&add(ADMIN, "https://blog.example/3", "news"));
}

#[test]
fn what_was_there_comes_quietly_and_what_is_new_is_told() {
    let mut stage = stage();
    let old: Vec<String> = (1..=30).rev().map(|n| item(&format!("urn:x:{n}"), &format!("{n}."))).collect();
    let first = rss(&stage, &old);
    assert_eq!(stage.fetched(&first), "");
    let items = stage.send(&items("news"));
    assert!(!items.contains("10.</title>") && items.contains("11.</title>"), "the newest twenty: {items}");
    assert!(items.find("11.</title>") < items.find("30.</title>"), "oldest first");
    assert_eq!(items.matches(&format!("publisher='{SERVICE}'")).count(), 20);
    assert_eq!(items.matches(&format!("<source><id>{URL}</id>")).count(), 20);

    assert_eq!(stage.fetched(&first), "", "nothing has changed");
    let mut new = old.clone();
    new.insert(0, item("not an iri", "32."));
    new.insert(1, item("urn:x:31", "31."));
    let second = rss(&stage, &new);
    assert_eq!(told(&stage.fetched(&second)), ["+31.", "+32."]);
    assert_eq!(stage.fetched(&second), "");
    assert_eq!(stage.fetched(&rss(&stage, &new[..3])), "", "what drops out of the window stays");
    assert_eq!(stage.fetched(&second), "", "and is not new when it comes back");
}

#[test]
fn an_edit_is_told_once_with_the_same_item() {
    let mut stage = stage();
    stage.fetched(&rss(&stage, &[item("urn:x:1", "Harbour reopnes")]));
    let edited = rss(&stage, &[item("urn:x:1", "Harbour reopens")]);
    let told_of = stage.fetched(&edited);
    assert_eq!(told(&told_of), ["+Harbour reopens"]);
    let id = atomsub::atom::id::generated(SERVICE, "news", "urn:x:1");
    assert!(told_of.contains(&format!("<item id='{id}'")), "{told_of}");
    assert_eq!(stage.fetched(&edited), "");
    // The date of an entry without one is that of its first sight, however often it is edited.
    stage.wait(60);
    let again = stage.fetched(&rss(&stage, &[item("urn:x:1", "Harbour open")]));
    let published = "<published>2003-12-13T18:30:02Z</published><updated>2003-12-13T18:31:02Z</updated>";
    assert!(again.contains(published), "{again}");
}

#[test]
fn who_edits_all_the_time_has_to_wait() {
    let mut stage = stage();
    stage.fetched(&rss(&stage, &[item("urn:x:1", "0 comments")]));
    let edit = |stage: &mut Stage, n: u32| {
        let edited = rss(stage, &[item("urn:x:1", &format!("{n} comments"))]);
        stage.fetched(&Fetched {
            version: Version { etag: Some("1".to_owned()), ..Version::default() },
            ..edited
        })
    };
    for n in 1..=3 {
        assert_eq!(told(&edit(&mut stage, n)), [format!("+{n} comments")]);
        assert_eq!(feed(&mut stage).etag.as_deref(), Some("1"));
    }
    assert_eq!(edit(&mut stage, 4), "");
    assert_eq!(feed(&mut stage).etag, None, "it is not enough to hear that nothing has changed");
    stage.wait(DAY);
    assert_eq!(told(&edit(&mut stage, 5)), ["+5 comments"]);
}

#[test]
fn tombstones_and_complete_feeds_retract() {
    let mut stage = stage();
    let atom = |inside: &str| {
        format!(
            "<feed xmlns='http://www.w3.org/2005/Atom' xmlns:at='http://purl.org/atompub/tombstones/1.0' xmlns:fh='http://purl.org/syndication/history/1.0'><title>Blog</title><id>urn:x:feed</id>{inside}</feed>"
        )
    };
    let entry = |id: &str, date: &str| {
        format!(
            "<entry><id>{id}</id><title>{id}</title><updated>{date}</updated><link href='https://blog.example/'/></entry>"
        )
    };
    let (one, two) = (entry("urn:x:1", "2003-12-10T00:00:00Z"), entry("urn:x:2", "2003-12-11T00:00:00Z"));
    let gone = |when: &str| format!("<at:deleted-entry ref='urn:x:1' when='{when}'/>");
    stage.fetched(&fetched(&stage, &atom(&format!("{one}{two}"))));

    let void = atom(&format!("{}{one}{two}", gone("2003-12-09T00:00:00Z")));
    assert_eq!(stage.fetched(&fetched(&stage, &void)), "", "it was modified after it was deleted");
    let deleted = atom(&format!("{}{two}", gone("2003-12-12T00:00:00Z")));
    assert_eq!(told(&stage.fetched(&fetched(&stage, &deleted))), ["-"]);
    assert_eq!(stage.fetched(&fetched(&stage, &deleted)), "");
    let back = entry("urn:x:1", "2003-12-13T00:00:00Z");
    let back = atom(&format!("{}{back}{two}", gone("2003-12-12T00:00:00Z")));
    assert_eq!(told(&stage.fetched(&fetched(&stage, &back))), ["+urn:x:1"]);

    let complete = atom(&format!("<fh:complete/>{two}"));
    assert_eq!(told(&stage.fetched(&fetched(&stage, &complete))), ["-"]);
    assert!(!stage.send(&items("news")).contains("urn:x:1<"));
}

#[test]
fn what_an_owner_took_out_does_not_come_back() {
    let mut stage = stage();
    stage.fetched(&rss(&stage, &[item("urn:x:2", "Two"), item("urn:x:1", "One")]));
    let id = atomsub::atom::id::generated(SERVICE, "news", "urn:x:1");
    stage.send(&set(OWNER, &format!("<retract node='news'><item id='{id}'/></retract>")));
    stage.notices();
    assert_eq!(stage.fetched(&rss(&stage, &[item("urn:x:2", "Two"), item("urn:x:1", "Changed")])), "");
    // Nor is anything overwritten that somebody else published under the id that an entry would have.
    let taken = atomsub::atom::id::generated(SERVICE, "news", "urn:x:3");
    stage.publish("news", &taken);
    stage.notices();
    assert_eq!(stage.fetched(&rss(&stage, &[item("urn:x:3", "Three"), item("urn:x:2", "Two")])), "");
    assert!(stage.send(&list(OWNER)).contains("an entry was not taken"));
}

#[test]
fn what_is_too_long_comes_without_its_content() {
    let mut stage = stage();
    let long = "long ".repeat(1000);
    stage.fetched(&rss(&stage, &[]));
    let content = format!(
        "<item><guid>urn:x:1</guid><title>One</title><link>https://blog.example/1</link><description>{long}</description></item>"
    );
    let told_of = stage.fetched(&rss(&stage, &[content]));
    assert_eq!(told(&told_of), ["+One"]);
    assert!(told_of.contains("https://blog.example/1") && !told_of.contains("long long"), "{told_of}");
    let title = format!("<item><guid>urn:x:2</guid><title>{long}</title></item>");
    assert_eq!(stage.fetched(&rss(&stage, &[title])), "");
    assert!(stage.send(&list(OWNER)).contains("bytes, at most 2048 are taken"));
}

#[test]
fn one_feed_goes_to_many_nodes() {
    let mut stage = stage();
    stage.fetched(&rss(&stage, &[item("urn:x:1", "One")]));
    for n in 0..20 {
        stage.send(&add(ADMIN, URL, &format!("copy {n}")));
        stage.subscribe(&format!("copy {n}"), "francisco@denmark.lit");
    }
    stage.notices();
    assert_eq!(
        stage.fetched(&rss(&stage, &[item("urn:x:1", "One")])),
        "",
        "each gets what is there, quietly"
    );
    assert!(stage.send(&items("copy 19")).contains("One"));
    let more: Vec<String> = (1..=5).rev().map(|n| item(&format!("urn:x:{n}"), "One")).collect();
    assert_eq!(told(&stage.fetched(&rss(&stage, &more))).len(), 21 * 4);
}

#[test]
fn a_feed_ends_with_its_node() {
    let mut stage = stage();
    stage.send(&owner_set(OWNER, "<delete node='news'/>"));
    assert_eq!(stage.transact(|_, tx| tx.feed(URL)), None);
    assert_eq!(stage.transact(|_, tx| tx.imports_by(Some("hamlet@denmark.lit"), 9)), []);
    assert_eq!(stage.fetched(&rss(&stage, &[item("urn:x:1", "One")])), "");
}

#[test]
fn what_is_gone_for_good_stops_and_the_owner_is_told() {
    let mut stage = stage();
    let message = stage.fetched(&come(Outcome::Gone));
    let text = format!(
        "<body>The feed {URL} does not reach the node news any more: the server says that it is gone for good. It is not tried again.</body>"
    );
    assert!(message.contains("to='hamlet@denmark.lit'") && message.contains(&text), "{message}");
    assert!(message.contains("type='normal'"), "{message}");
    assert_eq!(feed(&mut stage).next, None);
    assert!(stage.send(&list(OWNER)).contains("stopped"));
    // It can be begun again.
    stage.send(&add(OWNER, URL, "news"));
    assert_eq!(feed(&mut stage).next, Some(stage.now()));
}

#[test]
fn failures_make_patient_and_are_told_after_three_days() {
    let mut stage = stage();
    let failed = || come(Outcome::Failed("the server answers 500".to_owned()));
    assert_eq!(stage.fetched(&failed()), "");
    assert_eq!(feed(&mut stage).next, Some(stage.now().plus_seconds(15 * 60)));
    assert_eq!(stage.fetched(&Fetched { rest: 7200, ..failed() }), "");
    assert_eq!(feed(&mut stage).next, Some(stage.now().plus_seconds(7200)), "as the server asks");
    assert!(stage.send(&add(OWNER, URL, "news")).contains("fetched now"), "it may have been mended");
    assert_eq!((feed(&mut stage).next, feed(&mut stage).failures), (Some(stage.now()), 2));
    stage.wait(3 * DAY);
    let message = stage.fetched(&failed());
    assert!(message.contains("since 2003-12-13T18:30:02Z: the server answers 500"), "{message}");
    stage.wait(DAY);
    assert_eq!(stage.fetched(&failed()), "", "once");
    assert!(stage.send(&list(OWNER)).contains("failing since"));

    stage.fetched(&come(Outcome::Unchanged));
    assert_eq!((feed(&mut stage).failures, feed(&mut stage).is_told), (0, false));
    assert!(stage.send(&list(OWNER)).contains("<value>fine</value>"));
}

#[test]
fn what_comes_back_through_the_web_is_left_out() {
    let mut stage = stage();
    stage.fetched(&rss(&stage, &[]));
    let (own, other) = ("xmpp:pubsub.shakespeare.lit?;node=news", "xmpp:pubsub.else.lit?;node=news");
    for (feed_id, entry_id, source, is_taken) in [
        ("urn:x:feed", "urn:x:1", "", true),
        (other, "urn:x:2", "", true),
        (own, "urn:x:3", "", false),
        ("xmpp:pubsub.shakespeare.lit?;node=another", "urn:x:4", "", false),
        ("urn:x:feed", "xmpp:pubsub.shakespeare.lit?;node=news;item=1", "", false),
        ("urn:x:feed", "urn:x:5", own, false),
        (own, "urn:x:6", "urn:x:planet", true),
    ] {
        let source = match source {
            "" => String::new(),
            id => format!("<source><id>{id}</id><title>x</title></source>"),
        };
        let atom = format!(
            "<feed xmlns='http://www.w3.org/2005/Atom'><title>x</title><id>{feed_id}</id>\
             <entry><id>{entry_id}</id><title>x</title><link href='https://blog.example/'/>{source}</entry></feed>"
        );
        let told_of = told(&stage.fetched(&fetched(&stage, &atom)));
        assert_eq!(told_of.len(), usize::from(is_taken), "{feed_id} {entry_id} {source}");
    }
}

#[test]
fn what_a_feed_is_called_may_be_long() {
    let mut stage = stage();
    let long =
        format!("<rss version='2.0'><channel><title>{}</title></channel></rss>", "word ".repeat(100_000));
    stage.fetched(&fetched(&stage, &long));
    assert_eq!(feed(&mut stage).title.len(), FEED_TITLE_CHARS_MAX);
}

#[test]
fn a_feed_is_left_alone_as_it_asks() {
    const HOUR: u64 = 60 * 60;
    let evening = "<hour>19</hour><hour>20</hour><hour>21</hour><hour>22</hour>";
    let day = "<sy:updatePeriod xmlns:sy='urn:x'>daily</sy:updatePeriod>".to_owned();
    for (asks, wait) in [
        (String::new(), HOUR),
        ("<ttl>300</ttl>".to_owned(), 5 * HOUR),
        (day, DAY),
        // It is half past six in the evening, on a Saturday.
        (format!("<skipHours>{evening}</skipHours>"), 5 * HOUR),
        ("<ttl>360</ttl><skipDays><day>Sunday</day></skipDays>".to_owned(), 30 * HOUR),
    ] {
        let mut stage = stage();
        let next = Some(stage.now().plus_seconds(wait));
        let asked = format!("<rss version='2.0'><channel><title>Blog</title>{asks}</channel></rss>");
        stage.fetched(&fetched(&stage, &asked));
        assert_eq!(feed(&mut stage).next, next, "{asks}");
        stage.fetched(&come(Outcome::Unchanged));
        assert_eq!(feed(&mut stage).next, next, "it holds where nothing has changed: {asks}");
    }
}

#[test]
fn a_feed_that_moved_is_asked_for_where_it_is_after_a_while() {
    let mut stage = stage();
    let (now, there) = (stage.now(), "https://blog.example/new".to_owned());
    let moved = Fetched { moved: Some(there.clone()), ..come(Outcome::Unchanged) };
    stage.fetched(&moved);
    assert_eq!(feed(&mut stage).place(now), URL);
    stage.wait(8 * DAY);
    stage.fetched(&moved);
    assert_eq!(feed(&mut stage).place(stage.now()), there);
    // It was a mistake, or is one now.
    let lost = Fetched { place: there.clone(), ..come(Outcome::Gone) };
    assert_eq!(stage.fetched(&lost), "");
    assert_eq!(feed(&mut stage).place(stage.now()), URL);
    assert!(feed(&mut stage).next.is_some());

    // The same place over TLS needs no patience.
    let mut plain = Stage::new();
    let url = "http://blog.example/feed";
    plain.send(&add(OWNER, url, "news"));
    let secured = Fetched {
        url: url.to_owned(),
        place: url.to_owned(),
        moved: Some(URL.to_owned()),
        ..come(Outcome::Unchanged)
    };
    plain.fetched(&secured);
    assert_eq!(plain.transact(|_, tx| tx.feed(url)).unwrap().place(now), URL);
}

#[test]
fn what_the_server_calls_a_version_is_kept() {
    let mut stage = stage();
    let version = |etag: &str, date: &str| Version {
        etag: Some(etag.to_owned()),
        last_modified: Some(date.to_owned()),
    };
    let first = rss(&stage, &[item("urn:x:1", "One")]);
    stage.fetched(&Fetched { version: version("W/\"1\"", "yesterday"), ..first.clone() });
    assert_eq!(
        (feed(&mut stage).etag.as_deref(), feed(&mut stage).last_modified.as_deref()),
        (Some("W/\"1\""), Some("yesterday"))
    );
    assert!(!feed(&mut stage).is_wanted_whole(stage.now()));
    let unchanged = Fetched {
        version: Version { etag: Some("2".to_owned()), last_modified: None },
        ..come(Outcome::Unchanged)
    };
    stage.fetched(&unchanged);
    assert_eq!(
        (feed(&mut stage).etag.as_deref(), feed(&mut stage).last_modified.as_deref()),
        (Some("2"), Some("yesterday"))
    );
    stage.fetched(&first);
    assert_eq!((feed(&mut stage).etag, feed(&mut stage).last_modified), (None, None), "only of this version");
    stage.wait(8 * DAY);
    assert!(feed(&mut stage).is_wanted_whole(stage.now()), "once a week");
    // Whoever comes later has not got what others have.
    stage.send(&add(ADMIN, URL, "copy"));
    assert!(feed(&mut stage).is_wanted_whole(stage.now()));
    assert!(import(&mut stage, "copy").is_some_and(|import| !import.is_begun));
}
