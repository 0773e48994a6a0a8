//! Pushed authorization requests ([RFC 9126](https://www.rfc-editor.org/rfc/rfc9126)): judged when they are pushed, by the very
//! checks of the authorization endpoint, and once more when they are used.

use std::time::Duration;

use thiserror::Error;
use vestibule_jose::dpop::Proof;
use vestibule_protocol::{
    ClientId, DuplicateParameter, OAuthErrorCode, Params, PushedAuthorizationResponse, RawAuthorizeRequest,
    Secret, Timestamp,
};

use super::error::{Refusal, UntrustedRequest};
use super::{AuthorizeError, checks};
use crate::endpoint_error::status_of;
use crate::proof::{ProofRefusal, ProvedAt, ShownProof};
use crate::record::PushedRequest;
use crate::store::StoreError;
use crate::{AuthenticateError, Broker, Client, ClientAddress, Digest, EndpointError, Limited};

/// What every `request_uri` of ours begins with ([RFC 9126 §2.2](https://www.rfc-editor.org/rfc/rfc9126#section-2.2)).
const URN: &str = "urn:ietf:params:oauth:request_uri:";

/// Longer than any request that a browser could carry.
const LONGEST: usize = 16 * 1024;

impl Broker {
    /// Takes a request ahead of the browser: what stands in its headers `Authorization` and `DPoP`, and its parameters.
    ///
    /// # Errors
    /// [`PushError`] says which rule the request broke.
    pub async fn push_authorization(
        &self,
        caller: ClientAddress,
        authorization: Option<&str>,
        dpop: Option<&str>,
        params: &Params,
    ) -> Result<PushedAuthorizationResponse, PushError> {
        self.admit_visitor(caller)?;
        let now = self.now();
        let proof = dpop
            .map(|header| self.verify_push_proof(header, now))
            .transpose()?;
        let newcomer = self.authenticate_newcomer(caller, authorization, params).await?;
        let client = newcomer.client;
        // "The request_uri authorization request parameter MUST NOT be provided in this case" (RFC 9126 §2.1)
        if params.one("request_uri")?.is_some() {
            return Err(PushError::RequestUri);
        }
        let redirect = checks::check_redirect_uri(params, &client)?;
        let checked = self.check_request(params, &client, redirect)?;
        let mut kept = kept(params)?;
        if let Some(proof) = &proof {
            match checked.redirection.dpop_jkt {
                // "If the two do not match, the authorization server MUST reject the request."
                Some(named) if named != proof.thumbprint => return Err(ProofRefusal::TwoKeys.into()),
                Some(_) => {}
                None => kept.push(("dpop_jkt".to_owned(), proof.thumbprint.to_string())),
            }
            self.spend_proof(proof, ProvedAt::Par, now).await?;
        }
        let name = self.entropy.secret();
        let request_uri = Secret::new(format!("{URN}{}", name.expose()));
        let lives = self.settings.lifetimes.pushed_request;
        let request = PushedRequest {
            params: kept,
            expires_at: now + lives,
        };
        self.store
            .push_request(key(client.id(), request_uri.expose()), request)
            .await?;
        Ok(PushedAuthorizationResponse {
            request_uri,
            expires_in: lives.as_secs(),
        })
    }

    /// The key of the proof is one that `dpop_jkt` could name
    /// ([RFC 9449 §10.1](https://www.rfc-editor.org/rfc/rfc9449#section-10.1)).
    fn verify_push_proof(&self, header: &str, now: Timestamp) -> Result<Proof, ProofRefusal> {
        let shown = ShownProof {
            header,
            method: "POST",
            access_token: None,
        };
        self.verify_proof(shown, ProvedAt::Par, now)
    }

    /// The parameters that count: those that were pushed, where the browser brings the name of a pushed request, and then no
    /// others. They are good once, for the client that pushed them.
    pub(super) async fn pushed_params(
        &self,
        params: &Params,
        client: &Client,
    ) -> Result<Option<Params>, AuthorizeError> {
        let request_uri = params
            .one("request_uri")
            .map_err(|duplicate| UntrustedRequest::Duplicate(duplicate.0))?;
        let Some(request_uri) = request_uri.filter(|uri| uri.starts_with(URN)) else {
            return Ok(None);
        };
        let pushed = self
            .store
            .take_pushed_request(key(client.id(), request_uri), self.now())
            .await?
            .ok_or(UntrustedRequest::PushedRequestUnknown)?;
        Ok(Some(pushed.params.into_iter().collect()))
    }
}

