//! How a client shows that it is itself ([RFC 6749 §2.3](https://www.rfc-editor.org/rfc/rfc6749#section-2.3)).

use std::path::PathBuf;

use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use http::HeaderValue;
use jsonwebtoken::{Algorithm, Header};
use serde::{Deserialize, Serialize};
use serde_json::json;
use thiserror::Error;
use url::form_urlencoded;
use vestibule_protocol::{ClientId, Secret};

use crate::{Host, KeyFileError, form::Form, key_file::ClientKey, store::exposed};

/// The type of a client's assertion, for the server that reads it.
const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// How long an assertion is good for, in seconds.
const ASSERTION_LIFE: i64 = 60;

/// A client that an authorization server's owner has registered.
#[derive(Debug, Clone)]
pub struct KnownClient {
    /// Its id there.
    pub id: ClientId,
    /// How it shows that it is itself.
    pub credential: ClientCredential,
}

/// What a client shows.
#[derive(Debug, Clone)]
pub enum ClientCredential {
    /// Nothing: a public client.
    None,
    /// A secret.
    Secret(Secret),
    /// A signature of its private key, which stands in a file and stays there.
    Key {
        /// The file.
        file: PathBuf,
        /// The name under which the server knows the key, where it has several.
        id: Option<String>,
    },
}

/// What a client shows at one server, in the way that it takes there.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "method", rename_all = "snake_case")]
pub(crate) enum Credential {
    None,
    ClientSecretBasic {
        #[serde(with = "exposed")]
        secret: Secret,
    },
    ClientSecretPost {
        #[serde(with = "exposed")]
        secret: Secret,
    },
    PrivateKeyJwt {
        key_file: PathBuf,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        key_id: Option<String>,
        algorithm: Algorithm,
    },
}

/// Why a client cannot show that it is itself.
#[derive(Debug, Error)]
pub enum CredentialError {
    /// There is no key to sign with.
    #[error(transparent)]
    KeyFile(#[from] KeyFileError),
    /// The key is another one than at the login.
    #[error(
        "the key in {} no longer signs with {algorithm}; log in again if it was replaced by one of another kind",
        key_file.display()
    )]
    OtherKind {
        /// The file.
        key_file: PathBuf,
        /// What it signed with at the login.
        algorithm: String,
    },
}

impl Credential {
    /// Writes the client into a request to an endpoint of the issuer's, and answers the header that it needs. An assertion is
    /// made for each request.
    pub(crate) fn authenticate(
        &self,
        id: &ClientId,
        issuer: &str,
        form: &mut Form,
        host: &dyn Host,
    ) -> Result<Option<HeaderValue>, CredentialError> {
        match self {
            Self::None => {
                form.add("client_id", id.as_str());
                Ok(None)
            }
            Self::ClientSecretBasic { secret } => Ok(basic(id, secret)),
            Self::ClientSecretPost { secret } => {
                form.add("client_id", id.as_str())
                    .add("client_secret", secret.expose());
                Ok(None)
            }
            Self::PrivateKeyJwt {
                key_file,
                key_id,
                algorithm,
            } => {
                let key = ClientKey::open(key_file)?;
                let header = Header {
                    typ: Some("client-authentication+jwt".to_owned()),
                    kid: key_id.clone(),
                    ..Header::new(*algorithm)
                };
                let assertion =
                    assertion(id, issuer, &header, &key, host).ok_or_else(|| CredentialError::OtherKind {
                        key_file: key_file.clone(),
                        algorithm: format!("{algorithm:?}"),
                    })?;
                form.add("client_id", id.as_str())
                    .add("client_assertion_type", ASSERTION_TYPE)
                    .add("client_assertion", assertion.expose());
                Ok(None)
            }
        }
    }
}

/// [RFC 7523 §3](https://www.rfc-editor.org/rfc/rfc7523#section-3), with the audience of RFC 10070: the issuer alone, so that
/// no other server can be made to take the assertion, whatever the metadata name as token endpoint.
fn assertion(
    id: &ClientId,
    issuer: &str,
    header: &Header,
    key: &ClientKey,
    host: &dyn Host,
) -> Option<Secret> {
    let now = host.now().as_secs();
    let claims = json!({
        "iss": id,
        "sub": id,
        "aud": issuer,
        "iat": now,
        "exp": now + ASSERTION_LIFE,
        "jti": URL_SAFE_NO_PAD.encode(host.random()),
    });
    crate::jwt::sign(header, &claims, &key.key)
}

/// [RFC 6749 §2.3.1](https://www.rfc-editor.org/rfc/rfc6749#section-2.3.1): both halves are form-encoded before they are joined.
fn basic(id: &ClientId, secret: &Secret) -> Option<HeaderValue> {
    let encode = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let pair = format!("{}:{}", encode(id.as_str()), encode(secret.expose()));
    let mut header = HeaderValue::from_str(&format!("Basic {}", STANDARD.encode(pair))).ok()?;
    header.set_sensitive(true);
    Some(header)
}
