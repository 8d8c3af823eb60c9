//! Wires the parts together and runs them: the only place that knows them all.

mod answer;
mod deliverer;
mod faults;
mod feeds;
mod ids;
mod importer;
mod inquiry;
mod line;
mod multicast;
mod notify;
mod presence;
mod proof;
mod reception;
mod roll_call;
mod web;

use std::sync::Arc;
use std::thread;

use tokio::runtime::Handle;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::{Notify, mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

use crate::client;
use crate::config::{self, Comments, Config, Multicast};
use crate::host::{self, Link};
use crate::http;
use crate::limits::{HUB_NEWS_WAITING_MAX, INBOUND_QUEUE_MAX, LAST_WORDS, LAST_WORDS_GLANCE, LINE_QUEUE_MAX};
use crate::outbox::Outbox;
use crate::pubsub::chat::talks::Talks;
use crate::pubsub::import::News;
use crate::pubsub::reach::Reach;
use crate::pubsub::{Contact, Fault, Service};
use crate::store;

use deliverer::Deliverer;
use importer::Importer;
use inquiry::Inquiry;
use line::{Desk, Job, Line, Step, now};
use multicast::Guide;
use reception::Reception;
use web::{Commits, Web};

/// Why the program could not go on.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The store could not be opened, or is damaged.
    #[error("{0}")]
    Store(#[from] Fault),
    /// The system does not give us what every program needs.
    #[error("the system refuses: {0}")]
    System(#[from] std::io::Error),
    /// The web side cannot begin.
    #[error("{0}")]
    Web(String),
    /// The line ended although nobody asked it to.
    #[error("bug: the thread that decides about requests has died")]
    LineDied,
}

/// Runs until SIGTERM or SIGINT.
///
/// The store is opened before anything is sent or received, and read as a whole while it is used; where it turns out to
/// be damaged, that is the end. At the end notices go out for a moment, then the links stop
/// reading, answers under way are written, and the store is closed last. Stopping at once is safe at any time; this is
/// only more polite.
pub async fn run(config: Config) -> Result<(), RunError> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    tracing::info!(version = env!("CARGO_PKG_VERSION"), "starting");
    let store = store::open(&config.store.place())?;
    tracing::info!(services = config.services.len(), "the store is open");

    let (news, pushed) = mpsc::channel(HUB_NEWS_WAITING_MAX);
    let web = match &config.http {
        Some(http) => Some(Web::open(http, &config, news).await.map_err(RunError::Web)?),
        None => None,
    };
    let commits = Commits::new(web.as_ref().map(|web| Arc::clone(&web.shown)));

    let wakes: Vec<Arc<Notify>> = config.services.iter().map(|_| Arc::new(Notify::new())).collect();
    let desks =
        config.services.iter().zip(&wakes).map(|(service, wake)| desk(&config, service, wake)).collect();
    let (jobs, queue) = mpsc::channel(LINE_QUEUE_MAX);
    let runtime = Handle::current();
    let inquiry = Inquiry::new(runtime.clone(), jobs.downgrade());
    let mut line = Line::new(store, desks, inquiry, commits);
    line.configure_feeds(&config)?;
    let line = thread::Builder::new().name("line".to_owned()).spawn(move || line.run(queue, &runtime))?;
    let links: Vec<_> = config
        .services
        .iter()
        .zip(wakes)
        .enumerate()
        .map(|(index, (service, wake))| start(&config, service, index, &jobs, wake))
        .collect();
    let importer = tokio::spawn(importer(&config, &jobs, pushed).run());
    let web = web.map(|web| web.start(&jobs));
    notify::ready(&jobs);

    let died = jobs.closed();
    let ended = tokio::select! {
        _ = terminate.recv() => Ok(()),
        _ = interrupt.recv() => Ok(()),
        () = died => Err(RunError::LineDied),
    };
    notify::stopping();
    tracing::info!("stopping");
    importer.abort();
    if let Some(web) = web {
        web.stop().await;
    }
    // The host proves that it has read them only as long as it is listened to.
    let _ = timeout(LAST_WORDS, deliver_rest(&links, &jobs)).await;
    for (link, _) in &links {
        link.shut_down();
    }
    for (link, task) in links {
        drop(link);
        // A link that panicked has nothing left to say.
        let _ = task.await;
    }
    drop(jobs);
    match tokio::task::spawn_blocking(move || line.join()).await {
        Ok(Ok(Err(damage))) => Err(RunError::Store(damage)),
        Ok(Ok(Ok(())) | Err(_)) | Err(_) => ended,
    }
}

/// Waits until all notices are delivered on the links that are up.
async fn deliver_rest(links: &[(Link, JoinHandle<()>)], jobs: &mpsc::Sender<Job>) {
    for (service, (link, _)) in links.iter().enumerate() {
        while link.is_up() {
            let (asker, is_done) = oneshot::channel();
            if jobs.send(Job::Outbox(service, Step::IsDone(asker))).await.is_err() {
                return;
            }
            if is_done.await.unwrap_or(true) {
                break;
            }
            sleep(LAST_WORDS_GLANCE).await;
        }
    }
}

fn importer(config: &Config, jobs: &mpsc::Sender<Job>, news: mpsc::Receiver<News>) -> Importer {
    // Whoever wonders who fetches his feed finds somebody to ask there.
    let contact = config.services.first().map(|service| format!(" (+xmpp:{})", service.jid));
    let agent = format!("atomsub/{}{}", env!("CARGO_PKG_VERSION"), contact.unwrap_or_default());
    let settings = client::Settings::new(agent, config.fetch.allow.clone());
    let callbacks = config.http.as_ref().map(|settings| settings.public.at(http::CALLBACKS));
    Importer { settings, least: config.fetch.seconds, callbacks, news, line: jobs.clone() }
}

fn desk(config: &Config, service: &config::Service, wake: &Arc<Notify>) -> Desk {
    let jid = service.jid.to_string();
    Desk {
        outbox: Outbox::new(&jid),
        reach: Reach::default(),
        link: None,
        service: Service {
            jid,
            admins: config.admins.iter().map(ToString::to_string).collect(),
            creators: service.create_nodes.iter().map(ToString::to_string).collect(),
            anyone_comments: config.comments == Comments::Anyone,
            feeds_per_account: config.fetch.per_account,
            payload_bytes_max: config.limits.payload_bytes,
            contact: contacts(&config.contact),
            is_durable: config.store.place().is_kept(),
            on_web: config.http.is_some(),
            public_url: config.http.as_ref().map(|http| http.public.to_string()),
            atompub: config.http.as_ref().filter(|http| http.publish).map(|http| http.public.to_string()),
            started: now(),
        },
        wake: Arc::clone(wake),
    }
}

fn contacts(contact: &config::Contact) -> Vec<Contact> {
    let written = contact.fields().into_iter().filter(|(_, addresses)| !addresses.is_empty());
    written.map(|(field, addresses)| Contact { field, addresses: addresses.to_vec() }).collect()
}

/// Starts what one service needs; its tasks end with its link.
fn start(
    config: &Config,
    service: &config::Service,
    index: usize,
    jobs: &mpsc::Sender<Job>,
    wake: Arc<Notify>,
) -> (Link, JoinHandle<()>) {
    let jid = service.jid.to_string();
    let settings = service.settings(&config.limits);
    let (inbound, arrivals) = mpsc::channel(INBOUND_QUEUE_MAX);
    let (link, task) = host::start(settings, inbound);
    let guide = Arc::new(Guide::new(&jid, service.multicast == Multicast::Auto));
    let reception = Reception {
        service: index,
        jid,
        link: link.clone(),
        line: jobs.clone(),
        guide: Arc::clone(&guide),
        talks: Talks::default(),
    };
    tokio::spawn(reception.run(arrivals));
    let deliverer = Deliverer { service: index, link: link.clone(), line: jobs.clone(), guide, wake };
    tokio::spawn(deliverer.run());
    (link, task)
}
