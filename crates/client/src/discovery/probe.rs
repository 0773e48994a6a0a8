use http::{HeaderMap, StatusCode, header};
use vestibule_protocol::{ChallengeScheme, ScopeSet, WwwAuthenticate};

use super::DiscoveryError;
use crate::{
    McpUrl,
    http::{Answer, Http},
    proof::ALGORITHM,
};

/// What a server says to a caller without a token.
#[derive(Debug, Default)]
pub(super) struct Challenge {
    /// Where the server's metadata is.
    pub(super) resource_metadata: Option<String>,
    /// What the call would have needed.
    pub(super) scope: Option<ScopeSet>,
    /// Whether the server spoke of tokens that are bound to a key.
    pub(super) bound: Bound,
    /// Whether the server answered without asking for a token.
    pub(super) open: bool,
}

/// What challenges say of tokens that are bound to a key ([RFC 9449 §7.1](https://www.rfc-editor.org/rfc/rfc9449#section-7.1)).
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) enum Bound {
    /// Nothing.
    #[default]
    Unsaid,
    /// They are taken, with proofs that this client can make.
    Taken,
    /// Nothing else is asked for.
    Alone,
}

/// Knocks without a token.
pub(super) async fn challenge(http: &Http, url: &McpUrl) -> Result<Challenge, DiscoveryError> {
    let answer = http.knock(url.url(), HeaderMap::new()).await?;
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

/// Reads the challenges, in whichever of the headers they stand.
fn read(answer: &Answer) -> Challenge {
    let headers = answer.headers.get_all(header::WWW_AUTHENTICATE);
    let find = |parse: fn(&str) -> Option<WwwAuthenticate>| {
        headers.iter().find_map(|value| parse(value.to_str().ok()?))
    };
    let (bearer, dpop) = (find(WwwAuthenticate::parse), find(WwwAuthenticate::parse_dpop));
    let bound = match (&bearer, &dpop) {
        (None, Some(_)) => Bound::Alone,
        (Some(_), Some(dpop)) if takes_ours(&dpop.scheme) => Bound::Taken,
        _ => Bound::Unsaid,
    };
    let (bearer, dpop) = (bearer.unwrap_or_default(), dpop.unwrap_or_default());
    Challenge {
        resource_metadata: bearer.resource_metadata.or(dpop.resource_metadata),
        scope: bearer.scope.or(dpop.scope),
        bound,
        open: false,
    }
}

/// Whether proofs may be signed with our algorithm; a challenge without `algs` leaves it to the metadata.
fn takes_ours(scheme: &ChallengeScheme) -> bool {
    match scheme {
        ChallengeScheme::Bearer => false,
        ChallengeScheme::Dpop { algs } => algs.is_empty() || algs.split(' ').any(|alg| alg == ALGORITHM),
    }
}
