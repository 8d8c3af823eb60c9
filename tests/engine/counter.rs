//! Ids that can be told apart and written into a test.

use atomsub::pubsub::Ids;
use atomsub::pubsub::atompub::token::Secret;

/// Counts.
#[derive(Default)]
pub(crate) struct Counter(u32);

impl Ids for Counter {
    fn next(&mut self) -> String {
        self.0 += 1;
        format!("id-{}", self.0)
    }

    fn secret(&mut self) -> Secret {
        self.0 += 1;
        Secret([u8::try_from(self.0).unwrap(); 32])
    }
}
