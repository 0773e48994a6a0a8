//! The checks of an authorization request, each on its own.

use vestibule_protocol::{
    CodeChallenge, GrantType, KeyThumbprint, OAuthErrorCode, Params, ProviderId, RawAuthorizeRequest,
    RedirectUri, ResourceUri, Scope, ScopeSet,
};

use super::error::{Refusal, UntrustedRequest};
use crate::Client;
use crate::settings::{Resource, Resources};

/// The redirect URI to use, and whether the request named it.
///
/// > the authorization server MUST compare the two URIs using simple string comparison
///
/// apart from the port of loopback URIs ([RFC 8252 §7.3](https://www.rfc-editor.org/rfc/rfc8252#section-7.3)).
pub(super) fn check_redirect_uri(
    params: &Params,
    client: &Client,
) -> Result<(RedirectUri, bool), UntrustedRequest> {
    let presented = params
        .one("redirect_uri")
        .map_err(|duplicate| UntrustedRequest::Duplicate(duplicate.0))?;
    let registered = client.redirect_uris();
    let Some(presented) = presented else {
        return match registered {
            [only] => Ok((only.clone(), false)),
            _ => Err(UntrustedRequest::RedirectUriMissing),
        };
    };
    registered
        .iter()
        .find_map(|uri| uri.accept(presented))
        .map(|uri| (uri, true))
        .ok_or_else(|| {
            let registered: Vec<&str> = registered.iter().map(RedirectUri::as_str).collect();
            UntrustedRequest::RedirectUriMismatch {
                registered: registered.join(", "),
            }
        })
}

/// Request objects are not supported, and saying so beats ignoring them
/// ([RFC 9101 §6.1](https://www.rfc-editor.org/rfc/rfc9101#section-6.1)).
pub(crate) fn check_request_object(raw: &RawAuthorizeRequest) -> Result<(), Refusal> {
    if raw.request.is_some() {
        return Err(Refusal::new(
            OAuthErrorCode::RequestNotSupported,
            "Request objects are not supported. Send the parameters themselves.",
        ));
    }
    if raw.request_uri.is_some() {
        return Err(Refusal::new(
            OAuthErrorCode::RequestUriNotSupported,
            "request_uri is not supported but as pushed_authorization_request_endpoint gives it. Send the parameters themselves.",
        ));
    }
    Ok(())
}

/// Only the code flow exists
/// ([OAuth 2.1 §4.1.1](https://datatracker.ietf.org/doc/html/draft-ietf-oauth-v2-1#section-4.1.1)).
pub(super) fn check_response_type(raw: &RawAuthorizeRequest) -> Result<(), Refusal> {
    match raw.response_type.as_deref() {
        Some("code") => Ok(()),
        Some(other) => Err(Refusal::new(
            OAuthErrorCode::UnsupportedResponseType,
            format!(
                "response_type={} is not supported. Send response_type=code.",
                printable(other)
            ),
        )),
        None => Err(Refusal::new(
            OAuthErrorCode::InvalidRequest,
            "response_type is missing. Send response_type=code.",
        )),
    }
}

/// Answers travel in the query alone.
pub(super) fn check_response_mode(raw: &RawAuthorizeRequest) -> Result<(), Refusal> {
    match raw.response_mode.as_deref() {
        None | Some("query") => Ok(()),
        Some(other) => Err(Refusal::new(
            OAuthErrorCode::InvalidRequest,
            format!(
                "response_mode={} is not supported. Leave it out, or send query.",
                printable(other)
            ),
        )),
    }
}

/// The client may use the code flow.
pub(super) fn check_grant(client: &Client) -> Result<(), Refusal> {
    if client.allows_grant(GrantType::AuthorizationCode) {
        return Ok(());
    }
    Err(Refusal::new(
        OAuthErrorCode::UnauthorizedClient,
        "This client may not use the authorization code grant. Register it with that grant type.",
    ))
}

/// PKCE is asked of every client ([RFC 7636 §4.4.1](https://www.rfc-editor.org/rfc/rfc7636#section-4.4.1)).
///
/// > If the server requires Proof Key for Code Exchange (PKCE) by OAuth public clients and the client does not send the
/// > "code_challenge" in the request, the authorization endpoint MUST return the authorization error response with the
/// > "error" value set to "invalid_request".
pub(super) fn check_pkce(raw: &RawAuthorizeRequest) -> Result<CodeChallenge, Refusal> {
    let refuse = |description: String| Refusal::new(OAuthErrorCode::InvalidRequest, description);
    let Some(challenge) = raw.code_challenge.as_deref() else {
        return Err(refuse(
            "code_challenge is missing: PKCE is required. Update the app, or send code_challenge and \
             code_challenge_method=S256."
                .to_owned(),
        ));
    };
    match raw.code_challenge_method.as_deref() {
        Some("S256") => {}
        Some(other) => {
            return Err(refuse(format!(
                "code_challenge_method={} is not supported. Send S256.",
                printable(other)
            )));
        }
        None => {
            return Err(refuse(
                "code_challenge_method is missing, which means plain, and plain is not supported. Send S256."
                    .to_owned(),
            ));
        }
    }
    CodeChallenge::parse(challenge).map_err(|error| {
        refuse(format!(
            "code_challenge is not valid: {}.",
            printable(&error.to_string())
        ))
    })
}

