//! The ground that the other tests stand on: the servers carry messages between their two hosts, and keep their
//! accounts over a restart.

use crate::harness::client::PATIENCE;
use crate::harness::server::{Kind, Server};
use crate::harness::xml::{attr, find};

fn check(kind: Kind) {
    let Some(server) = Server::start(kind) else { return };
    for round in ["before", "after"] {
        let mut juliet = server.login("juliet@capulet.example", "balcony");
        let mut romeo = server.login("romeo@montague.example", "orchard");
        let to = romeo.jid().to_owned();
        juliet.send(&format!("<message to='{to}' type='chat'><body>{round}</body></message>"));
        let heard = romeo.expect(PATIENCE, "the message", |stanza| {
            find(stanza, &["body"]).is_some_and(|body| body.text() == round)
        });
        assert_eq!(attr(&heard, "from"), juliet.jid());
        if round == "before" {
            server.stop();
            server.launch();
        }
    }
}

#[test]
fn prosody_carries_messages() {
    check(Kind::Prosody);
}

#[test]
fn ejabberd_carries_messages() {
    check(Kind::Ejabberd);
}
