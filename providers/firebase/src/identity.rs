//! From claims to an identity.

use serde_json::{Map, Value};
use vestibule_protocol::{ProviderId, Subject};
use vestibule_provider::{Identity, ProviderError};

use crate::token::Claims;
use crate::{ClaimName, FirebaseSettings};

pub(crate) fn identity(
    provider: &ProviderId,
    settings: &FirebaseSettings,
    claims: Claims,
) -> Result<Identity, ProviderError> {
    let subject = Subject::of(provider, &claims.sub)
        .map_err(|error| ProviderError::Rejected(format!("the user's id cannot be used: {error}")))?;
    Ok(Identity {
        subject,
        provider: provider.clone(),
        issuer: Some(settings.project.issuer()),
        auth_time: claims.auth_time,
        name: claims.name,
        username: None,
        email_verified: claims.email.is_some() && claims.email_verified,
        email: claims.email,
        picture: claims.picture,
        groups: values(&settings.groups_from, &claims.rest),
        roles: values(&settings.roles_from, &claims.rest),
        scopes: None,
    })
}

/// What the named claims say: a text is one value, a list of texts several, and `true` is the claim's own name, for custom
/// claims such as `{"admin": true}`. Anything else says nothing.
fn values(names: &[ClaimName], claims: &Map<String, Value>) -> Vec<String> {
    let mut values: Vec<String> = Vec::new();
    for name in names {
        let found = match claims.get(name.as_str()) {
            Some(Value::String(text)) => vec![text.clone()],
            Some(Value::Array(list)) => list
                .iter()
                .filter_map(|value| value.as_str().map(str::to_owned))
                .collect(),
            Some(Value::Bool(true)) => vec![name.as_str().to_owned()],
            _ => Vec::new(),
        };
        for value in found {
            if !value.is_empty() && !values.contains(&value) {
                values.push(value);
            }
        }
    }
    values
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn said(claims: Value) -> Vec<String> {
        let names = ["role", "roles", "admin"].map(|name| name.parse().expect("a claim's name"));
        let Value::Object(claims) = claims else {
            unreachable!("written as an object")
        };
        values(&names, &claims)
    }

    #[test]
    fn a_claim_that_is_not_named_says_nothing() {
        assert_eq!(said(json!({"groups": ["owners"], "superuser": true})), [""; 0]);
    }

    #[test]
    fn a_claim_of_another_shape_says_nothing() {
        assert_eq!(
            said(json!({"role": {"a": 1}, "roles": [1, null, ""], "admin": false})),
            [""; 0]
        );
        assert_eq!(said(json!({"admin": "false"})), ["false"]);
    }

    #[test]
    fn texts_lists_and_flags_are_understood() {
        assert_eq!(
            said(json!({"role": "editor", "roles": ["editor", "author"], "admin": true})),
            ["editor", "author", "admin"]
        );
    }
}
