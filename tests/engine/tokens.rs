//! Tokens and webhooks for HTTP: made, listed and revoked by commands (XEP-0050). What is done with them is in
//! `tests/http`.

use atomsub::pubsub::affiliation::Affiliation;
use atomsub::pubsub::atompub::token::{Kind, TokenKey};
use expect_test::expect;

use crate::stage::{NOW, SERVICE, Stage, ask, get, set};

const HAMLET: &str = "hamlet@denmark.lit/elsinore";
const ROMEO: &str = "romeo@montague.lit/orchard";
const ADMIN: &str = "bard@shakespeare.lit/globe";
const DAY: u64 = 24 * 60 * 60;

/// A command, with a form of these fields if there are any.
fn command(from: &str, node: &str, fields: &[(&str, &[&str])]) -> String {
    let fields = fields.iter().map(|(var, values)| {
        let values: Vec<String> = values.iter().map(|value| format!("<value>{value}</value>")).collect();
        format!("<field var='{var}'>{}</field>", values.concat())
    });
    let fields = fields.collect::<Vec<_>>().concat();
    let form = if fields.is_empty() {
        fields
    } else {
        format!("<x xmlns='jabber:x:data' type='submit'>{fields}</x>")
    };
    ask(
        "set",
        from,
        &format!("<command xmlns='http://jabber.org/protocol/commands' node='{node}'>{form}</command>"),
    )
}

fn create(from: &str, fields: &[(&str, &[&str])]) -> String {
    command(from, "atomsub#create-http-token", &[&[("name", &["blog"] as &[&str])], fields].concat())
}

/// The value of a field of an answer.
fn value(answer: &str, var: &str) -> String {
    let (_, rest) = answer.split_once(&format!("var='{var}'")).unwrap();
    rest.split("<value>").nth(1).unwrap().split('<').next().unwrap().to_owned()
}

