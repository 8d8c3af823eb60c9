//! A hub of WebSub on loopback: it asks back before it pushes, and signs.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::thread;

use atomsub::http::Server;
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use hmac::{Hmac, Mac as _};
use sha2::Sha256;
use tokio::runtime::Runtime;
use tokio::sync::watch;
use url::Url;
use url::form_urlencoded::{Serializer, parse};

use crate::http::{self, ask};

/// The hub.
pub(crate) struct Hub {
    address: SocketAddr,
    asked: Asked,
    _serving: (Runtime, Server),
}

type Asked = Arc<Mutex<Vec<Subscription>>>;

/// Who wants something to be pushed, and has confirmed it.
#[derive(Clone, Debug)]
pub(crate) struct Subscription {
    pub(crate) callback: Url,
    pub(crate) topic: String,
    secret: String,
}

impl Hub {
    pub(crate) fn start() -> Self {
        let runtime = Runtime::new().unwrap();
        let asked = Asked::default();
        let routes = Router::new().route("/", post(subscribe)).with_state(Arc::clone(&asked));
        let (address, server) = runtime.block_on(async {
            let listener = Server::bind("127.0.0.1:0".parse().unwrap()).await.unwrap();
            let address = listener.local_addr().unwrap();
            (address, Server::start(listener, routes, watch::Sender::new(false)))
        });
        Self { address, asked, _serving: (runtime, server) }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/", self.address)
    }

    /// Those that were asked for and confirmed, the oldest first.
    pub(crate) fn subscriptions(&self) -> Vec<Subscription> {
        self.asked.lock().unwrap().clone()
    }
}

impl Subscription {
    /// Pushes; the status of the answer.
    pub(crate) fn push(&self, content_type: &str, body: &str) -> u16 {
        self.push_signed(content_type, body, &self.secret)
    }

    /// The same, signed with some secret.
    pub(crate) fn push_signed(&self, content_type: &str, body: &str, secret: &str) -> u16 {
        let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
        mac.update(body.as_bytes());
        let hex: String = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
        let headers = [("Content-Type", content_type), ("X-Hub-Signature", &*format!("sha256={hex}"))];
        http::post(address(&self.callback), self.callback.path(), &headers, body.as_bytes()).status
    }
}

async fn subscribe(State(asked): State<Asked>, body: Bytes) -> StatusCode {
    let value = |name: &str| parse(&body).find(|(key, _)| key == name).map(|(_, value)| value.into_owned());
    let (Some(callback), Some(topic), Some(secret)) =
        (value("hub.callback"), value("hub.topic"), value("hub.secret"))
    else {
        return StatusCode::BAD_REQUEST;
    };
    let subscription = Subscription { callback: callback.parse().unwrap(), topic, secret };
    // Whoever asks is asked back when he has his answer.
    thread::spawn(move || verify(subscription, &asked));
    StatusCode::ACCEPTED
}

fn verify(subscription: Subscription, asked: &Asked) {
    let query = Serializer::new(String::new())
        .append_pair("hub.mode", "subscribe")
        .append_pair("hub.topic", &subscription.topic)
        .append_pair("hub.challenge", "a+b c")
        .append_pair("hub.lease_seconds", "864000")
        .finish();
    let path = format!("{}?{query}", subscription.callback.path());
    let answer = ask(address(&subscription.callback), "GET", &path, &[]);
    if answer.status == 200 && answer.text() == "a+b c" {
        asked.lock().unwrap().push(subscription);
    }
}

fn address(url: &Url) -> SocketAddr {
    url.socket_addrs(|| None).unwrap()[0]
}
