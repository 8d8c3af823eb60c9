//! Discover the service, its nodes and their items — XEP-0060 [#entity-nodes], [#entity-metadata], [#entity-discoveritems].

use atomsub::pubsub::affiliation::Affiliation;
use expect_test::expect;

use crate::stage::{Stage, ask, indented};

const FRANCISCO: &str = "francisco@denmark.lit/barracks";
const SERVICE_INFO: &str = "<query xmlns='http://jabber.org/protocol/disco#info'/>";

fn info(from: &str, node: &str) -> String {
    ask("get", from, &format!("<query xmlns='http://jabber.org/protocol/disco#info' node='{node}'/>"))
}

fn items(from: &str, node: &str) -> String {
    ask("get", from, &format!("<query xmlns='http://jabber.org/protocol/disco#items' node='{node}'/>"))
}

/// Examples 7 and 8.
#[test]
#[expect(clippy::too_many_lines, reason = "it can do much")]
fn the_service_says_what_it_can_do() {
    Stage::new().check(
        "<iq type='get' from='francisco@denmark.lit/barracks' to='pubsub.shakespeare.lit' id='feature1'>
          <query xmlns='http://jabber.org/protocol/disco#info'/>
        </iq>",
        &expect![[r#"
            <iq type='result' id='feature1' from='pubsub.shakespeare.lit' to='francisco@denmark.lit/barracks'>
              <query xmlns='http://jabber.org/protocol/disco#info'>
                <identity category='pubsub' type='service' name='atomsub'/>
                <feature var='http://jabber.org/protocol/commands'/>
                <feature var='http://jabber.org/protocol/disco#info'/>
                <feature var='http://jabber.org/protocol/disco#items'/>
                <feature var='http://jabber.org/protocol/pubsub'/>
                <feature var='http://jabber.org/protocol/rsm'/>
                <feature var='jabber:iq:last'/>
                <feature var='jabber:iq:version'/>
                <feature var='urn:xmpp:mam:2'/>
                <feature var='urn:xmpp:mam:2#extended'/>
                <feature var='urn:xmpp:order-by:1'/>
                <feature var='urn:xmpp:order-by:1@http://jabber.org/protocol/pubsub'/>
                <feature var='urn:xmpp:order-by:1@urn:xmpp:mam:2'/>
                <feature var='urn:xmpp:ping'/>
                <feature var='urn:xmpp:pps:0'/>
                <feature var='urn:xmpp:pubsub-attachments:1'/>
                <feature var='urn:xmpp:pubsub-caching:0'/>
                <feature var='urn:xmpp:pubsub-filter:0'/>
                <feature var='urn:xmpp:pubsub-relationships:0'/>
                <feature var='urn:xmpp:sid:0'/>
                <feature var='urn:xmpp:time'/>
                <feature var='urn:xmpp:pubsub-social-feed:1'/>
                <feature var='urn:xmpp:pubsub-social-feed:flat-forums:0'/>
                <feature var='urn:xmpp:pubsub-social-feed:gallery:1'/>
                <feature var='urn:xmpp:pubsub-social-feed:stories:0'/>
                <feature var='urn:xmpp:pubsub-social-feed:threaded-forums:0'/>
                <feature var='http://jabber.org/protocol/pubsub#access-open'/>
                <feature var='http://jabber.org/protocol/pubsub#auto-create'/>
                <feature var='http://jabber.org/protocol/pubsub#config-node'/>
                <feature var='http://jabber.org/protocol/pubsub#config-node-max'/>
                <feature var='http://jabber.org/protocol/pubsub#create-and-configure'/>
                <feature var='http://jabber.org/protocol/pubsub#create-nodes'/>
                <feature var='http://jabber.org/protocol/pubsub#delete-items'/>
                <feature var='http://jabber.org/protocol/pubsub#delete-nodes'/>
                <feature var='http://jabber.org/protocol/pubsub#get-pending'/>
                <feature var='http://jabber.org/protocol/pubsub#instant-nodes'/>
                <feature var='http://jabber.org/protocol/pubsub#item-ids'/>
                <feature var='http://jabber.org/protocol/pubsub#last-published'/>
                <feature var='http://jabber.org/protocol/pubsub#leased-subscription'/>
                <feature var='http://jabber.org/protocol/pubsub#manage-subscriptions'/>
                <feature var='http://jabber.org/protocol/pubsub#member-affiliation'/>
                <feature var='http://jabber.org/protocol/pubsub#meta-data'/>
                <feature var='http://jabber.org/protocol/pubsub#modify-affiliations'/>
                <feature var='http://jabber.org/protocol/pubsub#multi-items'/>
                <feature var='http://jabber.org/protocol/pubsub#multi-subscribe'/>
                <feature var='http://jabber.org/protocol/pubsub#outcast-affiliation'/>
                <feature var='http://jabber.org/protocol/pubsub#persistent-items'/>
                <feature var='http://jabber.org/protocol/pubsub#presence-notifications'/>
                <feature var='http://jabber.org/protocol/pubsub#publish'/>
                <feature var='http://jabber.org/protocol/pubsub#publish-node-full'/>
                <feature var='http://jabber.org/protocol/pubsub#publish-options'/>
                <feature var='http://jabber.org/protocol/pubsub#publish-only-affiliation'/>
                <feature var='http://jabber.org/protocol/pubsub#publisher-affiliation'/>
                <feature var='http://jabber.org/protocol/pubsub#purge-nodes'/>
                <feature var='http://jabber.org/protocol/pubsub#retract-items'/>
                <feature var='http://jabber.org/protocol/pubsub#retrieve-affiliations'/>
                <feature var='http://jabber.org/protocol/pubsub#retrieve-default'/>
                <feature var='http://jabber.org/protocol/pubsub#retrieve-default-sub'/>
                <feature var='http://jabber.org/protocol/pubsub#retrieve-items'/>
                <feature var='http://jabber.org/protocol/pubsub#retrieve-subscriptions'/>
                <feature var='http://jabber.org/protocol/pubsub#rsm'/>
                <feature var='http://jabber.org/protocol/pubsub#since'/>
                <feature var='http://jabber.org/protocol/pubsub#subscribe'/>
                <feature var='http://jabber.org/protocol/pubsub#subscription-notifications'/>
                <feature var='http://jabber.org/protocol/pubsub#subscription-options'/>
              </query>
            </iq>
        "#]],
    );
}

/// XEP-0157.
#[test]
fn the_service_says_whom_to_turn_to() {
    let mut stage = Stage::new();
    stage.contact("abuse-addresses", &["mailto:abuse@shakespeare.lit", "xmpp:abuse@shakespeare.lit"]);
    stage.contact("status-addresses", &["https://status.shakespeare.lit?a&b"]);
    let answer = stage.send(&ask("get", FRANCISCO, SERVICE_INFO));
    let form = answer.split_once("<x ").unwrap().1.replace("><", ">\n<");
    expect![[r#"
        xmlns='jabber:x:data' type='result'>
        <field var='FORM_TYPE' type='hidden'>
        <value>http://jabber.org/network/serverinfo</value>
        </field>
        <field var='abuse-addresses' type='list-multi'>
        <value>mailto:abuse@shakespeare.lit</value>
        <value>xmpp:abuse@shakespeare.lit</value>
        </field>
        <field var='status-addresses' type='list-multi'>
        <value>https://status.shakespeare.lit?a&amp;b</value>
        </field>
        </x>
        </query>
        </iq>"#]]
    .assert_eq(&form);
}

/// Examples 9 and 10.
#[test]
fn the_service_lists_the_nodes_that_the_sender_may_see() {
    let mut stage = Stage::new();
    stage.node("Romeoance", &[("title", "Letters to my Beloved")]);
    stage.node("Julliennui", &[("title", "A Rose by Another Name")]);
    stage.node("hidden", &[("access_model", "whitelist")]);
    stage.check(
        "<iq type='get' from='francisco@denmark.lit/barracks' to='pubsub.shakespeare.lit' id='disco1'>
          <query xmlns='http://jabber.org/protocol/disco#items'/>
        </iq>",
        &expect![[r#"
            <iq type='result' id='disco1' from='pubsub.shakespeare.lit' to='francisco@denmark.lit/barracks'>
              <query xmlns='http://jabber.org/protocol/disco#items'>
                <item jid='pubsub.shakespeare.lit' node='Julliennui' name='A Rose by Another Name'/>
                <item jid='pubsub.shakespeare.lit' node='Romeoance' name='Letters to my Beloved'/>
                <set xmlns='http://jabber.org/protocol/rsm'>
                  <first index='0'>Julliennui</first>
                  <last>Romeoance</last>
                  <count>2</count>
                </set>
              </query>
            </iq>
        "#]],
    );
    assert!(stage.send(&items("hamlet@denmark.lit", "")).contains("node='hidden'"));
}

/// Examples 11 to 14.
#[test]
#[expect(clippy::too_many_lines, reason = "one form, whole")]
fn a_node_tells_about_itself() {
    let mut stage = Stage::new();
    stage.node(
        "princely_musings",
        &[
            ("title", "Princely Musings (Atom)"),
            ("description", "Updates for Hamlet&apos;s Princely Musings weblog."),
            ("language", "en"),
            ("contact", "bard@shakespeare.lit"),
            ("max_items", "120"),
        ],
    );
    stage.subscribe("princely_musings", "francisco@denmark.lit");
    let about_service = stage.send(&ask("get", FRANCISCO, SERVICE_INFO));
    let (_, features) = about_service.split_once("/>").unwrap();
    let (features, _) = features.split_once("</query>").unwrap();
    let about_node = stage.send(
        "<iq type='get' from='francisco@denmark.lit/barracks' to='pubsub.shakespeare.lit' id='meta1'>
          <query xmlns='http://jabber.org/protocol/disco#info'
                 node='princely_musings'/>
        </iq>",
    );
    // The features are those of the service, which are written out above.
    let (identity, form) = about_node.split_once(features).unwrap();
    expect![[r#"
            <iq type='result' id='meta1' from='pubsub.shakespeare.lit' to='francisco@denmark.lit/barracks'>
              <query xmlns='http://jabber.org/protocol/disco#info' node='princely_musings'>
                <identity category='pubsub' type='leaf' name='Princely Musings (Atom)'/>
                <x xmlns='jabber:x:data' type='result'>
                  <field var='FORM_TYPE' type='hidden'>
                    <value>http://jabber.org/protocol/pubsub#meta-data</value>
                  </field>
                  <field var='pubsub#title' type='text-single' label='A short name for the node'>
                    <value>Princely Musings (Atom)</value>
                  </field>
                  <field var='pubsub#description' type='text-single' label='What the node is about'>
                    <value>Updates for Hamlet's Princely Musings weblog.</value>
                  </field>
                  <field var='pubsub#language' type='list-single' label='The default language of the node'>
                    <value>en</value>
                  </field>
                  <field var='pubsub#type' type='text-single' label='The namespace of the payloads, or the name of a profile'>
                    <value>http://www.w3.org/2005/Atom</value>
                  </field>
                  <field var='pubsub#contact' type='jid-multi' label='The JIDs of those to ask about the node'>
                    <value>bard@shakespeare.lit</value>
                  </field>
                  <field var='pubsub#access_model' type='list-single' label='Who may subscribe and retrieve items'>
                    <value>open</value>
                  </field>
                  <field var='pubsub#publish_model' type='list-single' label='Who may publish'>
                    <value>publishers</value>
                  </field>
                  <field var='pubsub#max_items' type='text-single' label='How many items are kept'>
                    <value>120</value>
                  </field>
                  <field var='pubsub#item_expire' type='text-single' label='Seconds after which an item is removed'>
                    <value>max</value>
                  </field>
                  <field var='{urn:xmpp:pubsub-caching:0}persistence' type='list-single' label='How items are stored'>
                    <value>persistent</value>
                  </field>
                  <field var='{urn:xmpp:pubsub-caching:0}consistent-items' type='boolean' label='Whether an item is the same for everybody and at all times'>
                    <value>true</value>
                  </field>
                  <field var='{urn:xmpp:pubsub-caching:0}consistent-set' type='boolean' label='Whether everybody gets the same items'>
                    <value>true</value>
                  </field>
                  <field var='{urn:xmpp:pubsub-caching:0}stable-items' type='boolean' label='Whether items are always added at the end'>
                    <value>true</value>
                  </field>
                  <field var='{urn:xmpp:pubsub-caching:0}always-notify' type='boolean' label='Whether subscribers hear of every change'>
                    <value>true</value>
                  </field>
                  <field var='{urn:xmpp:pubsub-caching:0}allowed-for-suggestions' type='boolean' label='Whether the node may be suggested to people'>
                    <value>false</value>
                  </field>
                  <field var='{urn:xmpp:pubsub-caching:0}purge-keep-last-item' type='boolean' label='Whether a purge leaves the last item'>
                    <value>false</value>
                  </field>
                  <field var='pubsub#creator' type='jid-single' label='Who created the node'>
                    <value>hamlet@denmark.lit</value>
                  </field>
                  <field var='pubsub#creation_date' type='text-single' label='When the node was created'>
                    <value>2003-12-13T18:30:02Z</value>
                  </field>
                  <field var='pubsub#num_subscribers' type='text-single' label='How many subscriptions there are'>
                    <value>1</value>
                  </field>
                  <field var='pubsub#owner' type='jid-multi' label='The owners of the node'>
                    <value>hamlet@denmark.lit</value>
                  </field>
                </x>
              </query>
            </iq>
        "#]]
    .assert_eq(&indented(&format!("{identity}{form}")));
}

/// Whoever may read a node learns whom to ask about it; the rest is for those who have to do with it.
#[test]
fn who_owns_a_node_is_told_where_everybody_may_read_it() {
    for (access, owner_is_told) in [("open", true), ("authorize", false)] {
        let mut stage = Stage::new();
        stage.node("n", &[("access_model", access)]);
        stage.affiliate("n", "horatio@denmark.lit", Affiliation::Publisher);
        for (from, owner_is_told, publisher_is_told) in
            [(FRANCISCO, owner_is_told, false), ("horatio@denmark.lit", true, true)]
        {
            let answer = stage.send(&info(from, "n"));
            assert_eq!(answer.contains("pubsub#owner'"), owner_is_told, "{access}: {from}");
            assert_eq!(answer.contains("pubsub#publisher'"), publisher_is_told, "{access}: {from}");
        }
    }
}

/// Example 15.
#[test]
fn a_node_lists_its_items() {
    let mut stage = Stage::with_musings();
    stage.publish("princely_musings", "368866411b877c30064a5f62b917cffe");
    stage.publish("princely_musings", "3300659945416e274474e469a1f0154c");
    stage.check(
        "<iq type='get' from='francisco@denmark.lit/barracks' to='pubsub.shakespeare.lit' id='items1'>
          <query xmlns='http://jabber.org/protocol/disco#items'
                 node='princely_musings'/>
        </iq>",
        &expect![[r#"
            <iq type='result' id='items1' from='pubsub.shakespeare.lit' to='francisco@denmark.lit/barracks'>
              <query xmlns='http://jabber.org/protocol/disco#items' node='princely_musings'>
                <item jid='pubsub.shakespeare.lit' name='368866411b877c30064a5f62b917cffe'/>
                <item jid='pubsub.shakespeare.lit' name='3300659945416e274474e469a1f0154c'/>
                <set xmlns='http://jabber.org/protocol/rsm'>
                  <first index='0'>p1-2-2-0-2-2-a</first>
                  <last>p1-2-2-0-2-2-z</last>
                  <count>2</count>
                </set>
              </query>
            </iq>
        "#]],
    );
}

#[test]
fn a_node_that_may_not_be_seen_is_not_told_from_one_that_is_not_there() {
    let mut stage = Stage::new();
    stage.node("hidden", &[("access_model", "whitelist")]);
    stage.node("banned", &[]);
    stage.affiliate("banned", "francisco@denmark.lit", Affiliation::Outcast);
    let rows = ["hidden", "banned", "nowhere"].into_iter().flat_map(|node| {
        [info(FRANCISCO, node), items(FRANCISCO, node)].map(|stanza| (stanza, "cancel/item-not-found/-"))
    });
    stage.refuses(&rows.collect::<Vec<_>>());
}

#[test]
fn whoever_sees_a_node_but_may_not_read_it_is_shown_no_items() {
    let mut stage = Stage::with_musings();
    stage.publish("princely_musings", "1");
    stage.affiliate("princely_musings", "francisco@denmark.lit", Affiliation::PublishOnly);
    stage.check(
        &items(FRANCISCO, "princely_musings"),
        &expect![[r#"
            <iq type='result' id='1' from='pubsub.shakespeare.lit' to='francisco@denmark.lit/barracks'>
              <query xmlns='http://jabber.org/protocol/disco#items' node='princely_musings'>
                <set xmlns='http://jabber.org/protocol/rsm'>
                  <count>0</count>
                </set>
              </query>
            </iq>
        "#]],
    );
}
