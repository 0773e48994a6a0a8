//! Whether the broker can do its work.

use std::time::Duration;

use tokio::task::JoinSet;
use vestibule_protocol::ProviderId;

use crate::Broker;
use crate::keys::KeysError;
use crate::store::StoreError;

/// How long a provider may take to say whether it is ready.
const LONGEST: Duration = Duration::from_secs(2);

/// How the providers stand.
#[derive(Debug)]
pub struct Readiness {
    /// Each of them, in the order of the configuration.
    pub providers: Vec<ProviderReadiness>,
}

/// How one provider stands.
#[derive(Debug)]
pub struct ProviderReadiness {
    /// The provider.
    pub id: ProviderId,
    /// Why a login could not begin now; nothing if it could.
    pub obstacle: Option<String>,
}

impl Readiness {
    /// Whether anybody could log in now: with at least one provider.
    pub fn somebody_can_log_in(&self) -> bool {
        self.providers.iter().any(|provider| provider.obstacle.is_none())
    }
}

impl Broker {
    /// Asks the store for something small, so that an operator learns whether it answers.
    ///
    /// # Errors
    /// [`StoreError`] when it does not.
    pub async fn check_store(&self) -> Result<(), StoreError> {
        self.store.load_keys().await.map(drop)
    }

    /// Sees whether there is a key to sign with that other replicas have not replaced.
    ///
    /// # Errors
    /// [`KeysError`] when this replica has not looked for long and the store does not answer.
    pub async fn check_keys(&self) -> Result<(), KeysError> {
        self.keys.ready(self.now()).await.map(drop)
    }

    /// Asks every provider at once whether a login could begin now.
    pub async fn check_providers(&self) -> Readiness {
        let mut asked = JoinSet::new();
        for (place, provider) in self.providers.iter().cloned().enumerate() {
            asked.spawn(async move {
                let obstacle = match tokio::time::timeout(LONGEST, provider.ready()).await {
                    Ok(Ok(())) => None,
                    Ok(Err(error)) => Some(error.to_string()),
                    Err(_) => Some(format!("no answer within {} s", LONGEST.as_secs())),
                };
                (place, obstacle)
            });
        }
        let mut providers: Vec<ProviderReadiness> = self
            .providers
            .iter()
            .map(|provider| ProviderReadiness {
                id: provider.id().clone(),
                obstacle: Some("the check broke off".to_owned()),
            })
            .collect();
        while let Some(answered) = asked.join_next().await {
            if let Ok((place, obstacle)) = answered
                && let Some(provider) = providers.get_mut(place)
            {
                provider.obstacle = obstacle;
            }
        }
        Readiness { providers }
    }
}
