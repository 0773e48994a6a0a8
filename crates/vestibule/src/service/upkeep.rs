//! What a broker does by itself: sweeping the store and letting keys come of age.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;
use vestibule_broker::Broker;
use vestibule_telemetry::metrics;

use super::store::OpenStore;

/// How often expired records are dropped.
const SWEEP: Duration = Duration::from_secs(5);

/// How often the sessions are counted.
const COUNT: Duration = Duration::from_secs(60);

/// Runs until `stop` is cancelled, and stops the program when the store cannot write any more.
pub(super) async fn run(broker: Arc<Broker>, store: OpenStore, stop: CancellationToken) {
    let mut sweep = interval(SWEEP);
    let mut keys = interval(Broker::TICK);
    sweep.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut count = interval(COUNT);
    keys.set_missed_tick_behavior(MissedTickBehavior::Delay);
    count.set_missed_tick_behavior(MissedTickBehavior::Delay);
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
            // Only where somebody asks for the number.
            _ = count.tick(), if metrics().is_some() => store.count(broker.now()).await,
            _ = keys.tick() => {
                broker.tidy_limits();
                if let Err(error) = broker.tick().await {
                    tracing::warn!(%error, "the signing keys could not be looked after");
                }
            }
        }
    }
}
