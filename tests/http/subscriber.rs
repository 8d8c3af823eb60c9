//! A subscriber of the web: a server on loopback that is asked whether it wants a feed, and is posted it.

use std::net::SocketAddr;
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use tokio::runtime::Runtime;
use url::form_urlencoded;

/// A subscriber.
pub(crate) struct Subscriber {
    pub(crate) address: SocketAddr,
    heard: Receiver<Heard>,
    manner: Arc<Mutex<Manner>>,
    _runtime: Runtime,
}

/// What it was sent.
#[derive(Debug)]
pub(crate) struct Heard {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

/// How it answers.
#[derive(Clone, Debug)]
pub(crate) struct Manner {
    /// Questions.
    pub(crate) asked: Says,
    /// Documents, with a status.
    pub(crate) posted: u16,
    /// How long it takes for that.
    pub(crate) takes: Duration,
}

/// What it says when it is asked whether it wants something.
#[derive(Clone, Debug)]
pub(crate) enum Says {
    /// What it is to say, followed by this.
    Challenge(&'static str),
    Status(u16),
    /// What it is to say, with this status and elsewhere.
    ChallengeAs(u16),
    /// What it is to say and then too much.
    TooMuch,
}

impl Default for Manner {
    fn default() -> Self {
        Self { asked: Says::Challenge(""), posted: 204, takes: Duration::ZERO }
    }
}

impl Heard {
    /// A parameter of the query.
    pub(crate) fn query(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// A header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }
}

impl Subscriber {
    /// One that wants everything.
    pub(crate) fn start() -> Self {
        Self::on("127.0.0.1:0")
    }

    /// The same at another address.
    pub(crate) fn on(address: &str) -> Self {
        let runtime = Runtime::new().unwrap();
        let (tell, heard) = mpsc::channel();
        let manner = Arc::<Mutex<Manner>>::default();
        let state = (tell, Arc::clone(&manner));
        let address = runtime.block_on(async {
            let listener = tokio::net::TcpListener::bind(address).await.unwrap();
            let address = listener.local_addr().unwrap();
            let router = Router::new().fallback(answer).with_state(state);
            tokio::spawn(serve(listener, router));
            address
        });
        Self { address, heard, manner, _runtime: runtime }
    }

    /// The URL of a callback.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// It answers in another manner from now on.
    pub(crate) fn answers(&self, manner: Manner) {
        *self.manner.lock().unwrap() = manner;
    }

    /// What it is sent next; fails when that takes long.
    pub(crate) fn next(&self) -> Heard {
        self.heard.recv_timeout(Duration::from_secs(20)).unwrap()
    }

    /// The document that it is sent next.
    pub(crate) fn posted(&self) -> Heard {
        let heard = self.next();
        assert_eq!(heard.method, Method::POST, "{heard:?}");
        heard
    }

    /// The question that it is asked next.
    pub(crate) fn asked(&self, mode: &str) -> Heard {
        let heard = self.next();
        assert_eq!((&heard.method, heard.query("hub.mode")), (&Method::GET, Some(mode)), "{heard:?}");
        heard
    }

    /// It is sent nothing for a while.
    pub(crate) fn hears_nothing(&self, milliseconds: u64) {
        let heard = self.heard.recv_timeout(Duration::from_millis(milliseconds));
        assert!(heard.is_err(), "{heard:?}");
    }
}

async fn serve(listener: tokio::net::TcpListener, router: Router) {
    use hyper_util::rt::TokioIo;
    use hyper_util::service::TowerToHyperService;
    loop {
        let (socket, _) = listener.accept().await.unwrap();
        let service = TowerToHyperService::new(router.clone());
        tokio::spawn(
            hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(socket), service),
        );
    }
}

async fn answer(
    State((tell, manner)): State<(Sender<Heard>, Arc<Mutex<Manner>>)>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let query = uri.query().unwrap_or_default();
    let query: Vec<_> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    let manner = manner.lock().unwrap().clone();
    let is_post = method == Method::POST;
    let heard = Heard { method, path: uri.path().to_owned(), query, headers, body };
    let challenge = heard.query("hub.challenge").unwrap_or_default().to_owned();
    // The test may be over.
    let _ = tell.send(heard);
    if is_post {
        tokio::time::sleep(manner.takes).await;
        return (status(manner.posted), [(header::LOCATION, "/elsewhere")]).into_response();
    }
    match manner.asked {
        Says::Challenge(more) => format!("{challenge}{more}").into_response(),
        Says::Status(code) => status(code).into_response(),
        Says::ChallengeAs(code) => {
            (status(code), [(header::LOCATION, "/elsewhere")], challenge).into_response()
        }
        Says::TooMuch => format!("{challenge}{}", " ".repeat(100_000)).into_response(),
    }
}

fn status(code: u16) -> StatusCode {
    StatusCode::from_u16(code).unwrap()
}
