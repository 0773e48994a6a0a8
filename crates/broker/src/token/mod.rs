//! The token endpoint ([RFC 6749 §3.2](https://www.rfc-editor.org/rfc/rfc6749#section-3.2)): fixed phases that no grant
//! can skip. A grant brings its own part in a file of its own.

mod authorization_code;
mod error;
mod issue;
mod reach;
mod refresh_token;

use vestibule_keyring::PresentedRefresh;
use vestibule_protocol::{
    GrantType, Params, ProviderId, ResourceUri, ScopeSet, Subject, TokenRequest, TokenResponse,
};
use vestibule_telemetry::metrics;

pub use error::TokenError;
pub(crate) use issue::TokenMint;

use self::reach::Asked;
use crate::Broker;
use crate::endpoint_error::outcome;
use crate::record::{CodeGrant, Session};

/// What a grant has shown. Nothing is final about it yet.
enum Claim {
    /// A redeemed code, which opens its session.
    Code(Box<CodeGrant>),
    /// A refresh token, which moves its session on.
    Refresh(Box<Session>, PresentedRefresh),
}

impl Claim {
    /// The resources and scopes beyond which no token goes, and the provider that vouches for the user.
    fn bounds(&self) -> (&[ResourceUri], &ScopeSet, &ProviderId) {
        match self {
            Self::Code(grant) => (&grant.resources, &grant.scopes, &grant.identity.provider),
            Self::Refresh(session, _) => (&session.resources, &session.scopes, &session.identity.provider),
        }
    }

    /// Whom the token is for.
    fn subject(&self) -> &Subject {
        match self {
            Self::Code(grant) => &grant.identity.subject,
            Self::Refresh(session, _) => &session.identity.subject,
        }
    }
}

impl Broker {
    /// Answers a token request.
    ///
    /// # Errors
    /// [`TokenError`] says which rule the request broke.
    pub async fn token(
        &self,
        authorization: Option<&str>,
        params: &Params,
    ) -> Result<TokenResponse, TokenError> {
        let answer = self.answer_token_request(authorization, params).await;
        if let Some(metrics) = metrics() {
            metrics.grant(grant_word(params), outcome(&answer));
        }
        answer
    }

    async fn answer_token_request(
        &self,
        authorization: Option<&str>,
        params: &Params,
    ) -> Result<TokenResponse, TokenError> {
        let now = self.now();

        // Who asks?
        let client = self.authenticate_client(authorization, params).await?.client;

        // With a key that every verifier knows, or nothing is spent.
        let keys = self.keys.ready(now).await?;

        // What does the grant show?
        let (claim, asked) = match TokenRequest::parse(params)? {
            TokenRequest::AuthorizationCode {
                code,
                redirect_uri,
                code_verifier,
                resource,
            } => {
                let asked = Asked {
                    resources: resource,
                    scopes: None,
                };
                let presented = authorization_code::Presented {
                    code,
                    redirect_uri,
                    code_verifier,
                };
                (self.redeem_code(&client, presented, now).await?, asked)
            }
            TokenRequest::RefreshToken {
                refresh_token,
                scope,
                resource,
            } => {
                let asked = Asked {
                    resources: resource,
                    scopes: scope,
                };
                (self.find_refreshed(&client, &refresh_token, now).await?, asked)
            }
        };

        // Resources and scopes are those of the grant, or fewer.
        let (resources, scopes, provider) = claim.bounds();
        let reach = asked.narrow(resources, scopes, &self.settings.resources, provider)?;

        // Not one more than its user may have.
        self.limits.issuance.take(claim.subject()).await?;

        // The store's verb, which cannot be taken back.
        let (session, nonce) = match claim {
            Claim::Code(grant) => self.open_session(&client, *grant, &reach, now).await?,
            Claim::Refresh(session, presented) => {
                let recheck_at = session.recheck_at;
                let session = self.rotate_session(&presented, recheck_at, &reach, now).await?;
                (session, None)
            }
        };

        // The signature and the answer.
        self.issue(&keys, &session, reach, nonce, now)
    }
}

/// The grant type, for whoever counts: one of ours, or that it is none of them.
fn grant_word(params: &Params) -> &'static str {
    match params.one("grant_type") {
        Ok(Some(named)) => GrantType::ALL
            .into_iter()
            .map(GrantType::as_str)
            .find(|word| *word == named)
            .unwrap_or("other"),
        Ok(None) | Err(_) => "none",
    }
}
