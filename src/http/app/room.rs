//! Room for what is sent: so much for all, and so little for one account that a few cannot keep out the others by being
//! slow.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::{Semaphore, SemaphorePermit};

use crate::limits::{WEB_BODIES_MAX, WEB_BODIES_OF_ONE_MAX};
use crate::pubsub::Jid;

use super::trouble::Trouble;

/// All the room.
#[derive(Debug)]
pub(super) struct Room {
    all: Semaphore,
    taken: Mutex<HashMap<Jid, usize>>,
}

/// A place in it, until it is dropped.
#[derive(Debug)]
pub(super) struct Place<'a> {
    _share: Share<'a>,
    _one: SemaphorePermit<'a>,
}

/// One more of what an account may have.
#[derive(Debug)]
struct Share<'a> {
    room: &'a Room,
    account: Jid,
}

impl Room {
    pub(super) fn new() -> Self {
        Self { all: Semaphore::new(WEB_BODIES_MAX), taken: Mutex::default() }
    }

    /// A place for something of this account, once there is one.
    pub(super) async fn place(&self, account: &Jid) -> Result<Place<'_>, Trouble> {
        let share = self.share(account).ok_or_else(Trouble::too_much)?;
        // It is never closed.
        let one = self.all.acquire().await.map_err(|_| Trouble::bug())?;
        Ok(Place { _share: share, _one: one })
    }

    fn share(&self, account: &Jid) -> Option<Share<'_>> {
        let mut taken = self.taken();
        let count = taken.entry(account.clone()).or_default();
        if *count >= WEB_BODIES_OF_ONE_MAX {
            return None;
        }
        *count += 1;
        Some(Share { room: self, account: account.clone() })
    }

    fn taken(&self) -> MutexGuard<'_, HashMap<Jid, usize>> {
        // Nobody panics while he has it.
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Share<'_> {
    fn drop(&mut self) {
        let mut taken = self.room.taken();
        if let Some(count) = taken.get_mut(&self.account) {
            *count -= 1;
            if *count == 0 {
                taken.remove(&self.account);
            }
        }
    }
}
