//! Who asks: the account whose token is shown. Nothing else of a request is looked at before that is known.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use crate::http::caller::{Caller, Peer};
use crate::http::router::Web;
use crate::http::{Settings, slug};
use crate::pubsub::atompub::token::{Kind, Token, TokenKey, WebhookSecret};
use crate::pubsub::atompub::{Call, Told, Wish};
use crate::pubsub::reader::ANYONE;
use crate::pubsub::{Jid, Request, Response};

use super::trouble::Trouble;

/// Somebody who is known by a token.
#[derive(Clone, Debug)]
pub(super) struct Author {
    service: usize,
    account: Jid,
    key: TokenKey,
    kind: Kind,
}

/// What an `Authorization` header shows.
struct Shown {
    token: String,
    /// Whose it is said to be.
    user: Option<String>,
}

impl FromRequestParts<Arc<Web>> for Author {
    type Rejection = Trouble;

    async fn from_request_parts(parts: &mut Parts, web: &Arc<Web>) -> Result<Self, Trouble> {
        let peer = parts.extensions.get::<Peer>().copied().ok_or_else(Trouble::bug)?;
        safely(peer, &parts.headers, &web.settings)?;
        let caller = Caller::of(peer, &parts.headers, &web.settings.proxies);
        let Some(shown) = Shown::read(&parts.headers) else { return Err(Trouble::unknown()) };
        let user = shown.user.as_deref();
        let found = Self::find(web, TokenKey::of(&shown.token), Kind::Bearer).await?;
        let found = found.filter(|(author, ..)| user.is_none_or(|user| author.is(user)));
        let author = found.map(|(author, ..)| author).ok_or_else(|| missed(web, caller))?;
        author.count(web)?;
        Ok(author)
    }
}

impl Author {
    /// The one who is known by a token, the token, and what signs what comes to it.
    pub(super) async fn find(
        web: &Web,
        key: TokenKey,
        kind: Kind,
    ) -> Result<Option<(Self, Token, Option<WebhookSecret>)>, Trouble> {
        let call = Call { key, kind, wish: Wish::Who };
        let Told::Who(token, secret) = ask(web, 0, Jid::from_host(ANYONE), call).await? else {
            return Ok(None);
        };
        let service = web.services.iter().position(|service| *service == token.service);
        Ok(service.map(|service| {
            let author = Self { service, account: token.account.clone(), key, kind };
            (author, *token, secret)
        }))
    }

    /// Asks for something in the name of the account.
    pub(super) async fn ask(&self, web: &Web, wish: Wish) -> Result<Told, Trouble> {
        let call = Call { key: self.key, kind: self.kind, wish };
        let told = ask(web, self.service, self.account.clone(), call).await?;
        // It was good a moment ago.
        if told == Told::Unknown { Err(Trouble::unknown()) } else { Ok(told) }
    }

    /// The name of the node that a path is about, if it is of the service that the token is for.
    pub(super) fn node(&self, web: &Web, segment: &str) -> Result<String, Trouble> {
        let (service, name) = slug::node(&web.services, segment).ok_or_else(Trouble::not_found)?;
        if service == self.service {
            return Ok(name);
        }
        Err(Trouble::new(StatusCode::FORBIDDEN, "this token is for another service"))
    }

    /// Whose token it is.
    pub(super) fn account(&self) -> &Jid {
        &self.account
    }

    /// The service that the token is for.
    pub(super) fn service<'a>(&self, web: &'a Web) -> &'a str {
        web.services.get(self.service).map_or("", String::as_str)
    }

    /// The URL of a collection.
    pub(super) fn collection(&self, web: &Web, node: &str) -> String {
        web.settings.public.at(&format!("/app/n/{}", slug::of_node(&web.services, self.service, node)))
    }

    /// The URL of a member.
    pub(super) fn member(&self, web: &Web, node: &str, item: &str) -> String {
        format!("{}/{}", self.collection(web, node), slug::of(item))
    }

    /// Counts something that is asked with the token.
    pub(super) fn count(&self, web: &Web) -> Result<(), Trouble> {
        web.app.calls.count(self.key).map_err(|wait| Trouble::too_often(wait.as_secs() + 1))
    }

    fn is(&self, user: &str) -> bool {
        Jid::parse(user).is_some_and(|user| user.bare() == self.account.bare())
    }
}

