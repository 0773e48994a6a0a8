//! The MCP server: its challenge, and its metadata.

use http::{StatusCode, header};
use serde::Deserialize;
use serde_json::json;
use url::Url;
use vestibule_protocol::{ResourceUri, Scope, WwwAuthenticate};

use super::report::Steps;
use crate::discovery::resource_metadata_places;
use crate::http::Http;
use crate::reach::Reach;
use crate::{ForeignText, McpUrl};

const CHALLENGE: &str = "challenge";
const CHALLENGE_RULE: &str = "RFC 9728 §5.1, RFC 6750 §3";
const METADATA: &str = "resource metadata";
const METADATA_RULE: &str = "RFC 9728 §3";

/// What the MCP server says of itself.
pub(super) struct Found {
    pub(super) resource: ResourceUri,
    pub(super) issuer: String,
    /// What the challenge asks for, else what the resource offers.
    pub(super) scope: Option<String>,
}

#[derive(Deserialize)]
struct Metadata {
    resource: String,
    #[serde(default)]
    authorization_servers: Vec<String>,
    #[serde(default)]
    scopes_supported: Vec<String>,
}

pub(super) async fn look(http: &Http, address: &McpUrl, reach: Reach, steps: &mut Steps) -> Option<Found> {
    let challenge = knock(http, address, steps).await?;
    let mut places = resource_metadata_places(address);
    let told = challenge.resource_metadata.as_deref();
    if let Some(told) = told.and_then(|told| reach.admit("resource_metadata", told).ok()) {
        places.retain(|place| *place != told);
        places.insert(0, told);
    }
    let mut first = None;
    for place in &places {
        let read = read(http, place, steps).await;
        if first.is_none() {
            first = read.map(|metadata| (place, metadata));
        }
    }
    let Some((place, metadata)) = first else {
        steps.red(
            METADATA,
            METADATA_RULE,
            format!("{address} publishes no metadata"),
            "Serve it at the address that the challenge names: `resource` and `authorization_servers`.",
        );
        return None;
    };
    judge(
        address,
        place,
        &metadata,
        challenge.scope.map(|scope| scope.to_string()),
        steps,
    )
}

/// Comes without a token.
async fn knock(http: &Http, address: &McpUrl, steps: &mut Steps) -> Option<WwwAuthenticate> {
    let ping = json!({"jsonrpc": "2.0", "id": 1, "method": "ping"});
    let answer = http
        .post_json(address.url(), "application/json, text/event-stream", &ping)
        .await;
    let answer = match answer {
        Ok(answer) => answer,
        Err(error) => {
            steps.red(
                CHALLENGE,
                CHALLENGE_RULE,
                error.to_string(),
                "Make the MCP endpoint answer at this address.",
            );
            return None;
        }
    };
    if matches!(answer.status.as_u16(), 404 | 405 | 410 | 500..) {
        steps.red(
            CHALLENGE,
            CHALLENGE_RULE,
            format!("a request without a token is answered {}", answer.status.as_u16()),
            "Is this the address of the MCP endpoint? It answers 401 to callers without a token.",
        );
        return None;
    }
    if answer.status != StatusCode::UNAUTHORIZED {
        steps.yellow(
            CHALLENGE,
            CHALLENGE_RULE,
            format!("a request without a token is answered {}", answer.status.as_u16()),
            "Clients log in on a 401: answer it where a token is needed.",
        );
        return Some(WwwAuthenticate::default());
    }
    let mut headers = answer.headers.get_all(header::WWW_AUTHENTICATE).iter();
    let challenge = headers.find_map(|value| WwwAuthenticate::parse(value.to_str().ok()?));
    let Some(challenge) = challenge else {
        steps.red(
            CHALLENGE,
            CHALLENGE_RULE,
            "a 401 without a Bearer challenge in WWW-Authenticate",
            "Send WWW-Authenticate: Bearer resource_metadata=\"https://…\", scope=\"…\".",
        );
        return None;
    };
    match challenge.resource_metadata.as_deref().map(Url::parse) {
        None => steps.yellow(
            CHALLENGE,
            CHALLENGE_RULE,
            "a 401 whose challenge names no resource_metadata",
            "Name it, absolute and in quotation marks: Claude's hosted clients look nowhere else.",
        ),
        Some(Err(_)) => steps.red(
            CHALLENGE,
            CHALLENGE_RULE,
            "a 401 whose resource_metadata is no absolute URL",
            "Write the whole address, from the server's public URL.",
        ),
        Some(Ok(place)) => steps.green(CHALLENGE, CHALLENGE_RULE, format!("a 401 that points at {place}")),
    }
    Some(challenge)
}

