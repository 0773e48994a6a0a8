//! Token introspection ([RFC 7662](https://www.rfc-editor.org/rfc/rfc7662)).

use serde::Serialize;

use crate::{Actor, ClientId, Confirmation, Issuer, ProviderId, ResourceUri, ScopeSet, SessionId, Subject};

/// What an authenticated caller is told of a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IntrospectionResponse {
    /// The token is not active, or is none of the caller's business: the same answer.
    Inactive,
    /// The token is active.
    Active(Box<ActiveToken>),
}

/// An active token ([RFC 7662 §2.2](https://www.rfc-editor.org/rfc/rfc7662#section-2.2)). Times are seconds since the epoch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ActiveToken {
    /// Who issued it.
    pub iss: Issuer,
    /// The user.
    pub sub: Subject,
    /// The resources that it is for.
    pub aud: Vec<ResourceUri>,
    /// The client that holds it.
    pub client_id: ClientId,
    /// The scopes.
    pub scope: ScopeSet,
    /// `Bearer` or `DPoP` for an access token; absent for a refresh token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token_type: Option<&'static str>,
    /// When it expires.
    pub exp: i64,
    /// When it was issued.
    pub iat: i64,
    /// Its id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jti: Option<String>,
    /// The session that it belongs to.
    pub sid: SessionId,
    /// When the user logged in.
    pub auth_time: i64,
    /// Where the user logged in.
    pub idp: ProviderId,
    /// Who acts for the user, where that is not the client that the user let in
    /// ([RFC 8693 §4.1](https://www.rfc-editor.org/rfc/rfc8693#section-4.1)).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub act: Option<Actor>,
    /// The key that it is bound to ([RFC 9449 §6.2](https://www.rfc-editor.org/rfc/rfc9449#section-6.2)).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cnf: Option<Confirmation>,
    /// The user's short name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
}

impl Serialize for IntrospectionResponse {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Wire<'a> {
            active: bool,
            #[serde(flatten)]
            token: Option<&'a ActiveToken>,
        }
        let token = match self {
            Self::Inactive => None,
            Self::Active(token) => Some(token.as_ref()),
        };
        Wire {
            active: token.is_some(),
            token,
        }
        .serialize(serializer)
    }
}
