//! Dynamic client registration ([RFC 7591](https://www.rfc-editor.org/rfc/rfc7591)).

mod fingerprint;
mod keys;
mod validate;

pub use keys::ClientJwks;
pub(crate) use validate::MetadataSource;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use thiserror::Error;

use crate::{AuthMethod, ClientId, GrantType, OAuthErrorCode, RedirectUri, RedirectUriError, ScopeSet};

/// What a client says of itself, as it stands in the request: read leniently, judged by [`ClientMetadata::validate`].
#[derive(Debug, Clone, Default, Deserialize)]
pub struct ClientMetadata {
    /// `redirect_uris`
    pub redirect_uris: Option<Vec<String>>,
    /// `post_logout_redirect_uris`
    /// ([RP-Initiated Logout §3.1](https://openid.net/specs/openid-connect-rpinitiated-1_0.html#ClientMetadata))
    pub post_logout_redirect_uris: Option<Vec<String>>,
    /// `token_endpoint_auth_method`
    pub token_endpoint_auth_method: Option<String>,
    /// `token_endpoint_auth_methods_supported`, in which some documents list several (ChatGPT)
    pub token_endpoint_auth_methods_supported: Option<Value>,
    /// `token_endpoint_auth_signing_alg`
    pub token_endpoint_auth_signing_alg: Option<Value>,
    /// `jwks`
    pub jwks: Option<Value>,
    /// `jwks_uri`
    pub jwks_uri: Option<Value>,
    /// `grant_types`
    pub grant_types: Option<Vec<String>>,
    /// `response_types`
    pub response_types: Option<Vec<String>>,
    /// `client_name`
    pub client_name: Option<Value>,
    /// `client_uri`
    pub client_uri: Option<Value>,
    /// `logo_uri`
    pub logo_uri: Option<Value>,
    /// `tos_uri`
    pub tos_uri: Option<Value>,
    /// `policy_uri`
    pub policy_uri: Option<Value>,
    /// `scope`
    pub scope: Option<Value>,
    /// `software_id`
    pub software_id: Option<Value>,
    /// `software_version`
    pub software_version: Option<Value>,
    /// `require_pushed_authorization_requests` ([RFC 9126 §6](https://www.rfc-editor.org/rfc/rfc9126#section-6))
    pub require_pushed_authorization_requests: Option<Value>,
    /// `dpop_bound_access_tokens` ([RFC 9449 §5.2](https://www.rfc-editor.org/rfc/rfc9449#section-5.2))
    pub dpop_bound_access_tokens: Option<Value>,
    /// `application_type` ([OpenID Connect Registration §2](https://openid.net/specs/openid-connect-registration-1_0.html#ClientMetadata))
    pub application_type: Option<Value>,
}

/// What kind of app a client is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ApplicationType {
    /// It runs on a web server.
    Web,
    /// It runs on the user's machine.
    Native,
}

/// A client's metadata after validation, with every default filled in: what is kept, and what the answer says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ValidMetadata {
    /// Where codes may be sent; empty only without the code flow.
    pub redirect_uris: Vec<RedirectUri>,
    /// Where browsers may be sent after a logout.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub post_logout_redirect_uris: Vec<RedirectUri>,
    /// How the client authenticates.
    pub token_endpoint_auth_method: AuthMethod,
    /// The one algorithm that its assertions are signed with, if it says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token_endpoint_auth_signing_alg: Option<String>,
    /// Its public keys, written out.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "jwks")]
    pub jwks: Option<ClientJwks>,
    /// Where its public keys are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jwks_uri: Option<String>,
    /// The grants that it may use.
    pub grant_types: Vec<GrantType>,
    /// `code`, or nothing without the code flow.
    pub response_types: Vec<String>,
    /// What it calls itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_name: Option<String>,
    /// Its home page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_uri: Option<String>,
    /// Its logo.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub logo_uri: Option<String>,
    /// Its terms of service.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tos_uri: Option<String>,
    /// Its privacy policy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy_uri: Option<String>,
    /// The scopes that it means to ask for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<ScopeSet>,
    /// The software that it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub software_id: Option<String>,
    /// The software's version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub software_version: Option<String>,
    /// Whether its authorization requests have to be pushed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub require_pushed_authorization_requests: bool,
    /// Whether its tokens have to be bound to a key.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub dpop_bound_access_tokens: bool,
    /// What kind of app it is.
    pub application_type: ApplicationType,
}

impl ValidMetadata {
    /// Whether the client has nothing to show.
    pub fn is_public(&self) -> bool {
        self.token_endpoint_auth_method == AuthMethod::None
    }

    /// Whether the client and the server have to share a secret.
    pub fn takes_secret(&self) -> bool {
        match self.token_endpoint_auth_method {
            AuthMethod::ClientSecretBasic | AuthMethod::ClientSecretPost => true,
            AuthMethod::None | AuthMethod::PrivateKeyJwt => false,
        }
    }
}

/// A key set as it stands on the wire: an object whose member `keys` is the list.
mod jwks {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use super::ClientJwks;

    #[derive(Serialize, Deserialize)]
    struct Wire<T> {
        keys: T,
    }

