//! Who the client is to an authorization server.

use base64::{Engine, engine::general_purpose::STANDARD};
use http::HeaderValue;
use serde::{Deserialize, Serialize};
use serde_json::json;
use thiserror::Error;
use url::form_urlencoded;
use vestibule_protocol::{AuthMethod, ClientId, Secret};

use crate::{
    discovery::AuthorizationServer,
    form::Form,
    http::{Http, HttpError},
    refusal::Refusal,
    store::exposed,
};

/// How the client becomes known to an authorization server. A client ID metadata document will be one more
/// way, tried before dynamic registration.
#[derive(Debug, Clone)]
pub enum Enrolment {
    /// The server's owner has registered the client.
    Known {
        /// Its id there.
        id: ClientId,
        /// Its secret, where it has one.
        secret: Option<Secret>,
    },
    /// The client registers itself ([RFC 7591](https://www.rfc-editor.org/rfc/rfc7591)).
    Dynamic,
}

/// A client as one authorization server knows it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct ClientIdentity {
    pub(crate) id: ClientId,
    #[serde(with = "exposed::option", default, skip_serializing_if = "Option::is_none")]
    secret: Option<Secret>,
    method: AuthMethod,
}

/// The part of a registration's answer that a client reads.
#[derive(Deserialize)]
struct Registered {
    client_id: ClientId,
    client_secret: Option<Secret>,
    token_endpoint_auth_method: Option<AuthMethod>,
}

/// Why the client is not known to an authorization server.
#[derive(Debug, Error)]
pub enum RegistrationError {
    /// The server could not be asked.
    #[error(transparent)]
    Http(#[from] HttpError),
    /// The server registers nobody.
    #[error(
        "{issuer} registers no clients by itself; have its owner register one and give its id with --client-id"
    )]
    NotOffered {
        /// The server.
        issuer: String,
    },
    /// The server refused.
    #[error("the client could not be registered: {0}")]
    Refused(Refusal),
    /// The server wants a client to prove itself in a way that this one cannot.
    #[error(
        "{issuer} accepts none of the ways in which this client can authenticate \
         (none, client_secret_basic, client_secret_post)"
    )]
    NoCommonMethod {
        /// The server.
        issuer: String,
    },
    /// The server wants a secret and gave none.
    #[error("{issuer} registered the client for {method} and gave it no secret")]
    NoSecret {
        /// The server.
        issuer: String,
        /// The method.
        method: &'static str,
    },
}

impl ClientIdentity {
    /// Makes the client known to `server`, which may then redirect to `redirect_uri`.
    pub(crate) async fn enrol(
        http: &Http,
        server: &AuthorizationServer,
        enrolment: &Enrolment,
        redirect_uri: &str,
    ) -> Result<Self, RegistrationError> {
        match enrolment {
            Enrolment::Known { id, secret: None } => Ok(Self {
                id: id.clone(),
                secret: None,
                method: AuthMethod::None,
            }),
            Enrolment::Known { id, secret } => Ok(Self {
                id: id.clone(),
                secret: secret.clone(),
                method: with_secret(server)?,
            }),
            Enrolment::Dynamic => Self::register(http, server, redirect_uri).await,
        }
    }

    async fn register(
        http: &Http,
        server: &AuthorizationServer,
        redirect_uri: &str,
    ) -> Result<Self, RegistrationError> {
        let issuer = || server.issuer.to_string();
        let endpoint = server
            .registration_endpoint
            .as_ref()
            .ok_or_else(|| RegistrationError::NotOffered { issuer: issuer() })?;
        let open = server.auth_methods.is_empty() || offers(server, AuthMethod::None);
        let wanted = if open {
            AuthMethod::None
        } else {
            with_secret(server)?
        };
        let metadata = json!({
            "client_name": "Vestibule CLI",
            "redirect_uris": [redirect_uri],
            "grant_types": ["authorization_code", "refresh_token"],
            "response_types": ["code"],
            "token_endpoint_auth_method": wanted,
            // MCP has a client say so; the default of OpenID Connect, "web", would refuse loopback redirects.
            "application_type": "native",
        });
        let answer = http.post_json(endpoint, "application/json", &metadata).await?;
        if !answer.status.is_success() {
            return Err(RegistrationError::Refused(Refusal::read(&answer)));
        }
        let registered: Registered = answer.json("client registration (RFC 7591)")?;
        let method = registered.token_endpoint_auth_method.unwrap_or(wanted);
        let secret = registered.client_secret;
        match method {
            AuthMethod::None => Ok(Self {
                id: registered.client_id,
                secret: None,
                method,
            }),
            AuthMethod::ClientSecretBasic | AuthMethod::ClientSecretPost if secret.is_some() => Ok(Self {
                id: registered.client_id,
                secret,
                method,
            }),
            AuthMethod::ClientSecretBasic | AuthMethod::ClientSecretPost => {
                Err(RegistrationError::NoSecret {
                    issuer: issuer(),
                    method: method.as_str(),
                })
            }
            AuthMethod::PrivateKeyJwt => Err(RegistrationError::NoCommonMethod { issuer: issuer() }),
        }
    }

    /// Writes the client into a request to the token or revocation endpoint
    /// ([RFC 6749 §2.3.1](https://www.rfc-editor.org/rfc/rfc6749#section-2.3.1)), and answers the header that it
    /// needs.
    pub(crate) fn authenticate(&self, form: &mut Form) -> Option<HeaderValue> {
        let secret = self.secret.as_ref().map_or("", Secret::expose);
        match self.method {
            AuthMethod::ClientSecretBasic => {
                let encode =
                    |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
                let pair = format!("{}:{}", encode(self.id.as_str()), encode(secret));
                let mut header = HeaderValue::from_str(&format!("Basic {}", STANDARD.encode(pair))).ok()?;
                header.set_sensitive(true);
                Some(header)
            }
            AuthMethod::ClientSecretPost => {
                form.add("client_id", self.id.as_str())
                    .add("client_secret", secret);
                None
            }
            AuthMethod::None | AuthMethod::PrivateKeyJwt => {
                form.add("client_id", self.id.as_str());
                None
            }
        }
    }
}

/// How a client with a secret shows it to `server`. RFC 8414 §2: "If omitted, the default is
/// client_secret_basic".
fn with_secret(server: &AuthorizationServer) -> Result<AuthMethod, RegistrationError> {
    if server.auth_methods.is_empty() || offers(server, AuthMethod::ClientSecretBasic) {
        Ok(AuthMethod::ClientSecretBasic)
    } else if offers(server, AuthMethod::ClientSecretPost) {
        Ok(AuthMethod::ClientSecretPost)
    } else {
        Err(RegistrationError::NoCommonMethod {
            issuer: server.issuer.to_string(),
        })
    }
}

fn offers(server: &AuthorizationServer, method: AuthMethod) -> bool {
    server
        .auth_methods
        .iter()
        .any(|offered| offered == method.as_str())
}
