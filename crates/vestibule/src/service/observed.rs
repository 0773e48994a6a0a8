//! What is measured of the parts, where somebody reads it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use vestibule_broker::Broker;
use vestibule_broker::store::{Measured, Store};
use vestibule_keyring::{KeyInfo, KeyStage};
use vestibule_telemetry::{KeyAge, metrics};

/// The store, with its verbs measured; `backend` names its kind.
pub(super) fn store(store: Arc<dyn Store>, backend: &'static str) -> Arc<dyn Store> {
    match metrics() {
        Some(_) => Arc::new(Measured::new(store, backend)),
        None => store,
    }
}

/// Reports how old the signing keys are, of each stage the oldest.
pub(super) fn keys(broker: &Arc<Broker>) {
    let Some(metrics) = metrics() else { return };
    let broker = Arc::downgrade(broker);
    metrics.observe_keys(move || {
        let Some(broker) = broker.upgrade() else {
            return Vec::new();
        };
        let now = broker.now();
        let age = |key: KeyInfo| match key.stage {
            KeyStage::Next { .. } => ("next", now.since(key.published_at)),
            KeyStage::Active { since } => ("active", now.since(since)),
            KeyStage::Retiring { since } => ("retiring", now.since(since)),
        };
        let mut oldest = BTreeMap::<_, Duration>::new();
        for (stage, age) in broker.describe_keys().into_iter().map(age) {
            let known = oldest.entry(stage).or_default();
            *known = age.max(*known);
        }
        let report = |(stage, age): (_, Duration)| KeyAge {
            stage,
            seconds: age.as_secs_f64(),
        };
        oldest.into_iter().map(report).collect()
    });
}
