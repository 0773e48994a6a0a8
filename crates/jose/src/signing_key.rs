use std::fmt;

use aws_lc_rs::error::{KeyRejected, Unspecified};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPairComponents, PublicKeyComponents};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256, RsaKeyPair,
};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::EncodingKey;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use vestibule_protocol::KeyId;

use crate::{Algorithm, JwkError, PublicJwk, TokenType};

/// A private key that is ready to sign: parsed once, its headers written once, so that minting a token costs
/// little more than the bare signature.
///
/// It is named by its [RFC 7638](https://www.rfc-editor.org/rfc/rfc7638) thumbprint and holds no copy of what it
/// was read from.
pub struct SigningKey {
    signer: Signer,
    public: PublicJwk,
    headers: Headers,
}

impl SigningKey {
    /// Reads a private JWK: `EC` on P-256, `OKP` on Ed25519, or `RSA` with all its CRT members.
    pub fn from_private_jwk(jwk: &Value) -> Result<Self, KeyError> {
        let public = PublicJwk::deserialize(jwk).map_err(|_| KeyError::UnsupportedKey)?;
        let private: PrivateMembers =
            PrivateMembers::deserialize(jwk).map_err(|_| KeyError::MissingPrivateMembers)?;
        let signer = match public.algorithm() {
            Algorithm::Es256 => Signer::Es256(private.into_ec()?),
            Algorithm::EdDsa => Signer::EdDsa(private.into_ed25519()?),
            Algorithm::Rs256 => Signer::Rs256(private.into_rsa()?),
        };
        Self::new(signer, public)
    }

    /// Reads a PKCS#8 private key in PEM (`-----BEGIN PRIVATE KEY-----`) for this algorithm.
    ///
    /// RSA keys in PKCS#1 are read too. An EC key in SEC1 form (`BEGIN EC PRIVATE KEY`) is not: turn it into PKCS#8
    /// with `openssl pkcs8 -topk8 -nocrypt`.
    pub fn from_pkcs8_pem(algorithm: Algorithm, pem: &str) -> Result<Self, KeyError> {
        let pem = pem.as_bytes();
        let (signer, public) = match algorithm {
            Algorithm::Es256 => {
                let der = EncodingKey::from_ec_pem(pem).map_err(|_| KeyError::MalformedPem)?;
                let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, der.as_bytes())?;
                // SEC 1 §2.3.3: an uncompressed point is 0x04, then x, then y.
                let (_, point) = split(pair.public_key().as_ref(), 1)?;
                let (x, y) = split(point, 32)?;
                let public = json!({"kty": "EC", "crv": "P-256", "x": base64url(x), "y": base64url(y)});
                (Signer::Es256(pair), public)
            }
            Algorithm::EdDsa => {
                let der = EncodingKey::from_ed_pem(pem).map_err(|_| KeyError::MalformedPem)?;
                let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(der.as_bytes())?;
                let x = base64url(pair.public_key().as_ref());
                (
                    Signer::EdDsa(pair),
                    json!({"kty": "OKP", "crv": "Ed25519", "x": x}),
                )
            }
            Algorithm::Rs256 => {
                let der = EncodingKey::from_rsa_pem(pem).map_err(|_| KeyError::MalformedPem)?;
                let pair = RsaKeyPair::from_der(der.as_bytes())?;
                let public = PublicKeyComponents::<Vec<u8>>::from(pair.public_key());
                let public = json!({"kty": "RSA", "n": base64url(&public.n), "e": base64url(&public.e)});
                (Signer::Rs256(pair), public)
            }
        };
        let public = PublicJwk::deserialize(public).map_err(|_| KeyError::UnsupportedKey)?;
        Self::new(signer, public)
    }

    fn new(signer: Signer, public: PublicJwk) -> Result<Self, KeyError> {
        let public = public.named_by_thumbprint()?;
        let headers = Headers::of(&public);
        Ok(Self {
            signer,
            public,
            headers,
        })
    }

    /// Returns the key's id, its thumbprint.
    pub fn key_id(&self) -> &KeyId {
        self.public.key_id()
    }

    /// Returns the algorithm that this key signs with.
    pub fn algorithm(&self) -> Algorithm {
        self.public.algorithm()
    }

    /// Returns the public half, as it is published.
    pub fn public_jwk(&self) -> &PublicJwk {
        &self.public
    }

    /// Mints a token: header, claims and signature in compact form
    /// ([RFC 7515 §3.1](https://www.rfc-editor.org/rfc/rfc7515#section-3.1)).
    pub fn sign<C: Serialize>(&self, token_type: TokenType, claims: &C) -> Result<String, SignError> {
        let header = self.headers.of_type(token_type);
        let payload = serde_json::to_vec(claims)?;
        let mut token = String::with_capacity(header.len() + payload.len() * 4 / 3 + 2 + 350);
        token.push_str(header);
        URL_SAFE_NO_PAD.encode_string(&payload, &mut token);
        self.signer.append_signature(&mut token)?;
        Ok(token)
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey")
            .field("public", &self.public)
            .finish_non_exhaustive()
    }
}

