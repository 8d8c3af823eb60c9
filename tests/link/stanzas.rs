//! What goes up and down while the link holds: whole, in turn, and never more than fits.

use std::time::Instant;

use atomsub::host::Inbound;
use atomsub::limits::{NOTICE_BATCHES_MAX, REPLY_BYTES_MAX, REQUESTS_IN_FLIGHT_MAX};
use atomsub::xml::{Limit, XmlError};
use tokio::time::timeout;

use crate::host::{Host, JID, ms};

#[tokio::test]
async fn stanzas_come_up_and_answers_go_down() {
    let host = Host::new().await;
    let (mut component, mut peer) = host.link().await;
    peer.send(" <iq type='get' id='1'/><message id='2'/>\n<presence").await;
    peer.send(" id='3'/>").await;
    for expected in ["1", "2", "3"] {
        let (id, ticket) = component.stanza().await;
        assert_eq!(id, expected);
        component.link.reply(format!("<iq type='result' id='{id}'/>").into(), ticket);
        assert_eq!(peer.read_until("/>").await, format!("<iq type='result' id='{id}'/>"));
    }
}

#[tokio::test]
async fn a_refused_stanza_is_told_and_the_next_one_passes() {
    let host = Host::new().await;
    let (mut component, mut peer) = host.link().await;
    let deep =
        format!("<iq type='set' id='deep' from='a@b/c'>{}{}</iq>", "<a>".repeat(5_000), "</a>".repeat(5_000));
    let odd = "<iq type='get' id='odd' from='a@b/c'>&nbsp;</iq><presence><show>zzz</show></presence>";
    let nonza = "<stream:features/><sasl xmlns='urn:other'/>";
    let stream = format!("{deep}{odd}{nonza}<message id='next'/>");
    peer.send(&stream).await;
    for (expected, is_deep) in [("deep", true), ("odd", false)] {
        match component.next().await {
            Inbound::Refused { head, why, ticket } => {
                assert_eq!((head.id.as_deref(), head.from.as_deref()), (Some(expected), Some("a@b/c")));
                assert!(head.wants_answer());
                assert_eq!(why == XmlError::Over(Limit::Depth), is_deep, "{why}");
                component.link.reply("<iq type='error'/>".into(), ticket);
            }
            other @ (Inbound::Up | Inbound::Stanza(..) | Inbound::Down) => panic!("{other:?}"),
        }
        peer.read_until("<iq type='error'/>").await;
    }
    assert_eq!(component.stanza().await.0, "");
    assert_eq!(component.stanza().await.0, "next");
}

#[tokio::test]
async fn answers_overtake_notices_and_a_slow_host_fills_no_memory() {
    let mut host = Host::new().await;
    host.settings.timeouts.barrier = ms(10_000);
    let (mut component, mut peer) = host.link().await;
    let session = component.link.session().unwrap();
    peer.send("<iq type='get' id='1'/>").await;
    let (_, ticket) = component.stanza().await;
    // Nobody reads, so the socket fills, then the queue, then the sender waits.
    let batch = format!("<message>{}</message>", "n".repeat(1024 * 1024));
    let mut queued = 0;
    while timeout(ms(200), session.notices(batch.clone().into())).await.is_ok() {
        queued += 1;
        assert!(queued < 100, "the queue has no end");
    }
    assert!(queued >= NOTICE_BATCHES_MAX);
    component.link.reply("<iq type='result' id='1'/>".into(), ticket);
    // The answer passes all that is not in the socket yet.
    let before = peer.read_until("<iq type='result' id='1'/>").await;
    assert!(before.matches("</message>").count() <= queued - NOTICE_BATCHES_MAX, "answers wait");
}

#[tokio::test]
async fn no_more_is_read_than_can_be_answered() {
    let host = Host::new().await;
    let (mut component, mut peer) = host.link().await;
    let many: String = "<iq type='get'/>".repeat(2 * REQUESTS_IN_FLIGHT_MAX);
    peer.send(&many).await;
    let mut tickets = Vec::new();
    while let Ok(Some(Inbound::Stanza(_, ticket))) = timeout(ms(200), component.inbound.recv()).await {
        tickets.push(ticket);
    }
    assert_eq!(tickets.len(), REQUESTS_IN_FLIGHT_MAX);
    // A dropped ticket makes room, and so does a written answer.
    tickets.pop();
    tickets.push(component.stanza().await.1);
    component.link.reply("<iq/>".into(), tickets.pop().unwrap());
    peer.read_until("<iq/>").await;
    tickets.push(component.stanza().await.1);
    // Above the bound on queued bytes, tickets do not help.
    let large = format!("<iq>{}</iq>", "x".repeat(REPLY_BYTES_MAX));
    for _ in 0..2 {
        component.link.reply(large.clone().into(), tickets.pop().unwrap());
    }
    drop(tickets);
    while let Ok(Some(_)) = timeout(ms(100), component.inbound.recv()).await {}
    peer.send("<iq type='get' id='late'/>").await;
    assert!(timeout(ms(200), component.inbound.recv()).await.is_err(), "more was read");
    for _ in 0..2 {
        peer.read_until("</iq>").await;
    }
    component.stanza().await;
}

/// A host with Nagle's algorithm sends the second half of a stanza once the first is acknowledged, for which systems
/// take their time where they expect to send something anyway.
#[tokio::test]
async fn a_stanza_in_pieces_is_not_held_up() {
    let host = Host::new().await;
    let (mut component, mut peer) = host.link().await;
    peer.stream.set_nodelay(false).unwrap();
    let begin = Instant::now();
    for round in 0..20 {
        peer.send(&format!("<iq type='get' from='juliet@localhost' to='{JID}' id='{round}'>")).await;
        peer.send("<half/>").await;
        peer.send("</iq>").await;
        let (id, ticket) = component.stanza().await;
        assert_eq!(id, round.to_string());
        component.link.reply(format!("<iq type='result' id='{round}'/>").into(), ticket);
        peer.read_until("/>").await;
    }
    // Some 40 ms each would be 800.
    assert!(begin.elapsed() < ms(400), "it took {:?}", begin.elapsed());
}
