//! What is measured of the parts, where somebody reads it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use vestibule_broker::Broker;
use vestibule_broker::store::{Measured, Store};
use vestibule_keyring::{KeyInfo, KeyStage};
use vestibule_provider::Provider;
use vestibule_telemetry::{KeyAge, is_tracing, metrics};

use super::store::OpenStore;

/// The store, with its verbs measured; `backend` names its kind.
pub(super) fn store(store: Arc<dyn Store>, backend: &'static str) -> Arc<dyn Store> {
    if metrics().is_some() || is_tracing() {
        Arc::new(Measured::new(store, backend))
    } else {
        store
    }
}

/// Begins to count the logins with each provider.
pub(super) fn logins(providers: &[Arc<dyn Provider>]) {
    let Some(metrics) = metrics() else { return };
    for provider in providers {
        metrics.no_login(provider.id().as_str());
    }
}

/// Reports how many sessions live.
pub(super) fn sessions(store: &OpenStore) {
    let Some(metrics) = metrics() else { return };
    let store = store.clone();
    metrics.observe_sessions(move || store.sessions());
}

/// Reports how old the signing keys are, of each stage the oldest.
pub(super) fn keys(broker: &Arc<Broker>) {
    let Some(metrics) = metrics() else { return };
    let broker = Arc::clone(broker);
    metrics.observe_keys(move || {
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
