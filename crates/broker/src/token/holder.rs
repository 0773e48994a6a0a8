//! Who will hold the tokens: whoever has them, or whoever has a key as well
//! ([RFC 9449 §5](https://www.rfc-editor.org/rfc/rfc9449#section-5)).

use vestibule_jose::dpop::Proof;
use vestibule_protocol::{Confirmation, KeyThumbprint, Timestamp, TokenResponse};

use super::TokenError;
use super::reach::Reach;
use crate::Broker;
use crate::client_auth::Caller;
use crate::proof::{ProofRefusal, ProvedAt, ShownProof};
use crate::settings::DpopBinding;

/// The key that the request proves, if it proves one.
#[derive(Debug, Clone, Copy)]
pub(super) struct Holder {
    key: Option<KeyThumbprint>,
    /// The key that refresh tokens are bound to from now on: those of a client that authenticates are bound to it already.
    pub(super) refresh_key: Option<KeyThumbprint>,
}

impl Holder {
    /// > If the DPoP proof is valid, the authorization server MUST bind the issued access token to the public key […]. If the
    /// > client is a public client, refresh tokens MUST be bound as well
    pub(super) fn of(caller: Option<&Caller>, proof: Option<&Proof>) -> Result<Self, ProofRefusal> {
        let client = caller.map(|caller| &caller.client);
        let key = proof.map(|proof| proof.thumbprint);
        // "If the value is true, the authorization server MUST reject token requests from the client that do not contain the DPoP
        // header." (RFC 9449 §5.2)
        if key.is_none() && client.is_some_and(|client| client.dpop() == DpopBinding::Required) {
            return Err(ProofRefusal::WantedByClient);
        }
        let public = client.is_some_and(|client| client.is_public());
        Ok(Self {
            key,
            refresh_key: key.filter(|_| public),
        })
    }

    /// Whether the holder is the one that something is bound to; to what is bound to no key, anybody is.
    pub(super) fn check(&self, bound: Option<KeyThumbprint>, other: TokenError) -> Result<(), TokenError> {
        match (bound, self.key) {
            (None, _) => Ok(()),
            (Some(_), None) => Err(ProofRefusal::WantedByBinding.into()),
            (Some(bound), Some(key)) if bound == key => Ok(()),
            (Some(_), Some(_)) => Err(other),
        }
    }

    /// Whether the holder is the one that something is bound to, or it is bound to no key.
    pub(super) fn is(&self, bound: Option<KeyThumbprint>) -> bool {
        bound.is_none() || bound == self.key
    }

    /// The key that the request proves, if it proves one.
    pub(super) fn proved(&self) -> Option<KeyThumbprint> {
        self.key
    }

    /// Whether every MCP server takes the tokens.
    pub(super) fn check_reach(&self, reach: &Reach<'_>) -> Result<(), ProofRefusal> {
        match reach.wants_proof() {
            Some(resource) if self.key.is_none() => Err(ProofRefusal::WantedByResource(resource.uri.clone())),
            Some(_) | None => Ok(()),
        }
    }

    /// What the access token says of its holder.
    pub(super) fn confirmation(&self) -> Option<Confirmation> {
        self.key.map(|jkt| Confirmation { jkt })
    }

    /// How the access token is used.
    pub(super) fn token_type(&self) -> &'static str {
        match self.key {
            Some(_) => "DPoP",
            None => "Bearer",
        }
    }
}

impl Broker {
    /// Judges the proof of a token request.
    pub(super) fn verify_token_proof(&self, header: &str, now: Timestamp) -> Result<Proof, ProofRefusal> {
        let shown = ShownProof {
            header,
            method: "POST",
            access_token: None,
        };
        self.verify_proof(shown, ProvedAt::Token, now)
    }

    /// > the authorization server can supply a new nonce […] in the same way
    pub(super) fn with_nonce(
        &self,
        mut answer: TokenResponse,
        proof: Option<&Proof>,
        now: Timestamp,
    ) -> TokenResponse {
        answer.dpop_nonce = proof.and_then(|proof| self.next_nonce(proof, now));
        answer
    }
}
