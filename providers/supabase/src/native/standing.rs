//! After the login: whether the user still stands, and leaving.

use serde::{Deserialize, Serialize};
use vestibule_protocol::{Secret, Timestamp};
use vestibule_provider::{ProviderError, Sealed, Standing, UpstreamSession};

use super::NativeProvider;
use crate::api::{ApiError, Session};
use crate::settings::SecondFactor;

/// What of a session is kept after the login.
#[derive(Serialize, Deserialize)]
struct Record {
    refresh_token: String,
}

/// Keeps what the next re-check needs.
pub(super) fn keep(session: &Session) -> Result<Sealed, ProviderError> {
    let record = Record {
        refresh_token: session.refresh_token.expose().to_owned(),
    };
    let bytes = serde_json::to_vec(&record)
        .map_err(|_| ProviderError::Rejected("the upstream session cannot be written".to_owned()))?;
    Ok(Sealed::new(bytes))
}

fn kept(upstream: &UpstreamSession) -> Result<Secret, ProviderError> {
    serde_json::from_slice::<Record>(upstream.kept.expose())
        .map(|record| Secret::new(record.refresh_token))
        .map_err(|_| ProviderError::Rejected("the upstream session cannot be read".to_owned()))
}

impl NativeProvider {
    /// Refreshes the session: the project refuses where the user is banned or gone, or the session was ended.
    pub(super) async fn stand(
        &self,
        upstream: &UpstreamSession,
        now: Timestamp,
    ) -> Result<Standing, ProviderError> {
        let session = match self.api.refresh(&kept(upstream)?).await {
            Ok(session) => session,
            Err(ApiError::Refused(refusal)) if refusal.is_final() => {
                return Ok(Standing::Gone(refusal.to_string()));
            }
            Err(error) => return Err(error.into()),
        };
        // The old token is spent: from here on the new one must not be lost to an outage.
        let next = UpstreamSession {
            kept: keep(&session)?,
            ..upstream.clone()
        };
        let verified = match self.verifier.verify(&self.api, &session.access_token, now).await {
            Ok(verified) => verified,
            Err(ProviderError::Unavailable(cause)) => {
                tracing::warn!(provider = %self.id, "the refreshed token could not be checked: {cause}");
                return Ok(Standing::Good(next));
            }
            Err(error) => return Err(error),
        };
        if verified.claims.sub != upstream.subject.upstream() {
            return Err(ProviderError::Rejected(
                "the refreshed session is another user's".to_owned(),
            ));
        }
        if self.settings.second_factor == SecondFactor::Always && !verified.claims.has_second_factor() {
            return Ok(Standing::Gone("the session lost its second factor".to_owned()));
        }
        Ok(Standing::Good(next))
    }

    /// Ends the session. A session that is gone already is as good as ended.
    pub(super) async fn leave(&self, upstream: &UpstreamSession) -> Result<(), ProviderError> {
        let ended = match self.api.refresh(&kept(upstream)?).await {
            Ok(session) => self.api.logout(&session.access_token).await.map(|_| ()),
            Err(error) => Err(error),
        };
        match ended {
            Err(ApiError::Refused(refusal)) if refusal.is_final() => Ok(()),
            other => other.map_err(ProviderError::from),
        }
    }
}