/// The parsed private key.
enum Signer {
    Es256(EcdsaKeyPair),
    EdDsa(Ed25519KeyPair),
    Rs256(RsaKeyPair),
}

impl Signer {
    /// Signs what stands in `token` and appends the signature to it.
    fn append_signature(&self, token: &mut String) -> Result<(), SignError> {
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

/// The encoded header of each token type, its dot included.
struct Headers {
    access_token: String,
    id_token: String,
    status_list: String,
}

impl Headers {
    fn of(key: &PublicJwk) -> Self {
        let encode = |token_type: TokenType| {
            let header = json!({
                "alg": key.algorithm().as_str(),
                "typ": token_type.as_str(),
                "kid": key.key_id().as_str(),
            });
            base64url(header.to_string().as_bytes()) + "."
        };
        Self {
            access_token: encode(TokenType::AccessToken),
            id_token: encode(TokenType::IdToken),
            status_list: encode(TokenType::StatusList),
        }
    }

    fn of_type(&self, token_type: TokenType) -> &str {
        match token_type {
            TokenType::AccessToken => &self.access_token,
            TokenType::IdToken => &self.id_token,
            TokenType::StatusList => &self.status_list,
        }
    }
}

/// The members of a private JWK that make the key, public ones included
/// ([RFC 7518 §6](https://www.rfc-editor.org/rfc/rfc7518#section-6),
/// [RFC 8037 §2](https://www.rfc-editor.org/rfc/rfc8037#section-2)).
#[derive(Deserialize)]
struct PrivateMembers {
    d: String,
    x: Option<String>,
    y: Option<String>,
    n: Option<String>,
    e: Option<String>,
    p: Option<String>,
    q: Option<String>,
    dp: Option<String>,
    dq: Option<String>,
    qi: Option<String>,
}

impl PrivateMembers {
    fn into_ec(self) -> Result<EcdsaKeyPair, KeyError> {
        let point = [vec![0x04], octets(self.x)?, octets(self.y)?].concat();
        Ok(EcdsaKeyPair::from_private_key_and_public_key(
            &ECDSA_P256_SHA256_FIXED_SIGNING,
            &octets(Some(self.d))?,
            &point,
        )?)
    }

    fn into_ed25519(self) -> Result<Ed25519KeyPair, KeyError> {
        Ok(Ed25519KeyPair::from_seed_and_public_key(
            &octets(Some(self.d))?,
            &octets(self.x)?,
        )?)
    }

    fn into_rsa(self) -> Result<RsaKeyPair, KeyError> {
        Ok(RsaKeyPair::from_components(&KeyPairComponents {
            public_key: PublicKeyComponents {
                n: octets(self.n)?,
                e: octets(self.e)?,
            },
            d: octets(Some(self.d))?,
            p: octets(self.p)?,
            q: octets(self.q)?,
            dP: octets(self.dp)?,
            dQ: octets(self.dq)?,
            qInv: octets(self.qi)?,
        })?)
    }
}

fn octets(member: Option<String>) -> Result<Vec<u8>, KeyError> {
    let member = member.ok_or(KeyError::MissingPrivateMembers)?;
    URL_SAFE_NO_PAD.decode(member).map_err(|_| KeyError::Inconsistent)
}

fn split(bytes: &[u8], at: usize) -> Result<(&[u8], &[u8]), KeyError> {
    bytes.split_at_checked(at).ok_or(KeyError::UnsupportedKey)
}

fn base64url(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Why a private key cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// The PEM text is damaged, or holds another kind of key than the algorithm needs.
    #[error(
        "not a PKCS#8 private key of this algorithm in PEM; `openssl pkcs8 -topk8 -nocrypt` turns other forms into it"
    )]
    MalformedPem,
    /// The key is of a type, curve or size that Vestibule does not sign with.
    #[error("unsupported key; use P-256 (ES256), Ed25519 (EdDSA) or RSA of 2048 to 8192 bits (RS256)")]
    UnsupportedKey,
    /// The JWK is a public key, or an RSA key without its CRT members.
    #[error("the JWK lacks private members; it has to hold the whole private key")]
    MissingPrivateMembers,
    /// The private and the public members do not belong together.
    #[error("the key's members contradict each other")]
    Inconsistent,
}

impl From<KeyRejected> for KeyError {
    fn from(_: KeyRejected) -> Self {
        Self::Inconsistent
    }
}

impl From<JwkError> for KeyError {
    fn from(_: JwkError) -> Self {
        Self::UnsupportedKey
    }
}

/// Why a token could not be minted.
#[derive(Debug, thiserror::Error)]
pub enum SignError {
    /// The claims cannot be written as JSON.
    #[error("the claims cannot be serialised")]
    Claims(#[from] serde_json::Error),
    /// The signature operation failed.
    #[error("the signature operation failed")]
    Signature(#[from] Unspecified),
}

#[cfg(test)]
mod tests;
