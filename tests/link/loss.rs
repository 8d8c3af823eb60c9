//! How a link is lost or ended: what is noticed, what is kept for the next one, and what a barrier vouches for.

use std::time::Instant;

use atomsub::host::{Down, Inbound};
use atomsub::limits::REPLY_BYTES_MAX;
use tokio::io::AsyncWriteExt;
use tokio::time::{sleep, timeout};

use crate::host::{Component, Host, ms, stream_error};

#[tokio::test]
async fn a_lost_link_comes_back() {
    let host = Host::new().await;
    let (mut component, mut peer) = host.link().await;
    for farewell in ["", "</stream:stream>", &stream_error("system-shutdown"), "garbage", "<!DOCTYPE x>"] {
        peer.send(farewell).await;
        drop(peer);
        component.expect_down().await;
        assert!(component.link.session().is_err());
        peer = host.log_in().await;
        component.expect_up().await;
    }
    peer.send("<message id='1'/>").await;
    assert_eq!(component.stanza().await.0, "1");
}

#[tokio::test]
async fn an_answer_waits_for_the_next_connection_but_notices_do_not() {
    let host = Host::new().await;
    let (mut component, mut peer) = host.link().await;
    peer.send("<iq type='get' id='1'/>").await;
    let (_, ticket) = component.stanza().await;
    let old = component.link.session().unwrap();
    drop(peer);
    component.expect_down().await;
    assert_eq!(old.notices("<message/>".into()).await, Err(Down));
    assert_eq!(old.barrier().await, Err(Down));
    component.link.reply("<iq type='result' id='1'/>".into(), ticket);
    let mut peer = host.log_in().await;
    assert_eq!(peer.read_until("/>").await, "<iq type='result' id='1'/>");
    component.expect_up().await;
    // The old connection's handle stays down: its barrier would vouch for notices that are lost.
    assert!(!old.is_up());
    assert_eq!(old.barrier().await, Err(Down));
    assert!(component.link.next_session().await.unwrap().is_up());
}

#[tokio::test]
async fn a_quiet_host_is_asked_and_a_dead_one_is_left() {
    let mut host = Host::new().await;
    host.settings.timeouts.quiet = ms(50);
    let (mut component, mut peer) = host.link().await;
    let mut ids = Vec::new();
    for _ in 0..3 {
        let (before, id) = peer.read_ping().await;
        assert!(before.starts_with("<iq "), "{before}");
        peer.send_ping_back(&id).await;
        ids.push(id);
    }
    ids.dedup();
    assert_eq!(ids.len(), 3, "each ping has an id of its own");
    // Any byte is a sign of life.
    peer.read_ping().await;
    for _ in 0..4 {
        sleep(ms(100)).await;
        peer.send(" ").await;
    }
    assert!(component.inbound.try_recv().is_err(), "still up, and pings are not handed up");
    let began = Instant::now();
    component.expect_down().await;
    assert!((ms(150)..ms(1_000)).contains(&began.elapsed()), "after {:?}", began.elapsed());
    let _peer = host.log_in().await;
    component.expect_up().await;
}

#[tokio::test]
async fn a_barrier_stands_behind_the_notices_and_vouches_for_them() {
    let host = Host::new().await;
    let (component, mut peer) = host.link().await;
    let session = component.link.session().unwrap();
    session.notices("<message id='1'/>".into()).await.unwrap();
    session.notices("<message id='2'/>".into()).await.unwrap();
    let (first, second) = (session.clone(), session.clone());
    let first = tokio::spawn(async move { first.barrier().await });
    let (before, first_id) = peer.read_ping().await;
    assert!(before.starts_with("<message id='1'/><message id='2'/><iq "), "{before}");
    assert!(!first.is_finished());
    session.notices("<message id='3'/>".into()).await.unwrap();
    let second = tokio::spawn(async move { second.barrier().await });
    let (before, second_id) = peer.read_ping().await;
    assert!(before.starts_with("<message id='3'/><iq "), "{before}");
    // What looks like a ping but is none of ours changes nothing.
    peer.send_ping_back("0-0").await;
    peer.send_ping_back(&first_id).await;
    assert_eq!(timeout(ms(1_000), first).await.unwrap().unwrap(), Ok(()));
    assert!(!second.is_finished());
    // An error is an answer too.
    peer.send(&format!("<iq type='error' id='{second_id}'/>")).await;
    assert_eq!(timeout(ms(1_000), second).await.unwrap().unwrap(), Ok(()));
    let lost = tokio::spawn(async move { session.barrier().await });
    peer.read_ping().await;
    drop(peer);
    assert_eq!(timeout(ms(1_000), lost).await.unwrap().unwrap(), Err(Down));
}

