use std::time::Duration;

use rmcp::model::{ProgressNotificationParam, ProgressToken};
use rmcp::{Peer, RoleServer};
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

/// The most numbers that are counted.
pub(crate) const MAX_STEPS: u32 = 60;

/// The longest wait between two numbers, in milliseconds.
pub(crate) const MAX_INTERVAL_MS: u64 = 10_000;

/// A countdown that tells its progress.
pub(crate) struct Countdown {
    pub(crate) from: u32,
    pub(crate) interval: Duration,
    /// What the client calls this progress; a client that did not ask for it is told nothing.
    pub(crate) progress: Option<ProgressToken>,
}

impl Countdown {
    /// Counts until zero or until the call is cancelled, and returns how many numbers were counted.
    pub(crate) async fn run(&self, peer: &Peer<RoleServer>, cancelled: &CancellationToken) -> u32 {
        let mut ticks = interval(self.interval.max(Duration::from_millis(1)));
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        for counted in 0..self.from {
            tokio::select! {
                _ = ticks.tick() => self.tell(peer, counted).await,
                () = cancelled.cancelled() => return counted,
            }
        }
        self.from
    }

    async fn tell(&self, peer: &Peer<RoleServer>, counted: u32) {
        let Some(token) = self.progress.clone() else {
            return;
        };
        let progress = ProgressNotificationParam::new(token, f64::from(counted + 1))
            .with_total(f64::from(self.from))
            .with_message(format!("{}", self.from - counted));
        if peer.notify_progress(progress).await.is_err() {
            tracing::debug!("the client no longer listens to the progress");
        }
    }
}
