use serde::Deserialize;
use url::Url;
use vestibule_protocol::{ResourceUri, Scope, ScopeSet};

use super::{
    DiscoveryError,
    probe::{Bound, Challenge},
};
use crate::{ForeignText, McpUrl, http::Http, proof::ALGORITHM, reach::Reach};

const WELL_KNOWN: &str = "/.well-known/oauth-protected-resource";

/// What a server's metadata says ([RFC 9728](https://www.rfc-editor.org/rfc/rfc9728)).
pub(super) struct Resource {
    pub(super) name: ResourceUri,
    pub(super) authorization_server: String,
    pub(super) scopes: ScopeSet,
    pub(super) bound_tokens: BoundTokens,
}

/// How a server takes tokens that are bound to a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BoundTokens {
    /// It does not say that it does.
    Unsaid,
    /// Beside others.
    Taken,
    /// It takes no others.
    Required,
}

/// The part of the metadata that a client reads.
#[derive(Deserialize)]
struct Metadata {
    resource: String,
    #[serde(default)]
    authorization_servers: Vec<String>,
    #[serde(default)]
    scopes_supported: Vec<String>,
    #[serde(default)]
    dpop_signing_alg_values_supported: Vec<String>,
    #[serde(default)]
    dpop_bound_access_tokens_required: bool,
}

impl Metadata {
    /// What the metadata say of bound tokens; where they say nothing, what the challenge does.
    fn bound_tokens(&self, challenge: &Challenge) -> BoundTokens {
        let algorithms = &self.dpop_signing_alg_values_supported;
        if self.dpop_bound_access_tokens_required || challenge.bound == Bound::Alone {
            BoundTokens::Required
        } else if algorithms.iter().any(|algorithm| algorithm == ALGORITHM)
            || (algorithms.is_empty() && challenge.bound == Bound::Taken)
        {
            BoundTokens::Taken
        } else {
            BoundTokens::Unsaid
        }
    }
}

/// Finds the metadata of `server`: where its challenge says, else at the well-known places.
pub(super) async fn find(
    http: &Http,
    server: &McpUrl,
    challenge: &Challenge,
    reach: Reach,
) -> Result<Resource, DiscoveryError> {
    let places = match &challenge.resource_metadata {
        Some(place) => vec![reach.admit("resource_metadata", place)?],
        None => well_known(server),
    };
    for place in &places {
        let answer = http.get(place).await?;
        if answer.status.is_success() {
            let metadata: Metadata = answer.json("metadata of an MCP server (RFC 9728)")?;
            return validate(server, place, metadata, challenge);
        }
        if answer.status.is_server_error() {
            return Err(DiscoveryError::Failing {
                url: place.to_string(),
                status: answer.status.as_u16(),
            });
        }
    }
    Err(DiscoveryError::NoResourceMetadata {
        url: server.to_string(),
        tried: places.iter().map(Url::to_string).collect(),
        open: challenge.open,
    })
}

/// The forms with and without the server's path, in this order.
pub(crate) fn well_known(server: &McpUrl) -> Vec<Url> {
    let path = server.url().path().trim_end_matches('/');
    let mut forms = vec![format!("{WELL_KNOWN}{path}")];
    if !path.is_empty() {
        forms.push(WELL_KNOWN.to_owned());
    }
    forms
        .iter()
        .map(|form| {
            let mut place = server.url().clone();
            place.set_path(form);
            place.set_query(None);
            place
        })
        .collect()
}

fn is_root(place: &Url) -> bool {
    place.path() == WELL_KNOWN
}

/// The whole host as one resource.
fn host(server: &McpUrl) -> Option<ResourceUri> {
    ResourceUri::parse(&server.url().origin().ascii_serialization()).ok()
}

/// Metadata may be for the server's own address, or for what it was looked up as.
fn validate(
    server: &McpUrl,
    place: &Url,
    metadata: Metadata,
    challenge: &Challenge,
) -> Result<Resource, DiscoveryError> {
    let whole_host = challenge.resource_metadata.is_none() && is_root(place);
    let looked_up = whole_host.then(|| host(server)).flatten();
    let bound_tokens = metadata.bound_tokens(challenge);
    // RFC 9728 §3.3: "the resource value returned MUST be identical to the protected resource's resource identifier
    // value into which the well-known URI path suffix was inserted to create the URL used to retrieve the metadata."
    // Where a challenge named the place, it "MUST be identical to the URL that the client used to make the request
    // to the resource server. If these values are not identical, the data contained in the response MUST NOT be used."
    let name = ResourceUri::parse(&metadata.resource)
        .ok()
        .filter(|name| {
            name.same_resource(server.resource())
                || looked_up.is_some_and(|looked_up| name.same_resource(&looked_up))
        })
        .ok_or_else(|| DiscoveryError::WrongResource {
            url: server.to_string(),
            metadata: place.to_string(),
            found: ForeignText::line(&metadata.resource),
        })?;
    let authorization_server = metadata.authorization_servers.into_iter().next().ok_or_else(|| {
        DiscoveryError::NoAuthorizationServer {
            metadata: place.to_string(),
        }
    })?;
    Ok(Resource {
        name,
        authorization_server,
        bound_tokens,
        scopes: metadata
            .scopes_supported
            .iter()
            .filter_map(|scope| Scope::parse(scope).ok())
            .collect(),
    })
}
