use std::fmt;

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ED25519, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents,
};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::jwk::{
    AlgorithmParameters, CommonParameters, EllipticCurve, Jwk, KeyAlgorithm, KeyOperations, PublicKeyUse,
};
use serde::{Deserialize, Serialize};
use vestibule_protocol::KeyId;

use crate::Algorithm;

/// A public signature key that has been parsed, with its algorithm settled and its key id known
/// ([RFC 7517](https://www.rfc-editor.org/rfc/rfc7517)).
///
/// Private members of what it is read from are never kept. A key that cannot verify one of our
/// algorithms cannot be represented.
#[derive(Clone, Serialize, Deserialize)]
#[serde(try_from = "Jwk", into = "Jwk")]
pub struct PublicJwk {
    jwk: Jwk,
    key_id: KeyId,
    algorithm: Algorithm,
    verifier: ParsedPublicKey,
}

impl PublicJwk {
    /// Returns `kid`: the key's own, or its thumbprint where it came without one.
    pub fn key_id(&self) -> &KeyId {
        &self.key_id
    }

    /// Returns the one algorithm that this key verifies.
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// Computes the [RFC 7638](https://www.rfc-editor.org/rfc/rfc7638) SHA-256 thumbprint, base64url encoded.
    pub fn thumbprint(&self) -> String {
        thumbprint(&self.jwk.algorithm)
    }

    /// Names the key by its thumbprint, whatever it was called before.
    pub(crate) fn named_by_thumbprint(mut self) -> Result<Self, JwkError> {
        self.jwk.common.key_id = None;
        Self::try_from(self.jwk)
    }

    /// Verifies a signature with the key's own algorithm.
    pub(crate) fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        self.verifier.verify_sig(message, signature).is_ok()
    }
}

impl fmt::Debug for PublicJwk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PublicJwk")
            .field("key_id", &self.key_id)
            .field("algorithm", &self.algorithm)
            .finish_non_exhaustive()
    }
}

impl PartialEq for PublicJwk {
    fn eq(&self, other: &Self) -> bool {
        self.jwk == other.jwk
    }
}

impl Eq for PublicJwk {}

impl TryFrom<Jwk> for PublicJwk {
    type Error = JwkError;

    fn try_from(jwk: Jwk) -> Result<Self, Self::Error> {
        check_use(&jwk.common)?;
        let (algorithm, key_algorithm, verifier) = parse_material(&jwk.algorithm)?;
        // RFC 7517 §4.4: `alg` says what the key is intended for; a key for another algorithm is not ours to use.
        if jwk.common.key_algorithm.is_some_and(|alg| alg != key_algorithm) {
            return Err(JwkError::UnsupportedKey);
        }
        let name = match jwk.common.key_id {
            Some(name) => name,
            None => thumbprint(&jwk.algorithm),
        };
        let key_id = KeyId::parse(&name).map_err(|_| JwkError::BadKeyId)?;
        let common = CommonParameters {
            public_key_use: Some(PublicKeyUse::Signature),
            key_algorithm: Some(key_algorithm),
            key_id: Some(name),
            ..CommonParameters::default()
        };
        Ok(Self {
            jwk: Jwk {
                common,
                algorithm: jwk.algorithm,
            },
            key_id,
            algorithm,
            verifier,
        })
    }
}

impl From<PublicJwk> for Jwk {
    fn from(key: PublicJwk) -> Self {
        key.jwk
    }
}

/// [RFC 7517 §4.2, §4.3](https://www.rfc-editor.org/rfc/rfc7517#section-4.2): a key marked for something else
/// than signatures verifies none.
fn check_use(common: &CommonParameters) -> Result<(), JwkError> {
    let for_signatures = common
        .public_key_use
        .as_ref()
        .is_none_or(|used| *used == PublicKeyUse::Signature);
    let may_verify = common.key_operations.as_ref().is_none_or(|operations| {
        operations
            .iter()
            .any(|op| matches!(op, KeyOperations::Verify | KeyOperations::Sign))
    });
    if for_signatures && may_verify {
        Ok(())
    } else {
        Err(JwkError::NotForSignatures)
    }
}

