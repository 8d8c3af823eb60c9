//! The same behind a real server, with people online at it: what the server itself can do, what atomsub makes of it,
//! and what the server's own publish-subscribe service does.

use std::io::Write as _;
use std::thread;
use std::time::Instant;

use crate::fanout::audience;
use crate::flow::{Flow, median};
use crate::harness::process::Scratch;
use crate::harness::server::{Kind, Server};
use crate::harness::{ACCOUNTS, CAPULET, COMPONENTS};
use crate::host::{Host, component};
use crate::limits::{answer, rendered};
use crate::people::{Crowd, login};
use crate::plan::Plan;
use crate::service::{Service, on_disk};
use crate::stage::{Stage, fresh};
use crate::stanza::{SERVICE, create, publish, subscribe};
use crate::table::{Row, Table, Target};

/// Where our own component is, in atomsub's place.
const ECHO: &str = COMPONENTS[1];
/// Where the server's own publish-subscribe service is.
const OWN: &str = "own.capulet.example";

/// A real server with its own publish-subscribe service.
fn server(kind: Kind) -> Server {
    let juliet = ACCOUNTS[0];
    let own = match kind {
        Kind::Prosody => format!("Component \"{OWN}\" \"pubsub\"\n  admins = {{ \"{juliet}\" }}\n"),
        Kind::Ejabberd => format!(
            "append_host_config:\n  {CAPULET}:\n    modules:\n      mod_pubsub:\n        host: {OWN}\n      \
             mod_multicast:\n        access: all\n"
        ),
    };
    Server::start_with(kind, &own).expect("the server is installed")
}

/// atomsub on it.
fn service(server: &Server, dir: Scratch, multicast: &str) -> Service {
    let mut service = Service::start_with(dir, server.component(SERVICE).0, multicast);
    service.await_link();
    service
}

/// Asks somebody for something, and waits for success.
fn ask(person: &mut Host, to: &str, payload: &str) {
    person.ask(&format!("<iq type='set' to='{to}' id='ask'>{payload}</iq>"), "ask");
}

/// Publishes one at a time, by a person online.
pub(crate) fn publish_online(table: &mut Table, plan: &Plan) {
    let Some(kind) = plan.real else { return };
    let server = server(kind);
    let _service = service(&server, on_disk(), "auto");
    let address = server.component(ECHO).0;
    thread::spawn(move || answer(component(address, ECHO), &[]));
    let mut juliet = login(server.c2s(), ACCOUNTS[0]);
    ask(&mut juliet, SERVICE, &create("online", &[]));
    ask(&mut juliet, OWN, &create("online", &[]));
    let mut rate = |to: &str| {
        Flow::run(&mut juliet, 1, plan, |out, _, id| {
            let publish = publish("online", &fresh("online"));
            out.extend_from_slice(format!("<iq type='set' to='{to}' id='{id}'>{publish}</iq>").as_bytes());
        })
        .rate
    };
    // In turn, since the machine is not always the same.
    let rounds = [0, 1, 2].map(|_| [rate(ECHO), rate(OWN), rate(SERVICE)]);
    let [echo, own, ours] = [0, 1, 2].map(|which| median(rounds.map(|round| round[which]).to_vec()));
    table.add(&Row::new(&format!("{kind:?}: echo component, asked by a person online"), echo, "/s"));
    let name = format!("{kind:?}: its own pubsub, publish by a person online");
    table.add(&Row::new(&name, own, "/s").of(echo, "echo"));
    let name = format!("{kind:?}: publish by a person online");
    table.add(&Row::new(&name, ours, "/s").of(echo, "echo"));
    let name = format!("{kind:?}: the same, compared with its own pubsub");
    let times = if kind == Kind::Prosody { 30.0 } else { 1.0 };
    table.add(&Row::new(&name, ours, "/s").of(own, "its own pubsub").to(Target::Share(times)));
}

/// Tells a crowd online of what is published.
pub(crate) fn tell_online(table: &mut Table, plan: &Plan) {
    let Some(kind) = plan.real else { return };
    // What a notice looks like when it leaves atomsub.
    let mut stage = Stage::new();
    let node = audience(&mut stage, 1);
    let notice = String::from_utf8(stage.notice(&node)).unwrap().replace(SERVICE, ECHO);
    drop(stage);

    let server = server(kind);
    let mut service = service(&server, on_disk(), "off");
    let mut juliet = login(server.c2s(), ACCOUNTS[0]);
    ask(&mut juliet, SERVICE, &create("online", &[("notify_sub", "0")]));
    let crowd = Crowd::gather(server.c2s(), CAPULET, plan.either(200, 1_000), |person, jid| {
        ask(person, SERVICE, &subscribe("", "online", jid));
    });
    let mut blaster = component(server.component(ECHO).0, ECHO);
    let blast = rendered(notice.as_bytes(), &crowd.jids);
    let mut tell = |service: &Service, way: &str| {
        let size = crowd.jids.len();
        let (mut limits, mut rates, mut told) = (Vec::new(), Vec::new(), 0);
        let before = service.cpu();
        for _ in 0..3 {
            limits.push(again_and_again(&crowd, plan, || blaster.write_all(&blast).unwrap()));
            rates.push(again_and_again(&crowd, plan, || {
                told += size;
                ask(&mut juliet, SERVICE, &publish("online", &fresh("told")));
            }));
        }
        let cpu = service.cpu().saturating_sub(before).as_secs_f64() / told as f64;
        let (limit, rate) = (median(limits), median(rates));
        let name = format!("{kind:?}: routed from any component to {size} people online");
        table.add(&Row::new(&name, limit, "/s"));
        let name = format!("{kind:?}: notifications to {size} people online{way}");
        let row = Row { cpu: Some(cpu * 1e6), ..Row::new(&name, rate, "/s") };
        table.add(&row.of(limit, "routed from any").to(Target::Share(0.95)));
    };
    tell(&service, "");
    if kind == Kind::Ejabberd {
        service = self::service(&server, service.stop(), "auto");
        tell(&service, ", by multicast");
    }
}

/// Messages a second when the whole crowd is told again as soon as it was told; two rounds under way, so that nobody
/// waits for a first one.
fn again_and_again(crowd: &Crowd, plan: &Plan, mut tell: impl FnMut()) -> f64 {
    let size = crowd.jids.len();
    let mut rates = Vec::new();
    tell();
    let start = Instant::now();
    while rates.len() < 4 || start.elapsed() < plan.stretch() {
        let round = Instant::now();
        tell();
        crowd.hear(size);
        rates.push(size as f64 / round.elapsed().as_secs_f64());
    }
    crowd.hear(size);
    median(rates)
}
