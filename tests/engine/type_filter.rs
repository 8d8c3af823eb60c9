//! Lists of nodes of certain types — XEP-0462, with pages of XEP-0059 over XEP-0060 [#entity-nodes].

use expect_test::expect;

use crate::stage::{Stage, ask};

const FRANCISCO: &str = "francisco@denmark.lit/barracks";
const ATOM: &str = "http://www.w3.org/2005/Atom";
const SOCIAL: &str = "urn:xmpp:pubsub-social-feed:1";

/// A request with a filter: fields and their values, and a page.
fn list(fields: &[(&str, &[&str])], rsm: &str) -> String {
    let fields = fields.iter().map(|(var, values)| {
        let values: Vec<String> = values.iter().map(|value| format!("<value>{value}</value>")).collect();
        format!("<field var='{var}' type='list-multi'>{}</field>", values.concat())
    });
    let form_type =
        "<field var='FORM_TYPE' type='hidden'><value>urn:xmpp:pubsub-filter:0</value></field>".to_owned();
    let fields: String = std::iter::once(form_type).chain(fields).collect();
    query(&format!("<x xmlns='jabber:x:data' type='submit'>{fields}</x>"), rsm)
}

fn query(filter: &str, rsm: &str) -> String {
    let filter = format!("<filter xmlns='urn:xmpp:pubsub-filter:0'>{filter}</filter>");
    let set = format!("<set xmlns='http://jabber.org/protocol/rsm'>{rsm}</set>");
    ask(
        "get",
        FRANCISCO,
        &format!("<query xmlns='http://jabber.org/protocol/disco#items'>{filter}{set}</query>"),
    )
}

/// One node of each kind.
fn library() -> Stage {
    let mut stage = Stage::new();
    for (name, kind) in [("atom", ATOM), ("social", SOCIAL), ("untyped", ""), ("other", "urn:example:other")]
    {
        stage.node(name, &[("type", kind)]);
    }
    stage.node("secret", &[("type", SOCIAL), ("access_model", "whitelist")]);
    stage
}

/// The names in an answer, and the number that is told with them.
fn listed(answer: &str) -> (Vec<&str>, Option<usize>) {
    let names = answer.split(" node='").skip(1).filter_map(|rest| rest.split('\'').next()).collect();
    let count = answer.split("<count>").nth(1).and_then(|rest| rest.split('<').next());
    (names, count.map(|count| count.parse().unwrap()))
}