fn parse_material(
    material: &AlgorithmParameters,
) -> Result<(Algorithm, KeyAlgorithm, ParsedPublicKey), JwkError> {
    match material {
        AlgorithmParameters::EllipticCurve(ec) if ec.curve == EllipticCurve::P256 => {
            let point = [vec![0x04], octets(&ec.x)?, octets(&ec.y)?];
            // RFC 7518 §6.2.1.2: each coordinate is as long as the curve's field, 32 octets.
            let [_, x, y] = &point;
            if x.len() != 32 || y.len() != 32 {
                return Err(JwkError::Malformed);
            }
            let verifier = ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point.concat());
            Ok((
                Algorithm::Es256,
                KeyAlgorithm::ES256,
                verifier.map_err(|_| JwkError::Malformed)?,
            ))
        }
        AlgorithmParameters::OctetKeyPair(okp) if okp.curve == EllipticCurve::Ed25519 => {
            let verifier = ParsedPublicKey::new(&ED25519, octets(&okp.x)?);
            Ok((
                Algorithm::EdDsa,
                KeyAlgorithm::EdDSA,
                verifier.map_err(|_| JwkError::Malformed)?,
            ))
        }
        AlgorithmParameters::RSA(rsa) => {
            let (n, e) = (octets(&rsa.n)?, octets(&rsa.e)?);
            check_modulus(&n)?;
            let verifier = RsaPublicKeyComponents { n, e }
                .to_parsed_public_key(&RSA_PKCS1_2048_8192_SHA256)
                .map_err(|_| JwkError::Malformed)?;
            Ok((Algorithm::Rs256, KeyAlgorithm::RS256, verifier))
        }
        _ => Err(JwkError::UnsupportedKey),
    }
}

/// [RFC 7518 §3.3](https://www.rfc-editor.org/rfc/rfc7518#section-3.3): “A key of size 2048 bits or larger MUST be
/// used”. The upper bound keeps one verification cheap.
fn check_modulus(n: &[u8]) -> Result<(), JwkError> {
    let leading_zeros = n.first().map_or(0, |first| first.leading_zeros() as usize);
    if (2048..=8192).contains(&(n.len() * 8 - leading_zeros)) {
        Ok(())
    } else {
        Err(JwkError::UnsupportedKey)
    }
}

fn octets(base64url: &str) -> Result<Vec<u8>, JwkError> {
    URL_SAFE_NO_PAD.decode(base64url).map_err(|_| JwkError::Malformed)
}

/// [RFC 7638 §3](https://www.rfc-editor.org/rfc/rfc7638#section-3): the required members in lexicographic order, without
/// white space. Every value has been decoded from base64url before, so none needs escaping.
fn thumbprint(material: &AlgorithmParameters) -> String {
    let canonical = match material {
        AlgorithmParameters::EllipticCurve(ec) => {
            format!(r#"{{"crv":"P-256","kty":"EC","x":"{}","y":"{}"}}"#, ec.x, ec.y)
        }
        AlgorithmParameters::OctetKeyPair(okp) => {
            format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{}"}}"#, okp.x)
        }
        AlgorithmParameters::RSA(rsa) => {
            format!(r#"{{"e":"{}","kty":"RSA","n":"{}"}}"#, rsa.e, rsa.n)
        }
        _ => String::new(),
    };
    URL_SAFE_NO_PAD.encode(digest(&SHA256, canonical.as_bytes()))
}

/// Why a JWK is not a public signature key of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JwkError {
    /// Its type, curve, size or `alg` is none that Vestibule verifies with.
    #[error("unsupported key; use P-256 (ES256), Ed25519 (EdDSA) or RSA of 2048 to 8192 bits (RS256)")]
    UnsupportedKey,
    /// Its `use` or `key_ops` says that it is for something else.
    #[error("the key is not for signatures; its `use` has to be `sig`")]
    NotForSignatures,
    /// A member is missing, is not unpadded base64url, or is no point on the curve.
    #[error("malformed key material")]
    Malformed,
    /// Its `kid` is empty, too long or unprintable.
    #[error("the key's `kid` is not usable as a key id")]
    BadKeyId,
}
