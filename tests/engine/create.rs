//! Create a node — XEP-0060 [#owner-create].

use expect_test::expect;

use crate::stage::{Stage, create, get, set};

const HAMLET: &str = "hamlet@denmark.lit/elsinore";

/// Examples 125 and 133.
#[test]
fn a_node_is_created_with_the_default_configuration() {
    Stage::new().check(
        "<iq type='set' from='hamlet@denmark.lit/elsinore' to='pubsub.shakespeare.lit' id='create1'>
          <pubsub xmlns='http://jabber.org/protocol/pubsub'>
            <create node='princely_musings'/>
          </pubsub>
        </iq>",
        &expect![[r#"
            <iq type='result' id='create1' from='pubsub.shakespeare.lit' to='hamlet@denmark.lit/elsinore'>
              <pubsub xmlns='http://jabber.org/protocol/pubsub'>
                <create node='princely_musings'/>
              </pubsub>
            </iq>
        "#]],
    );
}

/// Examples 131 and 132.
#[test]
fn an_instant_node_gets_a_name() {
    Stage::new().check(
        "<iq type='set' from='hamlet@denmark.lit/elsinore' to='pubsub.shakespeare.lit' id='create2'>
            <pubsub xmlns='http://jabber.org/protocol/pubsub'>
              <create/>
            </pubsub>
        </iq>",
        &expect![[r#"
            <iq type='result' id='create2' from='pubsub.shakespeare.lit' to='hamlet@denmark.lit/elsinore'>
              <pubsub xmlns='http://jabber.org/protocol/pubsub'>
                <create node='id-1'/>
              </pubsub>
            </iq>
        "#]],
    );
}

/// Example 134.
#[test]
fn a_node_is_created_with_an_access_model() {
    let mut stage = Stage::new();
    stage.send(
        "<iq type='set' from='hamlet@denmark.lit/elsinore' to='pubsub.shakespeare.lit' id='create2'>
            <pubsub xmlns='http://jabber.org/protocol/pubsub'>
              <create node='princely_musings'/>
              <configure>
                <x xmlns='jabber:x:data' type='submit'>
                  <field var='FORM_TYPE' type='hidden'>
                    <value>http://jabber.org/protocol/pubsub#node_config</value>
                  </field>
                  <field var='pubsub#access_model'><value>whitelist</value></field>
                </x>
              </configure>
            </pubsub>
        </iq>",
    );
    let closed = get("francisco@denmark.lit/barracks", "<items node='princely_musings'/>");
    stage.refuses(&[(closed, "cancel/not-allowed/closed-node")]);
}

/// Examples 137 and 138, with all their fields, one of which nobody knows.
#[test]
fn a_node_is_created_with_a_configuration() {
    Stage::new().check(
        "<iq type='set' from='hamlet@denmark.lit/elsinore' to='pubsub.shakespeare.lit' id='create1'>
          <pubsub xmlns='http://jabber.org/protocol/pubsub'>
            <create node='princely_musings'/>
            <configure>
              <x xmlns='jabber:x:data' type='submit'>
                <field var='FORM_TYPE' type='hidden'>
                  <value>http://jabber.org/protocol/pubsub#node_config</value>
                </field>
                <field var='pubsub#title'><value>Princely Musings (Atom)</value></field>
                <field var='pubsub#deliver_notifications'><value>1</value></field>
                <field var='pubsub#deliver_payloads'><value>1</value></field>
                <field var='pubsub#persist_items'><value>1</value></field>
                <field var='pubsub#max_items'><value>10</value></field>
                <field var='pubsub#item_expire'><value>604800</value></field>
                <field var='pubsub#access_model'><value>open</value></field>
                <field var='pubsub#publish_model'><value>publishers</value></field>
                <field var='pubsub#purge_offline'><value>0</value></field>
                <field var='pubsub#send_last_published_item'><value>never</value></field>
                <field var='pubsub#presence_based_delivery'><value>false</value></field>
                <field var='pubsub#notification_type'><value>headline</value></field>
                <field var='pubsub#notify_config'><value>0</value></field>
                <field var='pubsub#notify_delete'><value>0</value></field>
                <field var='pubsub#notify_retract'><value>0</value></field>
                <field var='pubsub#notify_sub'><value>0</value></field>
                <field var='pubsub#max_payload_size'><value>1028</value></field>
                <field var='pubsub#type'><value>urn:example:e2ee:bundle</value></field>
                <field var='pubsub#body_xslt'>
                  <value>http://jabxslt.jabberstudio.org/atom_body.xslt</value>
                </field>
              </x>
            </configure>
          </pubsub>
        </iq>",
        &expect![[r#"
            <iq type='result' id='create1' from='pubsub.shakespeare.lit' to='hamlet@denmark.lit/elsinore'>
              <pubsub xmlns='http://jabber.org/protocol/pubsub'>
                <create node='princely_musings'/>
              </pubsub>
            </iq>
        "#]],
    );
}

#[test]
fn a_form_that_was_cancelled_configures_nothing() {
    let mut stage = Stage::new();
    stage.send(&set(
        HAMLET,
        "<create node='princely_musings'/><configure><x xmlns='jabber:x:data' type='cancel'>\
         <field var='pubsub#access_model'><value>whitelist</value></field></x></configure>",
    ));
    stage.send(&get("francisco@denmark.lit/barracks", "<items node='princely_musings'/>"));
}

#[test]
fn errors() {
    let with = |var, value| set(HAMLET, &create("new", &[(var, value)]));
    Stage::with_musings().refuses(&[
        // Example 128.
        (set("romeo@montague.lit/orchard", "<create node='new'/>"), "auth/forbidden/-"),
        // Example 129.
        (set(HAMLET, "<create node='princely_musings'/>"), "cancel/conflict/-"),
        // Example 136.
        (with("access_model", "roster"), "modify/not-acceptable/unsupported-access-model"),
        (with("access_model", "secret"), "modify/not-acceptable/invalid-options"),
        (with("persist_items", "perhaps"), "modify/not-acceptable/invalid-options"),
        (with("max_items", "many"), "modify/not-acceptable/invalid-options"),
        (with("max_items", "0"), "modify/not-acceptable/invalid-options"),
        (with("item_expire", "0"), "modify/not-acceptable/invalid-options"),
        // Names that service discovery has for something else.
        (set(HAMLET, &create("http://jabber.org/protocol/commands", &[])), "auth/forbidden/-"),
        (set(HAMLET, &create("http://jabber.org/protocol/pubsub#get-pending", &[])), "auth/forbidden/-"),
        (set(HAMLET, &create(&"n".repeat(1024), &[])), "modify/not-acceptable/-"),
        (set(HAMLET, "<configure/><create node='new'/>"), "modify/bad-request/-"),
        (set(HAMLET, "<create node='new'/><configure node='new'/>"), "modify/bad-request/-"),
    ]);
}
