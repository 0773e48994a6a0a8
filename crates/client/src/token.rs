//! Tokens: a code redeemed, a login refreshed, a login revoked.

use std::time::Duration;

use http::{HeaderValue, StatusCode};
use serde::Deserialize;
use thiserror::Error;
use url::Url;
use vestibule_protocol::{CodeVerifier, ResourceUri, ScopeSet, Secret, Timestamp};

use crate::{
    ForeignText,
    discovery::Discovery,
    form::Form,
    http::{Answer, Http, HttpError},
    refusal::Refusal,
    registration::ClientIdentity,
    store::{Entry, Tokens},
};

/// Why no tokens came.
#[derive(Debug, Error)]
pub enum TokenError {
    /// The server could not be asked.
    #[error(transparent)]
    Http(#[from] HttpError),
    /// The server refused.
    #[error("no tokens were issued: {0}")]
    Refused(Refusal),
    /// The token is of a type that this client cannot use.
    #[error("{endpoint} issued a token of type \"{found}\", and this client uses Bearer tokens alone")]
    NotBearer {
        /// The endpoint.
        endpoint: String,
        /// The type.
        found: ForeignText,
    },
    /// The token cannot stand in a header.
    #[error("{endpoint} issued a token that no HTTP header can carry")]
    NotAToken {
        /// The endpoint.
        endpoint: String,
    },
}

/// The part of a token response that a client reads.
#[derive(Deserialize)]
struct Response {
    access_token: Secret,
    token_type: String,
    expires_in: Option<u64>,
    refresh_token: Option<Secret>,
    scope: Option<ScopeSet>,
}

/// How a refresh ended.
pub(crate) enum Refresh {
    /// New tokens. The old refresh token is spent.
    Rotated(Tokens),
    /// The login is over.
    Refused(Refusal),
}

/// A code and what must be shown with it.
pub(crate) struct Redemption<'a> {
    pub(crate) code: &'a Secret,
    pub(crate) redirect_uri: &'a str,
    pub(crate) verifier: &'a CodeVerifier,
    /// What was asked for, which is granted where the answer does not say otherwise.
    pub(crate) scope: &'a ScopeSet,
}

/// Redeems a code.
pub(crate) async fn redeem(
    http: &Http,
    discovery: &Discovery,
    client: &ClientIdentity,
    redemption: &Redemption<'_>,
    now: Timestamp,
) -> Result<Tokens, TokenError> {
    let endpoint = &discovery.server.token_endpoint;
    let mut form = Form::default();
    form.add("grant_type", "authorization_code")
        .add("code", redemption.code.expose())
        .add("redirect_uri", redemption.redirect_uri)
        .add("code_verifier", redemption.verifier.expose())
        .add("resource", discovery.resource.as_str());
    let authorization = client.authenticate(&mut form);
    let answer = http.post_form(endpoint, authorization, form).await?;
    if !answer.status.is_success() {
        return Err(TokenError::Refused(Refusal::read(&answer)));
    }
    read(&answer, redemption.scope, now)
}

/// Asks for tokens of the client's own, for nobody else ([RFC 6749 §4.4](https://www.rfc-editor.org/rfc/rfc6749#section-4.4)).
pub(crate) async fn of_its_own(
    http: &Http,
    endpoint: &Url,
    client: &ClientIdentity,
    resource: &ResourceUri,
    scope: &ScopeSet,
    now: Timestamp,
) -> Result<Refresh, TokenError> {
    let mut form = Form::default();
    form.add("grant_type", "client_credentials")
        .add("resource", resource.as_str());
    if !scope.is_empty() {
        form.add("scope", &scope.to_string());
    }
    let authorization = client.authenticate(&mut form);
    let answer = http.post_form(endpoint, authorization, form).await?;
    if let Some(refusal) = refused(&answer)? {
        return Ok(Refresh::Refused(refusal));
    }
    let tokens = read(&answer, scope, now)?;
    // It can always ask again, and keeps nothing that lasts longer.
    Ok(Refresh::Rotated(Tokens {
        refresh: None,
        ..tokens
    }))
}

/// What the server refuses for good, if it does
/// ([RFC 6749 §5.2](https://www.rfc-editor.org/rfc/rfc6749#section-5.2)): 400 and 401 say no; any other failure (429, 503) may pass.
fn refused(answer: &Answer) -> Result<Option<Refusal>, TokenError> {
    if matches!(answer.status, StatusCode::BAD_REQUEST | StatusCode::UNAUTHORIZED) {
        Ok(Some(Refusal::read(answer)))
    } else if answer.status.is_success() {
        Ok(None)
    } else {
        Err(TokenError::Refused(Refusal::read(answer)))
    }
}

/// Asks for new tokens in place of those of `entry`, with all their scopes.
pub(crate) async fn refresh(
    http: &Http,
    entry: &Entry,
    refresh_token: &Secret,
    now: Timestamp,
) -> Result<Refresh, TokenError> {
    let mut form = Form::default();
    form.add("grant_type", "refresh_token")
        .add("refresh_token", refresh_token.expose())
        .add("resource", entry.resource.as_str());
    let authorization = entry.client.authenticate(&mut form);
    let answer = http.post_form(&entry.token_endpoint, authorization, form).await?;
    if let Some(refusal) = refused(&answer)? {
        return Ok(Refresh::Refused(refusal));
    }
    let mut tokens = read(&answer, &entry.tokens.scope, now)?;
    // RFC 6749 §6: "The authorization server MAY issue a new refresh token"; else the old one stays good.
    tokens.refresh.get_or_insert_with(|| refresh_token.clone());
    Ok(Refresh::Rotated(tokens))
}

/// Tells the server that the login of `entry` is over ([RFC 7009](https://www.rfc-editor.org/rfc/rfc7009)).
///
/// The refresh token is the one to name: "the authorization server SHOULD also invalidate all access tokens
/// based on the same authorization grant" (§2.1).
pub(crate) async fn revoke(http: &Http, entry: &Entry, endpoint: &Url) -> Result<(), TokenError> {
    let (token, hint) = match &entry.tokens.refresh {
        Some(token) => (token, "refresh_token"),
        None => (&entry.tokens.access, "access_token"),
    };
    let mut form = Form::default();
    form.add("token", token.expose()).add("token_type_hint", hint);
    let authorization = entry.client.authenticate(&mut form);
    let answer = http.post_form(endpoint, authorization, form).await?;
    if answer.status.is_success() {
        Ok(())
    } else {
        Err(TokenError::Refused(Refusal::read(&answer)))
    }
}

fn read(answer: &Answer, asked: &ScopeSet, now: Timestamp) -> Result<Tokens, TokenError> {
    let response: Response = answer.json("token response (RFC 6749)")?;
    // RFC 6749 §7.1: "The client MUST NOT use an access token if it does not understand the token type."
    if !response.token_type.eq_ignore_ascii_case("Bearer") {
        return Err(TokenError::NotBearer {
            endpoint: answer.url.to_string(),
            found: ForeignText::line(&response.token_type),
        });
    }
    let access = response.access_token;
    if access.expose().is_empty() || HeaderValue::from_str(access.expose()).is_err() {
        return Err(TokenError::NotAToken {
            endpoint: answer.url.to_string(),
        });
    }
    Ok(Tokens {
        access,
        refresh: response.refresh_token,
        expires_at: response
            .expires_in
            .map(|seconds| now + Duration::from_secs(seconds)),
        scope: response.scope.unwrap_or_else(|| asked.clone()),
    })
}