/// The example of the specification.
#[test]
fn nodes_of_some_types_are_listed() {
    let mut stage = Stage::new();
    stage.node("blog", &[("type", "urn:xmpp:microblog:0"), ("title", "Rosa")]);
    stage.node("plain", &[("type", "")]);
    stage.node("atom", &[]);
    stage.check(
        "<iq type='get' from='rosa@com.int/desktop' to='pubsub.shakespeare.lit' id='disco1'>
          <query xmlns='http://jabber.org/protocol/disco#items'>
            <filter xmlns='urn:xmpp:pubsub-filter:0'>
              <x xmlns='jabber:x:data' type='submit'>
                <field var='FORM_TYPE' type='hidden'>
                  <value>urn:xmpp:pubsub-filter:0</value>
                </field>
                <field type='list-multi' var='included-types'>
                  <value>urn:xmpp:microblog:0</value>
                  <value/>
                </field>
              </x>
            </filter>
          </query>
        </iq>",
        &expect![[r#"
            <iq type='result' id='disco1' from='pubsub.shakespeare.lit' to='rosa@com.int/desktop'>
              <query xmlns='http://jabber.org/protocol/disco#items'>
                <item jid='pubsub.shakespeare.lit' node='blog' name='Rosa'/>
                <item jid='pubsub.shakespeare.lit' node='plain'/>
                <set xmlns='http://jabber.org/protocol/rsm'>
                  <first index='0'>blog</first>
                  <last>plain</last>
                  <count>2</count>
                </set>
              </query>
            </iq>
        "#]],
    );
}

#[test]
fn what_is_included_comes_and_what_is_excluded_does_not() {
    let mut stage = library();
    let rows: [(&str, &[&str], &[&str]); 9] = [
        ("included-types", &[SOCIAL], &["social"]),
        ("included-types", &[SOCIAL, ""], &["social", "untyped"]),
        ("included-types", &[""], &["untyped"]),
        ("included-types", &["urn:example:nobody"], &[]),
        ("included-types", &[], &[]),
        ("excluded-types", &[ATOM], &["other", "social", "untyped"]),
        ("excluded-types", &[ATOM, ""], &["other", "social"]),
        ("excluded-types", &["urn:example:nobody"], &["atom", "other", "social", "untyped"]),
        ("excluded-types", &[], &["atom", "other", "social", "untyped"]),
    ];
    for (field, types, expected) in rows {
        let fields = [(field, types)];
        let answer = stage.send(&list(&fields, ""));
        assert_eq!(listed(&answer), (expected.to_vec(), Some(expected.len())), "{fields:?}");
        let counted = stage.send(&list(&fields, "<max>0</max>"));
        assert_eq!(listed(&counted), (Vec::new(), Some(expected.len())), "{fields:?}");
    }
}

/// The whole list, page by page, in either direction, with other nodes in between.
#[test]
fn pages_have_every_node_of_a_type_once() {
    let mut stage = Stage::new();
    let mut feeds = Vec::new();
    for number in 10..60 {
        let is_feed = number % 7 == 0 || number > 52;
        let name = format!("n{number}");
        stage.node(&name, &[("type", if is_feed { SOCIAL } else { ATOM })]);
        if is_feed {
            feeds.push(name);
        }
    }
    for backward in [false, true] {
        let mut page = if backward { "<before/>".to_owned() } else { String::new() };
        let mut came: Vec<String> = Vec::new();
        loop {
            let answer = stage.send(&list(&[("included-types", &[SOCIAL])], &format!("<max>3</max>{page}")));
            let (names, count) = listed(&answer);
            assert!(count.is_none_or(|count| count == feeds.len()), "{answer}");
            let (Some(first), Some(last)) = (names.first(), names.last()) else { break };
            page =
                if backward { format!("<before>{first}</before>") } else { format!("<after>{last}</after>") };
            let names = names.iter().map(ToString::to_string);
            came =
                if backward { names.chain(came).collect() } else { came.into_iter().chain(names).collect() };
        }
        assert_eq!(came, feeds, "backward: {backward}");
    }
}

/// Few of very many: the work for one page is bounded, and the page says where it goes on.
#[test]
fn a_long_search_goes_on_where_it_was_given_up() {
    let mut stage = Stage::new();
    for number in 10_000..20_150 {
        stage.node(&format!("comments/{number}"), &[]);
    }
    stage.node("z", &[("type", SOCIAL)]);
    let only = [("included-types", &[SOCIAL] as &[&str])];
    let first = stage.send(&list(&only, "<max>10</max>"));
    assert_eq!(listed(&first), (Vec::new(), None), "the count is not known yet");
    let cursor = first.split("<last>").nth(1).and_then(|rest| rest.split('<').next()).unwrap();
    let next = stage.send(&list(&only, &format!("<max>10</max><after>{cursor}</after>")));
    assert_eq!(listed(&next).0, ["z"]);
    assert_eq!(listed(&stage.send(&list(&only, "<max>0</max>"))).1, None);
}

#[test]
fn errors() {
    let foreign = "<x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE'><value>urn:other</value></field>\
                   <field var='included-types'><value/></field></x>";
    library().refuses(&[
        (list(&[("included-types", &[ATOM]), ("excluded-types", &[SOCIAL])], ""), "modify/bad-request/-"),
        (list(&[], ""), "modify/bad-request/-"),
        (list(&[("include-types", &[ATOM])], ""), "modify/bad-request/-"),
        (query("", ""), "modify/bad-request/-"),
        (query(foreign, ""), "modify/bad-request/-"),
    ]);
}