    #[expect(clippy::ref_option, reason = "serde hands the field over as it is")]
    pub(super) fn serialize<S: Serializer>(jwks: &Option<ClientJwks>, to: S) -> Result<S::Ok, S::Error> {
        jwks.as_ref().map(|keys| Wire { keys }).serialize(to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<ClientJwks>, D::Error> {
        let wire = Option::<Wire<ClientJwks>>::deserialize(from)?;
        Ok(wire.map(|wire| wire.keys))
    }
}

/// Why a registration is refused ([RFC 7591 §3.2.2](https://www.rfc-editor.org/rfc/rfc7591#section-3.2.2)).
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum RegistrationError {
    /// The body is no JSON object of the right shape.
    #[error("the body is not a JSON object of client metadata: {0}")]
    NotMetadata(String),
    /// There is no redirect URI.
    #[error("redirect_uris is missing or empty; name at least one")]
    NoRedirectUri,
    /// There are too many.
    #[error("redirect_uris has more than 32 entries")]
    TooManyRedirectUris,
    /// One of them is not acceptable.
    #[error("redirect_uris[{index}] {cause}")]
    RedirectUri {
        /// Which one, counted from zero.
        index: usize,
        /// What is wrong with it.
        cause: RedirectUriError,
    },
    /// There are too many addresses to go to after a logout.
    #[error("post_logout_redirect_uris has more than 32 entries")]
    TooManyPostLogoutUris,
    /// One of them is not acceptable.
    #[error("post_logout_redirect_uris[{index}] {cause}")]
    PostLogoutUri {
        /// Which one, counted from zero.
        index: usize,
        /// What is wrong with it.
        cause: RedirectUriError,
    },
    /// The authentication method is not served.
    #[error(
        "token_endpoint_auth_method is not one of none, private_key_jwt, client_secret_basic and client_secret_post; \
         an app on the user's machine uses none"
    )]
    AuthMethod,
    /// The authentication method takes a secret that a published document cannot have.
    #[error(
        "token_endpoint_auth_method takes a shared secret, which a published document cannot have; write none or \
         private_key_jwt"
    )]
    SharedSecret,
    /// It authenticates with a key and names none.
    #[error("private_key_jwt needs the public keys: add either jwks or jwks_uri")]
    NoKeys,
    /// It names keys in two ways.
    #[error("jwks and jwks_uri are both there; leave one of them out")]
    TwoKeySets,
    /// The keys cannot be read.
    #[error("jwks is not an object whose keys are a list of 1 to 16 JWKs")]
    Jwks,
    /// The keys are not for the public.
    #[error(
        "jwks holds a private or symmetric key, which is no secret any more: make a new one, and publish its public half"
    )]
    PrivateKey,
    /// The address of the keys cannot be used.
    #[error("jwks_uri is not an https address without a user name and a fragment")]
    JwksUri,
    /// No grant is left with which a registered client could begin.
    #[error(
        "grant_types has to contain authorization_code, urn:ietf:params:oauth:grant-type:device_code or, for a client that \
         proves who it is, client_credentials, as far as this server serves them"
    )]
    GrantTypes,
    /// The code flow is not among the response types.
    #[error("response_types has to contain code")]
    ResponseTypes,
}

impl RegistrationError {
    /// The code that the answer carries.
    pub fn code(&self) -> OAuthErrorCode {
        match self {
            Self::NoRedirectUri | Self::TooManyRedirectUris | Self::RedirectUri { .. } => {
                OAuthErrorCode::InvalidRedirectUri
            }
            Self::NotMetadata(_)
            | Self::TooManyPostLogoutUris
            | Self::PostLogoutUri { .. }
            | Self::AuthMethod
            | Self::SharedSecret
            | Self::NoKeys
            | Self::TwoKeySets
            | Self::Jwks
            | Self::PrivateKey
            | Self::JwksUri
            | Self::GrantTypes
            | Self::ResponseTypes => OAuthErrorCode::InvalidClientMetadata,
        }
    }
}

/// The answer to a registration ([RFC 7591 §3.2.1](https://www.rfc-editor.org/rfc/rfc7591#section-3.2.1)). It can hold
/// secrets, so it is never printed.
#[derive(Serialize)]
pub struct RegistrationResponse {
    /// The client's id.
    pub client_id: ClientId,
    /// When the client first registered, in seconds since the epoch.
    pub client_id_issued_at: i64,
    /// The secret of a confidential client.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_secret: Option<String>,
    /// When the secret expires; 0 for never. Present when there is a secret.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_secret_expires_at: Option<i64>,
    /// What managing the registration takes ([RFC 7592 §3](https://www.rfc-editor.org/rfc/rfc7592#section-3)).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub registration_access_token: Option<String>,
    /// Where the registration is managed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub registration_client_uri: Option<String>,
    /// All registered metadata.
    #[serde(flatten)]
    pub metadata: ValidMetadata,
}

impl std::fmt::Debug for RegistrationResponse {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RegistrationResponse")
            .field("client_id", &self.client_id)
            .finish_non_exhaustive()
    }
}
