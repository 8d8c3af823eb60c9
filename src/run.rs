//! Wires the parts together and runs them.

use tokio::signal::unix::{SignalKind, signal};

use crate::config::Config;

/// Why the program could not go on.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The system does not let us listen for signals.
    #[error("cannot listen for signals: {0}")]
    Signals(#[from] std::io::Error),
}

/// Runs until SIGTERM or SIGINT.
pub async fn run(config: Config) -> Result<(), RunError> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    tracing::info!(services = config.services.len(), "starting");
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    Ok(())
}
