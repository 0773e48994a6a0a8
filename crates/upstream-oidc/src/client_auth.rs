//! How the client proves to the provider who it is.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use http::HeaderValue;
use serde_json::json;
use url::form_urlencoded;
use vestibule_protocol::{Secret, Timestamp};
use vestibule_provider::ProviderError;

use crate::ClientKey;
use crate::metadata::Metadata;

/// How long an assertion is good for, in seconds. Auth0 takes five minutes at most and advises one.
const ASSERTION_LIFE: i64 = 60;

/// How long a signed secret is good for, in seconds. Apple takes six months at most.
const SIGNED_SECRET_LIFE: i64 = 300;

/// How the client proves who it is.
#[derive(Debug, Clone)]
pub enum ClientAuth {
    /// Not at all: a public client, which PKCE protects.
    None,
    /// With a secret.
    Secret {
        /// The secret.
        secret: Secret,
        /// Where it stands; `None` leaves it to what the provider says it takes.
        method: Option<SecretMethod>,
    },
    /// With a JWT of its own, `private_key_jwt`
    /// ([RFC 7523 §3](https://www.rfc-editor.org/rfc/rfc7523#section-3)).
    PrivateKeyJwt {
        /// The key.
        key: ClientKey,
        /// What the assertions look like.
        assertion: Assertion,
    },
    /// With a secret that is itself a short-lived JWT, made for each request (Apple).
    SignedSecret {
        /// The key.
        key: ClientKey,
        /// `iss`: the team.
        issuer: String,
        /// `aud`.
        audience: String,
    },
}

/// Where a secret stands in a request ([RFC 6749 §2.3.1](https://www.rfc-editor.org/rfc/rfc6749#section-2.3.1)).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SecretMethod {
    /// In the `Authorization` header: `client_secret_basic`.
    #[default]
    Basic,
    /// In the form: `client_secret_post`.
    Post,
}

/// What a client's assertions look like.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Assertion {
    /// Their `typ`.
    pub kind: AssertionType,
    /// Their `aud`, where the provider takes another than its issuer. It is the operator's word: a provider whose metadata chose
    /// it could have an assertion made that another provider takes.
    pub audience: Option<String>,
}

/// The `typ` of a client assertion.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum AssertionType {
    /// `client-authentication+jwt`, which keeps an assertion from being taken for another kind of token (RFC 10070).
    #[default]
    Explicit,
    /// `JWT`, for providers that know no other.
    Plain,
}

/// The proof for one request.
#[derive(Debug)]
pub(crate) enum Proof {
    None,
    Basic(Secret),
    Post(Secret),
    Assertion(Secret),
}

/// What an assertion is, for the provider.
pub(crate) const ASSERTION_KIND: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

impl ClientAuth {
    /// The secret, for a provider that signs with it.
    pub(crate) fn secret(&self) -> Option<&Secret> {
        match self {
            Self::Secret { secret, .. } => Some(secret),
            Self::None | Self::PrivateKeyJwt { .. } | Self::SignedSecret { .. } => None,
        }
    }

    /// The proof for a request to this provider, now.
    pub(crate) fn prove(
        &self,
        client_id: &str,
        metadata: &Metadata,
        now: Timestamp,
    ) -> Result<Proof, ProviderError> {
        let cannot_sign = || ProviderError::Misconfigured("the client's private key cannot sign".to_owned());
        let issued_at = now.as_secs();
        match self {
            Self::None => Ok(Proof::None),
            Self::Secret { secret, method } => Ok(match method.unwrap_or_else(|| metadata.secret_method()) {
                SecretMethod::Basic => Proof::Basic(secret.clone()),
                SecretMethod::Post => Proof::Post(secret.clone()),
            }),
            Self::PrivateKeyJwt { key, assertion } => {
                let typ = match assertion.kind {
                    AssertionType::Explicit => "client-authentication+jwt",
                    AssertionType::Plain => "JWT",
                };
                // RFC 10070: the audience is the issuer's identifier and nothing else, so that no other server can be made to
                // take the assertion.
                let claims = json!({
                    "iss": client_id,
                    "sub": client_id,
                    "aud": assertion.audience.as_ref().unwrap_or(&metadata.issuer),
                    "iat": issued_at,
                    "exp": issued_at + ASSERTION_LIFE,
                    "jti": unique()?,
                });
                key.sign(typ, &claims)
                    .map(Proof::Assertion)
                    .ok_or_else(cannot_sign)
            }
            Self::SignedSecret {
                key,
                issuer,
                audience,
            } => {
                let claims = json!({
                    "iss": issuer,
                    "sub": client_id,
                    "aud": audience,
                    "iat": issued_at,
                    "exp": issued_at + SIGNED_SECRET_LIFE,
                });
                key.sign("JWT", &claims).map(Proof::Post).ok_or_else(cannot_sign)
            }
        }
    }
}

impl Proof {
    /// Adds the proof to a form, or makes the header that carries it.
    pub(crate) fn add_to(
        &self,
        form: &mut form_urlencoded::Serializer<'_, String>,
        client_id: &str,
    ) -> Option<HeaderValue> {
        match self {
            Self::Basic(secret) => {
                let encoded =
                    |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
                let pair = format!("{}:{}", encoded(client_id), encoded(secret.expose()));
                let mut value = HeaderValue::try_from(format!("Basic {}", STANDARD.encode(pair))).ok()?;
                value.set_sensitive(true);
                return Some(value);
            }
            Self::Post(secret) => {
                form.append_pair("client_secret", secret.expose());
            }
            Self::Assertion(assertion) => {
                form.append_pair("client_assertion_type", ASSERTION_KIND);
                form.append_pair("client_assertion", assertion.expose());
            }
            Self::None => {}
        }
        form.append_pair("client_id", client_id);
        None
    }
}

/// A `jti` that no other assertion has.
fn unique() -> Result<String, ProviderError> {
    let mut bytes = [0; 16];
    aws_lc_rs::rand::fill(&mut bytes)
        .map_err(|_| ProviderError::Unavailable("this machine has no randomness".to_owned()))?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}
