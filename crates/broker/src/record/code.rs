//! What an authorization code stands for.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use vestibule_protocol::{
    ClientId, CodeChallenge, KeyThumbprint, RedirectUri, ResourceUri, ScopeSet, SessionId, Timestamp,
};
use vestibule_provider::Identity;
use vestibule_telemetry::TraceContext;

use super::UpstreamId;

/// The grant behind an authorization code: bound to client, redirect URI, challenge and resources.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CodeGrant {
    /// The session that redemption opens, and that a second redemption ends.
    pub session: SessionId,
    /// The client that the code was issued to.
    pub client_id: ClientId,
    /// The redirect URI that the code was sent to.
    pub redirect_uri: RedirectUri,
    /// Whether the authorization request named it.
    pub redirect_uri_given: bool,
    /// The PKCE challenge.
    pub code_challenge: CodeChallenge,
    /// The DPoP key that the client has to prove, where it named one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dpop_jkt: Option<KeyThumbprint>,
    /// The resources that the tokens are for.
    pub resources: Vec<ResourceUri>,
    /// The scopes that the user granted.
    pub scopes: ScopeSet,
    /// The user.
    pub identity: Arc<Identity>,
    /// The login at the provider on which the session will stand, where the broker keeps one.
    #[serde(default)]
    pub upstream: Option<UpstreamId>,
    /// The OpenID Connect `nonce`.
    pub nonce: Option<String>,
    /// When the code ends.
    pub expires_at: Timestamp,
    /// Where the attempt is traced.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace: Option<TraceContext>,
}
