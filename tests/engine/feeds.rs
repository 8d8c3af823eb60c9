//! Feeds of the web: the commands that add, list and remove them.

use atomsub::feeds::reading::{Origin, read};
use atomsub::pubsub::affiliation::Affiliation;
use atomsub::pubsub::import::{Feed, Fetched, Import, Outcome, Version};
use atomsub::pubsub::node::NodeId;
use expect_test::expect;

use crate::relations;
use crate::stage::{SERVICE, Stage, ask, get};

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
