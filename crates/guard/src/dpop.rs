mod memory;
mod policy;
mod public_url;
mod spent;

use std::sync::Arc;

use http::header::HeaderName;
use http::request::Parts;
use vestibule_jose::dpop::{self, Demand, NonceRule, Nonces, Window};
use vestibule_protocol::Timestamp;

use self::memory::ProofMemory;
pub use self::policy::DpopPolicy;
pub(crate) use self::policy::Unbound;
pub(crate) use self::public_url::PublicUrl;
pub use self::spent::{ProofId, Spending, SpentProofs, SpentProofsError};
use crate::principal::Principal;
use crate::refusal::{ProofFault, Refusal};
use crate::token_error::TokenError;

/// The header of a proof.
pub(crate) const DPOP: HeaderName = HeaderName::from_static("dpop");
/// The header of the nonce that the next proof is to have.
pub(crate) const DPOP_NONCE: HeaderName = HeaderName::from_static("dpop-nonce");

/// Whether a caller holds the key that their token is bound to ([RFC 9449 §7](https://www.rfc-editor.org/rfc/rfc9449#section-7)).
pub(crate) struct Dpop {
    pub(crate) unbound: Unbound,
    pub(crate) url: PublicUrl,
    pub(crate) nonces: Option<Nonces>,
    pub(crate) spent: Arc<dyn SpentProofs>,
}

impl Dpop {
    /// Judges a token that came without a proof.
    ///
    /// > such a protected resource MUST reject a DPoP-bound access token received as a bearer token
    /// > ([RFC 9449 §7.2](https://www.rfc-editor.org/rfc/rfc9449#section-7.2))
    pub(crate) fn check_unproven(&self, principal: &Principal) -> Result<(), TokenError> {
        match (principal.key(), self.unbound) {
            (Some(_), _) => Err(TokenError::BoundToKey),
            (None, Unbound::Refused) => Err(TokenError::NotBound),
            (None, Unbound::Accepted) => Ok(()),
        }
    }

    /// Judges the proof that came with a token: all of [RFC 9449 §4.3](https://www.rfc-editor.org/rfc/rfc9449#section-4.3), that its key
    /// is the token's, and that it is used for the first time. Returns the nonce for the next one, if that is to be another.
    pub(crate) async fn check_proven(
        &self,
        head: &Parts,
        token: &str,
        principal: &Principal,
        now: Timestamp,
    ) -> Result<Option<String>, Refusal> {
        let key = principal.key().ok_or(TokenError::BearerAlone)?;
        let proof = self.verify(head, token, now)?;
        if proof.thumbprint != key {
            return Err(TokenError::BoundToAnotherKey.into());
        }
        // Last of all, so that only a proof that is good in everything else takes a place in memory.
        match self
            .spent
            .spend(ProofId::of(&proof), proof.forgettable_at, now)
            .await
        {
            Ok(Spending::First) => Ok(self.next_nonce(proof.nonce.as_deref(), now)),
            Ok(Spending::Again) => Err(ProofFault::Spent.into()),
            Err(error) => {
                let cause: &dyn std::error::Error = &error;
                tracing::warn!(error = cause, "whether a proof has been used cannot be known");
                Err(Refusal::ProofsUnknown)
            }
        }
    }

    fn verify(&self, head: &Parts, token: &str, now: Timestamp) -> Result<dpop::Proof, Refusal> {
        let headers = head.headers.get_all(DPOP).iter();
        let proof = dpop::only(headers.map(http::HeaderValue::as_bytes)).map_err(ProofFault::Wrong)?;
        let proof = proof.ok_or(ProofFault::Missing)?;
        let uri = self
            .url
            .of(head)
            .ok_or(ProofFault::Wrong(dpop::ProofError::Uri))?;
        let demand = Demand {
            method: head.method.as_str(),
            uri: &uri,
            access_token: Some(token),
            window: Window::default(),
            nonce: self.nonces.as_ref().map_or(NonceRule::Ignored, NonceRule::Asked),
        };
        dpop::verify(proof, &demand, now).map_err(|error| match &self.nonces {
            Some(nonces) if error.wants_nonce() => Refusal::NonceNeeded(nonces.current(now)),
            _ => {
                tracing::debug!(%error, uri = uri.as_str(), "a proof is refused");
                ProofFault::Wrong(error).into()
            }
        })
    }

    fn next_nonce(&self, shown: Option<&str>, now: Timestamp) -> Option<String> {
        self.nonces.as_ref()?.renewal(shown, now)
    }
}
