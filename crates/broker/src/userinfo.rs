//! UserInfo ([OpenID Connect Core §5.3](https://openid.net/specs/openid-connect-core-1_0.html#UserInfo)).

use thiserror::Error;
use vestibule_jose::dpop;
use vestibule_protocol::{Confirmation, KeyThumbprint, OAuthErrorCode, Scope, Timestamp, UserInfo};

use crate::endpoint_error::status_of;
use crate::person::PersonClaims;
use crate::proof::{ProofRefusal, ProvedAt, ShownProof};
use crate::store::StoreError;
use crate::{Broker, EndpointError};

impl Broker {
    /// Tells the holder of an access token with `openid` about its user.
    ///
    /// # Errors
    /// [`UserInfoError`].
    pub async fn userinfo(&self, shown: ShownToken<'_>) -> Result<UserInfo, UserInfoError> {
        let now = self.now();
        let live = match shown {
            ShownToken::Bearer(token) => self.find_live_token(token, now).await?,
            ShownToken::Dpop { token, .. } => self
                .find_live_token(token, now)
                .await?
                .filter(|live| live.claims.cnf.is_some()),
        };
        let live = live.ok_or(match shown {
            ShownToken::Bearer(_) => UserInfoError::InvalidToken,
            ShownToken::Dpop { .. } => UserInfoError::NotBound,
        })?;
        if let Some(Confirmation { jkt }) = live.claims.cnf {
            self.check_holder(shown, jkt, now).await?;
        }
        let scopes = &live.claims.scope;
        if !scopes.contains(Scope::OPENID) {
            return Err(UserInfoError::OpenIdNotGranted);
        }
        let person = PersonClaims::of(&live.session.identity, scopes);
        Ok(UserInfo {
            sub: live.session.identity.subject.clone(),
            name: person.name,
            preferred_username: person.preferred_username,
            picture: person.picture,
            email: person.email,
            email_verified: person.email_verified,
        })
    }
}

impl Broker {
    /// > the protected resource […] MUST also verify that the public key of the DPoP proof matches the public key to which the
    /// > access token is bound
    ///
    /// and a token that is bound to a key is none for whoever merely has it: “Such a token MUST NOT be accepted as a Bearer token”.
    async fn check_holder(
        &self,
        shown: ShownToken<'_>,
        jkt: KeyThumbprint,
        now: Timestamp,
    ) -> Result<(), UserInfoError> {
        let ShownToken::Dpop { token, proof, method } = shown else {
            return Err(UserInfoError::Bound);
        };
        let shown = ShownProof {
            header: proof.ok_or(ProofRefusal::WantedByBinding)?,
            method,
            access_token: Some(token),
        };
        let proof = self.verify_proof(shown, ProvedAt::UserInfo, now)?;
        if proof.thumbprint != jkt {
            return Err(UserInfoError::AnotherKey);
        }
        Ok(self.spend_proof(&proof, ProvedAt::UserInfo, now).await?)
    }
}

/// An access token as it comes with a request.
#[derive(Debug, Clone, Copy)]
pub enum ShownToken<'r> {
    /// By itself ([RFC 6750 §2](https://www.rfc-editor.org/rfc/rfc6750#section-2)).
    Bearer(&'r str),
    /// With a proof of the key that it is bound to ([RFC 9449 §7.1](https://www.rfc-editor.org/rfc/rfc9449#section-7.1)).
    Dpop {
        /// The token.
        token: &'r str,
        /// The `DPoP` header.
        proof: Option<&'r str>,
        /// The request's method.
        method: &'r str,
    },
}

/// Why a bearer is told nothing
/// ([RFC 6750 §3.1](https://www.rfc-editor.org/rfc/rfc6750#section-3.1)).
#[derive(Debug, Error)]
pub enum UserInfoError {
    /// The token is not one of ours, has expired or was revoked.
    #[error("the access token is not valid, has expired or was revoked")]
    InvalidToken,
    /// The token came as a bearer token.
    #[error(
        "the access token is bound to a key: send it with a proof, as Authorization: DPoP and with the header DPoP"
    )]
    Bound,
    /// The token came with a proof for nothing.
    #[error("the access token is not valid, has expired, was revoked or is not bound to a key")]
    NotBound,
    /// The proof is of another key.
    #[error("the access token is bound to another key than the DPoP proof is signed with")]
    AnotherKey,
    /// The request does not prove what it has to.
    #[error(transparent)]
    Proof(#[from] ProofRefusal),
    /// The token lacks `openid`.
    #[error("the access token lacks the scope openid: ask for it at the authorization endpoint")]
    OpenIdNotGranted,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl EndpointError for UserInfoError {
    fn code(&self) -> OAuthErrorCode {
        match self {
            Self::InvalidToken | Self::Bound | Self::NotBound | Self::AnotherKey => {
                OAuthErrorCode::InvalidToken
            }
            Self::Proof(error) => error.code(),
            Self::OpenIdNotGranted => OAuthErrorCode::InsufficientScope,
            Self::Store(error) => error.code(),
        }
    }

    /// At a resource, a proof that does not hold is answered like a token that does not
    /// ([RFC 9449 §7.1](https://www.rfc-editor.org/rfc/rfc9449#section-7.1)).
    fn status(&self) -> u16 {
        match (self, self.code()) {
            (Self::Proof(_), OAuthErrorCode::InvalidDpopProof | OAuthErrorCode::UseDpopNonce) => 401,
            (_, code) => status_of(code),
        }
    }

    fn dpop_nonce(&self) -> Option<&str> {
        if let Self::Proof(error) = self {
            error.dpop_nonce()
        } else {
            None
        }
    }

    fn proof_algorithms(&self) -> Option<String> {
        match self {
            Self::Bound | Self::NotBound | Self::AnotherKey | Self::Proof(_) => {
                Some(dpop::algorithm_names().collect::<Vec<_>>().join(" "))
            }
            Self::InvalidToken | Self::OpenIdNotGranted | Self::Store(_) => None,
        }
    }
}
