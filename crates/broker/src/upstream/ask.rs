//! Asking a provider whether a user still stands.

use std::sync::Arc;
use std::time::Duration;

use vestibule_keyring::{SealError, SealedBox, Sealer};
use vestibule_protocol::Timestamp;
use vestibule_provider::{Provider, ProviderError, Standing, UpstreamSession};
use vestibule_telemetry::EndCause;

use super::end::Ending;
use super::keep::{open, seal};
use crate::end_session::Ender;
use crate::provider_call::measured;
use crate::record::{UpstreamLogin, Vouched};
use crate::store::{Settlement, Store, StoreError};
use crate::{Broker, Clock};

/// How long a provider may take. Shorter than a claim lasts.
const LONGEST: Duration = Duration::from_secs(30);
/// How long after a failure the provider is left alone.
const RETRY: Duration = Duration::from_secs(60);

/// One question to one provider, with all that it takes to see it through.
pub(super) struct Question {
    login: UpstreamLogin,
    vouched: Vouched,
    provider: Arc<dyn Provider>,
    store: Arc<dyn Store>,
    sealer: Arc<Sealer>,
    clock: Arc<dyn Clock>,
    ender: Ender,
    recheck: Duration,
}

/// What came of a question.
enum Answer {
    Stands(Option<SealedBox>),
    Gone(String),
    Failed(String, Option<SealedBox>),
}

impl Question {
    /// A question about a login that was claimed; none if it has ended or its provider is no longer there.
    pub(super) fn about(broker: &Broker, login: &UpstreamLogin) -> Option<Self> {
        Some(Self {
            vouched: login.vouched()?.clone(),
            provider: Arc::clone(broker.providers.find(&login.provider)?),
            login: login.clone(),
            store: Arc::clone(&broker.store),
            sealer: Arc::clone(&broker.sealer),
            clock: Arc::clone(&broker.clock),
            ender: broker.ender(),
            recheck: broker.settings.lifetimes.recheck,
        })
    }

    /// Asks, and writes down the answer before anybody acts on it: the login as it stands then, or nothing if it is over.
    pub(super) async fn ask(self) -> Result<Option<UpstreamLogin>, StoreError> {
        let answer = tokio::time::timeout(LONGEST, self.put()).await;
        let answer = answer.unwrap_or_else(|_| Answer::failed("no answer in time"));
        let now = self.clock.now();
        let (provider, upstream) = (&self.login.provider, &self.login.id);
        let settlement = match answer {
            Answer::Gone(reason) => {
                tracing::info!(%provider, %upstream, reason, "the provider no longer vouches for a user");
                let ending = Ending::Login(self.login.id.clone(), EndCause::UserGone);
                self.ender.end_or_try_again(ending, now).await?;
                return Ok(None);
            }
            Answer::Stands(kept) => Settlement::Standing {
                kept,
                check_due: now + self.recheck,
            },
            Answer::Failed(cause, kept) => {
                tracing::warn!(%provider, %upstream, cause, "a provider could not be asked about a user");
                Settlement::Failing {
                    kept,
                    check_due: now + self.recheck.min(RETRY),
                }
            }
        };
        self.settle(settlement, now).await
    }

    async fn settle(
        &self,
        settlement: Settlement,
        now: Timestamp,
    ) -> Result<Option<UpstreamLogin>, StoreError> {
        let id = &self.login.id;
        if !self
            .store
            .settle_upstream(id, self.vouched.version, settlement, now)
            .await?
        {
            tracing::warn!(upstream = %id, "a provider's answer came too late to be kept");
        }
        let login = self.store.find_upstream(id, now).await?;
        Ok(login.filter(|login| login.vouched().is_some()))
    }

    async fn put(&self) -> Answer {
        let before = match open(&self.sealer, &self.login, &self.vouched) {
            Ok(upstream) => upstream,
            Err(error) => return Answer::failed(format!("what was kept does not open: {error}")),
        };
        let recheck = self.provider.recheck(&before, self.clock.now());
        match measured(self.provider.id(), "recheck", recheck).await {
            Ok(Standing::Good(after) | Standing::Unproven(after, _)) if after.subject != before.subject => {
                Answer::Gone("the provider answered for somebody else".to_owned())
            }
            Ok(Standing::Good(after)) => match self.seal_anew(&before, &after) {
                Ok(kept) => Answer::Stands(kept),
                Err(error) => Answer::failed(error.to_string()),
            },
            Ok(Standing::Unproven(after, cause)) => match self.seal_anew(&before, &after) {
                Ok(kept) => Answer::Failed(cause, kept),
                Err(error) => Answer::failed(error.to_string()),
            },
            Ok(Standing::Unknown) => Answer::Stands(None),
            Ok(Standing::Gone(reason)) => Answer::Gone(reason),
            // Whatever is not a plain word of the provider is no revocation.
            Err(
                error @ (ProviderError::Unavailable(_)
                | ProviderError::Misconfigured(_)
                | ProviderError::Rejected(_)
                | ProviderError::Denied(_)),
            ) => Answer::failed(error.to_string()),
        }
    }

    /// The provider's own record, sealed; nothing where it is sealed already as it should be.
    fn seal_anew(
        &self,
        before: &UpstreamSession,
        after: &UpstreamSession,
    ) -> Result<Option<SealedBox>, SealError> {
        if after.kept == before.kept && self.sealer.is_current(&self.vouched.kept) {
            return Ok(None);
        }
        seal(&self.sealer, &self.login.id, &after.kept).map(Some)
    }
}

impl Answer {
    fn failed(cause: impl Into<String>) -> Self {
        Self::Failed(cause.into(), None)
    }
}
