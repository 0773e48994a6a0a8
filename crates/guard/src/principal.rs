use std::convert::Infallible;
use std::fmt;
use std::sync::Arc;

use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use axum::response::{IntoResponse, Response};
use http::request::Parts;
use http::{Extensions, StatusCode};
use vestibule_jose::AccessTokenClaims;
use vestibule_protocol::{
    Actor, ClientId, KeyThumbprint, ProviderId, ResourceUri, ScopeSet, SessionId, Subject, Timestamp,
};

/// Who is calling: the user behind a verified token, the client that they use, and what they let it do.
///
/// The guard puts one into the request's extensions. An axum handler takes it as an argument (`Option<Principal>` where
/// callers without a token are let in), and an MCP tool finds it with [`Principal::of`]. It is cheap to clone.
#[derive(Clone, PartialEq, Eq)]
pub struct Principal {
    grant: Arc<Grant>,
}

#[derive(PartialEq, Eq)]
struct Grant {
    claims: AccessTokenClaims,
    resource: ResourceUri,
}

impl Principal {
    pub(crate) fn new(claims: AccessTokenClaims, resource: ResourceUri) -> Self {
        Self {
            grant: Arc::new(Grant { claims, resource }),
        }
    }

    /// Finds the caller in a request's extensions; there is none when the guard let a caller in without a token.
    ///
    /// In rmcp the request's head is itself an extension of the call:
    /// `context.extensions.get::<http::request::Parts>().and_then(|head| Principal::of(&head.extensions))`.
    pub fn of(extensions: &Extensions) -> Option<&Self> {
        extensions.get()
    }

    /// Returns the user, unique across identity providers.
    pub fn subject(&self) -> &Subject {
        &self.grant.claims.sub
    }

    /// Returns the client that the user acts through.
    pub fn client_id(&self) -> &ClientId {
        &self.grant.claims.client_id
    }

    /// Returns who acts for the user, where that is another MCP server and not the client that the user let in.
    pub fn actor(&self) -> Option<&Actor> {
        self.grant.claims.act.as_ref()
    }

    /// Returns what the user let the client do.
    pub fn scopes(&self) -> &ScopeSet {
        &self.grant.claims.scope
    }

    /// Says whether the client may do what the scope of this name stands for.
    pub fn has_scope(&self, scope: &str) -> bool {
        self.scopes().contains(scope)
    }

    /// Returns the session that the token was issued under; it stays the same from refresh to refresh.
    pub fn session_id(&self) -> &SessionId {
        &self.grant.claims.sid
    }

    /// Returns the identity provider that the user logged in with.
    pub fn provider(&self) -> &ProviderId {
        &self.grant.claims.idp
    }

    /// Returns the key that the token is bound to ([RFC 9449 §6](https://www.rfc-editor.org/rfc/rfc9449#section-6)), which
    /// whoever calls has proved to have.
    pub fn key(&self) -> Option<KeyThumbprint> {
        self.grant.claims.cnf.as_ref().map(|bound| bound.jkt)
    }

    /// Returns when the token ends.
    pub fn expires_at(&self) -> Timestamp {
        self.grant.claims.exp
    }

    /// Returns the MCP server that the caller was admitted to.
    pub fn resource(&self) -> &ResourceUri {
        &self.grant.resource
    }

    /// Returns everything that the token says.
    pub fn claims(&self) -> &AccessTokenClaims {
        &self.grant.claims
    }
}

impl fmt::Debug for Principal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Principal")
            .field("subject", self.subject())
            .field("client_id", self.client_id())
            .field("scopes", self.scopes())
            .finish_non_exhaustive()
    }
}

impl<S: Sync> FromRequestParts<S> for Principal {
    type Rejection = NoPrincipal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, NoPrincipal> {
        Self::of(&parts.extensions).cloned().ok_or(NoPrincipal)
    }
}

impl<S: Sync> OptionalFromRequestParts<S> for Principal {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, Infallible> {
        Ok(Self::of(&parts.extensions).cloned())
    }
}

/// The answer where a handler wants a [`Principal`] and the guard put none: the route is not behind it.
#[derive(Debug, Clone, Copy)]
pub struct NoPrincipal;

impl IntoResponse for NoPrincipal {
    fn into_response(self) -> Response {
        tracing::error!("a handler takes a Principal, but its route is not behind the guard");
        StatusCode::INTERNAL_SERVER_ERROR.into_response()
    }
}
