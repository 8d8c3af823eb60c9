//! The one HTTP client for everything that leaves.
//!
//! Where it goes is said by strangers: whoever may add a feed or a callback names a URL, and may not get at what only
//! this machine can reach. So each hop is looked at by itself: the scheme, the port, and the address that is really
//! connected to, which is the one that was looked at, whatever a name server says the next time. Answers are read up to
//! a limit, before and after they are inflated, and nothing waits for ever.

mod address;
mod body;
mod resolve;
mod turns;

use std::error::Error as _;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use reqwest::header::{ACCEPT_ENCODING, HeaderMap, HeaderValue, LOCATION};
use reqwest::redirect::Policy;
use reqwest::{Client, Method, Response, StatusCode};
use url::{Host, Url};

use crate::limits::{
    FETCH_BYTES_MAX, FETCH_CONNECT_PATIENCE, FETCH_IDLE_PATIENCE, FETCH_INFLATED_BYTES_MAX, FETCH_PATIENCE,
    FETCH_REDIRECTS_MAX, FETCHES_AT_ONCE, FETCHES_AT_ONCE_PER_HOST,
};
use crate::pubsub::import::address::check;

pub use address::{Network, is_public};
use resolve::{Forbidden, Resolver, Rules};
pub use resolve::{Found, Lookup, SystemNames};
use turns::Turns;

/// The ports that are connected to at public addresses.
const PORTS: [u16; 2] = [80, 443];

/// What the client has to know.
#[derive(Clone, Debug)]
pub struct Settings {
    /// What it calls itself, and where that is explained.
    pub agent: String,
    /// Networks that are connected to although they are not public, on any port.
    pub allow: Vec<Network>,
    /// How long one hop may take.
    pub patience: Duration,
    /// How much is under way at once, in all and at one host.
    pub at_once: [usize; 2],
    /// How many bytes an answer may have, as it comes and inflated.
    pub bytes: [usize; 2],
}

impl Settings {
    /// Those of a client for feeds that calls itself this, and may also go to these networks.
    pub fn new(agent: impl Into<String>, allow: Vec<Network>) -> Self {
        Self {
            agent: agent.into(),
            allow,
            patience: FETCH_PATIENCE,
            at_once: [FETCHES_AT_ONCE, FETCHES_AT_ONCE_PER_HOST],
            bytes: [FETCH_BYTES_MAX, FETCH_INFLATED_BYTES_MAX],
        }
    }
}

/// The client.
#[derive(Debug)]
pub struct Guard {
    /// For the usual ports.
    usual: Client,
    /// For all other ports: only to networks that are allowed by name.
    inside: Client,
    rules: Arc<Rules>,
    turns: Turns,
    bytes: [usize; 2],
}

/// What is asked for.
#[derive(Clone, Debug)]
pub struct Ask {
    /// How.
    pub method: Method,
    /// Where.
    pub url: Url,
    /// With what beside what is always sent.
    pub headers: HeaderMap,
    /// What is sent.
    pub body: Bytes,
    /// Whether redirects are followed.
    pub follows: bool,
    /// Whether the body of the answer is of interest, or only its head.
    pub reads: bool,
}

impl Ask {
    /// To fetch something, wherever it has moved.
    pub fn get(url: Url) -> Self {
        Self {
            method: Method::GET,
            url,
            headers: HeaderMap::new(),
            body: Bytes::new(),
            follows: true,
            reads: true,
        }
    }

    /// To hand something over, here and nowhere else.
    pub fn post(url: Url, body: Bytes) -> Self {
        Self { method: Method::POST, url, headers: HeaderMap::new(), body, follows: false, reads: false }
    }
}

/// What came back.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status of the last hop.
    pub status: StatusCode,
    /// Where it came from.
    pub url: Url,
    /// Where it has moved for good: the end of the redirects that said so, from the first on.
    pub moved: Option<Url>,
    /// The headers of the last hop.
    pub headers: HeaderMap,
    /// The body, inflated; nothing where it is not of interest.
    pub body: Bytes,
}

/// Why nothing came back.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failed {
    /// It leads where nothing of ours goes. Nothing was connected to.
    #[error("{0}")]
    Forbidden(String),
    /// The other end is not there, or does not speak HTTP or TLS as it should.
    #[error("{0}")]
    Unreachable(String),
    /// The other end is too slow.
    #[error("it does not answer in time")]
    TooSlow,
    /// The answer is too long.
    #[error("the answer is longer than {0} bytes")]
    TooLong(usize),
    /// The answer is compressed in a way that was not asked for, or not at all.
    #[error("the answer cannot be inflated")]
    NotInflated,
    /// One redirect follows the other.
    #[error("it redirects more than {FETCH_REDIRECTS_MAX} times")]
    TooManyRedirects,
}

impl Guard {
    /// A client that finds addresses as the system does.
    pub fn new(settings: &Settings) -> Result<Self, String> {
        Self::with_names(settings, &(Arc::new(SystemNames) as Arc<dyn Lookup>))
    }

