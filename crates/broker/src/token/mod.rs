//! The token endpoint ([RFC 6749 §3.2](https://www.rfc-editor.org/rfc/rfc6749#section-3.2)): fixed phases that no grant
//! can skip. A grant brings its own part in a file of its own.

mod authorization_code;
mod client_credentials;
mod device_code;
mod error;
mod holder;
mod id_jag;
mod issue;
mod issuer_keys;
mod jwt_bearer;
mod open;
mod reach;
mod refresh_token;
mod token_exchange;
mod workload;

use vestibule_keyring::PresentedRefresh;
use vestibule_protocol::{
    GrantType, Params, ProviderId, ResourceUri, ScopeSet, Subject, Timestamp, TokenRequest,
    TokenRequestError, TokenResponse,
};
use vestibule_telemetry::metrics;

pub use error::TokenError;
pub(crate) use issue::TokenMint;

use self::holder::Holder;
use self::open::Opening;
use self::reach::Asked;
use self::token_exchange::Exchange;
use crate::Broker;
use crate::client_auth::Caller;
use crate::endpoint_error::outcome;
use crate::proof::ProvedAt;
use crate::record::Session;

/// What a grant has shown. Nothing is final about it yet.
enum Claim {
    /// What opens a session.
    Open(Box<Opening>),
    /// A refresh token, which moves its session on.
    Refresh(Box<Session>, PresentedRefresh),
    /// An access token that is exchanged for one of another server, in the same session.
    Exchange(Box<Exchange>),
}

impl Claim {
    /// The resources and scopes beyond which no token goes, and the provider that vouches for the user.
    fn bounds(&self) -> (&[ResourceUri], &ScopeSet, &ProviderId) {
        match self {
            Self::Open(opening) => (&opening.resources, &opening.scopes, &opening.identity.provider),
            Self::Refresh(session, _) => (&session.resources, &session.scopes, &session.identity.provider),
            Self::Exchange(exchange) => (
                &exchange.target,
                &exchange.scopes,
                &exchange.session.identity.provider,
            ),
        }
    }

    /// Whom the token is for.
    fn subject(&self) -> &Subject {
        match self {
            Self::Open(opening) => &opening.identity.subject,
            Self::Refresh(session, _) => &session.identity.subject,
            Self::Exchange(exchange) => &exchange.session.identity.subject,
        }
    }
}

impl Broker {
    /// Answers a token request: what stands in its headers `Authorization` and `DPoP`, and its parameters.
    ///
    /// # Errors
    /// [`TokenError`] says which rule the request broke.
    pub async fn token(
        &self,
        authorization: Option<&str>,
        dpop: Option<&str>,
        params: &Params,
    ) -> Result<TokenResponse, TokenError> {
        let answer = self.answer_token_request(authorization, dpop, params).await;
        if let Some(metrics) = metrics() {
            metrics.grant(grant_word(params), outcome(&answer));
        }
        answer
    }

