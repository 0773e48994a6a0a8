//! Discovery documents and where they are found.

use serde::{Deserialize, Serialize};

use crate::{AuthMethod, GrantType, Issuer, ResourceUri, ScopeSet};

/// Authorization server metadata ([RFC 8414 §2](https://www.rfc-editor.org/rfc/rfc8414#section-2)) with the fields of
/// [OpenID Connect Discovery §3](https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderMetadata).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "the document's own fields")]
pub struct AuthorizationServerMetadata {
    /// Who issues.
    pub issuer: Issuer,
    /// Where to log in.
    pub authorization_endpoint: String,
    /// Where to push authorization requests ([RFC 9126 §5](https://www.rfc-editor.org/rfc/rfc9126#section-5)).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pushed_authorization_request_endpoint: Option<String>,
    /// Where to get tokens.
    pub token_endpoint: String,
    /// Where to register.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub registration_endpoint: Option<String>,
    /// Where the keys are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jwks_uri: Option<String>,
    /// Where to revoke ([RFC 7009](https://www.rfc-editor.org/rfc/rfc7009)).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revocation_endpoint: Option<String>,
    /// Where to introspect ([RFC 7662](https://www.rfc-editor.org/rfc/rfc7662)).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub introspection_endpoint: Option<String>,
    /// Where to ask about the user.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub userinfo_endpoint: Option<String>,
    /// Where to log out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_session_endpoint: Option<String>,
    /// Where devices begin ([RFC 8628 §4](https://www.rfc-editor.org/rfc/rfc8628#section-4)).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device_authorization_endpoint: Option<String>,
    /// What can be asked for.
    #[serde(default)]
    pub scopes_supported: Vec<String>,
    /// Only `code`.
    pub response_types_supported: Vec<String>,
    /// Only `query`.
    #[serde(default)]
    pub response_modes_supported: Vec<String>,
    /// The grants that are served.
    #[serde(default, deserialize_with = "known_only")]
    pub grant_types_supported: Vec<GrantType>,
    /// The profiles of assertions that are taken
    /// ([ID-JAG §7.2](https://datatracker.ietf.org/doc/html/draft-ietf-oauth-identity-assertion-authz-grant-04#section-7.2)).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub authorization_grant_profiles_supported: Vec<String>,
    /// How clients authenticate at the token endpoint.
    #[serde(default, deserialize_with = "known_only")]
    pub token_endpoint_auth_methods_supported: Vec<AuthMethod>,
    /// What their assertions may be signed with there.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub token_endpoint_auth_signing_alg_values_supported: Vec<String>,
    /// How clients authenticate at the revocation endpoint.
    #[serde(
        default,
        deserialize_with = "known_only",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub revocation_endpoint_auth_methods_supported: Vec<AuthMethod>,
    /// What their assertions may be signed with there.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub revocation_endpoint_auth_signing_alg_values_supported: Vec<String>,
    /// How clients authenticate at the introspection endpoint.
    #[serde(
        default,
        deserialize_with = "known_only",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub introspection_endpoint_auth_methods_supported: Vec<AuthMethod>,
    /// What their assertions may be signed with there.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub introspection_endpoint_auth_signing_alg_values_supported: Vec<String>,
    /// How introspection answers are signed ([RFC 9701 §7](https://www.rfc-editor.org/rfc/rfc9701#section-7)).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub introspection_signing_alg_values_supported: Vec<String>,
    /// What DPoP proofs may be signed with ([RFC 9449 §5.1](https://www.rfc-editor.org/rfc/rfc9449#section-5.1)).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dpop_signing_alg_values_supported: Vec<String>,
    /// Only `S256` ([RFC 7636](https://www.rfc-editor.org/rfc/rfc7636)).
    #[serde(default)]
    pub code_challenge_methods_supported: Vec<String>,
    /// Answers carry `iss` ([RFC 9207 §3](https://www.rfc-editor.org/rfc/rfc9207#section-3)).
    #[serde(default)]
    pub authorization_response_iss_parameter_supported: bool,
    /// Whether client ID metadata documents are taken.
    #[serde(default)]
    pub client_id_metadata_document_supported: bool,
    /// The MCP servers that this one speaks for ([RFC 9728 §4](https://www.rfc-editor.org/rfc/rfc9728#section-4)).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub protected_resources: Vec<String>,
    /// Only `public`.
    #[serde(default)]
    pub subject_types_supported: Vec<String>,
    /// How ID tokens are signed.
    #[serde(default)]
    pub id_token_signing_alg_values_supported: Vec<String>,
    /// What ID tokens and UserInfo can say.
    #[serde(default)]
    pub claims_supported: Vec<String>,
    /// The values of `prompt` that are understood.
    #[serde(default)]
    pub prompt_values_supported: Vec<String>,
    /// Whether `request` is understood.
    #[serde(default)]
    pub request_parameter_supported: bool,
    /// Whether `request_uri` is understood; absent means yes in OpenID Connect, so it is always said.
    #[serde(default)]
    pub request_uri_parameter_supported: bool,
    /// Documentation for developers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service_documentation: Option<String>,
}

