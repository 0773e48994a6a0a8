//! A signed token of the provider's, taken apart.

use vestibule_jose::foreign::{Jws, JwsError};
use vestibule_provider::ProviderError;

use crate::{Claims, Upstream};

/// Takes a token apart; `what` names it in errors, and the upstream says what it may be signed with.
pub(crate) fn parse<'t>(what: &str, token: &'t str, upstream: &Upstream) -> Result<Jws<'t>, ProviderError> {
    Jws::parse(token, &upstream.algorithms).map_err(|error| match error {
        JwsError::Malformed => ProviderError::Rejected(format!("the {what} is not a signed JWT")),
        JwsError::Encrypted => ProviderError::Misconfigured(format!(
            "the {what} is encrypted; switch encryption off for this client at the provider"
        )),
        JwsError::Algorithm(name) => explain(what, &name, upstream),
    })
}

/// The claims, which are worth reading only once the signature holds.
pub(crate) fn claims(jws: &Jws<'_>) -> Option<Claims> {
    Claims::from_json(&jws.payload()?)
}

fn explain(what: &str, name: &str, upstream: &Upstream) -> ProviderError {
    let allowed: Vec<&str> = upstream
        .algorithms
        .iter()
        .map(|algorithm| algorithm.as_str())
        .collect();
    let allowed = allowed.join(", ");
    let name = crate::foreign_text::line(name);
    if name.starts_with("HS") {
        ProviderError::Misconfigured(format!(
            "the {what} is signed with {name}, whose key is the client secret; {} (allowed: {allowed})",
            upstream.algorithm_advice
        ))
    } else {
        ProviderError::Rejected(format!(
            "the {what} is signed with {name}, which is not allowed (allowed: {allowed})"
        ))
    }
}
