//! What makes client metadata valid.

use serde_json::Value;
use url::Url;

use super::keys::{ClientJwks, jwks_uri};
use super::{ApplicationType, ClientMetadata, RegistrationError, ValidMetadata};
use crate::authority::written_authority;
use crate::{AuthMethod, GrantType, RedirectClass, RedirectPolicy, RedirectUri, RedirectUriError, ScopeSet};

/// More redirect URIs than any real client registers.
const MOST_REDIRECT_URIS: usize = 32;

/// Longer than any name that a person reads.
const LONGEST_TEXT: usize = 200;

/// How metadata came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MetadataSource {
    /// The client registered them.
    Registration,
    /// They stand in a document that anybody can read.
    Document,
}

impl ClientMetadata {
    /// Reads a registration's body.
    ///
    /// > The authorization server MUST ignore any client metadata sent by the client that it does not understand
    /// > ([RFC 7591 §2](https://www.rfc-editor.org/rfc/rfc7591#section-2))
    ///
    /// # Errors
    /// [`RegistrationError::NotMetadata`].
    pub fn parse(body: &[u8]) -> Result<Self, RegistrationError> {
        serde_json::from_slice(body).map_err(|error| RegistrationError::NotMetadata(error.to_string()))
    }

    /// Judges the metadata and fills in the defaults. What only decorates the consent page is dropped when it is bad; what
    /// decides where codes go is refused.
    ///
    /// # Errors
    /// [`RegistrationError`].
    pub fn validate(self, policy: RedirectPolicy) -> Result<ValidMetadata, RegistrationError> {
        self.validate_from(MetadataSource::Registration, policy)
    }

    pub(crate) fn validate_from(
        self,
        source: MetadataSource,
        policy: RedirectPolicy,
    ) -> Result<ValidMetadata, RegistrationError> {
        let proof = self.proof(source)?;
        let grant_types = grant_types(self.grant_types, proof.method)?;
        let by_redirect = grant_types.contains(&GrantType::AuthorizationCode);
        let redirect_uris = match self.redirect_uris.unwrap_or_default() {
            // "Clients using flows with redirection MUST register their redirection URI values", and others need none.
            none if none.is_empty() && !by_redirect => Vec::new(),
            texts => redirect_uris(&texts, policy)?,
        };
        let after_logout = self.post_logout_redirect_uris.unwrap_or_default();
        let post_logout_redirect_uris = post_logout_uris(&after_logout, policy)?;
        if by_redirect
            && self
                .response_types
                .is_some_and(|types| !types.is_empty() && !types.iter().any(|kind| kind == "code"))
        {
            return Err(RegistrationError::ResponseTypes);
        }
        Ok(ValidMetadata {
            require_pushed_authorization_requests: self
                .require_pushed_authorization_requests
                .is_some_and(|wanted| wanted == Value::Bool(true)),
            dpop_bound_access_tokens: self
                .dpop_bound_access_tokens
                .is_some_and(|wanted| wanted == Value::Bool(true)),
            application_type: judge_application(self.application_type.as_ref(), &redirect_uris),
            grant_types,
            redirect_uris,
            post_logout_redirect_uris,
            token_endpoint_auth_method: proof.method,
            token_endpoint_auth_signing_alg: proof.signing_alg,
            jwks: proof.jwks,
            jwks_uri: proof.jwks_uri,
            response_types: by_redirect.then(|| "code".to_owned()).into_iter().collect(),
            client_name: self.client_name.as_ref().and_then(readable),
            client_uri: self.client_uri.as_ref().and_then(web_page),
            logo_uri: self.logo_uri.as_ref().and_then(web_page),
            tos_uri: self.tos_uri.as_ref().and_then(web_page),
            policy_uri: self.policy_uri.as_ref().and_then(web_page),
            scope: self.scope.as_ref().and_then(scopes),
            software_id: self.software_id.as_ref().and_then(readable),
            software_version: self.software_version.as_ref().and_then(readable),
        })
    }
}

/// How a client will show who it is.
struct Proof {
    method: AuthMethod,
    signing_alg: Option<String>,
    jwks: Option<ClientJwks>,
    jwks_uri: Option<String>,
}

