//! The discovery document, read leniently in form and strictly in meaning.

use serde_json::{Map, Value};
use url::Url;
use vestibule_provider::ProviderError;

use crate::call::Caller;
use crate::claims::flag;
use crate::{IssuerRule, SecretMethod, Upstream, foreign_text};

/// What stands for the tenant in Entra's issuer.
pub(crate) const TENANT: &str = "{tenantid}";

/// What a provider says of itself
/// ([OpenID Connect Discovery §3](https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderMetadata)).
#[derive(Debug, Clone)]
pub(crate) struct Metadata {
    /// The issuer, byte for byte.
    pub(crate) issuer: String,
    pub(crate) authorization_endpoint: Url,
    pub(crate) token_endpoint: Url,
    pub(crate) jwks_uri: Url,
    pub(crate) userinfo_endpoint: Option<Url>,
    pub(crate) end_session_endpoint: Option<Url>,
    pub(crate) pushed_endpoint: Option<Url>,
    pub(crate) pushing_required: bool,
    /// Whether every authorization response carries `iss`
    /// ([RFC 9207 §3](https://www.rfc-editor.org/rfc/rfc9207#section-3)).
    pub(crate) promises_iss: bool,
    pub(crate) auth_methods: Option<Vec<String>>,
    pub(crate) challenge_methods: Option<Vec<String>>,
    pub(crate) token_algorithms: Option<Vec<String>>,
}

impl Metadata {
    /// Where the document is.
    pub(crate) fn place(upstream: &Upstream) -> Result<Url, ProviderError> {
        let issuer = upstream.issuer.trim_end_matches('/');
        let mut url = Url::parse(&format!("{issuer}/.well-known/openid-configuration"))
            .ok()
            .filter(|url| url.has_host() && matches!(url.scheme(), "http" | "https"))
            .ok_or_else(|| {
                ProviderError::Misconfigured(format!(
                    "the issuer \"{}\" is not an https URL",
                    foreign_text::line(&upstream.issuer)
                ))
            })?;
        if !upstream.discovery_query.is_empty() {
            url.query_pairs_mut().extend_pairs(&upstream.discovery_query);
        }
        Ok(url)
    }

    /// Fetches and reads the document.
    pub(crate) async fn fetch(caller: &Caller, upstream: &Upstream) -> Result<Self, ProviderError> {
        let place = Self::place(upstream)?;
        let answer = caller.get(&place, "application/json", None).await?;
        let status = answer.status();
        if !status.is_success() {
            return Err(ProviderError::Misconfigured(format!(
                "there is no discovery document at {}{} (it answered with {status}); check the issuer",
                place.host_str().unwrap_or_default(),
                place.path(),
            )));
        }
        Self::read(answer.body(), upstream)
    }

    pub(crate) fn read(json: &[u8], upstream: &Upstream) -> Result<Self, ProviderError> {
        let document: Map<String, Value> = serde_json::from_slice(json).map_err(|_| {
            ProviderError::Misconfigured(format!(
                "the discovery document of {} is not a JSON object; check the issuer",
                upstream.issuer
            ))
        })?;
        let document = Document {
            fields: document,
            plain_http: upstream.issuer.starts_with("http://"),
        };
        let issuer = document.text("issuer").ok_or_else(|| lacks("issuer"))?;
        check_issuer(issuer, upstream)?;
        let required = |name: &'static str| document.url(name)?.ok_or_else(|| lacks(name));
        Ok(Self {
            issuer: issuer.to_owned(),
            authorization_endpoint: required("authorization_endpoint")?,
            token_endpoint: required("token_endpoint")?,
            jwks_uri: required("jwks_uri")?,
            userinfo_endpoint: document
                .url("userinfo_endpoint")?
                .or_else(|| upstream.userinfo_endpoint.clone()),
            end_session_endpoint: document.url("end_session_endpoint")?,
            pushed_endpoint: document.url("pushed_authorization_request_endpoint")?,
            pushing_required: document.flag("require_pushed_authorization_requests"),
            promises_iss: document.flag("authorization_response_iss_parameter_supported"),
            auth_methods: document.texts("token_endpoint_auth_methods_supported"),
            challenge_methods: document.texts("code_challenge_methods_supported"),
            token_algorithms: document.texts("id_token_signing_alg_values_supported"),
        })
    }

