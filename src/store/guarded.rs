//! Calls into an engine, which may panic where its files are not as it left them.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::pubsub::fault::Fault;

/// Somebody else has the lock.
pub(super) const LOCKED: &str = "another process has it open";

/// Calls an engine of that name. A panic is damage.
pub(super) fn guarded<T>(engine: &str, call: impl FnOnce() -> Result<T, Fault>) -> Result<T, Fault> {
    catch_unwind(AssertUnwindSafe(call)).unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str);
        let text = text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no reason given");
        Err(Fault::Corrupt(format!("{engine} gave up: {text}")))
    })
}

/// Closes what may be in any state.
pub(super) fn close<T>(open: T) {
    // A panic on the way is what the caller recovers from.
    let _ = catch_unwind(AssertUnwindSafe(|| drop(open)));
}

/// The system refuses, which may be over later.
pub(super) fn unavailable(error: &io::Error) -> Fault {
    Fault::Unavailable(error.to_string())
}
