//! How a token request fails.

use thiserror::Error;
use vestibule_jose::SignError;
use vestibule_jose::foreign::ClockError;
use vestibule_protocol::{GrantType, OAuthErrorCode, ScopeSet, TokenRequestError};

use crate::endpoint_error::status_of;
use crate::keys::KeysError;
use crate::proof::ProofRefusal;
use crate::store::StoreError;
use crate::{AuthenticateError, EndpointError, FetchError, LimitError, Limited};

/// Why a token request got no token; each says what to change.
#[derive(Debug, Error)]
pub enum TokenError {
    /// The client is not let in.
    #[error(transparent)]
    Client(#[from] AuthenticateError),
    /// The request does not prove what it has to.
    #[error(transparent)]
    Proof(#[from] ProofRefusal),
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
    /// The code is bound to a key that was not proved.
    #[error("the authorization code is bound to another DPoP key (dpop_jkt): prove that one")]
    CodeOfAnotherKey,
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
    /// The refresh token is bound to a key that was not proved.
    #[error("the refresh token is bound to another DPoP key: prove the one with which it was issued")]
    RefreshTokenOfAnotherKey,
    /// The refresh token was spent before.
    #[error(
        "the refresh token was spent before. Each answer brings the next one; since somebody may hold a copy, the \
         session has been ended"
    )]
    RefreshTokenReused,
    /// Nobody has let the device in yet.
    #[error("nobody has let the device in yet: ask again after the interval")]
    AuthorizationPending,
    /// The device asks too often.
    #[error("the device asks too often: wait five seconds longer between two requests from now on")]
    SlowDown,
    /// The user said no.
    #[error("the user did not let the device in")]
    DeviceDenied,
    /// Nobody let the device in in time.
    #[error("the device code has expired: start again at the device authorization endpoint")]
    DeviceCodeExpired,
    /// There is no such device code, or it is another client's.
    #[error("the device code is not known: start again at the device authorization endpoint")]
    DeviceCodeUnknown,
    /// What the device code stands for was handed over.
    #[error("the device code was used before. It is good once; the session it opened has been ended")]
    DeviceCodeSpent,
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
    /// It is no assertion.
    #[error(
        "assertion is not a signed JWT of at most 16 KiB with the claims iss, sub, aud, exp and iat as they have to be"
    )]
    AssertionMalformed,
    /// Nobody trusts who signed it.
    #[error("the issuer of the assertion (iss) is not trusted here with assertions of its type (typ)")]
    IssuerNotTrusted,
    /// The signature is not the issuer's.
    #[error("the assertion is not signed with a key that its issuer publishes")]
    AssertionSignature,
    /// It is for somebody else, or for others as well.
    #[error(
        "the assertion is for somebody else (aud): about a user, it has to be for the issuer of this server alone"
    )]
    AssertionAudience,
    /// It was made for another client.
    #[error("the assertion was made for another client (client_id)")]
    AssertionOfAnotherClient,
    /// Its times are wrong.
    #[error("the assertion {0}")]
    AssertionTime(#[from] ClockError),
    /// It cannot be told from others.
    #[error("the assertion has no jti of 1 to 512 bytes")]
    AssertionWithoutId,
    /// It came before.
    #[error("the assertion was used before (jti): get a new one for each request")]
    AssertionReplayed,
    /// It is about a user, and nobody says which client acts for them.
    #[error("an assertion about a user is taken from the client that it was made for: authenticate it")]
    AssertionNeedsClient,
    /// No rule fits the workload.
    #[error("no rule lets this workload use that MCP server: the operator decides which may")]
    WorkloadNotAllowed,
    /// No rule lets the client come without a user.
    #[error(
        "this client may use no MCP server by itself: the operator decides which may, in [[grants.client_credentials]]"
    )]
    ClientNotLetIn,
    /// No rule lets the client use that server without a user.
    #[error(
        "this client may not use that MCP server by itself: the operator decides which it may, in [[grants.client_credentials]]"
    )]
    ClientNotLetInThere,
    /// The scopes are about a user, and there is none.
    #[error(
        "openid, profile and email are about a user, and a client that acts for itself has none: leave them out"
    )]
    NoUser,
    /// The issuer's keys cannot be had.
    #[error("the keys of the assertion's issuer cannot be had: {0}")]
    IssuerKeys(FetchError),
    /// The token that was shown is not good.
    #[error("subject_token is not an access token of this server that is good now")]
    SubjectTokenUnknown,
    /// The token that was shown is for somebody else.
    #[error(
        "subject_token is not for this client: a server exchanges tokens that were sent to it, and no others"
    )]
    SubjectTokenOfAnother,
    /// No rule lets the client reach that server.
    #[error(
        "this client may not exchange tokens for that MCP server: the operator decides which it may, in [[grants.token_exchange]]"
    )]
    ExchangeNotAllowed,
    /// One server is called at a time.
    #[error("name one MCP server, as resource or as audience")]
    OneTarget,
    /// Too many act one for the other.
    #[error("too many act for the user already, one for the other")]
    ChainTooLong,
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
            Self::Proof(error) => error.code(),
            Self::Request(TokenRequestError::UnsupportedGrantType(_)) => OAuthErrorCode::UnsupportedGrantType,
            Self::Request(TokenRequestError::BadScope)
            | Self::ScopeNotGranted(_)
            | Self::NoScopeLeft
            | Self::NoUser => OAuthErrorCode::InvalidScope,
            Self::Request(
                TokenRequestError::Duplicate(_)
                | TokenRequestError::Missing(_)
                | TokenRequestError::TokenType(_)
                | TokenRequestError::ActorToken
                | TokenRequestError::BadVerifier,
            )
            // RFC 8693 §2.2.2: "if the subject_token or actor_token are invalid for any reason […], the value of the error
            // parameter MUST be the invalid_request error code".
            | Self::SubjectTokenUnknown
            | Self::SubjectTokenOfAnother
            | Self::ChainTooLong
            | Self::VerifierMissing => OAuthErrorCode::InvalidRequest,
            Self::GrantNotAllowed(_) | Self::ClientNotLetIn => OAuthErrorCode::UnauthorizedClient,
            Self::CodeUnknown
            | Self::CodeReplayed
            | Self::CodeOfAnotherClient
            | Self::CodeOfAnotherKey
            | Self::RefreshTokenOfAnotherKey
            | Self::RedirectUriMissing
            | Self::RedirectUriMismatch
            | Self::VerifierMismatch
            | Self::RefreshTokenUnknown
            | Self::RefreshTokenOfAnotherClient
            | Self::RefreshTokenReused
            | Self::AssertionMalformed
            | Self::IssuerNotTrusted
            | Self::AssertionSignature
            | Self::AssertionAudience
            | Self::AssertionOfAnotherClient
            | Self::AssertionTime(_)
            | Self::AssertionWithoutId
            | Self::AssertionReplayed
            | Self::WorkloadNotAllowed
            | Self::DeviceCodeUnknown
            | Self::DeviceCodeSpent
            | Self::UserGone => OAuthErrorCode::InvalidGrant,
            Self::AuthorizationPending => OAuthErrorCode::AuthorizationPending,
            Self::SlowDown => OAuthErrorCode::SlowDown,
            Self::DeviceDenied => OAuthErrorCode::AccessDenied,
            Self::DeviceCodeExpired => OAuthErrorCode::ExpiredToken,
            Self::AssertionNeedsClient => OAuthErrorCode::InvalidClient,
            Self::IssuerKeys(_) | Self::ProviderAway | Self::TooMany(_) => OAuthErrorCode::TemporarilyUnavailable,
            Self::ResourceNotGranted
            | Self::ResourceGone
            | Self::ExchangeNotAllowed
            | Self::ClientNotLetInThere
            | Self::OneTarget => OAuthErrorCode::InvalidTarget,
            Self::Store(error) | Self::Keys(KeysError::Store(error)) => error.code(),
            Self::Keys(_) | Self::Signing(_) => OAuthErrorCode::ServerError,
        }
    }

    fn reason(&self) -> &'static str {
        match self {
            Self::Client(error) => error.reason(),
            Self::Proof(error) => error.reason(),
            Self::Request(TokenRequestError::UnsupportedGrantType(_)) => "grant_unsupported",
            Self::Request(TokenRequestError::Duplicate(_)) => "parameter_twice",
            Self::Request(TokenRequestError::Missing(_)) => "parameter_missing",
            Self::Request(TokenRequestError::BadScope) => "scope_malformed",
            Self::Request(TokenRequestError::TokenType(_)) => "token_type_unsupported",
            Self::Request(TokenRequestError::ActorToken) => "actor_token_unsupported",
            Self::Request(TokenRequestError::BadVerifier) => "verifier_malformed",
            Self::GrantNotAllowed(_) => "grant_not_allowed",
            Self::CodeUnknown => "code_unknown",
            Self::CodeReplayed => "code_replayed",
            Self::CodeOfAnotherClient => "code_of_another_client",
            Self::CodeOfAnotherKey => "code_of_another_key",
            Self::RefreshTokenOfAnotherKey => "refresh_token_of_another_key",
            Self::RedirectUriMissing => "redirect_uri_missing",
            Self::RedirectUriMismatch => "redirect_uri_mismatch",
            Self::VerifierMissing => "verifier_missing",
            Self::VerifierMismatch => "verifier_mismatch",
            Self::RefreshTokenUnknown => "refresh_token_unknown",
            Self::RefreshTokenOfAnotherClient => "refresh_token_of_another_client",
            Self::RefreshTokenReused => "refresh_token_reused",
            Self::AuthorizationPending => "authorization_pending",
            Self::SlowDown => "slow_down",
            Self::DeviceDenied => "device_denied",
            Self::DeviceCodeExpired => "device_code_expired",
            Self::DeviceCodeUnknown => "device_code_unknown",
            Self::DeviceCodeSpent => "device_code_spent",
            Self::UserGone => "user_gone",
            Self::ProviderAway => "provider_away",
            Self::AssertionMalformed => "assertion_malformed",
            Self::IssuerNotTrusted => "issuer_not_trusted",
            Self::AssertionSignature => "assertion_signature",
            Self::AssertionAudience => "assertion_audience",
            Self::AssertionOfAnotherClient => "assertion_of_another_client",
            Self::AssertionTime(_) => "assertion_time",
            Self::AssertionWithoutId => "assertion_without_id",
            Self::AssertionReplayed => "assertion_replayed",
            Self::AssertionNeedsClient => "assertion_needs_client",
            Self::WorkloadNotAllowed => "workload_not_allowed",
            Self::ClientNotLetIn => "client_not_let_in",
            Self::ClientNotLetInThere => "client_not_let_in_there",
            Self::NoUser => "no_user",
            Self::IssuerKeys(_) => "issuer_keys",
            Self::SubjectTokenUnknown => "subject_token_unknown",
            Self::SubjectTokenOfAnother => "subject_token_of_another",
            Self::ExchangeNotAllowed => "exchange_not_allowed",
            Self::OneTarget => "one_target",
            Self::ChainTooLong => "chain_too_long",
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

    /// > the authorization server responds with an HTTP 400 (Bad Request) status code (unless specified otherwise)
    /// > ([RFC 6749 §5.2](https://www.rfc-editor.org/rfc/rfc6749#section-5.2))
    fn status(&self) -> u16 {
        match (self, self.limited()) {
            (Self::DeviceDenied, _) => 400,
            (_, Some(_)) => 429,
            (_, None) => status_of(self.code()),
        }
    }

    fn limited(&self) -> Option<Limited> {
        if let Self::TooMany(limited) = self {
            Some(*limited)
        } else {
            self.of_client().and_then(EndpointError::limited)
        }
    }

    fn dpop_nonce(&self) -> Option<&str> {
        if let Self::Proof(error) = self {
            error.dpop_nonce()
        } else {
            None
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