    /// Where a client secret goes: the header, which is what providers take that do not say.
    pub(crate) fn secret_method(&self) -> SecretMethod {
        match &self.auth_methods {
            Some(methods)
                if methods.iter().all(|method| method != "client_secret_basic")
                    && methods.iter().any(|method| method == "client_secret_post") =>
            {
                SecretMethod::Post
            }
            _ => SecretMethod::Basic,
        }
    }
}

/// [OpenID Connect Discovery §4.3](https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderConfigurationValidation):
/// “The issuer value returned MUST be identical to the Issuer URL that was used as the prefix”.
fn check_issuer(found: &str, upstream: &Upstream) -> Result<(), ProviderError> {
    let configured = upstream.issuer.as_str();
    if let IssuerRule::OfTenant(_) = upstream.issuer_rule {
        let origin = |text: &str| {
            Url::parse(text)
                .map(|url| url.origin().ascii_serialization())
                .ok()
        };
        if found.matches(TENANT).count() == 1
            && origin(found).is_some()
            && origin(found) == origin(configured)
        {
            return Ok(());
        }
        return Err(ProviderError::Misconfigured(format!(
            "the issuer {configured} is of one tenant alone; leave allowed_tenants out"
        )));
    }
    if found == configured {
        return Ok(());
    }
    let found = foreign_text::line(found);
    Err(ProviderError::Misconfigured(
        if found.trim_end_matches('/') == configured.trim_end_matches('/') {
            format!("the issuer differs in its last slash only; write issuer = \"{found}\"")
        } else if found.contains(TENANT) {
            format!(
                "the issuer {configured} is of many tenants; write the issuer of yours, or kind of provider and \
                 allowed_tenants as config/entra.toml does"
            )
        } else {
            format!(
                "the provider at {configured} calls itself {found}; if that is the one you mean, write issuer = \"{found}\""
            )
        },
    ))
}

fn lacks(name: &str) -> ProviderError {
    ProviderError::Misconfigured(format!("the provider's discovery document has no {name}"))
}

/// The document's fields.
struct Document {
    fields: Map<String, Value>,
    /// Whether the issuer itself is reached without TLS, on this machine or a private network.
    plain_http: bool,
}

impl Document {
    fn text(&self, name: &str) -> Option<&str> {
        self.fields.get(name)?.as_str().filter(|text| !text.is_empty())
    }

    fn flag(&self, name: &str) -> bool {
        self.fields.get(name).and_then(flag).unwrap_or(false)
    }

    fn texts(&self, name: &str) -> Option<Vec<String>> {
        self.fields.get(name).map(crate::claims::names)
    }

    fn url(&self, name: &str) -> Result<Option<Url>, ProviderError> {
        let Some(text) = self.text(name) else {
            return Ok(None);
        };
        let wrong = |why: &str| {
            ProviderError::Misconfigured(format!(
                "the provider's {name}, {}, {why}",
                foreign_text::line(text)
            ))
        };
        let url = Url::parse(text).map_err(|_| wrong("is not a URL"))?;
        match url.scheme() {
            "https" => {}
            "http" if self.plain_http => {}
            _ => return Err(wrong("is not https")),
        }
        if !url.has_host()
            || !url.username().is_empty()
            || url.password().is_some()
            || url.fragment().is_some()
        {
            return Err(wrong("has a user name or a fragment, or no host"));
        }
        Ok(Some(url))
    }
}

#[cfg(test)]
mod tests;
