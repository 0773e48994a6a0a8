//! Proofs of possession that come with requests ([RFC 9449](https://www.rfc-editor.org/rfc/rfc9449)).

use thiserror::Error;
use vestibule_jose::dpop::{self, Demand, NonceRule, Nonces, Proof, ProofError, TargetUri, Window};
use vestibule_protocol::{Issuer, OAuthErrorCode, ResourceUri, Timestamp};

use crate::settings::ProofNonces;
use crate::store::{Remembered, StoreError};
use crate::{Broker, Digest, EndpointError, MasterSecrets, endpoints};

/// What proofs are judged by, made ready once.
pub(crate) struct Proofs {
    nonces: Nonces,
    token: Option<TargetUri>,
    par: Option<TargetUri>,
    userinfo: Option<TargetUri>,
}

/// The endpoint that a proof is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ProvedAt {
    Token,
    Par,
    UserInfo,
}

/// What a request shows.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ShownProof<'r> {
    /// The `DPoP` header.
    pub(crate) header: &'r str,
    pub(crate) method: &'r str,
    /// The access token that it comes with, where it does.
    pub(crate) access_token: Option<&'r str>,
}

impl Proofs {
    /// All replicas make the same nonces, and believe those from before the master secret changed.
    pub(crate) fn new(issuer: &Issuer, secrets: &MasterSecrets) -> Self {
        let key = |secret: &vestibule_keyring::MasterSecret| secret.derive("dpop nonces");
        let nonces = Nonces::new(&key(&secrets.current));
        let uri = |path: &str| TargetUri::parse(&issuer.endpoint(path));
        Self {
            nonces: secrets
                .previous
                .iter()
                .fold(nonces, |nonces, secret| nonces.and_previous(&key(secret))),
            token: uri(endpoints::TOKEN),
            par: uri(endpoints::PAR),
            userinfo: uri(endpoints::USERINFO),
        }
    }

    fn uri(&self, at: ProvedAt) -> Option<&TargetUri> {
        match at {
            ProvedAt::Token => self.token.as_ref(),
            ProvedAt::Par => self.par.as_ref(),
            ProvedAt::UserInfo => self.userinfo.as_ref(),
        }
    }
}

impl Broker {
    /// Judges a proof by itself. Nothing is kept of it yet, so whoever is refused has lost nothing.
    pub(crate) fn verify_proof(
        &self,
        shown: ShownProof<'_>,
        at: ProvedAt,
        now: Timestamp,
    ) -> Result<Proof, ProofRefusal> {
        let demand = Demand {
            method: shown.method,
            uri: self.proofs.uri(at).ok_or(ProofRefusal::Bad(ProofError::Uri))?,
            access_token: shown.access_token,
            window: Window::default(),
            nonce: match self.settings.dpop.nonces {
                ProofNonces::Asked => NonceRule::Asked(&self.proofs.nonces),
                ProofNonces::NotAsked => NonceRule::Ignored,
            },
        };
        dpop::verify(shown.header, &demand, now).map_err(|error| {
            if error.wants_nonce() {
                ProofRefusal::Nonce(self.proofs.nonces.current(now))
            } else {
                ProofRefusal::Bad(error)
            }
        })
    }

    /// Spends a proof: it is good once.
    ///
    /// > servers can store, in the context of the target URI, the jti value of each DPoP proof for the time window in which the
    /// > respective DPoP proof JWT would be accepted to prevent multiple uses of the same DPoP proof
    /// > ([RFC 9449 §11.1](https://www.rfc-editor.org/rfc/rfc9449#section-11.1))
    ///
    /// Each key has its own, so that nobody uses up another's.
    pub(crate) async fn spend_proof(
        &self,
        proof: &Proof,
        at: ProvedAt,
        now: Timestamp,
    ) -> Result<(), ProofRefusal> {
        let uri = self.proofs.uri(at).map_or("", TargetUri::as_str);
        // Neither an address nor a thumbprint has a line break in it.
        let key = Digest::of(&format!("dpop-proof\n{uri}\n{}\n{}", proof.thumbprint, proof.jti));
        match self.store.remember(key, proof.forgettable_at, now).await? {
            Remembered::First => Ok(()),
            Remembered::Seen => Err(ProofRefusal::Replayed),
        }
    }

    /// The nonce to use from now on, if it is time for another one.
    pub(crate) fn next_nonce(&self, proof: &Proof, now: Timestamp) -> Option<String> {
        match self.settings.dpop.nonces {
            ProofNonces::Asked => self.proofs.nonces.renewal(proof.nonce.as_deref(), now),
            ProofNonces::NotAsked => None,
        }
    }
}

/// Why a request does not prove that it has the key; each says what to change.
#[derive(Debug, Error)]
pub enum ProofRefusal {
    /// The proof does not hold.
    #[error(transparent)]
    Bad(ProofError),
    /// The proof needs this nonce.
    #[error("{}", ProofError::Nonce)]
    Nonce(String),
    /// The proof came before.
    #[error("the DPoP proof was used before (jti): make a new one for each request")]
    Replayed,
    /// The client's tokens are always bound to a key.
    #[error(
        "a DPoP proof is missing: this client's tokens are bound to a key (dpop_bound_access_tokens), so send one with each token request"
    )]
    WantedByClient,
    /// The tokens of this MCP server are always bound to a key.
    #[error("a DPoP proof is missing: {0} takes only tokens that are bound to a key")]
    WantedByResource(ResourceUri),
    /// What is presented is bound to a key.
    #[error("a DPoP proof is missing: what is presented is bound to a key, which has to be proved")]
    WantedByBinding,
    /// Two keys are named.
    #[error("dpop_jkt is not the thumbprint of the key in the DPoP proof: they have to name one key")]
    TwoKeys,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl EndpointError for ProofRefusal {
    fn code(&self) -> OAuthErrorCode {
        match self {
            Self::Nonce(_) => OAuthErrorCode::UseDpopNonce,
            Self::Bad(_)
            | Self::Replayed
            | Self::WantedByClient
            | Self::WantedByResource(_)
            | Self::WantedByBinding
            | Self::TwoKeys => OAuthErrorCode::InvalidDpopProof,
            Self::Store(error) => error.code(),
        }
    }

    fn reason(&self) -> &'static str {
        match self {
            Self::Bad(_) => "proof_bad",
            Self::Nonce(_) => "proof_without_nonce",
            Self::Replayed => "proof_replayed",
            Self::WantedByClient | Self::WantedByResource(_) | Self::WantedByBinding => "proof_missing",
            Self::TwoKeys => "proof_of_another_key",
            Self::Store(error) => error.reason(),
        }
    }

    fn dpop_nonce(&self) -> Option<&str> {
        if let Self::Nonce(nonce) = self {
            Some(nonce)
        } else {
            None
        }
    }
}
