//! The OAuth, OpenID Connect and MCP vocabulary: wire types of every endpoint and the rules that an RFC states about a
//! message.
//!
//! Pure: no I/O, no clock, no randomness. This crate never depends on tokio, axum, redis or the broker.
//!
//! To add a message: a file named after it, its parser beside its type, the RFC's MUST above the `if` that enforces it.

mod actor;
mod authority;
mod authorize;
mod challenge;
mod client_auth;
mod client_document;
mod device;
mod discovery;
mod error;
mod id;
mod introspection;
mod issuer;
mod newtype;
mod params;
mod pkce;
mod redirect;
mod registration;
mod resource;
mod scope;
mod secret;
mod thumbprint;
mod time;
mod token;
mod userinfo;

pub use actor::Actor;
pub use authorize::{AuthorizationResponse, PushedAuthorizationResponse, RawAuthorizeRequest};
pub use challenge::{ChallengeScheme, WwwAuthenticate};
pub use client_auth::{AuthMethod, ClientAuthError, ClientCredentials};
pub use client_document::{
    ClientDocumentError, ClientDocumentUrl, ClientDocumentUrlError, DocumentHosts, validate_client_document,
};
pub use device::{DeviceAuthorizationResponse, UserCode, UserCodeError};
pub use discovery::{
    AuthorizationServerMetadata, ProtectedResourceMetadata, resource_metadata_path, resource_metadata_url,
    server_metadata_paths,
};
pub use error::{ErrorBody, OAuthErrorCode};
pub use id::{ClientId, IdError, KeyId, ProviderId, SessionId, StatusRef, Subject, TokenId};
pub use introspection::{ActiveToken, IntrospectionResponse};
pub use issuer::{Issuer, IssuerError};
pub use params::{DuplicateParameter, Params, ParamsError};
pub use pkce::{CodeChallenge, CodeVerifier, PkceError};
pub use redirect::{RedirectClass, RedirectPolicy, RedirectUri, RedirectUriError};
pub use registration::{
    ApplicationType, ClientJwks, ClientMetadata, RegistrationError, RegistrationResponse, ValidMetadata,
};
pub use resource::{ResourceUri, ResourceUriError};
pub use scope::{Scope, ScopeError, ScopeSet};
pub use secret::Secret;
pub use thumbprint::{Confirmation, KeyThumbprint, ThumbprintError};
pub use time::Timestamp;
pub use token::{ACCESS_TOKEN_TYPE, GrantType, TokenRequest, TokenRequestError, TokenResponse};
pub use userinfo::UserInfo;
