use aws_lc_rs::error::Unspecified;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPairComponents, PublicKeyComponents};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256, RsaKeyPair,
};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::EncodingKey;
use serde::Deserialize;
use serde_json::{Value, json};
use vestibule_protocol::Secret;
use zeroize::Zeroizing;

use super::KeyError;
use crate::Algorithm;

/// A private key, parsed once. jsonwebtoken would parse it again for every signature.
pub(super) enum Signer {
    Es256(EcdsaKeyPair),
    EdDsa(Ed25519KeyPair),
    Rs256(RsaKeyPair),
}

impl Signer {
    pub(super) fn from_private_jwk(algorithm: Algorithm, jwk: &Value) -> Result<Self, KeyError> {
        let members = PrivateMembers::deserialize(jwk).map_err(|_| KeyError::MissingPrivateMembers)?;
        match algorithm {
            Algorithm::Es256 => members.into_ec().map(Self::Es256),
            Algorithm::EdDsa => members.into_ed25519().map(Self::EdDsa),
            Algorithm::Rs256 => members.into_rsa().map(Self::Rs256),
        }
    }

    pub(super) fn from_pkcs8_pem(algorithm: Algorithm, pem: &str) -> Result<Self, KeyError> {
        let read = match algorithm {
            Algorithm::Es256 => EncodingKey::from_ec_pem,
            Algorithm::EdDsa => EncodingKey::from_ed_pem,
            Algorithm::Rs256 => EncodingKey::from_rsa_pem,
        };
        let key = read(pem.as_bytes()).map_err(|_| KeyError::MalformedPem)?;
        let der = key.as_bytes();
        Ok(match algorithm {
            Algorithm::Es256 => Self::Es256(EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, der)?),
            // OpenSSL leaves the public key out, so there is nothing to check the private one against.
            Algorithm::EdDsa => Self::EdDsa(Ed25519KeyPair::from_pkcs8_maybe_unchecked(der)?),
            Algorithm::Rs256 => Self::Rs256(RsaKeyPair::from_der(der)?),
        })
    }

    /// Writes the public half down.
    pub(super) fn public_jwk(&self) -> Result<Value, KeyError> {
        Ok(match self {
            Self::Es256(pair) => {
                // SEC 1 §2.3.3: an uncompressed point is 0x04, then x, then y.
                let (_, point) = split(pair.public_key().as_ref(), 1)?;
                let (x, y) = split(point, 32)?;
                json!({"kty": "EC", "crv": "P-256", "x": base64url(x), "y": base64url(y)})
            }
            Self::EdDsa(pair) => {
                json!({"kty": "OKP", "crv": "Ed25519", "x": base64url(pair.public_key().as_ref())})
            }
            Self::Rs256(pair) => {
                let PublicKeyComponents::<Vec<u8>> { n, e } = pair.public_key().into();
                json!({"kty": "RSA", "n": base64url(&n), "e": base64url(&e)})
            }
        })
    }

    /// Signs what stands in `token` and appends the signature to it.
    pub(super) fn append_signature(&self, token: &mut String) -> Result<(), Unspecified> {
        let message = token.as_bytes();
        match self {
            Self::Es256(pair) => {
                let signature = pair.sign(&SystemRandom::new(), message)?;
                append(token, signature.as_ref());
            }
            Self::EdDsa(pair) => {
                let signature = pair.try_sign(message)?;
                append(token, signature.as_ref());
            }
            Self::Rs256(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature)?;
                append(token, &signature);
            }
        }
        Ok(())
    }
}

fn append(token: &mut String, signature: &[u8]) {
    token.push('.');
    URL_SAFE_NO_PAD.encode_string(signature, token);
}

/// The members of a private JWK that make the key, public ones included
/// ([RFC 7518 §6](https://www.rfc-editor.org/rfc/rfc7518#section-6),
/// [RFC 8037 §2](https://www.rfc-editor.org/rfc/rfc8037#section-2)).
#[derive(Deserialize)]
struct PrivateMembers {
    d: Secret,
    x: Option<String>,
    y: Option<String>,
    n: Option<String>,
    e: Option<String>,
    p: Option<Secret>,
    q: Option<Secret>,
    dp: Option<Secret>,
    dq: Option<Secret>,
    qi: Option<Secret>,
}

impl PrivateMembers {
    fn into_ec(self) -> Result<EcdsaKeyPair, KeyError> {
        let point = [vec![0x04], public(self.x)?, public(self.y)?].concat();
        Ok(EcdsaKeyPair::from_private_key_and_public_key(
            &ECDSA_P256_SHA256_FIXED_SIGNING,
            &private(Some(self.d))?,
            &point,
        )?)
    }

    fn into_ed25519(self) -> Result<Ed25519KeyPair, KeyError> {
        Ok(Ed25519KeyPair::from_seed_and_public_key(
            &private(Some(self.d))?,
            &public(self.x)?,
        )?)
    }

    fn into_rsa(self) -> Result<RsaKeyPair, KeyError> {
        Ok(RsaKeyPair::from_components(&KeyPairComponents {
            public_key: PublicKeyComponents {
                n: public(self.n)?,
                e: public(self.e)?,
            },
            d: private(Some(self.d))?,
            p: private(self.p)?,
            q: private(self.q)?,
            dP: private(self.dp)?,
            dQ: private(self.dq)?,
            qInv: private(self.qi)?,
        })?)
    }
}

fn public(member: Option<String>) -> Result<Vec<u8>, KeyError> {
    let member = member.ok_or(KeyError::MissingPrivateMembers)?;
    URL_SAFE_NO_PAD.decode(member).map_err(|_| KeyError::Inconsistent)
}

fn private(member: Option<Secret>) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    let member = member.ok_or(KeyError::MissingPrivateMembers)?;
    let octets = URL_SAFE_NO_PAD
        .decode(member.expose())
        .map_err(|_| KeyError::Inconsistent)?;
    Ok(Zeroizing::new(octets))
}

fn split(bytes: &[u8], at: usize) -> Result<(&[u8], &[u8]), KeyError> {
    bytes.split_at_checked(at).ok_or(KeyError::UnsupportedKey)
}

fn base64url(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}
