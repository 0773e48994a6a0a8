use std::time::Duration;

use thiserror::Error;

/// Why a proof proves nothing; each says what to change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum ProofError {
    /// There is more than one.
    #[error("send one DPoP header, with one proof")]
    Several,
    /// It is no JWT, or lacks what a proof has to say.
    #[error("the DPoP proof is not a signed JWT of at most 8 KiB with jti, htm, htu and iat")]
    Malformed,
    /// It is another kind of JWT.
    #[error("the DPoP proof is of another type: its typ has to be dpop+jwt")]
    Type,
    /// Its `alg` is not allowed.
    #[error(
        "the DPoP proof is signed with an algorithm that is not allowed: use one of dpop_signing_alg_values_supported"
    )]
    Algorithm,
    /// It brings no key that could be verified with.
    #[error("the DPoP proof brings no public key of its algorithm (jwk)")]
    Key,
    /// It gives its private key away.
    #[error(
        "the DPoP proof brings a private key (jwk), which is no secret any more: make a new one, and send its public half"
    )]
    PrivateKey,
    /// The key that it brings did not sign it.
    #[error("the DPoP proof is not signed with the key that it brings (jwk)")]
    Signature,
    /// It is for another method.
    #[error("the DPoP proof is for another HTTP method (htm)")]
    Method,
    /// It is for another address.
    #[error("the DPoP proof is for another address (htu): it has to be the one that is asked, without query")]
    Uri,
    /// It is too old.
    #[error(
        "the DPoP proof is too old (iat): make a new one for each request, no more than {} seconds before, and compare the clocks", .0.as_secs()
    )]
    Old(Duration),
    /// It is from the future.
    #[error("the DPoP proof is from the future (iat): compare the clocks")]
    Future,
    /// It cannot be told from others.
    #[error("the DPoP proof has no jti of 1 to 256 bytes")]
    Id,
    /// It is for another token.
    #[error(
        "the DPoP proof is for another access token (ath): it has to be the SHA-256 of the one that is sent"
    )]
    TokenHash,
    /// It has no nonce of the server, or one that is good no more.
    #[error("the DPoP proof needs the nonce that stands in the DPoP-Nonce header of this answer")]
    Nonce,
}

impl ProofError {
    /// Whether the very request is welcome with the nonce that the answer brings, as `use_dpop_nonce`
    /// ([RFC 9449 §8](https://www.rfc-editor.org/rfc/rfc9449#section-8)).
    pub fn wants_nonce(self) -> bool {
        self == Self::Nonce
    }
}
