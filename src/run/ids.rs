//! Where ids and secrets come from: the one place of chance for the engine.

use uuid::Uuid;

use crate::pubsub::Ids;
use crate::pubsub::atompub::token::Secret;

/// Ids in time order with 74 random bits, and secrets.
pub(super) struct RandomIds;

impl Ids for RandomIds {
    fn next(&mut self) -> String {
        Uuid::now_v7().to_string()
    }

    fn secret(&mut self) -> Secret {
        // A generator that is made for this, and seeded by the system.
        Secret(rand::random())
    }
}