#[test]
fn a_token_is_asked_for() {
    let mut stage = Stage::with_musings();
    stage.check(&command(HAMLET, "atomsub#create-http-token", &[]), &expect![[r#"
        <iq type='result' id='1' from='pubsub.shakespeare.lit' to='hamlet@denmark.lit/elsinore'>
          <command xmlns='http://jabber.org/protocol/commands' node='atomsub#create-http-token' sessionid='create-http-token' status='executing'>
            <actions execute='complete'>
              <complete/>
            </actions>
            <x xmlns='jabber:x:data' type='form'>
              <title>Create an HTTP token</title>
              <instructions>With a token a program publishes for you over HTTP, as far as you may and no further.</instructions>
              <field var='name' type='text-single' label='What you call it'/>
              <field var='node' type='list-single' label='For which node'>
                <value/>
                <option label='all that you may publish to'>
                  <value/>
                </option>
                <option label='princely_musings'>
                  <value>princely_musings</value>
                </option>
              </field>
              <field var='rights' type='list-multi' label='What for'>
                <value>publish</value>
                <value>edit</value>
                <value>read</value>
                <option label='publish entries'>
                  <value>publish</value>
                </option>
                <option label='change and delete entries'>
                  <value>edit</value>
                </option>
                <option label='read entries'>
                  <value>read</value>
                </option>
              </field>
              <field var='days' type='text-single' label='For how many days'>
                <value>90</value>
              </field>
            </x>
          </command>
        </iq>
    "#]]);
}

#[test]
fn a_token_is_told_once_and_listed_without_it() {
    let mut stage = Stage::with_musings();
    stage.check(
        &create(
            HAMLET,
            &[("node", &["princely_musings"]), ("rights", &["publish", "read"]), ("days", &["7"])],
        ),
        &expect![[r#"
            <iq type='result' id='1' from='pubsub.shakespeare.lit' to='hamlet@denmark.lit/elsinore'>
              <command xmlns='http://jabber.org/protocol/commands' node='atomsub#create-http-token' sessionid='create-http-token' status='completed'>
                <x xmlns='jabber:x:data' type='result'>
                  <title>Your token</title>
                  <instructions>Keep it now: it is told this once. Programs show it as a bearer token, or as the password of your JID.</instructions>
                  <field var='token' type='text-single' label='The token'>
                    <value>atomsub-AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE</value>
                  </field>
                  <field var='service' type='text-single' label='The service document'>
                    <value>https://feeds.shakespeare.lit/app/service</value>
                  </field>
                  <field var='expires' type='text-single' label='Ends'>
                    <value>2003-12-20T18:30:02Z</value>
                  </field>
                  <field var='id' type='text-single' label='Its id, to revoke it'>
                    <value>id-2</value>
                  </field>
                </x>
              </command>
            </iq>
        "#]],
    );
    let listed = stage.send(&command(HAMLET, "atomsub#list-http-tokens", &[]));
    let row = [
        ("name", "blog"),
        ("kind", "token"),
        ("begins", "atomsub-AQEBAQ"),
        ("node", "princely_musings"),
        ("rights", "publish, read"),
        ("created", "2003-12-13T18:30:02Z"),
        ("expires", "2003-12-20T18:30:02Z"),
    ];
    let row: Vec<String> =
        row.map(|(var, value)| format!("<field var='{var}'><value>{value}</value></field>")).to_vec();
    let unused = "<field var='used'><value/></field><field var='id'><value>id-2</value></field></item></x>";
    assert!(listed.contains(&format!("<item>{}{unused}", row.concat())), "{listed}");
}

#[test]
fn a_webhook_is_for_one_node_and_has_a_secret() {
    let mut stage = Stage::with_musings();
    stage.check(&command(HAMLET, "atomsub#create-webhook", &[]), &expect![[r#"
        <iq type='result' id='1' from='pubsub.shakespeare.lit' to='hamlet@denmark.lit/elsinore'>
          <command xmlns='http://jabber.org/protocol/commands' node='atomsub#create-webhook' sessionid='create-webhook' status='executing'>
            <actions execute='complete'>
              <complete/>
            </actions>
            <x xmlns='jabber:x:data' type='form'>
              <title>Create a webhook</title>
              <instructions>What a program posts to a webhook, and signs, is published to one node for you.</instructions>
              <field var='name' type='text-single' label='What you call it'/>
              <field var='node' type='list-single' label='For which node'>
                <required/>
                <option label='princely_musings'>
                  <value>princely_musings</value>
                </option>
              </field>
              <field var='days' type='text-single' label='For how many days'>
                <value>90</value>
              </field>
            </x>
          </command>
        </iq>
    "#]]);
    let webhook = command(HAMLET, "atomsub#create-webhook", &[("node", &["princely_musings"])]);
    stage.check(&webhook, &expect![[r#"
        <iq type='result' id='1' from='pubsub.shakespeare.lit' to='hamlet@denmark.lit/elsinore'>
          <command xmlns='http://jabber.org/protocol/commands' node='atomsub#create-webhook' sessionid='create-webhook' status='completed'>
            <x xmlns='jabber:x:data' type='result'>
              <title>Your webhook</title>
              <instructions>What is posted there is signed: X-Hub-Signature-256 is sha256= and the HMAC-SHA256 of the body, by this secret.</instructions>
              <field var='url' type='text-single' label='Where to post'>
                <value>https://feeds.shakespeare.lit/app/hook/id-1</value>
              </field>
              <field var='secret' type='text-single' label='The secret'>
                <value>wFKrZOlzNqUqOoX36CE_bU37vAWo_dCAXJQ2i2te_uk</value>
              </field>
              <field var='expires' type='text-single' label='Ends'>
                <value>2004-03-12T18:30:02Z</value>
              </field>
              <field var='id' type='text-single' label='Its id, to revoke it'>
                <value>id-1</value>
              </field>
            </x>
          </command>
        </iq>
    "#]]);
    // What its secret is made of is kept, so that this one differs from the first by its address alone.
    let again = stage.send(&webhook);
    assert!(value(&again, "url").ends_with("/app/hook/id-3"), "{again}");
    stage.transact(|_, tx| {
        let secret = tx.webhook_secret()?.unwrap();
        assert_eq!(secret.of_webhook("id-3").0, value(&again, "secret"));
        assert_eq!(tx.token(TokenKey::of("id-3"))?.unwrap().kind, Kind::Webhook);
        Ok(())
    });
}

#[test]
fn only_the_hash_of_a_token_is_kept() {
    let mut stage = Stage::with_musings();
    let shown = value(&stage.send(&create(HAMLET, &[])), "token");
    stage.transact(|_, tx| {
        let token = tx.token(TokenKey::of(&shown))?.unwrap();
        assert_eq!((token.account.as_str(), token.service.as_str()), ("hamlet@denmark.lit", SERVICE));
        assert_eq!((token.node, token.used), (None, None));
        assert_eq!(token.expires, NOW.plus_seconds(90 * DAY));
        assert!(token.rights.read && token.rights.publish && token.rights.edit);
        // What is kept of it in clear leaves enough to guess.
        assert!(shown.starts_with(&token.hint) && shown.len() - token.hint.len() >= 37);
        Ok(())
    });
}

#[test]
fn what_makes_no_sense_or_is_not_allowed_is_refused() {
    let mut stage = Stage::with_musings();
    stage.node("secret", &[("access_model", "whitelist")]);
    stage.node("open", &[("publish_model", "open")]);
    stage.node("links", &[("type", "urn:xmpp:bookmarks:1")]);
    let long = "x".repeat(101);
    let webhook = |fields: &[(&str, &[&str])]| command(HAMLET, "atomsub#create-webhook", fields);
    let bad = "modify/bad-request/-";
    stage.refuses(&[
        (create(HAMLET, &[("days", &["0"])]), bad),
        (create(HAMLET, &[("days", &["367"])]), bad),
        (create(HAMLET, &[("days", &["soon"])]), bad),
        (create(HAMLET, &[("rights", &[])]), bad),
        (create(HAMLET, &[("rights", &["publish", "rule"])]), bad),
        (command(HAMLET, "atomsub#create-http-token", &[("name", &[&long])]), bad),
        (create(HAMLET, &[("node", &["nothing"])]), "cancel/item-not-found/-"),
        // No collection.
        (create(HAMLET, &[("node", &["links"])]), "cancel/item-not-found/-"),
        (create(ROMEO, &[("node", &["secret"])]), "cancel/item-not-found/-"),
        (create(ROMEO, &[("node", &["princely_musings"])]), "auth/forbidden/-"),
        (create(ROMEO, &[]), "cancel/forbidden/-"),
        (webhook(&[("name", &["x"])]), bad),
        (webhook(&[("node", &["nothing"])]), "cancel/item-not-found/-"),
        (command(HAMLET, "atomsub#revoke-http-token", &[("token", &["id-9"])]), "cancel/item-not-found/-"),
        (
            command(HAMLET, "atomsub#revoke-http-token", &[("account", &["romeo@montague.lit"])]),
            "cancel/forbidden/-",
        ),
        (command(ADMIN, "atomsub#revoke-http-token", &[("account", &["@"])]), bad),
    ]);
    // Where he may publish, or read.
    stage.send(&create(ROMEO, &[("node", &["open"])]));
    stage.send(&create(ROMEO, &[("node", &["princely_musings"]), ("rights", &["read"])]));
    stage.affiliate("secret", "romeo@montague.lit", Affiliation::Publisher);
    stage.send(&create(ROMEO, &[]));
}

#[test]
fn what_somebody_follows_does_not_keep_out_what_he_publishes() {
    let mut stage = Stage::with_musings();
    for number in 0..=1_000 {
        let node = format!("followed-{number}");
        stage.node(&node, &[]);
        stage.send(&set(ROMEO, &format!("<subscribe node='{node}' jid='romeo@montague.lit'/>")));
    }
    stage.node("own", &[]);
    stage.affiliate("own", "romeo@montague.lit", Affiliation::Publisher);
    let asked = stage.send(&command(ROMEO, "atomsub#create-http-token", &[]));
    assert!(asked.contains("<value>own</value>") && !asked.contains("followed"), "{asked}");
}

#[test]
fn an_account_has_so_many_and_revokes_them() {
    let mut stage = Stage::with_musings();
    let mut ids = Vec::new();
    for _ in 0..50 {
        let nameless = command(HAMLET, "atomsub#create-http-token", &[("days", &["9"])]);
        ids.push(value(&stage.send(&nameless), "id"));
    }
    stage.refuses(&[(create(HAMLET, &[]), "wait/resource-constraint/-")]);
    let asked = stage.send(&command(HAMLET, "atomsub#revoke-http-token", &[]));
    assert_eq!(asked.matches("<option label='token (atomsub-").count(), 50, "{asked}");
    let told = stage.send(&command(HAMLET, "atomsub#revoke-http-token", &[("token", &[&ids[7], &ids[9]])]));
    assert!(told.contains("2 were revoked"), "{told}");
    let listed = stage.send(&command(HAMLET, "atomsub#list-http-tokens", &[]));
    assert_eq!(listed.matches("<item>").count(), 48);
    assert!(!listed.contains(&ids[7]) && listed.contains(&ids[8]));
    stage.send(&create(HAMLET, &[]));
    // Somebody else's are not his, and none of his business.
    stage.send(&create(ADMIN, &[]));
    let others = stage.send(&command(ADMIN, "atomsub#list-http-tokens", &[]));
    assert_eq!(others.matches("<item>").count(), 1);
    let all =
        stage.send(&command(ADMIN, "atomsub#revoke-http-token", &[("account", &["hamlet@denmark.lit"])]));
    assert!(all.contains("49 were revoked"), "{all}");
    assert!(stage.send(&command(HAMLET, "atomsub#list-http-tokens", &[])).contains("you have no tokens"));
    assert!(stage.send(&command(HAMLET, "atomsub#revoke-http-token", &[])).contains("you have no tokens"));
    assert!(stage.send(&command(ADMIN, "atomsub#list-http-tokens", &[])).contains("<item>"));
}

#[test]
fn a_token_that_has_ended_is_removed() {
    let mut stage = Stage::with_musings();
    for days in ["1", "2"] {
        stage.send(&create(HAMLET, &[("days", &[days])]));
    }
    let count =
        |stage: &mut Stage| stage.transact(|_, tx| Ok(tx.tokens_of(SERVICE, "hamlet@denmark.lit", 9)?.len()));
    stage.pass(DAY - 1);
    assert_eq!(count(&mut stage), 2);
    stage.pass(1);
    assert_eq!(count(&mut stage), 1);
    stage.pass(DAY);
    assert_eq!(count(&mut stage), 0);
}

#[test]
fn without_a_web_side_there_are_no_such_commands() {
    let mut stage = Stage::with_musings();
    let list = ask(
        "get",
        HAMLET,
        "<query xmlns='http://jabber.org/protocol/disco#items' node='http://jabber.org/protocol/commands'/>",
    );
    assert!(stage.send(&list).contains("node='atomsub#create-http-token' name='Create an HTTP token'"));
    stage.take_off_atompub();
    assert!(!stage.send(&list).contains("http-token"));
    stage.refuses(&[(create(HAMLET, &[]), "cancel/forbidden/-")]);
    // The names are taken all the same.
    let names = [
        "atomsub#create-http-token",
        "atomsub#create-webhook",
        "atomsub#list-http-tokens",
        "atomsub#revoke-http-token",
    ];
    for name in names {
        stage.refuses(&[(set(HAMLET, &format!("<create node='{name}'/>")), "auth/forbidden/-")]);
        stage.refuses(&[(get(HAMLET, &format!("<items node='{name}'/>")), "cancel/item-not-found/-")]);
    }
}