    /// A client that finds addresses in another way.
    pub fn with_names(settings: &Settings, names: &Arc<dyn Lookup>) -> Result<Self, String> {
        // Somebody else in this process may have installed it.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let rules = Arc::new(Rules { allow: settings.allow.clone() });
        let build = |resolver: Resolver| {
            let builder = Client::builder().user_agent(&settings.agent).dns_resolver(Arc::new(resolver));
            // A kept connection would be to an address that was looked at long ago.
            let builder = builder.no_proxy().redirect(Policy::none()).pool_max_idle_per_host(0);
            let builder = builder.connect_timeout(FETCH_CONNECT_PATIENCE).read_timeout(FETCH_IDLE_PATIENCE);
            let built = builder.timeout(settings.patience).referer(false).build();
            built.map_err(|error| format!("nothing can be fetched: {}", told(&error)))
        };
        let resolver =
            |only_allowed| Resolver { names: Arc::clone(names), rules: Arc::clone(&rules), only_allowed };
        let (usual, inside) = (build(resolver(false))?, build(resolver(true))?);
        Ok(Self { usual, inside, rules, turns: Turns::new(settings.at_once), bytes: settings.bytes })
    }

    /// The same client for something else, which waits for nobody here and keeps nobody waiting: so many at once, in all
    /// and at one host.
    #[must_use]
    pub fn beside(&self, at_once: [usize; 2]) -> Self {
        let (usual, inside, rules) = (self.usual.clone(), self.inside.clone(), Arc::clone(&self.rules));
        Self { usual, inside, rules, turns: Turns::new(at_once), bytes: self.bytes }
    }

    /// Asks, and follows where it leads.
    pub async fn send(&self, ask: Ask) -> Result<Answer, Failed> {
        let (mut url, mut moved, mut is_for_good) = (ask.url.clone(), None, true);
        for _ in 0..=FETCH_REDIRECTS_MAX {
            let _turn = self.turns.take(url.host_str().unwrap_or_default()).await;
            let response = self.hop(&ask, &url).await?;
            let status = response.status();
            let next = if ask.follows { redirected(&response, &url)? } else { None };
            let Some(next) = next else {
                let headers = response.headers().clone();
                let body = if ask.reads { body::read(response, self.bytes).await? } else { Bytes::new() };
                return Ok(Answer { status, url, moved, headers, body });
            };
            is_for_good &= matches!(status.as_u16(), 301 | 308);
            if is_for_good {
                moved = Some(next.clone());
            }
            url = next;
        }
        Err(Failed::TooManyRedirects)
    }

    async fn hop(&self, ask: &Ask, url: &Url) -> Result<Response, Failed> {
        let client = self.client_for(url)?;
        let mut request = client.request(ask.method.clone(), url.clone()).headers(ask.headers.clone());
        request = request.header(ACCEPT_ENCODING, HeaderValue::from_static("gzip"));
        if !ask.body.is_empty() {
            request = request.body(ask.body.clone());
        }
        request.send().await.map_err(|error| failed(&error))
    }

    /// Whether something may be sent there at all, as far as the URL tells: the addresses of a name are found later.
    pub fn permits(&self, url: &Url) -> Result<(), Failed> {
        self.client_for(url).map(drop)
    }

    /// Looks at a URL: who may connect to where it leads? The addresses of a name are looked at when they are found.
    fn client_for(&self, url: &Url) -> Result<&Client, Failed> {
        check(url).map_err(Failed::Forbidden)?;
        let literal = match url.host() {
            Some(Host::Ipv4(address)) => Some(address.into()),
            Some(Host::Ipv6(address)) => Some(address.into()),
            Some(Host::Domain(_)) | None => None,
        };
        let is_usual = url.port_or_known_default().is_some_and(|port| PORTS.contains(&port));
        if let Some(address) = literal
            && !self.rules.permit(address, !is_usual)
        {
            return Err(Failed::Forbidden(Forbidden { host: address.to_string(), is_usual }.to_string()));
        }
        Ok(if is_usual { &self.usual } else { &self.inside })
    }
}

/// Where a redirect leads; what is none, or leads nowhere, is an answer.
fn redirected(response: &Response, from: &Url) -> Result<Option<Url>, Failed> {
    let is_redirect = matches!(response.status().as_u16(), 301 | 302 | 303 | 307 | 308);
    let location = response.headers().get(LOCATION).filter(|_| is_redirect);
    let Some(location) = location else { return Ok(None) };
    // Many say it in UTF-8.
    let next = str::from_utf8(location.as_bytes()).ok().and_then(|location| from.join(location).ok());
    let Some(mut next) = next else {
        return Err(Failed::Unreachable("it redirects to something that is no URL".to_owned()));
    };
    next.set_fragment(None);
    Ok(Some(next))
}

/// Why a request came to nothing, as far as the other end may know.
fn failed(error: &reqwest::Error) -> Failed {
    if let Some(forbidden) = forbidden(error) {
        return Failed::Forbidden(forbidden.to_string());
    }
    if error.is_timeout() {
        return Failed::TooSlow;
    }
    Failed::Unreachable(told(error))
}

fn forbidden(error: &reqwest::Error) -> Option<&Forbidden> {
    let mut cause = error.source();
    while let Some(error) = cause {
        if let Some(forbidden) = error.downcast_ref() {
            return Some(forbidden);
        }
        cause = error.source();
    }
    None
}

/// The innermost cause says most; the outer ones repeat the URL.
fn told(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}