impl ClientMetadata {
    fn proof(&self, source: MetadataSource) -> Result<Proof, RegistrationError> {
        let method = self.auth_method(source)?;
        let none = Proof {
            method,
            signing_alg: None,
            jwks: None,
            jwks_uri: None,
        };
        // What a document publishes is looked at whatever it is for: a private key in it is one that was given away.
        if source == MetadataSource::Registration && method != AuthMethod::PrivateKeyJwt {
            return Ok(none);
        }
        let jwks = self.jwks.as_ref().map(ClientJwks::parse).transpose()?;
        let jwks_uri = self.jwks_uri.as_ref().map(jwks_uri).transpose()?;
        match (&jwks, &jwks_uri) {
            // RFC 7591 §2: “The "jwks_uri" and "jwks" parameters MUST NOT both be present in the same request or response.”
            (Some(_), Some(_)) => Err(RegistrationError::TwoKeySets),
            (None, None) if method == AuthMethod::PrivateKeyJwt => Err(RegistrationError::NoKeys),
            (None, None) => Ok(none),
            _ => Ok(Proof {
                signing_alg: self
                    .token_endpoint_auth_signing_alg
                    .as_ref()
                    .and_then(Value::as_str)
                    .map(|name| name.chars().take(16).collect()),
                jwks,
                jwks_uri,
                method,
            }),
        }
    }

    /// The method that the metadata name, and no weaker one. Where a document names none, its list of methods counts (ChatGPT's
    /// has both); without either it is a public client's, since a document cannot hold the secret of the usual default.
    fn auth_method(&self, source: MetadataSource) -> Result<AuthMethod, RegistrationError> {
        let named = self.token_endpoint_auth_method.as_deref();
        match (source, named) {
            (_, Some("none")) => Ok(AuthMethod::None),
            (_, Some("private_key_jwt")) => Ok(AuthMethod::PrivateKeyJwt),
            // "If unspecified or omitted, the default is "client_secret_basic""
            (MetadataSource::Registration, None | Some("client_secret_basic")) => {
                Ok(AuthMethod::ClientSecretBasic)
            }
            (MetadataSource::Registration, Some("client_secret_post")) => Ok(AuthMethod::ClientSecretPost),
            (MetadataSource::Registration, Some(_)) => Err(RegistrationError::AuthMethod),
            // "MUST NOT include client_secret_post, client_secret_basic, client_secret_jwt, or any other method based around a
            // shared symmetric secret"
            (MetadataSource::Document, Some(_)) => Err(RegistrationError::SharedSecret),
            (MetadataSource::Document, None) => {
                let list = self.token_endpoint_auth_methods_supported.as_ref();
                let lists = |method: &str| {
                    list.and_then(Value::as_array)
                        .is_some_and(|list| list.iter().any(|listed| listed == method))
                };
                Ok(if lists("private_key_jwt") {
                    AuthMethod::PrivateKeyJwt
                } else {
                    AuthMethod::None
                })
            }
        }
    }
}

fn redirect_uris(texts: &[String], policy: RedirectPolicy) -> Result<Vec<RedirectUri>, RegistrationError> {
    if texts.is_empty() {
        return Err(RegistrationError::NoRedirectUri);
    }
    if texts.len() > MOST_REDIRECT_URIS {
        return Err(RegistrationError::TooManyRedirectUris);
    }
    acceptable(texts, policy).map_err(|(index, cause)| RegistrationError::RedirectUri { index, cause })
}

/// Addresses to go to after a logout are judged as redirect URIs are; one that leads nowhere is none.
fn post_logout_uris(texts: &[String], policy: RedirectPolicy) -> Result<Vec<RedirectUri>, RegistrationError> {
    if texts.len() > MOST_REDIRECT_URIS {
        return Err(RegistrationError::TooManyPostLogoutUris);
    }
    let uris = acceptable(texts, policy)
        .map_err(|(index, cause)| RegistrationError::PostLogoutUri { index, cause })?;
    match uris
        .iter()
        .position(|uri| uri.class() == RedirectClass::OutOfBand)
    {
        Some(index) => Err(RegistrationError::PostLogoutUri {
            index,
            cause: RedirectUriError::NotAUri,
        }),
        None => Ok(uris),
    }
}

