//! Tokens: what somebody shows who publishes over HTTP, in place of the account that has made it.
//!
//! A token is made of 256 random bits, told once, and kept only as their hash: whoever reads the store finds nothing that
//! he could show. A webhook is shown by its address, and what comes to it is signed; its secret is derived from its
//! address and from the one secret that the service keeps, so there is none that could be read from its record.

use std::fmt;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use hmac::{Hmac, Mac as _};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::limits::TOKEN_NOTED_SECONDS;
use crate::pubsub::fault::Fault;
use crate::pubsub::jid::Jid;
use crate::pubsub::time::Timestamp;

/// What tokens begin with, so that those who look for secrets where they do not belong know them.
const BEGINNING: &str = "atomsub-";
/// How many letters of a token are kept, so that its owner recognises it: they leave 220 bits to guess.
const HINT: usize = 6;

/// The hash of what is shown. That one of these is found is the comparison, and what is compared cannot be chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct TokenKey(pub [u8; 32]);

impl TokenKey {
    /// That of a text.
    pub fn of(shown: &str) -> Self {
        Self(Sha256::digest(shown).into())
    }
}

/// 256 bits that nobody knows who should not.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Secret(pub [u8; 32]);

impl Secret {
    /// Them as a token.
    pub fn token(&self) -> String {
        format!("{BEGINNING}{}", BASE64_URL_SAFE_NO_PAD.encode(self.0))
    }

    /// What signs that which comes to the webhook of this name, derived from this one of the service.
    pub fn of_webhook(&self, id: &str) -> WebhookSecret {
        // Keys of any length will do.
        let mac =
            Hmac::<Sha256>::new_from_slice(&self.0).map(|mac| mac.chain_update(b"webhook ").chain_update(id));
        let bytes = mac.map(|mac| mac.finalize().into_bytes()).unwrap_or_default();
        WebhookSecret(BASE64_URL_SAFE_NO_PAD.encode(bytes))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// What signs what comes to a webhook, as it is told to whoever made it.
#[derive(Clone, PartialEq, Eq)]
pub struct WebhookSecret(pub String);

impl fmt::Debug for WebhookSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WebhookSecret(…)")
    }
}

/// How it is shown that one has made a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Kind {
    /// By the token itself.
    Bearer,
    /// By its address and a signature of each request.
    Webhook,
}

/// What may be done with a token, as far as its account may.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rights {
    /// Read entries.
    pub read: bool,
    /// Publish new ones.
    pub publish: bool,
    /// Change and delete them.
    pub edit: bool,
}

/// A token of an account, without what is shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Token {
    /// The hash of what is shown.
    pub key: TokenKey,
    /// How it is shown.
    pub kind: Kind,
    /// Its name for programs.
    pub id: String,
    /// How it begins.
    pub hint: String,
    /// What its owner calls it.
    pub name: String,
    /// The service that it is for.
    pub service: String,
    /// Whose it is: a bare JID.
    pub account: Jid,
    /// The only node that it is for.
    pub node: Option<String>,
    /// What it is for.
    pub rights: Rights,
    /// When it was made.
    pub created: Timestamp,
    /// When it ends.
    pub expires: Timestamp,
    /// About when something was last asked with it, and not refused.
    pub used: Option<Timestamp>,
}

impl Token {
    /// Whether it is good.
    pub fn lasts(&self, now: Timestamp) -> bool {
        self.expires > now
    }

    /// Whether it is for this node.
    pub fn is_for(&self, node: &str) -> bool {
        self.node.as_deref().is_none_or(|only| only == node)
    }

    /// The same, used now; nothing where that is known well enough.
    pub(super) fn used_at(&self, now: Timestamp) -> Option<Self> {
        let is_known = self.used.is_some_and(|used| used.plus_seconds(TOKEN_NOTED_SECONDS) > now);
        (!is_known).then(|| Self { used: Some(now), ..self.clone() })
    }
}

/// How a token begins.
pub(super) fn hint(token: &str) -> String {
    token.chars().take(BEGINNING.len() + HINT).collect()
}

/// What the engine needs of a store for tokens; a part of [`Tx`](crate::pubsub::Tx).
pub trait Tokens {
    /// The token of this key.
    fn token(&self, key: TokenKey) -> Result<Option<Token>, Fault>;
    /// Up to `limit` tokens of an account for a service, in the order of their keys.
    fn tokens_of(&self, service: &str, account: &str, limit: usize) -> Result<Vec<Token>, Fault>;
    /// Up to `limit` tokens that have ended by now, those that ended first at the beginning.
    fn tokens_due(&self, now: Timestamp, limit: usize) -> Result<Vec<Token>, Fault>;
    /// Stores a token, in place of the one with its key.
    fn put_token(&mut self, token: &Token) -> Result<(), Fault>;
    /// Removes a token; false when there was none.
    fn remove_token(&mut self, key: TokenKey) -> Result<bool, Fault>;
    /// What the secrets of webhooks are derived from, if there was one before.
    fn webhook_secret(&self) -> Result<Option<Secret>, Fault>;
    /// Stores that.
    fn put_webhook_secret(&mut self, secret: Secret) -> Result<(), Fault>;
}

#[cfg(test)]
mod tests {
    use super::{Secret, TokenKey, hint};

    #[test]
    fn secrets_are_written_in_full_to_those_alone_who_get_them() {
        let secret = Secret([7; 32]);
        let token = secret.token();
        assert_eq!(token, "atomsub-BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc");
        assert_eq!(hint(&token), "atomsub-BwcHBw");
        assert_eq!(format!("{secret:?}"), "Secret(…)");
        assert_ne!(TokenKey::of(&token), TokenKey::of("atomsub-"));
        assert_eq!(secret.of_webhook("a").0.len(), 43);
        assert_ne!(secret.of_webhook("a"), secret.of_webhook("b"));
    }
}