    async fn answer_token_request(
        &self,
        authorization: Option<&str>,
        dpop: Option<&str>,
        params: &Params,
    ) -> Result<TokenResponse, TokenError> {
        let now = self.now();

        // Which key does the client have? Nothing is spent on a proof that does not hold.
        let proof = dpop
            .map(|header| self.verify_token_proof(header, now))
            .transpose()?;

        // Who asks?
        let caller = if self.comes_as_workload(authorization, params) {
            None
        } else {
            Some(self.authenticate_client(authorization, params).await?)
        };

        let holder = Holder::of(caller.as_ref(), proof.as_ref())?;

        // With a key that every verifier knows, or nothing is spent.
        let keys = self.keys.ready(now).await?;

        // What does the grant show?
        let request = TokenRequest::parse(params)?;
        self.check_served(&request)?;
        if let Some(proof) = &proof {
            self.spend_proof(proof, ProvedAt::Token, now).await?;
        }
        let (claim, asked) = match (request, &caller) {
            (
                TokenRequest::JwtBearer {
                    assertion,
                    scope,
                    resource,
                },
                caller,
            ) => {
                let presented = jwt_bearer::Presented {
                    assertion,
                    resources: resource,
                    scopes: scope,
                };
                let claim = Box::pin(self.find_asserted(caller.as_ref(), presented, now)).await?;
                (claim, Asked::all())
            }
            (request, Some(caller)) => self.claim(request, caller, holder, now).await?,
            (_, None) => return Err(TokenError::AssertionNeedsClient),
        };

        // Resources and scopes are those of the grant, or fewer.
        let (resources, scopes, provider) = claim.bounds();
        let reach = asked.narrow(resources, scopes, &self.settings.resources, provider)?;
        holder.check_reach(&reach)?;

        // Not one more than its user may have.
        self.limits.issuance.take(claim.subject()).await?;

        // The store's verb, which cannot be taken back.
        let (session, nonce) = match claim {
            Claim::Open(opening) => self.open_session(*opening, holder, &reach, now).await?,
            Claim::Refresh(session, presented) => {
                let session = self
                    .rotate_session(*session, &presented, holder, &reach, now)
                    .await?;
                (session, None)
            }
            Claim::Exchange(exchange) => {
                let answer = self.issue_exchanged(&keys, *exchange, holder, reach, now)?;
                return Ok(self.with_nonce(answer, proof.as_ref(), now));
            }
        };

        // The signature and the answer.
        let answer = self.issue(&keys, &session, holder, reach, nonce, now)?;
        Ok(self.with_nonce(answer, proof.as_ref(), now))
    }

    /// What a grant that a client shows is good for.
    async fn claim(
        &self,
        request: TokenRequest,
        caller: &Caller,
        holder: Holder,
        now: Timestamp,
    ) -> Result<(Claim, Asked), TokenError> {
        let client = &caller.client;
        let claimed = match request {
            TokenRequest::JwtBearer { .. } => return Err(TokenError::AssertionNeedsClient),
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
                (self.redeem_code(client, presented, holder, now).await?, asked)
            }
            TokenRequest::ClientCredentials { scope, resource } => {
                let presented = client_credentials::Presented {
                    resources: resource,
                    scopes: scope,
                };
                (self.act_for_itself(caller, &presented, now)?, Asked::all())
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
                let claim = self.find_refreshed(client, &refresh_token, holder, now).await?;
                (claim, asked)
            }
            TokenRequest::TokenExchange {
                subject_token,
                scope,
                target,
            } => {
                let presented = token_exchange::Presented {
                    subject_token,
                    targets: target.clone(),
                };
                let asked = Asked {
                    resources: target,
                    scopes: scope,
                };
                (
                    Box::pin(self.find_exchanged(caller, presented, now)).await?,
                    asked,
                )
            }
            TokenRequest::DeviceCode {
                device_code,
                resource,
            } => {
                let asked = Asked {
                    resources: resource,
                    scopes: None,
                };
                (
                    Box::pin(self.poll_device(client, &device_code, now)).await?,
                    asked,
                )
            }
        };
        Ok(claimed)
    }

    /// Whether a workload asks, which has no client: nothing in the request says that there is one.
    fn comes_as_workload(&self, authorization: Option<&str>, params: &Params) -> bool {
        let names = [
            "client_id",
            "client_secret",
            "client_assertion",
            "client_assertion_type",
        ];
        self.settings.grants.trusts_workloads()
            && authorization.is_none()
            && params.one("grant_type") == Ok(Some(GrantType::JwtBearer.as_str()))
            && !params.iter().any(|(name, _)| names.contains(&name))
    }

    /// A grant that is switched off is one that does not exist.
    fn check_served(&self, request: &TokenRequest) -> Result<(), TokenRequestError> {
        let grant = request.grant_type();
        if self.settings.grants.serves(grant) {
            return Ok(());
        }
        Err(TokenRequestError::UnsupportedGrantType(grant.as_str().to_owned()))
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
