//! Whether a login at a provider still stands, for something that is about to rely on it.

use std::time::Duration;

use tracing::Instrument as _;
use vestibule_protocol::Timestamp;
use vestibule_telemetry::{EndCause, in_this_request};

use super::ask::Question;
use super::end::Ending;
use crate::Broker;
use crate::record::{UpstreamId, UpstreamLogin};
use crate::store::{Claimed, StoreError};

/// How long a claim lasts. Longer than a question may take, so that nobody asks with a refresh token that is being replaced.
const CLAIM: Duration = Duration::from_secs(60);
/// How long a caller waits for the answer. Then it goes on with what is known; the question is asked to its end.
const PATIENCE: Duration = Duration::from_secs(5);

/// How a login at a provider stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Vouching {
    /// It stands, as far as is known.
    Stands {
        /// From when on it is to be looked at again; absent while somebody is asking.
        look_again: Option<Timestamp>,
    },
    /// It is over.
    Over,
    /// The provider has not answered for longer than an outage is borne.
    Unanswered,
}

impl Broker {
    /// Looks at a login, and asks the provider if that is due and nobody else is asking.
    ///
    /// Whoever comes while somebody asks goes on with what is known: what they are given lives an access token's life at most,
    /// and is taken back with the session if the answer is bad.
    pub(crate) async fn look_at_upstream(&self, id: &UpstreamId) -> Result<Vouching, StoreError> {
        let now = self.now();
        match self.store.claim_upstream(id, now + CLAIM, now).await? {
            // Whoever ended it may have been interrupted.
            Claimed::Ended => self.is_over(id, EndCause::UserGone).await,
            Claimed::NotDue(login) => {
                let Some(vouched) = login.vouched() else {
                    return Ok(Vouching::Over);
                };
                if self.providers.find(&login.provider).is_none() {
                    return self.without_provider(&login).await;
                }
                let look_again = vouched.check_due.min(now + self.settings.lifetimes.recheck);
                Ok(self.as_known(&login, Some(look_again)))
            }
            Claimed::Busy(login) => Ok(self.as_known(&login, None)),
            Claimed::Granted(login) => {
                let Some(question) = Question::about(self, &login) else {
                    return self.without_provider(&login).await;
                };
                // In a task of its own: a caller that hangs up must not lose the refresh token that is on its way.
                let asked = tokio::spawn(in_this_request(question.ask()).in_current_span());
                match tokio::time::timeout(PATIENCE, asked).await {
                    Ok(Ok(answer)) => Ok(self.as_answered(answer?)),
                    Ok(Err(error)) => {
                        tracing::error!(upstream = %login.id, %error, "a recheck broke off");
                        Ok(self.as_known(&login, None))
                    }
                    Err(_) => Ok(self.as_known(&login, None)),
                }
            }
        }
    }

    /// Whether a login stands, without asking anybody.
    pub(crate) async fn stands(&self, id: Option<&UpstreamId>) -> Result<bool, StoreError> {
        let Some(id) = id else {
            return Ok(true);
        };
        let found = self.store.find_upstream(id, self.now()).await?;
        Ok(found.is_some_and(|login| login.vouched().is_some()))
    }

    fn as_answered(&self, answer: Option<UpstreamLogin>) -> Vouching {
        match answer {
            Some(login) => {
                let look_again = login.vouched().map(|vouched| vouched.check_due);
                self.as_known(&login, look_again)
            }
            None => Vouching::Over,
        }
    }

    fn as_known(&self, login: &UpstreamLogin, look_again: Option<Timestamp>) -> Vouching {
        let Some(vouched) = login.vouched() else {
            return Vouching::Over;
        };
        let borne = self.settings.lifetimes.recheck_outage;
        match vouched.failing_since {
            Some(since) if self.now() >= since + borne => Vouching::Unanswered,
            Some(_) | None => Vouching::Stands { look_again },
        }
    }

    /// The operator has taken the provider away: nobody vouches any more.
    async fn without_provider(&self, login: &UpstreamLogin) -> Result<Vouching, StoreError> {
        tracing::warn!(provider = %login.provider, "a login's provider is no longer configured");
        self.is_over(&login.id, EndCause::UserGone).await
    }

    async fn is_over(&self, id: &UpstreamId, cause: EndCause) -> Result<Vouching, StoreError> {
        let ending = Ending::Login(id.clone(), cause);
        self.ender().end_or_try_again(ending, self.now()).await?;
        Ok(Vouching::Over)
    }
}