/// The key to which the code will be bound, if the client names one
/// ([RFC 9449 §10](https://www.rfc-editor.org/rfc/rfc9449#section-10)).
pub(super) fn check_dpop_jkt(raw: &RawAuthorizeRequest) -> Result<Option<KeyThumbprint>, Refusal> {
    let named = raw.dpop_jkt.as_deref().map(KeyThumbprint::parse).transpose();
    named.map_err(|error| {
        Refusal::new(
            OAuthErrorCode::InvalidRequest,
            format!("dpop_jkt is not valid: {error}."),
        )
    })
}

/// The resources that the tokens are for, in their configured form
/// ([RFC 8707 §2](https://www.rfc-editor.org/rfc/rfc8707#section-2)).
pub(crate) fn check_resources<'a>(
    named: &[String],
    resources: &'a Resources,
) -> Result<Vec<&'a Resource>, Refusal> {
    if named.is_empty() {
        let default = resources.default().ok_or_else(|| {
            Refusal::new(
                OAuthErrorCode::InvalidTarget,
                "resource is missing, and this service speaks for several MCP servers. Name one.",
            )
        })?;
        return Ok(vec![default]);
    }
    let mut found: Vec<&Resource> = Vec::new();
    for name in named {
        let resource = ResourceUri::parse(name)
            .ok()
            .and_then(|uri| resources.find(&uri))
            .ok_or_else(|| Refusal::new(OAuthErrorCode::InvalidTarget, unknown_resource(name, resources)))?;
        if !found.iter().any(|earlier| earlier.uri == resource.uri) {
            found.push(resource);
        }
    }
    Ok(found)
}

fn unknown_resource(name: &str, resources: &Resources) -> String {
    let known: Vec<&str> = resources.iter().map(|resource| resource.uri.as_str()).collect();
    format!(
        "resource={} is not an MCP server of this service. It speaks for: {}.",
        printable(name),
        known.join(", ")
    )
}

/// The scopes asked for: known ones, and the resources' defaults when none were named.
pub(crate) fn check_scope(
    raw: &RawAuthorizeRequest,
    client: &Client,
    resources: &[&Resource],
) -> Result<ScopeSet, Refusal> {
    let of_resources: ScopeSet = resources
        .iter()
        .flat_map(|resource| resource.scopes.iter().map(|known| known.scope.clone()))
        .collect();
    let wanted = match raw.scope.as_deref() {
        None => resources
            .iter()
            .flat_map(|resource| resource.default_scopes.iter().cloned())
            .collect(),
        Some(text) => ScopeSet::parse(text).map_err(|_| {
            Refusal::new(
                OAuthErrorCode::InvalidScope,
                "scope is not a list of scope names with single spaces between them.",
            )
        })?,
    };
    let mut granted = wanted.intersection(&of_resources.union(&Scope::identity()));
    if let Some(allowed) = client.scopes() {
        granted = granted.intersection(allowed);
    }
    if granted.is_empty() {
        return Err(Refusal::new(
            OAuthErrorCode::InvalidScope,
            format!("None of the scopes asked for may be had here. Known scopes: {of_resources}."),
        ));
    }
    Ok(granted)
}

/// What the request says about asking the user
/// ([OpenID Connect Core §3.1.2.1](https://openid.net/specs/openid-connect-core-1_0.html#AuthRequest)).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Asking {
    pub(super) never: bool,
    pub(super) login: bool,
    pub(super) consent: bool,
    pub(super) max_age: Option<u64>,
}

pub(super) fn check_prompt(raw: &RawAuthorizeRequest) -> Result<Asking, Refusal> {
    let refuse = |description: String| Refusal::new(OAuthErrorCode::InvalidRequest, description);
    let mut asking = Asking::default();
    for value in raw.prompt.as_deref().unwrap_or_default().split_ascii_whitespace() {
        match value {
            "none" => asking.never = true,
            "login" | "select_account" | "create" => asking.login = true,
            "consent" => asking.consent = true,
            other => {
                return Err(refuse(format!(
                    "prompt={} is not supported. Send none, login, consent or select_account.",
                    printable(other)
                )));
            }
        }
    }
    // "If this parameter contains none with any other value, an error is returned."
    if asking.never && (asking.login || asking.consent) {
        return Err(refuse(
            "prompt=none cannot stand beside another value.".to_owned(),
        ));
    }
    if let Some(text) = raw.max_age.as_deref() {
        let seconds = text
            .parse()
            .map_err(|_| refuse("max_age is not a number of seconds.".to_owned()))?;
        asking.max_age = Some(seconds);
    }
    Ok(asking)
}

/// The provider that the client asks for; a hint that is no provider's name is ignored.
pub(super) fn hinted_provider(raw: &RawAuthorizeRequest) -> Option<ProviderId> {
    raw.idp_hint
        .as_deref()
        .and_then(|hint| ProviderId::parse(hint).ok())
}

/// What a client sent, made fit for an error description
/// ([RFC 6749 §4.1.2.1](https://www.rfc-editor.org/rfc/rfc6749#section-4.1.2.1): printable ASCII without `"` and `\`).
fn printable(text: &str) -> String {
    text.chars()
        .take(80)
        .map(|c| {
            if (' '..='~').contains(&c) && c != '"' && c != '\\' {
                c
            } else {
                '?'
            }
        })
        .collect()
}
