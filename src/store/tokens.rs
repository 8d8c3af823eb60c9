//! Tokens, by the hash of what is shown, by account, and by when they end.

use super::keys;
use super::kv::Order;
use super::tx::KvTx;
use crate::pubsub::atompub::token::{Secret, Token, TokenKey, Tokens};
use crate::pubsub::fault::Fault;
use crate::pubsub::time::Timestamp;

impl Tokens for KvTx<'_> {
    fn token(&self, key: TokenKey) -> Result<Option<Token>, Fault> {
        self.get(&keys::token(key))
    }

    fn tokens_of(&self, service: &str, account: &str, limit: usize) -> Result<Vec<Token>, Fault> {
        let found = self.page(&keys::tokens_of(service, account), Order::Ascending, limit)?;
        found.into_iter().filter_map(|key| self.token(key).transpose()).collect()
    }

    fn tokens_due(&self, now: Timestamp, limit: usize) -> Result<Vec<Token>, Fault> {
        let due = self.page(&keys::tokens_due(now), Order::Ascending, limit)?;
        due.into_iter().filter_map(|key| self.token(key).transpose()).collect()
    }

    fn put_token(&mut self, token: &Token) -> Result<(), Fault> {
        let places = |token: &Token| (token.service.clone(), token.account.clone(), token.expires);
        let is_listed = self.token(token.key)?.is_some_and(|old| places(&old) == places(token));
        if !is_listed {
            self.remove_token(token.key)?;
            self.put(&keys::token_of(token), &token.key)?;
            self.put(&keys::token_due(token.expires, token.key), &token.key)?;
        }
        self.put(&keys::token(token.key), token)
    }

    fn remove_token(&mut self, key: TokenKey) -> Result<bool, Fault> {
        let Some(token) = self.token(key)? else { return Ok(false) };
        self.remove(&keys::token_of(&token));
        self.remove(&keys::token_due(token.expires, key));
        self.remove(&keys::token(key));
        Ok(true)
    }

    fn webhook_secret(&self) -> Result<Option<Secret>, Fault> {
        self.get(&keys::webhook_secret())
    }

    fn put_webhook_secret(&mut self, secret: Secret) -> Result<(), Fault> {
        self.put(&keys::webhook_secret(), &secret)
    }
}
