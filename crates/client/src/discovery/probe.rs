use http::{StatusCode, header};
use serde_json::json;
use vestibule_protocol::{ScopeSet, WwwAuthenticate};

use super::DiscoveryError;
use crate::{
    McpUrl,
    http::{Answer, Http},
};

/// What a server says to a caller without a token.
#[derive(Debug, Default)]
pub(super) struct Challenge {
    /// Where the server's metadata is.
    pub(super) resource_metadata: Option<String>,
    /// What the call would have needed.
    pub(super) scope: Option<ScopeSet>,
    /// Whether the server answered without asking for a token.
    pub(super) open: bool,
}

/// Knocks without a token. `ping` opens no session at a server that answers it.
pub(super) async fn challenge(http: &Http, url: &McpUrl) -> Result<Challenge, DiscoveryError> {
    let ping = json!({"jsonrpc": "2.0", "id": 1, "method": "ping"});
    let answer = http
        .post_json(url.url(), "application/json, text/event-stream", &ping)
        .await?;
    match answer.status {
        StatusCode::UNAUTHORIZED => Ok(read(&answer)),
        StatusCode::NOT_FOUND | StatusCode::GONE | StatusCode::METHOD_NOT_ALLOWED => {
            Err(DiscoveryError::NotAnEndpoint {
                url: url.to_string(),
                status: answer.status.as_u16(),
            })
        }
        status if status.is_server_error() => Err(DiscoveryError::Failing {
            url: url.to_string(),
            status: status.as_u16(),
        }),
        // A server may ask for a token at some of its tools only, and still say who issues it.
        _ => Ok(Challenge {
            open: true,
            ..Challenge::default()
        }),
    }
}

/// Reads the challenge, of whichever of the headers it stands in.
fn read(answer: &Answer) -> Challenge {
    let mut headers = answer.headers.get_all(header::WWW_AUTHENTICATE).iter();
    headers
        .find_map(|value| WwwAuthenticate::parse(value.to_str().ok()?))
        .map_or_else(Challenge::default, |challenge| Challenge {
            resource_metadata: challenge.resource_metadata,
            scope: challenge.scope,
            open: false,
        })
}
