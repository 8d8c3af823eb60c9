//! What systemd is told: that the service is ready, that it still moves, that it stops.

use sd_notify::NotifyState;
use tokio::sync::{mpsc, oneshot};
use tokio::time::interval;

use super::line::Job;

/// The store is open and the links are being made.
pub(super) fn ready(line: &mpsc::Sender<Job>) {
    tell(&[NotifyState::Ready, NotifyState::Status("serving")]);
    if let Some(period) = sd_notify::watchdog_enabled() {
        tokio::spawn(watch(line.clone().downgrade(), period / 3));
    }
}

/// The service stops.
pub(super) fn stopping() {
    tell(&[NotifyState::Stopping]);
}

/// Feeds the watchdog as long as the line moves.
async fn watch(line: mpsc::WeakSender<Job>, period: std::time::Duration) {
    let mut ticks = interval(period);
    while let Some(line) = {
        ticks.tick().await;
        line.upgrade()
    } {
        let (asker, alive) = oneshot::channel();
        if line.send(Job::Alive(asker)).await.is_ok() && alive.await.is_ok() {
            tell(&[NotifyState::Watchdog]);
        }
    }
}

fn tell(states: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(states) {
        tracing::warn!("cannot tell systemd: {error}");
    }
}
