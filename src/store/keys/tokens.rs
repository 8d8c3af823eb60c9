//! The keys of tokens: by the hash of what is shown, by whose they are, and by when they end.

use super::{Key, Span, Table};
use crate::pubsub::atompub::token::{Secret, Token, TokenKey};
use crate::pubsub::time::Timestamp;

/// A token.
pub fn token(key: TokenKey) -> Key<Token> {
    Key::new(Table::Token).hash(key.0)
}

/// All tokens.
pub fn all_tokens() -> Span<Token> {
    Key::new(Table::Token).within()
}

/// A token by whose it is.
pub fn token_of(token: &Token) -> Key<TokenKey> {
    Key::new(Table::TokenOf).text(&token.service).text(token.account.bare()).hash(token.key.0)
}

/// The tokens of an account for a service.
pub fn tokens_of(service: &str, account: &str) -> Span<TokenKey> {
    Key::new(Table::TokenOf).text(service).text(account).within()
}

/// The tokens of all accounts.
pub fn all_tokens_of() -> Span<TokenKey> {
    Key::new(Table::TokenOf).within()
}

/// A token by when it ends.
pub fn token_due(due: Timestamp, key: TokenKey) -> Key<TokenKey> {
    Key::new(Table::TokenDue).time(due).hash(key.0)
}

/// The tokens that have ended by now.
pub fn tokens_due(now: Timestamp) -> Span<TokenKey> {
    let next = Timestamp(now.0.saturating_add(1));
    Key::new(Table::TokenDue).within().before(Key::new(Table::TokenDue).time(next))
}

/// The ends of all tokens.
pub fn all_tokens_due() -> Span<TokenKey> {
    Key::new(Table::TokenDue).within()
}

/// What the secrets of webhooks are derived from.
pub fn webhook_secret() -> Key<Secret> {
    Key::new(Table::Meta).text("webhook secret")
}
