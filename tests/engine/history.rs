//! The history of a node — XEP-0442, XEP-0313 — compared with a plain list of publications.

use arbtest::arbitrary::{Result as Arbitrary, Unstructured};
use atomsub::pubsub::affiliation::Affiliation;
use expect_test::expect;

use crate::stage::{ENTRY, Stage, ask, set};

const NODE: &str = "princely_musings";
const FRANCISCO: &str = "francisco@denmark.lit/barracks";
const HAMLET: &str = "hamlet@denmark.lit";
const OPHELIA: &str = "ophelia@denmark.lit";
/// 2003-12-13T18:30:02Z, when the stage's time begins.
const BEGINNING: &str = "2003-12-13T18:30:02Z";

fn query(rest: &str) -> String {
    ask(
        "set",
        FRANCISCO,
        &format!("<query xmlns='urn:xmpp:mam:2' node='{NODE}' queryid='f28'>{rest}</query>"),
    )
}

fn form(fields: &[(&str, String)]) -> String {
    let field = |(var, value): &(&str, String)| format!("<field var='{var}'><value>{value}</value></field>");
    let fields: String = fields.iter().map(field).collect();
    format!(
        "<x xmlns='jabber:x:data' type='submit'>\
         <field var='FORM_TYPE'><value>urn:xmpp:mam:2</value></field>{fields}</x>"
    )
}

fn rsm(page: &str) -> String {
    format!("<set xmlns='http://jabber.org/protocol/rsm'>{page}</set>")
}

