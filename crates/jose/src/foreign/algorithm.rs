//! What others may sign with.

use std::fmt;
use std::str::FromStr;

use aws_lc_rs::digest;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ECDSA_P521_SHA512_FIXED, ED25519,
    RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512,
    RSA_PSS_2048_8192_SHA256, RSA_PSS_2048_8192_SHA384, RSA_PSS_2048_8192_SHA512, RsaParameters,
    VerificationAlgorithm,
};
use thiserror::Error;

/// A signature algorithm ([RFC 7518 §3.1](https://www.rfc-editor.org/rfc/rfc7518#section-3.1),
/// [RFC 8037 §3.1](https://www.rfc-editor.org/rfc/rfc8037#section-3.1)). `none` has no variant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SigningAlgorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    Rs256,
    /// RSASSA-PKCS1-v1_5 with SHA-384.
    Rs384,
    /// RSASSA-PKCS1-v1_5 with SHA-512.
    Rs512,
    /// RSASSA-PSS with SHA-256.
    Ps256,
    /// RSASSA-PSS with SHA-384.
    Ps384,
    /// RSASSA-PSS with SHA-512.
    Ps512,
    /// ECDSA on P-256 with SHA-256.
    Es256,
    /// ECDSA on P-384 with SHA-384.
    Es384,
    /// ECDSA on P-521 with SHA-512.
    Es512,
    /// EdDSA on Ed25519.
    EdDsa,
    /// HMAC with SHA-256 and the client secret as the key. Only ever by itself, where the configuration says so: whoever
    /// knows the secret can sign.
    Hs256,
}

/// The name is none of the algorithms that others may sign with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error(
    "is not a supported signature algorithm; write one of RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, ES512, EdDSA or HS256"
)]
pub struct UnknownSigningAlgorithm;

/// What kind of key a signature that only the key's owner can make takes, and how it is checked.
#[derive(Clone, Copy)]
pub(super) enum Check {
    Rsa(&'static RsaParameters),
    /// On a curve.
    Point(Curve, &'static dyn VerificationAlgorithm),
}

/// A curve that keys lie on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Curve {
    P256,
    P384,
    P521,
    Ed25519,
}

impl Curve {
    /// The name, as it stands in `crv`.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::P256 => "P-256",
            Self::P384 => "P-384",
            Self::P521 => "P-521",
            Self::Ed25519 => "Ed25519",
        }
    }
}

impl SigningAlgorithm {
    /// The algorithms whose signatures only the owner of a private key can make.
    pub const ASYMMETRIC: [Self; 10] = [
        Self::Rs256,
        Self::Es256,
        Self::Ps256,
        Self::EdDsa,
        Self::Rs384,
        Self::Rs512,
        Self::Ps384,
        Self::Ps512,
        Self::Es384,
        Self::Es512,
    ];

    /// The name, as it stands in `alg`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Rs384 => "RS384",
            Self::Rs512 => "RS512",
            Self::Ps256 => "PS256",
            Self::Ps384 => "PS384",
            Self::Ps512 => "PS512",
            Self::Es256 => "ES256",
            Self::Es384 => "ES384",
            Self::Es512 => "ES512",
            Self::EdDsa => "EdDSA",
            Self::Hs256 => "HS256",
        }
    }

    /// The check, for a signature that only the key's owner can make.
    pub(super) fn check(self) -> Option<Check> {
        match self {
            Self::Rs256 => Some(Check::Rsa(&RSA_PKCS1_2048_8192_SHA256)),
            Self::Rs384 => Some(Check::Rsa(&RSA_PKCS1_2048_8192_SHA384)),
            Self::Rs512 => Some(Check::Rsa(&RSA_PKCS1_2048_8192_SHA512)),
            Self::Ps256 => Some(Check::Rsa(&RSA_PSS_2048_8192_SHA256)),
            Self::Ps384 => Some(Check::Rsa(&RSA_PSS_2048_8192_SHA384)),
            Self::Ps512 => Some(Check::Rsa(&RSA_PSS_2048_8192_SHA512)),
            Self::Es256 => Some(Check::Point(Curve::P256, &ECDSA_P256_SHA256_FIXED)),
            Self::Es384 => Some(Check::Point(Curve::P384, &ECDSA_P384_SHA384_FIXED)),
            Self::Es512 => Some(Check::Point(Curve::P521, &ECDSA_P521_SHA512_FIXED)),
            Self::EdDsa => Some(Check::Point(Curve::Ed25519, &ED25519)),
            Self::Hs256 => None,
        }
    }

    /// The text's digest by the hash of this algorithm, which `at_hash` and `c_hash` are made with.
    pub fn digest(self, text: &str) -> Vec<u8> {
        let hash = match self {
            Self::Rs256 | Self::Ps256 | Self::Es256 | Self::Hs256 => &digest::SHA256,
            Self::Rs384 | Self::Ps384 | Self::Es384 => &digest::SHA384,
            // Ed25519 hashes with SHA-512 (RFC 8032 §5.1).
            Self::Rs512 | Self::Ps512 | Self::Es512 | Self::EdDsa => &digest::SHA512,
        };
        digest::digest(hash, text.as_bytes()).as_ref().to_vec()
    }
}

impl FromStr for SigningAlgorithm {
    type Err = UnknownSigningAlgorithm;

    fn from_str(name: &str) -> Result<Self, UnknownSigningAlgorithm> {
        // RFC 9864 §2.2: the newer, fully specified name of the same algorithm.
        if name == "Ed25519" {
            return Ok(Self::EdDsa);
        }
        Self::ASYMMETRIC
            .into_iter()
            .chain([Self::Hs256])
            .find(|algorithm| algorithm.as_str() == name)
            .ok_or(UnknownSigningAlgorithm)
    }
}

impl fmt::Display for SigningAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
