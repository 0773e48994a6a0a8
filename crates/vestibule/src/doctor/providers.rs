//! The identity providers: each examines itself.

use std::time::Duration;

use tokio::task::JoinSet;
use vestibule_broker::{Clock as _, SystemClock, callback_url};
use vestibule_protocol::ProviderId;
use vestibule_provider::{Examination, Finding};

use crate::config::{Config, ProviderConfig};
use crate::service::registry;

/// How long one provider may take for everything.
const PATIENCE: Duration = Duration::from_secs(30);

/// Examines all providers side by side, and tells of them in the order of the configuration.
pub(super) async fn examine(config: &Config) -> Vec<(ProviderId, Vec<Finding>)> {
    let mut set = JoinSet::new();
    for (index, provider) in config.providers.iter().cloned().enumerate() {
        let examination = Examination {
            now: SystemClock.now(),
            callback_url: callback_url(&config.issuer, &provider.id),
        };
        set.spawn(async move { (index, provider.id.clone(), look_at(&provider, &examination).await) });
    }
    let mut found = set.join_all().await;
    found.sort_by_key(|(index, ..)| *index);
    found
        .into_iter()
        .map(|(_, id, findings)| (id, findings))
        .collect()
}

async fn look_at(config: &ProviderConfig, examination: &Examination) -> Vec<Finding> {
    let provider = match registry::build(config) {
        Ok(provider) => provider,
        Err(error) => {
            let remedy = "change what this says in the configuration";
            // The line names the provider already.
            return vec![Finding::bad("settings", error.root_cause().to_string(), remedy)];
        }
    };
    match tokio::time::timeout(PATIENCE, provider.examine(examination)).await {
        Ok(findings) if findings.is_empty() => {
            vec![Finding::good("settings", "it needs nothing outside this machine")]
        }
        Ok(findings) => findings,
        Err(_) => vec![Finding::bad(
            "answers",
            format!("it took longer than {} seconds", PATIENCE.as_secs()),
            "look at the network between this machine and the provider",
        )],
    }
}
