//! Who the client is to an authorization server.

use http::HeaderValue;
use jsonwebtoken::Algorithm;
use serde::{Deserialize, Serialize};
use serde_json::json;
use thiserror::Error;
use vestibule_protocol::{AuthMethod, ClientId, Secret};

use crate::{
    ClientCredential, CredentialError, ForeignText, Host, KeyFileError, KnownClient,
    credential::Credential,
    discovery::AuthorizationServer,
    form::Form,
    http::{Http, HttpError},
    key_file::ClientKey,
    refusal::Refusal,
};

/// How the client becomes known to an authorization server. The address of a client ID metadata document is an id that is known.
#[derive(Debug, Clone)]
pub enum Enrolment {
    /// The server's owner has registered the client.
    Known(KnownClient),
    /// The client registers itself ([RFC 7591](https://www.rfc-editor.org/rfc/rfc7591)).
    Dynamic,
}

/// A client as one authorization server knows it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct ClientIdentity {
    pub(crate) id: ClientId,
    #[serde(flatten)]
    credential: Credential,
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
    #[error("{issuer} accepts none of the ways in which this client can authenticate ({ways})")]
    NoCommonMethod {
        /// The server.
        issuer: String,
        /// The ways.
        ways: &'static str,
    },
    /// The key cannot be used.
    #[error(transparent)]
    KeyFile(#[from] KeyFileError),
    /// The server verifies other signatures than the key makes.
    #[error(
        "{issuer} verifies none of the signatures that this key makes ({made}); it takes: {taken} \
         (token_endpoint_auth_signing_alg_values_supported)"
    )]
    NoCommonAlgorithm {
        /// The server.
        issuer: String,
        /// What the key can sign with.
        made: String,
        /// What the server takes.
        taken: ForeignText,
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
            Enrolment::Known(client) => Self::known(server, client),
            Enrolment::Dynamic => Self::register(http, server, redirect_uri).await,
        }
    }

    /// A client that `server` knows, in the way in which it takes what the client has to show.
    pub(crate) fn known(
        server: &AuthorizationServer,
        client: &KnownClient,
    ) -> Result<Self, RegistrationError> {
        let credential = match &client.credential {
            ClientCredential::None => Credential::None,
            ClientCredential::Secret(secret) => with_secret(server, secret)?,
            ClientCredential::Key { file, id } => Credential::PrivateKeyJwt {
                algorithm: algorithm(server, &ClientKey::open(file)?)?,
                // It is opened again for each assertion, from wherever the client runs then.
                key_file: std::path::absolute(file).unwrap_or_else(|_| file.clone()),
                key_id: id.clone(),
            },
        };
        Ok(Self {
            id: client.id.clone(),
            credential,
        })
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
            secret_method(server)?
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
        let no_secret = || RegistrationError::NoSecret {
            issuer: issuer(),
            method: method.as_str(),
        };
        let secret = registered.client_secret.ok_or_else(no_secret);
        let credential = match method {
            AuthMethod::None => Credential::None,
            AuthMethod::ClientSecretBasic => Credential::ClientSecretBasic { secret: secret? },
            AuthMethod::ClientSecretPost => Credential::ClientSecretPost { secret: secret? },
            AuthMethod::PrivateKeyJwt => return Err(no_common_method(server, WITHOUT_KEY)),
        };
        Ok(Self {
            id: registered.client_id,
            credential,
        })
    }

    /// Writes the client into a request to an endpoint of the issuer's, and answers the header that it needs.
    pub(crate) fn authenticate(
        &self,
        issuer: &str,
        form: &mut Form,
        host: &dyn Host,
    ) -> Result<Option<HeaderValue>, CredentialError> {
        self.credential.authenticate(&self.id, issuer, form, host)
    }
}

/// What a client can show that has no key.
const WITHOUT_KEY: &str = "none, client_secret_basic, client_secret_post";

fn no_common_method(server: &AuthorizationServer, ways: &'static str) -> RegistrationError {
    RegistrationError::NoCommonMethod {
        issuer: server.issuer.to_string(),
        ways,
    }
}

fn with_secret(server: &AuthorizationServer, secret: &Secret) -> Result<Credential, RegistrationError> {
    let secret = secret.clone();
    Ok(match secret_method(server)? {
        AuthMethod::ClientSecretPost => Credential::ClientSecretPost { secret },
        _ => Credential::ClientSecretBasic { secret },
    })
}

/// How a client with a secret shows it to `server`. RFC 8414 §2: "If omitted, the default is
/// client_secret_basic".
fn secret_method(server: &AuthorizationServer) -> Result<AuthMethod, RegistrationError> {
    if server.auth_methods.is_empty() || offers(server, AuthMethod::ClientSecretBasic) {
        Ok(AuthMethod::ClientSecretBasic)
    } else if offers(server, AuthMethod::ClientSecretPost) {
        Ok(AuthMethod::ClientSecretPost)
    } else {
        Err(no_common_method(server, WITHOUT_KEY))
    }
}

/// What a client with a key signs with at `server`, where it is known by its key.
fn algorithm(server: &AuthorizationServer, key: &ClientKey) -> Result<Algorithm, RegistrationError> {
    if !server.auth_methods.is_empty() && !offers(server, AuthMethod::PrivateKeyJwt) {
        return Err(no_common_method(server, "private_key_jwt"));
    }
    let taken = &server.auth_algorithms;
    let name = |algorithm: &Algorithm| format!("{algorithm:?}");
    let mut able = key.algorithms.iter().copied();
    able.find(|algorithm| taken.is_empty() || taken.contains(&name(algorithm)))
        .ok_or_else(|| RegistrationError::NoCommonAlgorithm {
            issuer: server.issuer.to_string(),
            made: key.algorithms.iter().map(name).collect::<Vec<_>>().join(", "),
            taken: ForeignText::line(&taken.join(", ")),
        })
}

fn offers(server: &AuthorizationServer, method: AuthMethod) -> bool {
    server
        .auth_methods
        .iter()
        .any(|offered| offered == method.as_str())
}
