use serde::Deserialize;
use url::Url;
use vestibule_protocol::Scope;

use super::{DiscoveryError, ServerIssuer};
use crate::{ForeignText, http::Http, proof::ALGORITHM, reach::Reach};

/// An authorization server that the client can use.
#[derive(Debug, Clone)]
pub(crate) struct AuthorizationServer {
    pub(crate) issuer: ServerIssuer,
    authorization_endpoint: Option<Url>,
    code_challenge_methods: Vec<String>,
    pub(crate) token_endpoint: Url,
    pub(crate) registration_endpoint: Option<Url>,
    pub(crate) revocation_endpoint: Option<Url>,
    /// How clients may authenticate at the token endpoint.
    pub(crate) auth_methods: Vec<String>,
    /// What their assertions may be signed with there.
    pub(crate) auth_algorithms: Vec<String>,
    /// Whether proofs of possession are taken that this client can make.
    pub(crate) takes_proofs: bool,
    /// Whether `iss` is promised in the answer ([RFC 9207](https://www.rfc-editor.org/rfc/rfc9207)).
    pub(crate) names_itself: bool,
    /// Whether `offline_access` brings a refresh token.
    pub(crate) offline_access: bool,
}

/// The part of the metadata that a client reads.
#[derive(Deserialize)]
struct Metadata {
    issuer: String,
    authorization_endpoint: Option<String>,
    token_endpoint: Option<String>,
    registration_endpoint: Option<String>,
    revocation_endpoint: Option<String>,
    #[serde(default)]
    scopes_supported: Vec<String>,
    #[serde(default)]
    code_challenge_methods_supported: Vec<String>,
    #[serde(default)]
    token_endpoint_auth_methods_supported: Vec<String>,
    #[serde(default)]
    token_endpoint_auth_signing_alg_values_supported: Vec<String>,
    #[serde(default)]
    dpop_signing_alg_values_supported: Vec<String>,
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
}

impl AuthorizationServer {
    /// Finds the metadata of the issuer called `name`.
    pub(crate) async fn find(http: &Http, name: &str, reach: Reach) -> Result<Self, DiscoveryError> {
        reach.admit("authorization server", name)?;
        let issuer = ServerIssuer::parse(name).map_err(|error| DiscoveryError::NotAnIssuer {
            found: ForeignText::line(name),
            why: error.to_string(),
        })?;
        let mut tried = Vec::new();
        for place in well_known(&issuer) {
            let place = reach.admit("authorization server", &place)?;
            let answer = http.get(&place).await?;
            if answer.status.is_success() {
                let metadata = answer.json("metadata of an authorization server (RFC 8414)")?;
                return Self::validate(issuer, &place, metadata, reach);
            }
            if answer.status.is_server_error() {
                return Err(DiscoveryError::Failing {
                    url: place.into(),
                    status: answer.status.as_u16(),
                });
            }
            tried.push(place.into());
        }
        Err(DiscoveryError::NoServerMetadata {
            issuer: issuer.to_string(),
            tried,
        })
    }

    fn validate(
        issuer: ServerIssuer,
        place: &Url,
        metadata: Metadata,
        reach: Reach,
    ) -> Result<Self, DiscoveryError> {
        // RFC 8414 §3.3: "The issuer value returned MUST be identical to the authorization server's issuer
        // identifier value into which the well-known URI string was inserted … If these values are not
        // identical, the data contained in the response MUST NOT be used."
        if metadata.issuer != issuer.as_str() {
            return Err(DiscoveryError::WrongIssuer {
                issuer: issuer.to_string(),
                metadata: place.to_string(),
                found: ForeignText::line(&metadata.issuer),
            });
        }
        let optional = |field, url: Option<&str>| url.map(|url| reach.admit(field, url)).transpose();
        let required = |field, url: Option<&str>| {
            optional(field, url)?.ok_or_else(|| DiscoveryError::MissingEndpoint {
                issuer: issuer.to_string(),
                field,
            })
        };
        Ok(Self {
            authorization_endpoint: optional(
                "authorization_endpoint",
                metadata.authorization_endpoint.as_deref(),
            )?,
            code_challenge_methods: metadata.code_challenge_methods_supported,
            token_endpoint: required("token_endpoint", metadata.token_endpoint.as_deref())?,
            registration_endpoint: optional(
                "registration_endpoint",
                metadata.registration_endpoint.as_deref(),
            )?,
            revocation_endpoint: optional("revocation_endpoint", metadata.revocation_endpoint.as_deref())?,
            auth_methods: metadata.token_endpoint_auth_methods_supported,
            auth_algorithms: metadata.token_endpoint_auth_signing_alg_values_supported,
            takes_proofs: has(&metadata.dpop_signing_alg_values_supported, ALGORITHM),
            names_itself: metadata.authorization_response_iss_parameter_supported,
            offline_access: has(&metadata.scopes_supported, Scope::OFFLINE_ACCESS),
            issuer,
        })
    }

    /// Where a person logs in.
    pub(crate) fn authorization_endpoint(&self) -> Result<&Url, DiscoveryError> {
        // MCP: "If code_challenge_methods_supported is absent, the authorization server does not support
        // PKCE and MCP clients MUST refuse to proceed."
        if !has(&self.code_challenge_methods, "S256") {
            return Err(DiscoveryError::NoPkce {
                issuer: self.issuer.to_string(),
            });
        }
        self.authorization_endpoint
            .as_ref()
            .ok_or_else(|| DiscoveryError::MissingEndpoint {
                issuer: self.issuer.to_string(),
                field: "authorization_endpoint",
            })
    }
}

fn has(offered: &[String], wanted: &str) -> bool {
    offered.iter().any(|offered| offered == wanted)
}

/// The three places of MCP for an issuer with a path, the two for one without, in the order that it gives.
pub(crate) fn well_known(issuer: &ServerIssuer) -> Vec<String> {
    const OAUTH: &str = ".well-known/oauth-authorization-server";
    const OPENID: &str = ".well-known/openid-configuration";
    let whole = issuer.bare().as_str();
    let path = issuer.bare().path();
    let origin = whole.strip_suffix(path).unwrap_or(whole);
    let mut places = vec![
        format!("{origin}/{OAUTH}{path}"),
        format!("{origin}/{OPENID}{path}"),
    ];
    if !path.is_empty() {
        places.push(format!("{whole}/{OPENID}"));
    }
    places
}
