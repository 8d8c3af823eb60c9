//! Accepts connections and serves them: so many at a time, none for ever, and none to whoever is slow.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{sleep, timeout};

use crate::limits::{
    WEB_ACCEPT_PAUSE, WEB_CONNECTION_AGE_MAX, WEB_CONNECTIONS_MAX, WEB_HEAD_BYTES_MAX, WEB_HEAD_PATIENCE,
    WEB_HEADERS_MAX, WEB_LAST_WORDS, WEB_STALL_PATIENCE,
};

use super::caller::Peer;
use super::stall::Stalling;

/// The files that a program may have open where nothing says otherwise.
const FILES: usize = 1024;

/// The running web side.
#[derive(Debug)]
pub struct Server {
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Server {
    /// Listens; an error says where and what to change.
    pub async fn bind(listen: SocketAddr) -> Result<TcpListener, String> {
        TcpListener::bind(listen).await.map_err(|error| advise(listen, &error))
    }

    /// Serves what comes to a listener until it is stopped. `stop` tells long answers that it is.
    pub fn start(listener: TcpListener, router: Router, stop: watch::Sender<bool>) -> Self {
        let task = tokio::spawn(accept(listener, router, stop.subscribe()));
        Self { stop, task }
    }

    /// Accepts nothing more, lets answers under way end, and is gone.
    pub async fn stop(self) {
        self.stop.send_replace(true);
        // A task that panicked is gone too.
        let _ = self.task.await;
    }
}

fn advise(listen: SocketAddr, error: &io::Error) -> String {
    let advices = [
        (io::ErrorKind::AddrInUse, "another program listens there; stop it or write another port"),
        (io::ErrorKind::AddrNotAvailable, "this machine has no such address; 127.0.0.1 is always there"),
        (io::ErrorKind::PermissionDenied, "ports below 1024 are not for everybody; write a higher one"),
    ];
    let known = advices.iter().find(|(kind, _)| *kind == error.kind());
    let advice = known.map_or("write another address", |(_, advice)| advice);
    format!("http.listen: cannot listen on {listen}, {error}: {advice}")
}

/// How many connections there may be: never so many that no file is left for the link to the host.
pub(super) fn connections_max() -> usize {
    let files = std::fs::read_to_string("/proc/self/limits").ok();
    let files =
        files.as_deref().and_then(|limits| limits.lines().find(|line| line.starts_with("Max open files")));
    let files = files.and_then(|line| line.split_whitespace().nth(3)?.parse::<usize>().ok());
    WEB_CONNECTIONS_MAX.min(files.unwrap_or(FILES) / 2)
}

async fn accept(listener: TcpListener, router: Router, mut stop: watch::Receiver<bool>) {
    let room = Arc::new(Semaphore::new(connections_max()));
    let mut connections = JoinSet::new();
    let stopping = stop.clone();
    let accepting = async {
        loop {
            // It is never closed.
            let Ok(place) = Arc::clone(&room).acquire_owned().await else { break };
            while connections.try_join_next().is_some() {}
            match listener.accept().await {
                Ok((socket, peer)) => {
                    let (router, stop) = (router.clone(), stopping.clone());
                    connections.spawn(async move {
                        serve(socket, peer, router, stop).await;
                        drop(place);
                    });
                }
                Err(error) => {
                    // One that was given up by its other end, or no file descriptors for a moment.
                    tracing::debug!("a connection could not be accepted: {error}");
                    sleep(WEB_ACCEPT_PAUSE).await;
                }
            }
        }
    };
    tokio::select! {
        () = accepting => {}
        _ = stop.wait_for(|stop| *stop) => {}
    }
    drop(listener);
    let rest = async { while connections.join_next().await.is_some() {} };
    // Those that are left are cut off as the set is dropped.
    let _ = timeout(2 * WEB_LAST_WORDS, rest).await;
}

async fn serve(socket: TcpStream, peer: SocketAddr, router: Router, mut stop: watch::Receiver<bool>) {
    // Without it, events wait for more of them.
    let _ = socket.set_nodelay(true);
    let router = TowerToHyperService::new(router);
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(Peer(peer.ip()));
        router.call(request)
    });
    let mut builder = http1::Builder::new();
    builder
        .timer(TokioTimer::new())
        .header_read_timeout(WEB_HEAD_PATIENCE)
        .max_headers(WEB_HEADERS_MAX)
        .max_buf_size(WEB_HEAD_BYTES_MAX);
    let socket = TokioIo::new(Stalling::new(socket, WEB_STALL_PATIENCE));
    let mut connection = std::pin::pin!(builder.serve_connection(socket, service));
    tokio::select! {
        // However it ended, there is nobody to tell.
        _ = connection.as_mut() => return,
        _ = stop.wait_for(|stop| *stop) => {}
        () = sleep(WEB_CONNECTION_AGE_MAX) => {}
    }
    connection.as_mut().graceful_shutdown();
    let _ = timeout(WEB_LAST_WORDS, connection).await;
}