impl Shown {
    fn read(headers: &HeaderMap) -> Option<Self> {
        let header = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
        let (scheme, rest) = header.trim().split_once(' ')?;
        let rest = rest.trim();
        if scheme.eq_ignore_ascii_case("bearer") {
            return Some(Self { token: rest.to_owned(), user: None });
        }
        if !scheme.eq_ignore_ascii_case("basic") {
            return None;
        }
        let pair = String::from_utf8(BASE64_STANDARD.decode(rest).ok()?).ok()?;
        // No token has a colon.
        let (user, token) = pair.rsplit_once(':')?;
        Some(Self { token: token.to_owned(), user: Some(user.to_owned()) })
    }
}

/// What somebody gets who is not known by what he has shown.
pub(super) fn missed(web: &Web, caller: Option<Caller>) -> Trouble {
    match caller.map(|caller| web.app.misses.count(caller)) {
        Some(Err(wait)) => Trouble::too_often(wait.as_secs() + 1),
        Some(Ok(())) | None => Trouble::unknown(),
    }
}

/// Refuses what everybody could have read on its way, and sent once more: what comes neither from this machine nor through a proxy, or was
/// not encrypted on its way to the proxy.
pub(super) fn safely(peer: Peer, headers: &HeaderMap, settings: &Settings) -> Result<(), Trouble> {
    let address = peer.0.to_canonical();
    let is_behind = address.is_loopback() || settings.proxies.contains(&address);
    let ways = headers.get_all("x-forwarded-proto").iter().filter_map(|proto| proto.to_str().ok());
    let is_plain = ways.flat_map(|ways| ways.split(',')).any(|way| way.trim().eq_ignore_ascii_case("http"));
    if is_behind && !is_plain {
        return Ok(());
    }
    let words = "tokens and what is signed are not for everybody on the way: use https";
    Err(Trouble::new(StatusCode::FORBIDDEN, words))
}

async fn ask(web: &Web, service: usize, from: Jid, call: Call) -> Result<Told, Trouble> {
    let answer = web.engine.request(service, from, Request::AtomPub(Box::new(call))).await?;
    if let Response::AtomPub(told) = answer { Ok(*told) } else { Err(Trouble::bug()) }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderMap;

    use super::safely;
    use crate::http::caller::Peer;
    use crate::http::{PublicUrl, Settings};

    #[test]
    fn tokens_come_from_here_or_through_a_proxy() {
        let settings = Settings {
            listen: "0.0.0.0:5280".parse().unwrap(),
            public: PublicUrl::parse("https://feeds.example.org").unwrap(),
            proxies: vec!["10.0.0.1".parse().unwrap()],
            hub: false,
            publish: true,
        };
        for (peer, proto, is_safe) in [
            ("127.0.0.1", None, true),
            ("::1", None, true),
            ("::ffff:127.0.0.1", Some("https"), true),
            ("10.0.0.1", None, true),
            ("10.0.0.1", Some("http"), false),
            ("127.0.0.1", Some("http"), false),
            ("10.0.0.2", None, false),
            // Anybody can say so.
            ("192.0.2.7", Some("https"), false),
        ] {
            let mut headers = HeaderMap::new();
            if let Some(proto) = proto {
                headers.insert("x-forwarded-proto", proto.parse().unwrap());
            }
            let answer = safely(Peer(peer.parse().unwrap()), &headers, &settings);
            assert_eq!(answer.is_ok(), is_safe, "{peer} {proto:?}");
        }
    }
}
