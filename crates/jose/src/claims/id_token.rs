use serde::{Deserialize, Serialize};
use vestibule_protocol::{ClientId, Issuer, SessionId, Subject, Timestamp};

use super::Audience;
use crate::numeric_date;

/// What an ID token says about a login and the person behind it
/// ([OpenID Connect Core §2](https://openid.net/specs/openid-connect-core-1_0.html#IDToken), claims of §5.1).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdTokenClaims {
    /// The broker.
    pub iss: Issuer,
    /// The user, unique across providers.
    pub sub: Subject,
    /// The client that the login was for.
    pub aud: Audience,
    /// The same client, where there are several audiences.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub azp: Option<ClientId>,
    /// When it ends.
    #[serde(with = "numeric_date")]
    pub exp: Timestamp,
    /// When it was issued.
    #[serde(with = "numeric_date")]
    pub iat: Timestamp,
    /// When the user logged in.
    #[serde(with = "numeric_date")]
    pub auth_time: Timestamp,
    /// The client's own value from the authorization request, unchanged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nonce: Option<String>,
    /// Binds the access token issued beside it; see [`at_hash`](crate::at_hash).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_hash: Option<String>,
    /// The session that it was issued under.
    pub sid: SessionId,
    /// How the user was authenticated ([RFC 8176](https://www.rfc-editor.org/rfc/rfc8176)).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub amr: Vec<String>,
    /// The user's address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Whether somebody has made sure that the address is the user's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email_verified: Option<bool>,
    /// The user's full name, as displayed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The user's given names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub given_name: Option<String>,
    /// The user's family names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub family_name: Option<String>,
    /// The short name that the user likes to be called by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preferred_username: Option<String>,
    /// The URL of a picture of the user.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub picture: Option<String>,
}