#[test]
fn results_are_messages_shaped_as_the_notices_were() {
    let mut stage = Stage::with_musings();
    stage.publish(NODE, "ae890ac52d0df67ed7cfdf51b644e901");
    stage.check(
        &query(""),
        &expect![[r#"
            <message from='pubsub.shakespeare.lit' to='francisco@denmark.lit/barracks' id='1-1-b7a8505001936a41'>
              <result xmlns='urn:xmpp:mam:2' queryid='f28' id='1-1-b7a8505001936a41'>
                <forwarded xmlns='urn:xmpp:forward:0'>
                  <delay xmlns='urn:xmpp:delay' stamp='2003-12-13T18:30:02Z'/>
                  <message xmlns='jabber:client' from='pubsub.shakespeare.lit' type='headline'>
                    <event xmlns='http://jabber.org/protocol/pubsub#event'>
                      <items node='princely_musings'>
                        <item id='ae890ac52d0df67ed7cfdf51b644e901' publisher='hamlet@denmark.lit'>
                          <entry xmlns='http://www.w3.org/2005/Atom'>
                            <title>Soliloquy</title>
                            <id>xmpp:pubsub.shakespeare.lit?;node=princely_musings;item=ae890ac52d0df67ed7cfdf51b644e901</id>
                            <updated>2003-12-13T18:30:02Z</updated>
                            <author>
                              <name>hamlet</name>
                              <uri>xmpp:hamlet@denmark.lit</uri>
                            </author>
                            <link rel='alternate' href='xmpp:pubsub.shakespeare.lit?;node=princely_musings;item=ae890ac52d0df67ed7cfdf51b644e901'/>
                          </entry>
                        </item>
                      </items>
                    </event>
                  </message>
                </forwarded>
              </result>
            </message>
            <iq type='result' id='1' from='pubsub.shakespeare.lit' to='francisco@denmark.lit/barracks'>
              <fin xmlns='urn:xmpp:mam:2' complete='true'>
                <set xmlns='http://jabber.org/protocol/rsm'>
                  <first index='0'>1-1-b7a8505001936a41</first>
                  <last>1-1-b7a8505001936a41</last>
                  <count>1</count>
                </set>
              </fin>
            </iq>
        "#]],
    );
}

#[test]
fn results_are_of_the_type_of_the_notices() {
    let mut stage = Stage::new();
    stage.node(NODE, &[("notification_type", "normal")]);
    stage.publish(NODE, "1");
    let result = stage.send(&query(""));
    let told = "<message xmlns='jabber:client' from='pubsub.shakespeare.lit' type='normal'>";
    assert!(result.contains(told), "{result}");
}

#[test]
fn a_notice_says_the_id_of_what_it_tells_in_the_history() {
    let mut stage = Stage::with_musings();
    stage.node("passing", &[("persist_items", "0")]);
    for node in [NODE, "passing"] {
        stage.subscribe(node, "francisco@denmark.lit");
    }
    let mut notice = |node: &str| {
        let publish = format!("<publish node='{node}'><item id='1'>{ENTRY}</item></publish>");
        stage.send(&set(&format!("{HAMLET}/x"), &publish))
    };
    let told = notice(NODE);
    assert!(!notice("passing").contains("stanza-id"));
    let said = between(&told, "<stanza-id xmlns='urn:xmpp:sid:0' by='pubsub.shakespeare.lit' id='", "'");
    assert_eq!(said, read(&stage.send(&query(""))).first.as_deref());
}

#[test]
fn an_empty_history_is_complete() {
    Stage::with_musings().check(
        &query(""),
        &expect![[r#"
        <iq type='result' id='1' from='pubsub.shakespeare.lit' to='francisco@denmark.lit/barracks'>
          <fin xmlns='urn:xmpp:mam:2' complete='true'>
            <set xmlns='http://jabber.org/protocol/rsm'>
              <count>0</count>
            </set>
          </fin>
        </iq>
    "#]],
    );
}

#[test]
fn the_form_says_what_a_query_may_hold() {
    Stage::with_musings().check(
        &ask("get", FRANCISCO, &format!("<query xmlns='urn:xmpp:mam:2' node='{NODE}'/>")),
        &expect![[r#"
            <iq type='result' id='1' from='pubsub.shakespeare.lit' to='francisco@denmark.lit/barracks'>
              <query xmlns='urn:xmpp:mam:2'>
                <x xmlns='jabber:x:data' type='form'>
                  <field var='FORM_TYPE' type='hidden'>
                    <value>urn:xmpp:mam:2</value>
                  </field>
                  <field var='with' type='jid-single'/>
                  <field var='start' type='text-single'/>
                  <field var='end' type='text-single'/>
                  <field var='before-id' type='text-single'/>
                  <field var='after-id' type='text-single'/>
                  <field var='ids' type='list-multi'>
                    <validate xmlns='http://jabber.org/protocol/xdata-validate' datatype='xs:string'>
                      <open/>
                    </validate>
                  </field>
                </x>
              </query>
            </iq>
        "#]],
    );
}

#[test]
fn the_ends_of_a_history_are_told() {
    let mut stage = Stage::with_musings();
    let metadata = ask("get", FRANCISCO, &format!("<metadata xmlns='urn:xmpp:mam:2' node='{NODE}'/>"));
    stage.check(
        &metadata,
        &expect![[r#"
        <iq type='result' id='1' from='pubsub.shakespeare.lit' to='francisco@denmark.lit/barracks'>
          <metadata xmlns='urn:xmpp:mam:2' node='princely_musings'/>
        </iq>
    "#]],
    );
    for id in ["1", "2", "3"] {
        stage.publish(NODE, id);
        stage.pass(60);
    }
    stage.check(
        &metadata,
        &expect![[r#"
            <iq type='result' id='1' from='pubsub.shakespeare.lit' to='francisco@denmark.lit/barracks'>
              <metadata xmlns='urn:xmpp:mam:2' node='princely_musings'>
                <start id='1-1-610d30010df19497' timestamp='2003-12-13T18:30:02Z'/>
                <end id='3-3-969246bdd65dacdd' timestamp='2003-12-13T18:32:02Z'/>
              </metadata>
            </iq>
        "#]],
    );
}

/// A publication as a client reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Result {
    uid: String,
    id: String,
    stamp: String,
}

#[derive(Debug)]
struct Page {
    results: Vec<Result>,
    first: Option<String>,
    last: Option<String>,
    index: Option<usize>,
    count: Option<usize>,
    complete: bool,
}

fn between<'a>(text: &'a str, start: &str, end: &str) -> Option<&'a str> {
    Some(text.split_once(start)?.1.split_once(end)?.0)
}

fn read(answer: &str) -> Page {
    let (results, fin) = answer.split_once("<iq ").unwrap();
    let result = |text: &str| Result {
        uid: between(text, "<result xmlns='urn:xmpp:mam:2' queryid='f28' id='", "'").unwrap().to_owned(),
        id: between(text, "<item id='", "'").unwrap().to_owned(),
        stamp: between(text, "stamp='", "'").unwrap().to_owned(),
    };
    let first = between(fin, "<first", "</first>");
    Page {
        results: results.split("<message from").skip(1).map(result).collect(),
        first: first.map(|first| first.split_once('>').unwrap().1.to_owned()),
        last: between(fin, "<last>", "</last>").map(str::to_owned),
        index: first.and_then(|first| between(first, "index='", "'")).map(|index| index.parse().unwrap()),
        count: between(fin, "<count>", "</count>").map(|count| count.parse().unwrap()),
        complete: fin.contains("complete='true'"),
    }
}

/// An item in the plain lists.
#[derive(Clone, Debug)]
struct Published {
    id: String,
    publisher: &'static str,
    minute: i64,
    created: u32,
}

/// A stage, and the publications in the order of modification.
struct World {
    stage: Stage,
    list: Vec<Published>,
    minute: i64,
    publications: u32,
}

impl World {
    fn new() -> Self {
        let mut stage = Stage::with_musings();
        stage.affiliate(NODE, OPHELIA, Affiliation::Owner);
        Self { stage, list: Vec::new(), minute: 0, publications: 0 }
    }

    fn publish(&mut self, id: &str, publisher: &'static str) {
        let publish = format!("<publish node='{NODE}'><item id='{id}'>{ENTRY}</item></publish>");
        self.stage.send(&set(&format!("{publisher}/x"), &publish));
        self.publications += 1;
        let created =
            self.list.iter().find(|known| known.id == id).map_or(self.publications, |old| old.created);
        self.list.retain(|known| known.id != id);
        self.list.push(Published { id: id.to_owned(), publisher, minute: self.minute, created });
    }

    fn happens(&mut self, u: &mut Unstructured<'_>) -> Arbitrary<()> {
        let id = format!("i{}", u.int_in_range(0..=9)?);
        if u.ratio(1, 4)? {
            self.stage.pass(60);
            self.minute += 1;
        } else if self.list.iter().any(|known| known.id == id) && u.ratio(1, 3)? {
            let retract = format!("<retract node='{NODE}'><item id='{id}'/></retract>");
            self.stage.send(&set(&format!("{HAMLET}/x"), &retract));
            self.list.retain(|known| known.id != id);
        } else {
            self.publish(&id, if u.arbitrary()? { HAMLET } else { OPHELIA });
        }
        Ok(())
    }
}

fn minute(number: i64) -> String {
    let time = chrono::DateTime::parse_from_rfc3339(BEGINNING).unwrap() + chrono::TimeDelta::minutes(number);
    time.to_utc().to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
}

/// A random query: its text without the page, and what it has to give.
fn random_query(u: &mut Unstructured<'_>, world: &mut World) -> Arbitrary<(String, Vec<String>)> {
    let by_creation = u.arbitrary::<bool>()?;
    let mut list = world.list.clone();
    if by_creation {
        list.sort_by_key(|known| known.created);
    }
    let order = if by_creation { "creation" } else { "modification" };
    let order = format!("<order xmlns='urn:xmpp:order-by:1' by='{order}'/>");
    // The ids are those that an earlier query gave.
    let known = read(&world.stage.send(&query(&order)));
    assert_eq!(known.results.iter().map(|result| &result.id).collect::<Vec<_>>(), ids(&list));
    let mut fields = Vec::new();
    if u.ratio(1, 3)? {
        let start = u.int_in_range(-1..=world.minute + 1)?;
        list.retain(|known| known.minute >= start);
        fields.push(("start", minute(start)));
    }
    if u.ratio(1, 3)? {
        let end = u.int_in_range(-1..=world.minute + 1)?;
        list.retain(|known| known.minute <= end);
        fields.push(("end", minute(end)));
    }
    if u.ratio(1, 3)? {
        let with = *u.choose(&[HAMLET, OPHELIA, FRANCISCO, "pubsub.shakespeare.lit"])?;
        list.retain(|known| known.publisher == with || with == "pubsub.shakespeare.lit");
        fields.push(("with", with.to_owned()));
    }
    for (var, is_after) in [("after-id", true), ("before-id", false)] {
        if u.ratio(1, 5)? && !known.results.is_empty() {
            let at = u.choose_index(known.results.len())?;
            let place = |id: &str| known.results.iter().position(|result| result.id == id).unwrap();
            list.retain(|known| if is_after { place(&known.id) > at } else { place(&known.id) < at });
            fields.push((var, known.results.get(at).unwrap().uid.clone()));
        }
    }
    if u.ratio(1, 5)? && !known.results.is_empty() {
        let wanted: Vec<&Result> = known.results.iter().filter(|_| u.arbitrary().unwrap_or(false)).collect();
        if !wanted.is_empty() {
            list.retain(|known| wanted.iter().any(|result| result.id == known.id));
            let uids: Vec<String> = wanted.iter().rev().map(|result| result.uid.clone()).collect();
            fields.push(("ids", uids.join("</value><value>")));
        }
    }
    Ok((order + &form(&fields), ids(&list).into_iter().cloned().collect()))
}

fn ids(list: &[Published]) -> Vec<&String> {
    list.iter().map(|known| &known.id).collect()
}

/// A walk in one direction, flipped or not, gives the filtered list.
fn random_walk(u: &mut Unstructured<'_>) -> Arbitrary<()> {
    let mut world = World::new();
    for _ in 0..u.int_in_range(0..=25)? {
        world.happens(u)?;
    }
    let (text, expected) = random_query(u, &mut world)?;
    let (backward, flip, max) = (u.arbitrary::<bool>()?, u.arbitrary::<bool>()?, u.int_in_range(1..=4)?);
    let flip_page = if flip { "<flip-page/>" } else { "" };
    let mut ask = if backward { "<before/>".to_owned() } else { String::new() };
    let mut came: Vec<String> = Vec::new();
    loop {
        let page = format!("{text}{}{flip_page}", rsm(&format!("<max>{max}</max>{ask}")));
        let Page { mut results, first, last, index, count, complete } =
            read(&world.stage.send(&query(&page)));
        assert!(results.len() <= max && count.is_none_or(|count| count == expected.len()), "{page}");
        if flip {
            results.reverse();
        }
        assert_eq!(first.as_ref(), results.first().map(|result| &result.uid));
        assert_eq!(last.as_ref(), results.last().map(|result| &result.uid));
        let place = results.first().and_then(|first| expected.iter().position(|id| *id == first.id));
        assert!(index.is_none_or(|index| Some(index) == place), "{index:?} {place:?}");
        let mut ids: Vec<String> = results.into_iter().map(|result| result.id).collect();
        if backward {
            ids.append(&mut came);
            came = ids;
        } else {
            came.append(&mut ids);
        }
        if complete {
            break;
        }
        ask = if backward {
            format!("<before>{}</before>", first.unwrap())
        } else {
            format!("<after>{}</after>", last.unwrap())
        };
    }
    assert_eq!(came, expected, "{text}");
    Ok(())
}

#[test]
fn queries_give_what_they_ask_for() {
    arbtest::arbtest(random_walk).budget_ms(4_000);
}

#[test]
fn a_publication_that_is_gone_does_not_come_back_and_is_still_a_place_to_go_on_from() {
    let mut world = World::new();
    for id in ["1", "2", "3", "4"] {
        world.publish(id, HAMLET);
    }
    let page = read(&world.stage.send(&query(&rsm("<max>2</max>"))));
    let last = page.last.unwrap();
    world
        .stage
        .send(&set(&format!("{HAMLET}/x"), &format!("<retract node='{NODE}'><item id='2'/></retract>")));
    let next = read(&world.stage.send(&query(&rsm(&format!("<after>{last}</after>")))));
    assert_eq!(next.results.iter().map(|result| result.id.as_str()).collect::<Vec<_>>(), ["3", "4"]);
    assert!(next.complete);
    world.publish("3", HAMLET);
    let whole = read(&world.stage.send(&query("")));
    assert_eq!(whole.results.iter().map(|result| result.id.as_str()).collect::<Vec<_>>(), ["1", "4", "3"]);
    let gone = form(&[("ids", last)]);
    world.stage.refuses(&[(query(&gone), "cancel/item-not-found/-")]);
}

#[test]
fn nobody_is_found_by_a_name_that_the_node_does_not_tell() {
    let mut stage = Stage::new();
    stage.node(NODE, &[("itemreply", "owner")]);
    stage.publish(NODE, "1");
    let with = |jid: &str| query(&form(&[("with", jid.to_owned())]));
    assert_eq!(read(&stage.send(&with(HAMLET))).results.len(), 0);
    assert_eq!(read(&stage.send(&with("pubsub.shakespeare.lit"))).results.len(), 1);
    assert!(!stage.send(&query("")).contains("hamlet"));
}

#[test]
fn a_search_goes_on_where_it_was_given_up() {
    let mut world = World::new();
    world.publish("first", OPHELIA);
    for number in 0..2_100 {
        world.stage.publish(NODE, &number.to_string());
    }
    world.publish("last", OPHELIA);
    let with = form(&[("with", OPHELIA.to_owned())]);
    let page = read(&world.stage.send(&query(&with)));
    assert_eq!((page.results.len(), page.complete), (1, false));
    let after = format!("<after>{}</after>", page.last.unwrap());
    let page = read(&world.stage.send(&query(&(with.clone() + &rsm(&after)))));
    assert_eq!((page.results.len(), page.complete), (1, true));
    let page = read(&world.stage.send(&query(&(with.clone() + &rsm("<max>1</max><before/>")))));
    assert_eq!((page.results.len(), page.complete), (1, false));
    let before = format!("<before>{}</before>", page.first.unwrap());
    let page = read(&world.stage.send(&query(&(with + &rsm(&before)))));
    assert_eq!((page.results.len(), page.complete), (1, true));
}

#[test]
fn an_answer_is_bounded_in_number_and_in_bytes() {
    let mut stage = Stage::with_musings();
    for number in 0..150 {
        stage.publish(NODE, &number.to_string());
    }
    let answer = stage.send(&query(&rsm("<max>500</max>")));
    assert_eq!((read(&answer).results.len(), read(&answer).complete), (100, false));
    let long = "&lt;".repeat(20_000);
    let echoed = stage.send(&ask(
        "set",
        FRANCISCO,
        &format!("<query xmlns='urn:xmpp:mam:2' node='{NODE}' queryid='{long}'/>"),
    ));
    assert!(echoed.len() < 300 * 1024, "{} bytes", echoed.len());
}

#[test]
fn errors() {
    let mut stage = Stage::with_musings();
    stage.publish(NODE, "1");
    stage.node("whitelisted", &[("access_model", "whitelist")]);
    stage.node("passing", &[("persist_items", "0")]);
    let uid = read(&stage.send(&query(""))).first.unwrap();
    let forged = uid.replace(uid.split('-').nth(2).unwrap(), "0123456789abcdef");
    let of = |node: &str| ask("set", FRANCISCO, &format!("<query xmlns='urn:xmpp:mam:2'{node}/>"));
    let with = |var: &str, value: &str| query(&form(&[(var, value.to_owned())]));
    stage.refuses(&[
        (of(""), "modify/bad-request/nodeid-required"),
        (of(" node='nowhere'"), "cancel/item-not-found/-"),
        (of(" node='whitelisted'"), "cancel/not-allowed/closed-node"),
        (of(" node='passing'"), "cancel/feature-not-implemented/unsupported(persistent-items)"),
        (query(&rsm("<after>nowhere</after>")), "cancel/item-not-found/-"),
        (query(&rsm(&format!("<before>{forged}</before>"))), "cancel/item-not-found/-"),
        (query(&rsm("<after>9-9-0123456789abcdef</after>")), "cancel/item-not-found/-"),
        (query(&rsm("<after>1-9-0123456789abcdef</after>")), "cancel/item-not-found/-"),
        (with("before-id", "nowhere"), "cancel/item-not-found/-"),
        (with("after-id", &forged), "cancel/item-not-found/-"),
        (with("ids", &forged), "cancel/item-not-found/-"),
        (with("ids", &vec![uid.as_str(); 101].join("</value><value>")), "modify/not-acceptable/-"),
        (with("start", "yesterday"), "modify/bad-request/-"),
        (with("end", "</value><value>"), "modify/bad-request/-"),
        (with("with", "@"), "modify/bad-request/-"),
        (with("include-groupchat", "true"), "cancel/feature-not-implemented/-"),
        (
            query("<x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE'><value>else</value></field></x>"),
            "modify/bad-request/-",
        ),
        (query("<order xmlns='urn:xmpp:order-by:1' by='title'/>"), "cancel/feature-not-implemented/-"),
        (ask("get", FRANCISCO, "<metadata xmlns='urn:xmpp:mam:2'/>"), "modify/bad-request/nodeid-required"),
    ]);
}
