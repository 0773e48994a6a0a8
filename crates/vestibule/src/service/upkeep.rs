//! What a broker does by itself: sweeping the store and letting keys come of age.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;
use vestibule_broker::Broker;

use super::store::OpenStore;

/// How often expired records are dropped.
const SWEEP: Duration = Duration::from_secs(5);

/// Runs until `stop` is cancelled, and stops the program when the store cannot write any more.
pub(super) async fn run(broker: Arc<Broker>, store: OpenStore, stop: CancellationToken) {
    let mut sweep = interval(SWEEP);
    let mut keys = interval(Broker::TICK);
    sweep.set_missed_tick_behavior(MissedTickBehavior::Delay);
    keys.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            error = store.failed() => {
                tracing::error!(%error, "the store cannot write; stopping, so that nothing is promised that is not kept");
                stop.cancel();
                return;
            }
            _ = sweep.tick() => {
                if let Err(error) = store.sweep(broker.now()).await {
                    tracing::warn!(%error, "expired records could not be dropped");
                }
            }
            _ = keys.tick() => {
                broker.tidy_limits();
                if let Err(error) = broker.tick().await {
                    tracing::warn!(%error, "the signing keys could not be looked after");
                }
            }
        }
    }
}
