use serde::{Deserialize, Serialize};
use vestibule_protocol::{
    Actor, ClientId, Confirmation, Issuer, ProviderId, ScopeSet, SessionId, Subject, Timestamp, TokenId,
};

use super::{Audience, StatusClaim};
use crate::numeric_date;

/// What an access token says ([RFC 9068 §2.2](https://www.rfc-editor.org/rfc/rfc9068#section-2.2)).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessTokenClaims {
    /// The broker.
    pub iss: Issuer,
    /// The user, unique across providers.
    pub sub: Subject,
    /// The MCP servers that the token is for, each by its canonical URI.
    pub aud: Audience,
    /// The client that it was issued to.
    pub client_id: ClientId,
    /// What it allows.
    pub scope: ScopeSet,
    /// When it was issued.
    #[serde(with = "numeric_date")]
    pub iat: Timestamp,
    /// When it ends.
    #[serde(with = "numeric_date")]
    pub exp: Timestamp,
    /// The token's own id.
    pub jti: TokenId,
    /// The session that it was issued under; when that ends, it ends.
    pub sid: SessionId,
    /// When the user logged in.
    #[serde(with = "numeric_date")]
    pub auth_time: Timestamp,
    /// The identity provider that the user logged in with.
    pub idp: ProviderId,
    /// Who acts for the user, where that is not the client that the user let in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub act: Option<Actor>,
    /// Where its revocation can be looked up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<StatusClaim>,
    /// The key that its bearer has to prove.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cnf: Option<Confirmation>,
}
