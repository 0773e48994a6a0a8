// Temporary: until protocol lands these.

use serde::{Deserialize, Serialize};
use vestibule_protocol::{OAuthErrorCode, ScopeSet};
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum AuthMethod {
    None,
    ClientSecretBasic,
    ClientSecretPost,
    PrivateKeyJwt,
}
impl AuthMethod {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::ClientSecretBasic => "client_secret_basic",
            Self::ClientSecretPost => "client_secret_post",
            Self::PrivateKeyJwt => "private_key_jwt",
        }
    }
}
#[derive(Debug, Clone)]
pub(crate) struct WwwAuthenticate {
    pub(crate) error: Option<OAuthErrorCode>,
    pub(crate) scope: Option<ScopeSet>,
    pub(crate) resource_metadata: Option<String>,
}
impl WwwAuthenticate {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let get = |name: &str| {
            text.split_once(&format!("{name}=\""))
                .and_then(|(_, r)| r.split_once('"'))
                .map(|(v, _)| v.to_owned())
        };
        Some(Self {
            error: get("error")
                .filter(|e| e == "insufficient_scope")
                .map(|_| OAuthErrorCode::InsufficientScope),
            scope: get("scope").and_then(|s| ScopeSet::parse(&s).ok()),
            resource_metadata: get("resource_metadata"),
        })
    }
}