/// The addresses, each once; or which one is not acceptable, and why.
fn acceptable(
    texts: &[String],
    policy: RedirectPolicy,
) -> Result<Vec<RedirectUri>, (usize, RedirectUriError)> {
    let mut uris = Vec::with_capacity(texts.len());
    for (index, text) in texts.iter().enumerate() {
        let uri = RedirectUri::parse(text).map_err(|cause| (index, cause))?;
        policy.validate(&uri).map_err(|cause| (index, cause))?;
        if !uris.contains(&uri) {
            uris.push(uri);
        }
    }
    Ok(uris)
}

/// Grants that are not served to such clients are left out of the registration, as
/// [RFC 7591 §3.2.1](https://www.rfc-editor.org/rfc/rfc7591#section-3.2.1) allows.
fn grant_types(named: Option<Vec<String>>, method: AuthMethod) -> Result<Vec<GrantType>, RegistrationError> {
    // "If omitted, the default behavior is that the client will use only the "authorization_code" Grant Type."
    let Some(named) = named.filter(|named| !named.is_empty()) else {
        return Ok(vec![GrantType::AuthorizationCode]);
    };
    let served = [
        GrantType::AuthorizationCode,
        GrantType::RefreshToken,
        GrantType::DeviceCode,
        GrantType::ClientCredentials,
    ];
    // "The client credentials grant type MUST only be used by confidential clients." (RFC 6749 §4.4)
    let usable = |grant: &GrantType| *grant != GrantType::ClientCredentials || method != AuthMethod::None;
    let kept: Vec<GrantType> = served
        .into_iter()
        .filter(usable)
        .filter(|grant| named.iter().any(|name| name == grant.as_str()))
        .collect();
    // With a refresh token nobody begins.
    if kept.iter().any(|grant| *grant != GrantType::RefreshToken) {
        Ok(kept)
    } else {
        Err(RegistrationError::GrantTypes)
    }
}

/// The redirect URIs say what an app is better than `application_type` does: Cursor declares `web` beside a scheme of its
/// own, and most clients declare nothing.
fn judge_application(declared: Option<&Value>, uris: &[RedirectUri]) -> ApplicationType {
    let has = |class| uris.iter().any(|uri| uri.class() == class);
    let on_this_machine = has(RedirectClass::PrivateUse) || has(RedirectClass::OutOfBand);
    match declared.and_then(Value::as_str) {
        Some("web") if !on_this_machine => ApplicationType::Web,
        Some("native") => ApplicationType::Native,
        // A terminal or a service, to which no browser is sent.
        None if uris.is_empty() => ApplicationType::Native,
        _ if on_this_machine || has(RedirectClass::Loopback) => ApplicationType::Native,
        _ => ApplicationType::Web,
    }
}

/// A text for people: on one line, not too long, and without the characters by which one name is made to look like
/// another.
fn readable(value: &Value) -> Option<String> {
    let visible: String = value
        .as_str()?
        .chars()
        .filter(|c| !is_invisible(*c))
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    let words: Vec<&str> = visible.split_whitespace().collect();
    let text: String = words.join(" ").chars().take(LONGEST_TEXT).collect();
    let text = text.trim_end();
    (!text.is_empty()).then(|| text.to_owned())
}

/// Marks without a picture of their own: joiners, fillers, tags, and those that turn the direction of the text.
fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{00AD}'
            | '\u{034F}'
            | '\u{061C}'
            | '\u{115F}'
            | '\u{1160}'
            | '\u{17B4}'
            | '\u{17B5}'
            | '\u{180B}'..='\u{180F}'
            | '\u{200B}'..='\u{200F}'
            | '\u{202A}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}'
            | '\u{2800}'
            | '\u{3164}'
            | '\u{FEFF}'
            | '\u{FFA0}'
            | '\u{FFF0}'..='\u{FFFB}'
            | '\u{E0000}'..='\u{E0FFF}'
    )
}

/// An `https` address that reads as what it is: without a user name, and with nothing that a browser would skip.
fn web_page(value: &Value) -> Option<String> {
    let text = value.as_str()?;
    let visible = text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    if text.len() > 2048 || !visible || written_authority(text)?.contains('@') {
        return None;
    }
    let url = Url::parse(text).ok()?;
    (url.scheme() == "https").then(|| text.to_owned())
}

fn scopes(value: &Value) -> Option<ScopeSet> {
    ScopeSet::parse(value.as_str()?)
        .ok()
        .filter(|scopes| !scopes.is_empty())
}
