//! Configure a node, and the default configuration — XEP-0060 [#owner-configure], [#owner-default].

use expect_test::expect;

use crate::stage::{Stage, configure, owner_get, owner_set, value};

const HAMLET: &str = "hamlet@denmark.lit/elsinore";

fn configured(options: &[(&str, &str)]) -> String {
    configure(HAMLET, "princely_musings", options)
}

/// Examples 139 and 140.
#[test]
#[expect(clippy::too_many_lines, reason = "one form, whole")]
fn an_owner_sees_the_form() {
    let mut stage = Stage::new();
    stage.node("princely_musings", &[("title", "Princely Musings (Atom)"), ("max_items", "10")]);
    stage.check(
        "<iq type='get' from='hamlet@denmark.lit/elsinore' to='pubsub.shakespeare.lit' id='config1'>
          <pubsub xmlns='http://jabber.org/protocol/pubsub#owner'>
            <configure node='princely_musings'/>
          </pubsub>
        </iq>",
        &expect![[r#"
            <iq type='result' id='config1' from='pubsub.shakespeare.lit' to='hamlet@denmark.lit/elsinore'>
              <pubsub xmlns='http://jabber.org/protocol/pubsub#owner'>
                <configure node='princely_musings'>
                  <x xmlns='jabber:x:data' type='form'>
                    <field var='FORM_TYPE' type='hidden'>
                      <value>http://jabber.org/protocol/pubsub#node_config</value>
                    </field>
                    <field var='pubsub#title' type='text-single' label='A short name for the node'>
                      <value>Princely Musings (Atom)</value>
                    </field>
                    <field var='pubsub#description' type='text-single' label='What the node is about'>
                      <value/>
                    </field>
                    <field var='pubsub#language' type='text-single' label='The default language of the node'>
                      <value/>
                    </field>
                    <field var='pubsub#type' type='text-single' label='The namespace of the payloads, or the name of a profile'>
                      <value>http://www.w3.org/2005/Atom</value>
                    </field>
                    <field var='pubsub#contact' type='jid-multi' label='The JIDs of those to ask about the node'/>
                    <field var='pubsub#access_model' type='list-single' label='Who may subscribe and retrieve items'>
                      <value>open</value>
                      <option label='open'>
                        <value>open</value>
                      </option>
                      <option label='presence'>
                        <value>presence</value>
                      </option>
                      <option label='roster'>
                        <value>roster</value>
                      </option>
                      <option label='authorize'>
                        <value>authorize</value>
                      </option>
                      <option label='whitelist'>
                        <value>whitelist</value>
                      </option>
                    </field>
                    <field var='pubsub#roster_groups_allowed' type='text-multi' label='The roster groups that may subscribe and retrieve items'/>
                    <field var='pubsub#publish_model' type='list-single' label='Who may publish'>
                      <value>publishers</value>
                      <option label='publishers'>
                        <value>publishers</value>
                      </option>
                      <option label='subscribers'>
                        <value>subscribers</value>
                      </option>
                      <option label='open'>
                        <value>open</value>
                      </option>
                    </field>
                    <field var='pubsub#persist_items' type='boolean' label='Whether items are kept'>
                      <value>1</value>
                    </field>
                    <field var='pubsub#max_items' type='text-single' label='How many items are kept'>
                      <value>10</value>
                    </field>
                    <field var='pubsub#publish_node_full' type='list-single' label='What happens when the node is full'>
                      <value>retract-oldest</value>
                      <option label='retract-oldest'>
                        <value>retract-oldest</value>
                      </option>
                      <option label='discard-oldest'>
                        <value>discard-oldest</value>
                      </option>
                      <option label='reject'>
                        <value>reject</value>
                      </option>
                    </field>
                    <field var='pubsub#item_expire' type='text-single' label='Seconds after which an item is removed'>
                      <value>max</value>
                    </field>
                    <field var='pubsub#max_payload_size' type='text-single' label='The largest payload in bytes'>
                      <value>max</value>
                    </field>
                    <field var='pubsub#deliver_notifications' type='boolean' label='Whether events are delivered'>
                      <value>1</value>
                    </field>
                    <field var='pubsub#deliver_payloads' type='boolean' label='Whether events carry the payload'>
                      <value>1</value>
                    </field>
                    <field var='pubsub#notify_config' type='boolean' label='Whether subscribers hear of a new configuration'>
                      <value>1</value>
                    </field>
                    <field var='pubsub#notify_delete' type='boolean' label='Whether subscribers hear of the node&apos;s deletion (they always do)'>
                      <value>1</value>
                    </field>
                    <field var='pubsub#notify_retract' type='boolean' label='Whether subscribers hear of deleted items'>
                      <value>1</value>
                    </field>
                    <field var='pubsub#notify_sub' type='boolean' label='Whether owners hear of new and ended subscriptions'>
                      <value>1</value>
                    </field>
                    <field var='pubsub#notification_type' type='list-single' label='The type of event messages'>
                      <value>headline</value>
                      <option label='headline'>
                        <value>headline</value>
                      </option>
                      <option label='normal'>
                        <value>normal</value>
                      </option>
                    </field>
                    <field var='pubsub#send_last_published_item' type='list-single' label='When the newest item is sent unasked'>
                      <value>never</value>
                      <option label='never'>
                        <value>never</value>
                      </option>
                      <option label='on_sub'>
                        <value>on_sub</value>
                      </option>
                      <option label='on_sub_and_presence'>
                        <value>on_sub_and_presence</value>
                      </option>
                    </field>
                    <field var='pubsub#presence_based_delivery' type='boolean' label='Whether only those online hear of events'>
                      <value>0</value>
                    </field>
                    <field var='pubsub#purge_offline' type='boolean' label='Whether items go when their publisher goes offline'>
                      <value>0</value>
                    </field>
                    <field var='pubsub#tempsub' type='boolean' label='Whether subscriptions end when the subscriber goes offline'>
                      <value>0</value>
                    </field>
                    <field var='pubsub#subscribe' type='boolean' label='Whether subscriptions are possible'>
                      <value>1</value>
                    </field>
                    <field var='pubsub#overwrite_policy' type='list-single' label='Whether publishers may overwrite each other&apos;s items'>
                      <value>original_publisher</value>
                      <option label='original_publisher'>
                        <value>original_publisher</value>
                      </option>
                      <option label='any_publisher'>
                        <value>any_publisher</value>
                      </option>
                    </field>
                    <field var='x-pubsub#options_required' type='boolean' label='Whether subscribers have to configure their subscriptions'>
                      <value>0</value>
                    </field>
                    <field var='x-pubsub#validation' type='list-single' label='Whether entries have to be valid (strict), get what they lack (complete), or are not looked at (off)'>
                      <value>complete</value>
                      <option label='strict'>
                        <value>strict</value>
                      </option>
                      <option label='complete'>
                        <value>complete</value>
                      </option>
                      <option label='off'>
                        <value>off</value>
                      </option>
                    </field>
                    <field var='x-pubsub#author_policy' type='list-single' label='What becomes of entries that name another author than their publisher; annotate: they are kept'>
                      <value>annotate</value>
                      <option label='annotate'>
                        <value>annotate</value>
                      </option>
                      <option label='reject'>
                        <value>reject</value>
                      </option>
                      <option label='replace'>
                        <value>replace</value>
                      </option>
                    </field>
                    <field var='x-pubsub#upsert' type='boolean' label='Whether an entry without an ItemID modifies the item of its atom:id and publisher'>
                      <value>1</value>
                    </field>
                    <field var='x-pubsub#payload_on_modify' type='boolean' label='Whether events of modified items carry the payload even where others do not'>
                      <value>1</value>
                    </field>
                    <field var='{urn:xmpp:pubsub:cap:0}cap-values' type='boolean' label='Whether answers with items carry the values to compare and publish with'>
                      <value>0</value>
                    </field>
                    <field var='{urn:xmpp:pubsub-caching:0}allowed-for-suggestions' type='boolean' label='Whether programs may suggest the node to people'>
                      <value>0</value>
                    </field>
                    <field var='x-pubsub#attachments' type='list-single' label='Who may attach reactions to items: inherit is whoever may publish, readers is whoever may read too'>
                      <value>inherit</value>
                      <option label='inherit'>
                        <value>inherit</value>
                      </option>
                      <option label='readers'>
                        <value>readers</value>
                      </option>
                    </field>
                    <field var='pubsub#itemreply' type='list-single' label='To whom replies go; publisher: items name their publisher'>
                      <value>publisher</value>
                      <option label='publisher'>
                        <value>publisher</value>
                      </option>
                      <option label='owner'>
                        <value>owner</value>
                      </option>
                      <option label='none'>
                        <value>none</value>
                      </option>
                    </field>
                    <field var='{urn:xmpp:pubsub-relationships:0}link' type='text-single' label='The node that this one belongs to: it goes when that one goes, and has its parent'>
                      <value/>
                    </field>
                    <field var='{urn:xmpp:pubsub-relationships:0}parent' type='text-single' label='The node above: this one goes with it, and who uses this one has to be allowed there'>
                      <value/>
                    </field>
                  </x>
                </configure>
              </pubsub>
            </iq>
        "#]],
    );
}

/// Examples 152 to 154: the form of a node that nobody configured, but for its name.
#[test]
fn anybody_sees_the_defaults() {
    let mut stage = Stage::with_musings();
    let default = stage.send(&owner_get("romeo@montague.lit", "<default/>"));
    let own = stage.send(&owner_get(HAMLET, "<configure node='princely_musings'/>"));
    let form = |answer: &str| answer.split_once("<x ").unwrap().1.split_once("</x>").unwrap().0.to_owned();
    assert_eq!(form(&default), form(&own));
    assert!(default.contains("<default>"), "{default}");
}

/// Examples 146, 148 and 150; what is not in the form stays.
#[test]
fn subscribers_hear_that_a_node_is_configured() {
    let mut stage = Stage::new();
    stage.node("princely_musings", &[("title", "Princely Musings"), ("deliver_payloads", "0")]);
    stage.subscribe("princely_musings", "francisco@denmark.lit");
    stage.check(
        &configured(&[("access_model", "open"), ("max_items", "10")]),
        &expect![[r#"
            <iq type='result' id='1' from='pubsub.shakespeare.lit' to='hamlet@denmark.lit/elsinore'/>
            <message from='pubsub.shakespeare.lit' id='n2' type='headline' to='francisco@denmark.lit'>
              <event xmlns='http://jabber.org/protocol/pubsub#event'>
                <configuration node='princely_musings'/>
              </event>
            </message>
        "#]],
    );
    let form = stage.send(&owner_get(HAMLET, "<configure node='princely_musings'/>"));
    assert_eq!([value(&form, "title"), value(&form, "max_items")], ["Princely Musings", "10"]);
}

/// Example 151.
#[test]
fn the_notice_holds_the_configuration_where_the_node_delivers_payloads() {
    let mut stage = Stage::with_musings();
    stage.subscribe("princely_musings", "francisco@denmark.lit");
    let sent = stage.send(&configured(&[("title", "New")]));
    let (_, notice) = sent.split_once("<message ").unwrap();
    assert!(
        notice.contains("<configuration node='princely_musings'><x xmlns='jabber:x:data' type='result'>")
    );
    assert!(notice.contains("<value>New</value>"), "{notice}");
}

#[test]
fn what_changes_nothing_or_shall_not_be_told_is_not_told() {
    let mut stage = Stage::with_musings();
    stage.subscribe("princely_musings", "francisco@denmark.lit");
    for quiet in [&[("access_model", "open")][..], &[("notify_config", "0")], &[("title", "New")]] {
        let sent = stage.send(&configured(quiet));
        assert!(!sent.contains("<message"), "{sent}");
    }
}

#[test]
fn a_node_that_is_made_smaller_loses_its_oldest_items() {
    let mut stage = Stage::new();
    stage.node("princely_musings", &[("notify_config", "0")]);
    stage.subscribe("princely_musings", "francisco@denmark.lit");
    for id in ["1", "2", "3"] {
        stage.publish("princely_musings", id);
    }
    stage.check(
        &configured(&[("max_items", "2")]),
        &expect![[r#"
            <iq type='result' id='1' from='pubsub.shakespeare.lit' to='hamlet@denmark.lit/elsinore'/>
            <message from='pubsub.shakespeare.lit' id='n5' type='headline' to='francisco@denmark.lit'>
              <event xmlns='http://jabber.org/protocol/pubsub#event'>
                <items node='princely_musings'>
                  <retract id='1'/>
                </items>
              </event>
            </message>
        "#]],
    );
}

/// Example 147; and whatever else is in such a form.
#[test]
fn a_form_that_was_cancelled_changes_nothing() {
    let mut stage = Stage::with_musings();
    stage.check(
        "<iq type='set' from='hamlet@denmark.lit/elsinore' to='pubsub.shakespeare.lit' id='config2'>
          <pubsub xmlns='http://jabber.org/protocol/pubsub#owner'>
            <configure node='princely_musings'>
              <x xmlns='jabber:x:data' type='cancel'/>
            </configure>
          </pubsub>
        </iq>",
        &expect![[r#"
            <iq type='result' id='config2' from='pubsub.shakespeare.lit' to='hamlet@denmark.lit/elsinore'/>
        "#]],
    );
    stage.send(&configured(&[("title", "New")]).replace("type='submit'", "type='cancel'"));
    let form = stage.send(&owner_get(HAMLET, "<configure node='princely_musings'/>"));
    assert_eq!(value(&form, "title"), "");
}

#[test]
fn errors() {
    let form = "<configure node='princely_musings'/>";
    let elsewhere = "<configure node='no_musings'><x xmlns='jabber:x:data' type='submit'/></configure>";
    Stage::with_musings().refuses(&[
        // Example 142.
        (owner_get("francisco@denmark.lit", form), "auth/forbidden/-"),
        // Example 143.
        (owner_get(HAMLET, "<configure/>"), "modify/bad-request/nodeid-required"),
        // Example 145.
        (owner_get(HAMLET, "<configure node='no_musings'/>"), "cancel/item-not-found/-"),
        (owner_set(HAMLET, elsewhere), "cancel/item-not-found/-"),
        // Example 149.
        (configured(&[("max_items", "few")]), "modify/not-acceptable/invalid-options"),
        (configured(&[("access_model", "roster")]), "modify/not-acceptable/unsupported-access-model"),
        (owner_set(HAMLET, form), "modify/bad-request/-"),
    ]);
}
