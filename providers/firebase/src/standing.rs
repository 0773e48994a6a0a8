//! Whether a user still stands: by the refresh token, and where somebody may read it, by the project's own record.

use serde::{Deserialize, Serialize};
use vestibule_protocol::{Secret, Timestamp};
use vestibule_provider::{ProviderError, Sealed, Standing, UpstreamSession};

use crate::FirebaseProvider;
use crate::api::ApiError;
use crate::token::Claims;

/// What is kept of a login.
#[derive(Serialize, Deserialize)]
struct Record {
    project: String,
    tenant: Option<String>,
    refresh_token: String,
}

/// What comes of exchanging a refresh token.
pub(crate) enum Exchange {
    /// The user stands; this is to be kept.
    Good(Sealed),
    /// The user does not stand.
    Gone(String),
    /// Firebase did exchange it, but what it answered does not hold, or the user's record cannot be read. The new refresh token is
    /// kept all the same: nobody promises that the earlier one is good still.
    Unproven(Sealed, ProviderError),
}

impl FirebaseProvider {
    /// Asks whether the user of an earlier login still stands.
    pub(crate) async fn stand(
        &self,
        upstream: &UpstreamSession,
        now: Timestamp,
    ) -> Result<Standing, ProviderError> {
        let record: Record = serde_json::from_slice(upstream.kept.expose())
            .map_err(|_| ProviderError::Rejected("the record of the login cannot be read".to_owned()))?;
        // The operator may have put another project under the provider's name: it is no judge of this user, and the refresh token
        // is none of its business.
        if record.project != self.settings().project.as_str() || record.tenant != self.settings().tenant {
            return Ok(Standing::Gone(
                "the provider is another project or tenant by now".to_owned(),
            ));
        }
        let user = upstream.subject.upstream();
        let with = |kept| UpstreamSession {
            kept,
            ..upstream.clone()
        };
        let token = Secret::new(record.refresh_token);
        Ok(match self.exchange(&token, user, now).await? {
            Exchange::Good(kept) => Standing::Good(with(kept)),
            Exchange::Gone(cause) => Standing::Gone(cause),
            Exchange::Unproven(kept, error) => Standing::Unproven(with(kept), error.to_string()),
        })
    }

    /// Exchanges a refresh token, which Firebase does only for a user who still stands.
    pub(crate) async fn exchange(
        &self,
        refresh_token: &Secret,
        user: &str,
        now: Timestamp,
    ) -> Result<Exchange, ProviderError> {
        let refreshed = match self.api().refresh(refresh_token).await {
            Ok(refreshed) => refreshed,
            Err(ApiError::Refused(refusal)) if refusal.is_gone() => {
                return Ok(Exchange::Gone(format!("Firebase says {refusal}")));
            }
            Err(error) => return Err(error.into_provider_error()),
        };
        let kept = self.keep(&refreshed.refresh_token)?;
        Ok(match self.prove(&refreshed.id_token, user, now).await {
            Ok(()) => Exchange::Good(kept),
            Err(ProviderError::Denied(cause)) => Exchange::Gone(cause),
            Err(error) => Exchange::Unproven(kept, error),
        })
    }

    fn keep(&self, refresh_token: &Secret) -> Result<Sealed, ProviderError> {
        let record = Record {
            project: self.settings().project.to_string(),
            tenant: self.settings().tenant.clone(),
            refresh_token: refresh_token.expose().to_owned(),
        };
        serde_json::to_vec(&record)
            .map(Sealed::new)
            .map_err(|_| ProviderError::Rejected("the login cannot be written down".to_owned()))
    }

    /// Judges the refreshed token, and the user whom it names; [`ProviderError::Denied`] is the project's own word against the user.
    async fn prove(&self, id_token: &Secret, user: &str, now: Timestamp) -> Result<(), ProviderError> {
        let claims = self.verifier().verify(id_token, self.rules(), now).await?;
        if claims.sub != user {
            return Err(ProviderError::Denied(
                "the refresh token is another user's".to_owned(),
            ));
        }
        self.check_record(&claims, now).await
    }

    /// What Firebase's own libraries check where they are told to look for revoked tokens
    /// ([Firebase: Manage user sessions](https://firebase.google.com/docs/auth/admin/manage-sessions#detect_id_token_revocation)).
    async fn check_record(&self, claims: &Claims, now: Timestamp) -> Result<(), ProviderError> {
        let Some(admin) = self.admin() else {
            return Ok(());
        };
        let found = admin.account(&claims.sub, now).await;
        let cause = match found.map_err(crate::api::AdminError::into_provider_error)? {
            None => "the project has no such user any more",
            Some(account) if account.disabled => "the user is disabled",
            Some(account) if account.valid_since.is_some_and(|since| claims.auth_time < since) => {
                "the user's sign-ins were revoked"
            }
            Some(_) => return Ok(()),
        };
        Err(ProviderError::Denied(cause.to_owned()))
    }
}