/// Lists in a foreign document can hold values that this profile does not know; they are left out.
fn known_only<'de, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: serde::Deserializer<'de>,
    T: serde::de::DeserializeOwned,
{
    let values = Vec::<serde_json::Value>::deserialize(deserializer)?;
    Ok(values
        .into_iter()
        .filter_map(|value| serde_json::from_value(value).ok())
        .collect())
}

/// Protected resource metadata ([RFC 9728 §2](https://www.rfc-editor.org/rfc/rfc9728#section-2)).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProtectedResourceMetadata {
    /// The resource.
    pub resource: ResourceUri,
    /// Who issues tokens for it.
    #[serde(default)]
    pub authorization_servers: Vec<Issuer>,
    /// The scopes that a client may need.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scopes_supported: Vec<String>,
    /// Only `header` ([RFC 6750 §2.1](https://www.rfc-editor.org/rfc/rfc6750#section-2.1)).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub bearer_methods_supported: Vec<String>,
    /// What a DPoP proof may be signed with ([RFC 9728 §2](https://www.rfc-editor.org/rfc/rfc9728#section-2)).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dpop_signing_alg_values_supported: Vec<String>,
    /// Whether only tokens that are bound to a key are taken; absent, it is `false`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dpop_bound_access_tokens_required: Option<bool>,
    /// What a person calls it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource_name: Option<String>,
    /// Documentation for developers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource_documentation: Option<String>,
}

impl ProtectedResourceMetadata {
    /// The metadata of a resource that one issuer speaks for.
    pub fn of(resource: ResourceUri, issuer: Issuer, scopes: &ScopeSet) -> Self {
        Self {
            resource,
            authorization_servers: vec![issuer],
            scopes_supported: scopes.iter().map(|scope| scope.as_str().to_owned()).collect(),
            bearer_methods_supported: vec!["header".to_owned()],
            dpop_signing_alg_values_supported: Vec::new(),
            dpop_bound_access_tokens_required: None,
            resource_name: None,
            resource_documentation: None,
        }
    }
}

/// The paths under the issuer's origin at which clients look for the server's metadata, each once.
///
/// The path of an issuer is inserted behind the well-known part ([RFC 8414 §3.1](https://www.rfc-editor.org/rfc/rfc8414#section-3.1)) or
/// stands before it ([OpenID Connect Discovery §4](https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderConfig)); the
/// bare paths serve clients of MCP 2025-03-26, which look at the root, and the spelling with an underscore those that
/// mistook the name.
pub fn server_metadata_paths(issuer: &Issuer) -> Vec<String> {
    let path = issuer.path();
    let mut paths = Vec::new();
    for name in [
        "oauth-authorization-server",
        "openid-configuration",
        "openid_configuration",
    ] {
        for spelling in [
            format!("/.well-known/{name}{path}"),
            format!("{path}/.well-known/{name}"),
            format!("/.well-known/{name}"),
        ] {
            if !paths.contains(&spelling) {
                paths.push(spelling);
            }
        }
    }
    paths
}

/// The path of a resource's metadata under its origin
/// ([RFC 9728 §3.1](https://www.rfc-editor.org/rfc/rfc9728#section-3.1)): the resource's own path and query, inserted behind the
/// well-known part.
pub fn resource_metadata_path(resource: &ResourceUri) -> String {
    let url = resource.url();
    let path = if url.path() == "/" { "" } else { url.path() };
    let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
    format!("/.well-known/oauth-protected-resource{path}{query}")
}

/// The absolute address of a resource's metadata.
pub fn resource_metadata_url(resource: &ResourceUri) -> String {
    format!("{}{}", resource.origin(), resource_metadata_path(resource))
}