#[tokio::test]
async fn a_host_that_swallows_our_pings_is_left() {
    let mut host = Host::new().await;
    host.settings.timeouts.barrier = ms(100);
    let (mut component, mut peer) = host.link().await;
    let session = component.link.session().unwrap();
    let barrier = tokio::spawn(async move { session.barrier().await });
    for id in 0..12 {
        // It may be closed by then.
        let _ = peer.stream.write_all(format!("<message id='{id}'/>").as_bytes()).await;
        sleep(ms(20)).await;
    }
    assert_eq!(timeout(ms(1_000), barrier).await.unwrap().unwrap(), Err(Down));
    for _ in 0..12 {
        match component.next().await {
            Inbound::Stanza(..) => {}
            Inbound::Down => return,
            other @ (Inbound::Up | Inbound::Refused { .. }) => panic!("{other:?}"),
        }
    }
    panic!("still up");
}

#[tokio::test]
async fn a_host_that_takes_nothing_is_left_and_answers_are_kept() {
    let mut host = Host::new().await;
    host.settings.timeouts.stall = ms(200);
    let (mut component, mut peer) = host.link().await;
    peer.send("<iq type='get' id='1'/>").await;
    let (_, ticket) = component.stanza().await;
    let answer = format!("<iq id='1'>{}</iq>", "x".repeat(REPLY_BYTES_MAX));
    component.link.reply(answer.clone().into(), ticket);
    component.expect_down().await;
    let mut peer = host.log_in().await;
    assert_eq!(peer.read_until("</iq>").await, answer);
    component.expect_up().await;
}

#[tokio::test]
async fn a_shut_down_link_says_goodbye_after_its_answers() {
    let host = Host::new().await;
    let (mut component, mut peer) = host.link().await;
    peer.send("<iq type='get' id='1'/>").await;
    let (_, ticket) = component.stanza().await;
    component.link.session().unwrap().notices("<message/>".into()).await.unwrap();
    component.link.shut_down();
    let link = component.link.clone();
    tokio::spawn(async move {
        sleep(ms(50)).await;
        link.reply("<iq type='result' id='1'/>".into(), ticket);
    });
    assert!(peer.is_closed().await);
    assert_eq!(peer.seen, "<message/><iq type='result' id='1'/></stream:stream>");
    component.expect_down().await;
    timeout(ms(1_000), component.task).await.unwrap().unwrap();
    assert!(component.link.next_session().await.is_err());
}

#[tokio::test]
async fn a_shut_down_does_not_wait_for_an_answer_that_never_comes() {
    let host = Host::new().await;
    let (mut component, mut peer) = host.link().await;
    peer.send("<iq type='get' id='1'/>").await;
    let _kept = component.stanza().await;
    component.link.shut_down();
    timeout(ms(1_000), component.task).await.unwrap().unwrap();
    // Nor is it started again while there is no server.
    let alone = Component::start(&host.settings);
    alone.link.shut_down();
    timeout(ms(1_000), alone.task).await.unwrap().unwrap();
}

#[tokio::test]
async fn a_link_without_handles_ends() {
    let host = Host::new().await;
    let (component, mut peer) = host.link().await;
    drop(component.link);
    assert!(peer.is_closed().await);
    timeout(ms(1_000), component.task).await.unwrap().unwrap();
}
