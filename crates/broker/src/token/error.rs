//! How a token request fails.

use thiserror::Error;
use vestibule_jose::SignError;
use vestibule_protocol::{GrantType, OAuthErrorCode, ScopeSet, TokenRequestError};

use crate::keys::KeysError;
use crate::store::StoreError;
use crate::{AuthenticateError, EndpointError, LimitError, Limited};

/// Why a token request got no token; each says what to change.
#[derive(Debug, Error)]
pub enum TokenError {
    /// The client is not let in.
    #[error(transparent)]
    Client(#[from] AuthenticateError),
    /// The request cannot be read.
    #[error(transparent)]
    Request(#[from] TokenRequestError),
    /// The client may not use this grant.
    #[error("this client did not register the grant type {}", .0.as_str())]
    GrantNotAllowed(GrantType),
    /// There is no such code, or it has expired.
    #[error("the authorization code is not known or has expired: start again at the authorization endpoint")]
    CodeUnknown,
    /// The code was redeemed before.
    #[error(
        "the authorization code was redeemed before. It is good once; the session it opened has been ended"
    )]
    CodeReplayed,
    /// The code was issued to somebody else.
    #[error("the authorization code was issued to another client")]
    CodeOfAnotherClient,
    /// The redirect URI has to be named again.
    #[error(
        "redirect_uri is missing: the authorization request named it, so the token request has to as well"
    )]
    RedirectUriMissing,
    /// The redirect URI is another one.
    #[error("redirect_uri is not the one of the authorization request")]
    RedirectUriMismatch,
    /// There is no PKCE verifier.
    #[error("code_verifier is missing: PKCE is required")]
    VerifierMissing,
    /// The PKCE verifier is another one.
    #[error("code_verifier does not belong to the code_challenge of the authorization request")]
    VerifierMismatch,
    /// There is no such refresh token, or its session is over.
    #[error(
        "the refresh token is not known, has expired or was revoked: start again at the authorization endpoint"
    )]
    RefreshTokenUnknown,
    /// The refresh token was issued to somebody else.
    #[error("the refresh token was issued to another client")]
    RefreshTokenOfAnotherClient,
    /// The refresh token was spent before.
    #[error(
        "the refresh token was spent before. Each answer brings the next one; since somebody may hold a copy, the \
         session has been ended"
    )]
    RefreshTokenReused,
    /// The provider no longer vouches for the user.
    #[error(
        "the identity provider no longer vouches for the user, and the session has been ended: start again at the \
         authorization endpoint"
    )]
    UserGone,
    /// The provider has not answered for longer than is tolerated.
    #[error(
        "the identity provider has not answered for too long; the session is kept, and the same token is good later"
    )]
    ProviderAway,
    /// A resource that was not granted.
    #[error(
        "resource names an MCP server that was not granted: send one of the authorization request, or none"
    )]
    ResourceNotGranted,
    /// The resource is not served any more.
    #[error("the MCP server that was granted is no longer served here")]
    ResourceGone,
    /// Scopes that were not granted.
    #[error(
        "scope asks for more than was granted ({0}): a refresh can only narrow it. Start again at the authorization \
         endpoint for more"
    )]
    ScopeNotGranted(ScopeSet),
    /// The resource knows none of the scopes.
    #[error("none of the scopes belongs to the resource that was asked for")]
    NoScopeLeft,
    /// This replica cannot tell which key to sign with.
    #[error(transparent)]
    Keys(#[from] KeysError),
    /// Too many tokens were issued for the user.
    #[error(transparent)]
    TooMany(#[from] Limited),
    /// A token could not be signed.
    #[error(transparent)]
    Signing(#[from] SignError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl EndpointError for TokenError {
    fn code(&self) -> OAuthErrorCode {
        match self {
            Self::Client(error) => error.code(),
            Self::Request(TokenRequestError::UnsupportedGrantType(_)) => OAuthErrorCode::UnsupportedGrantType,
            Self::Request(TokenRequestError::BadScope) | Self::ScopeNotGranted(_) | Self::NoScopeLeft => {
                OAuthErrorCode::InvalidScope
            }
            Self::Request(
                TokenRequestError::Duplicate(_)
                | TokenRequestError::Missing(_)
                | TokenRequestError::BadVerifier,
            )
            | Self::VerifierMissing => OAuthErrorCode::InvalidRequest,
            Self::GrantNotAllowed(_) => OAuthErrorCode::UnauthorizedClient,
            Self::CodeUnknown
            | Self::CodeReplayed
            | Self::CodeOfAnotherClient
            | Self::RedirectUriMissing
            | Self::RedirectUriMismatch
            | Self::VerifierMismatch
            | Self::RefreshTokenUnknown
            | Self::RefreshTokenOfAnotherClient
            | Self::RefreshTokenReused
            | Self::UserGone => OAuthErrorCode::InvalidGrant,
            Self::ProviderAway | Self::TooMany(_) => OAuthErrorCode::TemporarilyUnavailable,
            Self::ResourceNotGranted | Self::ResourceGone => OAuthErrorCode::InvalidTarget,
            Self::Store(error) | Self::Keys(KeysError::Store(error)) => error.code(),
            Self::Keys(_) | Self::Signing(_) => OAuthErrorCode::ServerError,
        }
    }

    fn reason(&self) -> &'static str {
        match self {
            Self::Client(error) => error.reason(),
            Self::Request(TokenRequestError::UnsupportedGrantType(_)) => "grant_unsupported",
            Self::Request(TokenRequestError::Duplicate(_)) => "parameter_twice",
            Self::Request(TokenRequestError::Missing(_)) => "parameter_missing",
            Self::Request(TokenRequestError::BadScope) => "scope_malformed",
            Self::Request(TokenRequestError::BadVerifier) => "verifier_malformed",
            Self::GrantNotAllowed(_) => "grant_not_allowed",
            Self::CodeUnknown => "code_unknown",
            Self::CodeReplayed => "code_replayed",
            Self::CodeOfAnotherClient => "code_of_another_client",
            Self::RedirectUriMissing => "redirect_uri_missing",
            Self::RedirectUriMismatch => "redirect_uri_mismatch",
            Self::VerifierMissing => "verifier_missing",
            Self::VerifierMismatch => "verifier_mismatch",
            Self::RefreshTokenUnknown => "refresh_token_unknown",
            Self::RefreshTokenOfAnotherClient => "refresh_token_of_another_client",
            Self::RefreshTokenReused => "refresh_token_reused",
            Self::UserGone => "user_gone",
            Self::ProviderAway => "provider_away",
            Self::ResourceNotGranted => "resource_not_granted",
            Self::ResourceGone => "resource_gone",
            Self::ScopeNotGranted(_) => "scope_not_granted",
            Self::NoScopeLeft => "no_scope_left",
            Self::Signing(_) => "signing",
            Self::Store(error) | Self::Keys(KeysError::Store(error)) => error.reason(),
            Self::Keys(_) => "keys",
            Self::TooMany(_) => "too_many_tokens",
        }
    }

    fn limited(&self) -> Option<Limited> {
        if let Self::TooMany(limited) = self {
            Some(*limited)
        } else {
            self.of_client().and_then(EndpointError::limited)
        }
    }

    fn of_client(&self) -> Option<&AuthenticateError> {
        if let Self::Client(error) = self {
            Some(error)
        } else {
            None
        }
    }
}

impl From<LimitError> for TokenError {
    fn from(error: LimitError) -> Self {
        match error {
            LimitError::Limited(limited) => Self::TooMany(limited),
            LimitError::Store(error) => Self::Store(error),
        }
    }
}
