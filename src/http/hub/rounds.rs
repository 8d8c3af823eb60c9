//! The rounds of the hub: nodes that may have changed are looked at, and what is to be done for their callbacks has its
//! turn, as have questions to callbacks.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use tokio::task::{self, JoinSet};
use tokio::time::{Instant, sleep, sleep_until};

use crate::http::engine::NoAnswer;
use crate::http::router::Web;
use crate::limits::{
    HUB_BUSY_PAUSE, HUB_DELIVERIES_AT_ONCE, HUB_LOOK_PAUSE, HUB_QUESTIONS_AT_ONCE, HUB_WAITING_MAX,
};
use crate::pubsub::hub::{Ask, CallbackKey, Due, Told};
use crate::pubsub::node::NodeKey;

use super::pending::Pending;
use super::queue::Queue;
use super::verification::Verified;
use super::{Hub, delivery, verification};

/// Makes rounds until the web side ends. What is under way then is done again after the next start.
pub async fn run(web: Arc<Web>) {
    let Some(hub) = &web.hub else { return };
    let mut stop = web.stopped();
    let rounds = async {
        let mut rounds = Rounds::new(&web, hub);
        rounds.find().await;
        loop {
            rounds.go().await;
        }
    };
    tokio::select! {
        () = rounds => {}
        _ = stop.wait_for(|stop| *stop) => {}
    }
}

struct Rounds<'a> {
    web: &'a Arc<Web>,
    hub: &'a Hub,
    /// The nodes with callbacks.
    nodes: BTreeMap<NodeKey, Known>,
    deliveries: Queue<CallbackKey>,
    /// Those that wait or are under way.
    taken: BTreeSet<CallbackKey>,
    questions: Queue<Pending>,
    /// Questions that are asked again, by when.
    later: Vec<(Instant, Pending)>,
    under_way: JoinSet<Done>,
    tasks: BTreeMap<task::Id, Task>,
}

/// A node with callbacks.
struct Known {
    service: usize,
    /// When it was looked at last.
    looked: Option<Instant>,
    /// When it is to be looked at.
    next: Option<Instant>,
}

/// What is under way.
struct Task {
    host: String,
    what: What,
}

/// What it is.
enum What {
    /// This callback is told something.
    Telling(CallbackKey),
    /// This is asked.
    Asking(Box<Pending>),
}

/// What came of it.
enum Done {
    Told(Option<Instant>),
    Asked(Verified),
}

impl<'a> Rounds<'a> {
    fn new(web: &'a Arc<Web>, hub: &'a Hub) -> Self {
        Self {
            web,
            hub,
            nodes: BTreeMap::new(),
            deliveries: Queue::new(HUB_DELIVERIES_AT_ONCE),
            taken: BTreeSet::new(),
            questions: Queue::new(HUB_QUESTIONS_AT_ONCE),
            later: Vec::new(),
            under_way: JoinSet::new(),
            tasks: BTreeMap::new(),
        }
    }

    /// Finds the nodes that have callbacks from before, and looks at all of them: some may have changed since.
    async fn find(&mut self) {
        let mut after = None;
        loop {
            match self.web.engine.hub(0, Ask::After(after)).await {
                Ok(Told::After(Some((node, jid)))) => {
                    after = Some(node);
                    let service = jid.and_then(|jid| self.web.services.iter().position(|own| *own == jid));
                    // What is not there any more is that for all services.
                    self.know(node, service.unwrap_or(0));
                }
                Ok(_) => return,
                Err(_) => sleep(HUB_BUSY_PAUSE).await,
            }
        }
    }

    /// One round, as soon as there is something to do.
    async fn go(&mut self) {
        self.look_at_all().await;
        for pending in self.hub.pending.take() {
            self.questions.put(&pending.wish.host.clone(), pending);
        }
        let now = Instant::now();
        for (_, pending) in self.later.extract_if(.., |(at, _)| *at <= now) {
            self.questions.put(&pending.wish.host.clone(), pending);
        }
        self.begin();
        let next = self.nodes.values().filter_map(|known| known.next);
        let next = next.chain(self.later.iter().map(|(at, _)| *at)).min();
        let has_room = self.deliveries.waiting() < HUB_WAITING_MAX;
        tokio::select! {
            Some(done) = self.under_way.join_next_with_id() => {
                let (id, done) = match done {
                    Ok((id, done)) => (id, Some(done)),
                    Err(error) => (error.id(), None),
                };
                self.end(id, done);
            }
            () = self.hub.wake.notified() => {}
            () = sleep_until(next.unwrap_or(now)), if next.is_some() && has_room => {}
        }
    }