/// Reads the metadata at one place; each has to have it, or to answer a clean 404.
async fn read(http: &Http, place: &Url, steps: &mut Steps) -> Option<Metadata> {
    let answer = match http.get(place).await {
        Ok(answer) => answer,
        Err(error) => {
            steps.red(
                METADATA,
                METADATA_RULE,
                error.to_string(),
                "Answer with JSON, or 404.",
            );
            return None;
        }
    };
    match answer.status.as_u16() {
        200 => match answer.json("metadata of an MCP server (RFC 9728)") {
            Ok(metadata) => {
                steps.green(METADATA, METADATA_RULE, place.to_string());
                Some(metadata)
            }
            Err(error) => {
                steps.red(
                    METADATA,
                    METADATA_RULE,
                    error.to_string(),
                    "Answer with JSON, or 404.",
                );
                None
            }
        },
        404 => None,
        status => {
            steps.red(
                METADATA,
                METADATA_RULE,
                format!("{place} answers {status}"),
                "Metadata is public: answer with JSON, or 404 where there is none. Claude stops at a 401.",
            );
            None
        }
    }
}

fn judge(
    address: &McpUrl,
    place: &Url,
    metadata: &Metadata,
    challenged: Option<String>,
    steps: &mut Steps,
) -> Option<Found> {
    const RESOURCE: &str = "resource";
    const RESOURCE_RULE: &str = "RFC 9728 §3.3";
    const SCOPES: &str = "scopes";
    const SCOPES_RULE: &str = "MCP, scope selection";
    let resource = ResourceUri::parse(&metadata.resource).ok();
    let Some(resource) = resource.filter(|resource| resource.same_resource(address.resource())) else {
        steps.red(
            RESOURCE,
            RESOURCE_RULE,
            format!("{place} is for \"{}\"", ForeignText::line(&metadata.resource)),
            format!("Clients drop metadata of another resource: it has to say {address}."),
        );
        return None;
    };
    steps.green(RESOURCE, RESOURCE_RULE, resource.to_string());
    let Some(issuer) = metadata.authorization_servers.first() else {
        steps.red(
            RESOURCE,
            METADATA_RULE,
            format!("{place} names no authorization server"),
            "List its issuer in authorization_servers.",
        );
        return None;
    };
    let offered = metadata.scopes_supported.join(" ");
    if metadata
        .scopes_supported
        .iter()
        .any(|scope| scope == Scope::OFFLINE_ACCESS)
    {
        steps.yellow(
            SCOPES,
            SCOPES_RULE,
            "the MCP server lists offline_access among its scopes",
            "It is the authorization server's to offer: list it there.",
        );
    } else if challenged.is_none() && offered.is_empty() {
        steps.yellow(
            SCOPES,
            SCOPES_RULE,
            "neither the challenge nor the metadata names a scope",
            "Name what a client needs: it asks for no scope otherwise.",
        );
    } else {
        let seen = challenged.as_deref().unwrap_or(&offered);
        steps.green(SCOPES, SCOPES_RULE, ForeignText::line(seen).to_string());
    }
    Some(Found {
        resource,
        issuer: issuer.clone(),
        scope: challenged.or_else(|| (!offered.is_empty()).then_some(offered)),
    })
}
