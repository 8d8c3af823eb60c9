//! Faults, as they are logged for the operator and hidden from whoever asked.

use uuid::Uuid;

use crate::pubsub::{Failure, Fault, Refusal, Why};

/// What a caller sees of a fault; the operator finds the rest in the log by its id.
pub(super) fn hidden(fault: &Fault) -> Refusal {
    let id = Uuid::now_v7().simple();
    tracing::error!(%id, "{fault}");
    Why::Internal.because(format!("the service could not do this; its log tells more under {id}"))
}

/// Logs what went wrong where nobody asked.
pub(super) fn told<R>(done: Result<R, Failure>) -> Result<R, Fault> {
    done.map_err(|failure| {
        let fault = match failure {
            Failure::Refused(refusal) => Fault::Bug(format!("the service refused itself: {:?}", refusal.why)),
            Failure::Faulted(fault) => fault,
            Failure::Missing(owners) => Fault::Bug(format!("nothing waits for the rosters of {owners:?}")),
        };
        tracing::error!("{fault}");
        fault
    })
}