    /// A node has callbacks.
    fn know(&mut self, node: NodeKey, service: usize) {
        let known = self.nodes.entry(node).or_insert(Known { service, looked: None, next: None });
        known.service = service;
        known.want(Instant::now());
    }

    /// Looks at all nodes whose time it is.
    async fn look_at_all(&mut self) {
        let now = Instant::now();
        for node in self.hub.watch.take() {
            if let Some(known) = self.nodes.get_mut(&node) {
                known.want(now);
            }
        }
        let due = self.nodes.iter().filter(|(_, known)| known.next.is_some_and(|next| next <= now));
        let due: Vec<(NodeKey, usize)> = due.map(|(node, known)| (*node, known.service)).collect();
        for (node, service) in due {
            if self.deliveries.waiting() >= HUB_WAITING_MAX {
                return;
            }
            if let Some(known) = self.nodes.get_mut(&node) {
                (known.looked, known.next) = (Some(now), None);
            }
            if self.look(node, service).await.is_err()
                && let Some(known) = self.nodes.get_mut(&node)
            {
                known.want(now + HUB_BUSY_PAUSE);
            }
        }
    }

    /// Looks through the callbacks of a node.
    async fn look(&mut self, node: NodeKey, service: usize) -> Result<(), NoAnswer> {
        let mut after = None;
        loop {
            let told = self.web.engine.hub(service, Ask::Due(node, after.clone())).await?;
            let Told::Due(Due { has_some, now, next, rest, relatives }) = told else { return Ok(()) };
            if !has_some {
                if after.is_none() {
                    self.hub.watch.forget(node);
                    self.nodes.remove(&node);
                }
                return Ok(());
            }
            let is_new = self.hub.watch.follow(node, &relatives);
            let mut is_crowded = false;
            for (key, host) in now {
                if !self.deliveries.has_room(&host) {
                    is_crowded = true;
                } else if self.taken.insert(key.clone()) {
                    self.deliveries.put(&host, key);
                }
            }
            let later = is_crowded.then_some(HUB_BUSY_PAUSE);
            let again = if is_new { Some(Duration::ZERO) } else { later.into_iter().chain(next).min() };
            if let Some((known, again)) = self.nodes.get_mut(&node).zip(again) {
                known.want(Instant::now() + again);
            }
            if rest.is_none() {
                return Ok(());
            }
            after = rest;
        }
    }

    /// Begins with what may begin.
    fn begin(&mut self) {
        while let Some((host, key)) = self.deliveries.take() {
            let service = self.nodes.get(&key.node).map_or(0, |known| known.service);
            let (web, telling) = (Arc::clone(self.web), key.clone());
            let handle = self.under_way.spawn(async move {
                let next = delivery::tell(web, service, telling).await;
                Done::Told(next.map(|next| Instant::now() + next))
            });
            self.tasks.insert(handle.id(), Task { host, what: What::Telling(key) });
        }
        while let Some((host, pending)) = self.questions.take() {
            let (web, what) = (Arc::clone(self.web), What::Asking(Box::new(pending.clone())));
            let handle =
                self.under_way.spawn(async move { Done::Asked(verification::ask(web, pending).await) });
            self.tasks.insert(handle.id(), Task { host, what });
        }
    }

    /// Ends what was under way; nothing is known of what panicked.
    fn end(&mut self, id: task::Id, done: Option<Done>) {
        let Some(Task { host, what }) = self.tasks.remove(&id) else { return };
        if done.is_none() {
            tracing::error!(host, "bug: what the hub did at a host panicked");
        }
        match (what, done) {
            (What::Telling(key), done) => {
                self.deliveries.over(&host);
                self.taken.remove(&key);
                let lost = Some(Instant::now() + HUB_BUSY_PAUSE);
                let next = if let Some(Done::Told(next)) = done { next } else { lost };
                if let Some((known, next)) = self.nodes.get_mut(&key.node).zip(next) {
                    known.want(next);
                }
            }
            (What::Asking(asked), done) => {
                self.questions.over(&host);
                if let Some(Done::Asked(Verified::Later(pending, pause))) = done {
                    self.later.push((Instant::now() + pause, *pending));
                    return;
                }
                self.hub.pending.done(&asked);
                self.know(asked.wanted.node, asked.service);
            }
        }
    }
}

impl Known {
    /// It is to be looked at by then, but not too often.
    fn want(&mut self, at: Instant) {
        let at = self.looked.map_or(at, |looked| at.max(looked + HUB_LOOK_PAUSE));
        self.next = Some(self.next.map_or(at, |next| next.min(at)));
    }
}
