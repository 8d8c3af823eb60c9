//! Tokens in memory.

use imbl::OrdMap;

use super::State;
use crate::pubsub::atompub::token::{Secret, Token, TokenKey, Tokens};
use crate::pubsub::fault::Fault;
use crate::pubsub::time::Timestamp;

/// The tokens, and what the secrets of webhooks are derived from.
#[derive(Clone, Debug, Default)]
pub(super) struct Held {
    pub(super) tokens: OrdMap<TokenKey, Token>,
    secret: Option<Secret>,
}

impl Tokens for State {
    fn token(&self, key: TokenKey) -> Result<Option<Token>, Fault> {
        Ok(self.held.tokens.get(&key).cloned())
    }

    fn tokens_of(&self, service: &str, account: &str, limit: usize) -> Result<Vec<Token>, Fault> {
        let its = self.held.tokens.values();
        let its = its.filter(|token| token.service == service && token.account.bare() == account);
        Ok(its.take(limit).cloned().collect())
    }

    fn tokens_due(&self, now: Timestamp, limit: usize) -> Result<Vec<Token>, Fault> {
        let mut due: Vec<Token> =
            self.held.tokens.values().filter(|token| !token.lasts(now)).cloned().collect();
        due.sort_by_key(|token| (token.expires, token.key));
        due.truncate(limit);
        Ok(due)
    }

    fn put_token(&mut self, token: &Token) -> Result<(), Fault> {
        self.held.tokens.insert(token.key, token.clone());
        Ok(())
    }

    fn remove_token(&mut self, key: TokenKey) -> Result<bool, Fault> {
        Ok(self.held.tokens.remove(&key).is_some())
    }

    fn webhook_secret(&self) -> Result<Option<Secret>, Fault> {
        Ok(self.held.secret)
    }

    fn put_webhook_secret(&mut self, secret: Secret) -> Result<(), Fault> {
        self.held.secret = Some(secret);
        Ok(())
    }
}
