//! What somebody asks of the hub, read from a form (WebSub 5.1).

use axum::http::StatusCode;
use url::{Url, form_urlencoded};

use crate::limits::{
    HUB_CALLBACK_BYTES_MAX, HUB_LEASE_SECONDS, HUB_LEASE_SECONDS_MAX, HUB_LEASE_SECONDS_MIN,
    HUB_SECRET_BYTES_MAX,
};
use crate::pubsub::secret::Secret;

/// What is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Form {
    pub(super) topic: String,
    pub(super) callback: Url,
    /// For how many seconds and with which secret; nothing: not to be told any longer.
    pub(super) terms: Option<(u64, Option<Secret>)>,
}

/// A status, and words that say what to do.
pub(super) type Wrong = (StatusCode, String);

impl Form {
    /// Reads it. What we do not know is ignored, as the specification says.
    pub(super) fn read(body: &[u8]) -> Result<Self, Wrong> {
        let fields: Vec<(String, String)> = form_urlencoded::parse(body).into_owned().collect();
        let field = |name: &str| {
            let mut values =
                fields.iter().filter(|(known, _)| known == name).map(|(_, value)| value.as_str());
            match (values.next(), values.next()) {
                (value, None) => Ok(value.filter(|value| !value.is_empty())),
                (_, Some(_)) => Err(bad(format!("{name} is there more than once"))),
            }
        };
        let needed = |name: &str| field(name)?.ok_or_else(|| bad(format!("{name} is missing")));
        let mode = needed("hub.mode")?;
        let is_wanted = match mode {
            "subscribe" => true,
            "unsubscribe" => false,
            "publish" => return Err(bad("nobody need publish here: the hub knows of each change itself")),
            other => return Err(bad(format!("hub.mode is `{other}`, and can be subscribe or unsubscribe"))),
        };
        let callback = callback(needed("hub.callback")?)?;
        let topic = needed("hub.topic")?.to_owned();
        let (lease, secret) = (lease(field("hub.lease_seconds")?)?, secret(field("hub.secret")?)?);
        Ok(Self { topic, callback, terms: is_wanted.then_some((lease, secret)) })
    }
}

fn callback(text: &str) -> Result<Url, Wrong> {
    if text.len() > HUB_CALLBACK_BYTES_MAX {
        return Err(bad(format!("hub.callback is longer than {HUB_CALLBACK_BYTES_MAX} bytes")));
    }
    let url = Url::parse(text).map_err(|_| bad("hub.callback is no URL"))?;
    if url.fragment().is_some() {
        return Err(bad("hub.callback has a fragment, which nothing can be sent to"));
    }
    Ok(url)
}

/// For how long; what is asked for is a wish. Some old programs mean "as long as possible" by 0.
fn lease(text: Option<&str>) -> Result<u64, Wrong> {
    let Some(text) = text else { return Ok(HUB_LEASE_SECONDS) };
    if !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(bad(format!("hub.lease_seconds is `{text}`, and has to be a number of seconds")));
    }
    match text.parse().unwrap_or(u64::MAX) {
        0 => Ok(HUB_LEASE_SECONDS),
        seconds => Ok(seconds.clamp(HUB_LEASE_SECONDS_MIN, HUB_LEASE_SECONDS_MAX)),
    }
}

fn secret(text: Option<&str>) -> Result<Option<Secret>, Wrong> {
    match text {
        Some(text) if text.len() > HUB_SECRET_BYTES_MAX => {
            Err(bad(format!("hub.secret has to be shorter than {} bytes", HUB_SECRET_BYTES_MAX + 1)))
        }
        text => Ok(text.map(Secret::new)),
    }
}

fn bad(words: impl Into<String>) -> Wrong {
    (StatusCode::BAD_REQUEST, words.into())
}
