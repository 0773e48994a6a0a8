//! Tokens: asked for with a file for each grant, renewed, revoked.

mod authorization_code;
mod client_credentials;
mod endpoint;
mod jwt_bearer;
mod refresh_token;
mod revocation;
mod token_exchange;

use std::time::Duration;

use http::{HeaderValue, StatusCode};
use serde::Deserialize;
use thiserror::Error;
use vestibule_protocol::{ResourceUri, ScopeSet, Secret};

use crate::{
    CredentialError, ForeignText, ProofError, TokenFileError,
    form::Form,
    http::{Answer, HttpError},
    refusal::Refusal,
    store::Tokens,
};
pub(crate) use authorization_code::Redemption;
pub(crate) use endpoint::TokenEndpoint;
pub(crate) use token_exchange::Errand;

/// Why no tokens came.
#[derive(Debug, Error)]
pub enum TokenError {
    /// The server could not be asked.
    #[error(transparent)]
    Http(#[from] HttpError),
    /// The client cannot show that it is itself.
    #[error(transparent)]
    Credential(#[from] CredentialError),
    /// The client cannot prove its key.
    #[error(transparent)]
    Proof(#[from] ProofError),
    /// There is nothing to show.
    #[error(transparent)]
    File(#[from] TokenFileError),
    /// What was shown at the login was not kept.
    #[error(
        "the ID token of the login came from the environment, and is not kept; \
         log in again, or keep it in a file for --id-token-file"
    )]
    IdTokenNotKept,
    /// The server refused.
    #[error("no tokens were issued: {0}")]
    Refused(Refusal),
    /// The identity provider refused.
    #[error(
        "the identity provider does not vouch for its user here: {0}; an ID token that has expired has to be replaced"
    )]
    NotExchanged(Refusal),
    /// The identity provider gave something else.
    #[error(
        "{endpoint} issued a \"{found}\" where an ID-JAG was asked for (urn:ietf:params:oauth:token-type:id-jag)"
    )]
    NoIdJag {
        /// The endpoint.
        endpoint: String,
        /// What it gave.
        found: ForeignText,
    },
    /// The server does not know its own nonce again.
    #[error(
        "{endpoint} asks for a nonce in the DPoP proof, and for yet another where it is there; \
         its owner must look into its log"
    )]
    NonceNotTaken {
        /// The endpoint.
        endpoint: String,
    },
    /// The token is of a type that this client cannot use.
    #[error("{endpoint} issued a token of type \"{found}\", and {wanted} was asked for")]
    WrongType {
        /// The endpoint.
        endpoint: String,
        /// The type.
        found: ForeignText,
        /// The type that the request was for.
        wanted: &'static str,
    },
    /// The token cannot stand in a header.
    #[error("{endpoint} issued a token that no HTTP header can carry")]
    NotAToken {
        /// The endpoint.
        endpoint: String,
    },
}

/// The part of a token response that a client reads.
#[derive(Deserialize)]
struct Response {
    access_token: Secret,
    token_type: String,
    expires_in: Option<u64>,
    refresh_token: Option<Secret>,
    scope: Option<ScopeSet>,
}

/// How a request ended that was answered.
pub(crate) enum Issue {
    /// With tokens. What was shown for them may be spent.
    Issued(Tokens),
    /// With a refusal that stands.
    Refused(Refusal),
}

impl TokenEndpoint<'_> {
    /// Asks where no person is, who would have said what for.
    async fn ask_unattended(
        &self,
        mut form: Form,
        resource: &ResourceUri,
        scope: &ScopeSet,
    ) -> Result<Issue, TokenError> {
        form.add("resource", resource.as_str());
        if !scope.is_empty() {
            form.add("scope", &scope.to_string());
        }
        let answer = self.ask(&form).await?;
        if let Some(refusal) = refused(&answer)? {
            return Ok(Issue::Refused(refusal));
        }
        let tokens = read(self, &answer, scope)?;
        // It can always ask again, and keeps nothing that lasts longer.
        Ok(Issue::Issued(Tokens {
            refresh: None,
            ..tokens
        }))
    }
}

/// What the server refuses for good, if it does
/// ([RFC 6749 §5.2](https://www.rfc-editor.org/rfc/rfc6749#section-5.2)): 400 and 401 say no; any other failure (429, 503) may pass.
fn refused(answer: &Answer) -> Result<Option<Refusal>, TokenError> {
    if matches!(answer.status, StatusCode::BAD_REQUEST | StatusCode::UNAUTHORIZED) {
        Ok(Some(Refusal::read(answer)))
    } else if answer.status.is_success() {
        Ok(None)
    } else {
        Err(TokenError::Refused(Refusal::read(answer)))
    }
}

fn read(endpoint: &TokenEndpoint<'_>, answer: &Answer, asked: &ScopeSet) -> Result<Tokens, TokenError> {
    let response: Response = answer.json("token response (RFC 6749)")?;
    // RFC 6749 §7.1: "The client MUST NOT use an access token if it does not understand the token type." Where a proof was
    // shown, a token of another type is good for whoever has it (RFC 9449 §5).
    let wanted = if endpoint.prover.is_some() {
        "DPoP"
    } else {
        "Bearer"
    };
    if !response.token_type.eq_ignore_ascii_case(wanted) {
        return Err(TokenError::WrongType {
            endpoint: answer.url.to_string(),
            found: ForeignText::line(&response.token_type),
            wanted,
        });
    }
    let access = response.access_token;
    if access.expose().is_empty() || HeaderValue::from_str(access.expose()).is_err() {
        return Err(TokenError::NotAToken {
            endpoint: answer.url.to_string(),
        });
    }
    let now = endpoint.host.now();
    Ok(Tokens {
        access,
        refresh: response.refresh_token,
        expires_at: response
            .expires_in
            .map(|seconds| now + Duration::from_secs(seconds)),
        scope: response.scope.unwrap_or_else(|| asked.clone()),
    })
}
