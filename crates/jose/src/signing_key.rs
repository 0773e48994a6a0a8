mod signer;

use std::fmt;

use aws_lc_rs::error::{KeyRejected, Unspecified};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use vestibule_protocol::KeyId;

use self::signer::Signer;
use crate::{Algorithm, JwkError, PublicJwk, TokenType};

/// Room for the claims of most tokens, in bytes.
const ROOM_FOR_CLAIMS: usize = 768;

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
        let signer = Signer::from_private_jwk(public.algorithm(), jwk)?;
        Self::new(signer, public)
    }

    /// Reads a PKCS#8 private key in PEM (`-----BEGIN PRIVATE KEY-----`) for this algorithm.
    ///
    /// RSA keys in PKCS#1 are read too. An EC key in SEC1 form (`BEGIN EC PRIVATE KEY`) is not: turn it into PKCS#8
    /// with `openssl pkcs8 -topk8 -nocrypt`.
    pub fn from_pkcs8_pem(algorithm: Algorithm, pem: &str) -> Result<Self, KeyError> {
        let signer = Signer::from_pkcs8_pem(algorithm, pem)?;
        let public = PublicJwk::deserialize(signer.public_jwk()?).map_err(|_| KeyError::UnsupportedKey)?;
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
        let mut payload = Vec::with_capacity(ROOM_FOR_CLAIMS);
        serde_json::to_writer(&mut payload, claims)?;
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

/// The encoded header of each token type, its dot included.
struct Headers {
    access_token: String,
    id_token: String,
    introspection: String,
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
            URL_SAFE_NO_PAD.encode(header.to_string()) + "."
        };
        Self {
            access_token: encode(TokenType::AccessToken),
            id_token: encode(TokenType::IdToken),
            introspection: encode(TokenType::Introspection),
            status_list: encode(TokenType::StatusList),
        }
    }

    fn of_type(&self, token_type: TokenType) -> &str {
        match token_type {
            TokenType::AccessToken => &self.access_token,
            TokenType::IdToken => &self.id_token,
            TokenType::Introspection => &self.introspection,
            TokenType::StatusList => &self.status_list,
        }
    }
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