/// > "require_pushed_authorization_requests": Boolean parameter indicating whether the only means of initiating an
/// > authorization request the client is allowed to use is PAR.
/// > ([RFC 9126 §6](https://www.rfc-editor.org/rfc/rfc9126#section-6))
pub(super) fn check_pushed(client: &Client, pushed: Option<&Params>) -> Result<(), Refusal> {
    if pushed.is_some() || !client.must_push() {
        return Ok(());
    }
    Err(Refusal::new(
        OAuthErrorCode::InvalidRequest,
        "This client has to push its authorization requests. Send the parameters to \
         pushed_authorization_request_endpoint first.",
    ))
}

/// What is kept of the request: the parameters that an authorization request has, and nothing that proves the client.
fn kept(params: &Params) -> Result<Vec<(String, String)>, PushError> {
    let kept: Vec<(String, String)> = params
        .iter()
        .filter(|(name, _)| RawAuthorizeRequest::NAMES.contains(name))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    let length: usize = kept.iter().map(|(name, value)| name.len() + value.len()).sum();
    if length > LONGEST {
        Err(PushError::TooLong)
    } else {
        Ok(kept)
    }
}

/// A request is filed under its client as well, so that another client finds nothing and takes nothing.
fn key(client: &ClientId, request_uri: &str) -> Digest {
    // No client's id has a line break in it.
    Digest::of(&format!("{client}\n{request_uri}"))
}

/// How long a pushed request is good for, if nobody says otherwise.
pub(crate) const USUAL_LIFETIME: Duration = Duration::from_secs(90);

/// Why a request was not taken.
#[derive(Debug, Error)]
pub enum PushError {
    /// The client is not let in.
    #[error(transparent)]
    Client(#[from] AuthenticateError),
    /// The request does not prove what it has to.
    #[error(transparent)]
    Proof(#[from] ProofRefusal),
    /// Too many requests come from there.
    #[error(transparent)]
    TooMany(#[from] Limited),
    /// A parameter stands twice.
    #[error(transparent)]
    Duplicate(#[from] DuplicateParameter),
    /// A pushed request cannot point to another one.
    #[error("request_uri cannot be pushed: send the parameters themselves")]
    RequestUri,
    /// The redirect URI cannot be trusted.
    #[error(transparent)]
    Untrusted(#[from] UntrustedRequest),
    /// The request asks for what may not be had.
    #[error("{description}")]
    Refused {
        /// The code of the answer.
        code: OAuthErrorCode,
        /// What to change.
        description: String,
    },
    /// The request is longer than any that a browser could carry.
    #[error("the request's parameters are longer than 16 KiB")]
    TooLong,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<Refusal> for PushError {
    fn from(refusal: Refusal) -> Self {
        Self::Refused {
            code: refusal.code,
            description: refusal.description,
        }
    }
}

impl EndpointError for PushError {
    fn code(&self) -> OAuthErrorCode {
        match self {
            Self::Client(error) => error.code(),
            Self::Proof(error) => error.code(),
            Self::TooMany(_) => OAuthErrorCode::TemporarilyUnavailable,
            Self::Untrusted(error) => match error.code() {
                // That code belongs to registration.
                OAuthErrorCode::InvalidRedirectUri => OAuthErrorCode::InvalidRequest,
                code => code,
            },
            Self::Duplicate(_) | Self::RequestUri | Self::TooLong => OAuthErrorCode::InvalidRequest,
            Self::Refused { code, .. } => *code,
            Self::Store(error) => error.code(),
        }
    }

    /// > If the request size was beyond the upper bound that the authorization server allows, the authorization server
    /// > responds with an HTTP 413 (Payload Too Large) status code.
    /// > ([RFC 9126 §2.3](https://www.rfc-editor.org/rfc/rfc9126#section-2.3))
    fn status(&self) -> u16 {
        match (self, self.limited()) {
            (Self::TooLong, _) => 413,
            (_, Some(_)) => 429,
            (_, None) => status_of(self.code()),
        }
    }

    fn limited(&self) -> Option<Limited> {
        if let Self::TooMany(limited) = self {
            Some(*limited)
        } else {
            self.of_client().and_then(EndpointError::limited)
        }
    }

    fn dpop_nonce(&self) -> Option<&str> {
        if let Self::Proof(error) = self {
            error.dpop_nonce()
        } else {
            None
        }
    }

    fn of_client(&self) -> Option<&AuthenticateError> {
        if let Self::Client(error) = self {
            Some(error)
        } else {
            None
        }
    }
}
