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
    /// The project, by the `iss` of its tokens.
    issuer: String,
    refresh_token: String,
}

impl NativeProvider {
    /// Keeps what the next re-check needs.
    pub(super) fn keep(&self, session: &Session) -> Result<Sealed, ProviderError> {
        let record = Record {
            issuer: self.settings.issuer.to_string(),
            refresh_token: session.refresh_token.expose().to_owned(),
        };
        let bytes = serde_json::to_vec(&record)
            .map_err(|_| ProviderError::Rejected("the upstream session cannot be written".to_owned()))?;
        Ok(Sealed::new(bytes))
    }

    /// The refresh token; none where the login was at another project.
    fn kept(&self, upstream: &UpstreamSession) -> Result<Option<Secret>, ProviderError> {
        let record: Record = serde_json::from_slice(upstream.kept.expose())
            .map_err(|_| ProviderError::Rejected("the upstream session cannot be read".to_owned()))?;
        let is_of_this_project = record.issuer == self.settings.issuer.as_str();
        Ok(is_of_this_project.then(|| Secret::new(record.refresh_token)))
    }

    /// Refreshes the session: the project refuses where the user is banned or gone, or the session was ended.
    pub(super) async fn stand(
        &self,
        upstream: &UpstreamSession,
        now: Timestamp,
    ) -> Result<Standing, ProviderError> {
        // The operator may have put another project under the provider's name: it is no judge of this user, and the refresh token
        // is none of its business.
        let Some(token) = self.kept(upstream)? else {
            return Ok(Standing::Gone(
                "the provider is another project by now".to_owned(),
            ));
        };
        let session = match self.api.refresh(&token).await {
            Ok(session) => session,
            Err(ApiError::Refused(refusal)) if refusal.is_final() => {
                return Ok(Standing::Gone(refusal.to_string()));
            }
            Err(error) => return Err(error.into()),
        };
        // The old token is spent: from here on the new one must not be lost to an outage.
        let next = UpstreamSession {
            kept: self.keep(&session)?,
            ..upstream.clone()
        };
        let verified = match self.verifier.verify(&self.api, &session.access_token, now).await {
            Ok(verified) => verified,
            Err(error) => return Ok(Standing::Unproven(next, error.to_string())),
        };
        if verified.claims.sub != upstream.subject.upstream() {
            return Ok(Standing::Gone(
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
        let Some(token) = self.kept(upstream)? else {
            return Ok(());
        };
        let ended = match self.api.refresh(&token).await {
            Ok(session) => self.api.logout(&session.access_token).await.map(|_| ()),
            Err(error) => Err(error),
        };
        match ended {
            Err(ApiError::Refused(refusal)) if refusal.is_final() => Ok(()),
            other => other.map_err(ProviderError::from),
        }
    }
}
