//! `WWW-Authenticate`: what a server asks for.

use std::collections::BTreeMap;
use std::fmt;

use crate::error::describable;
use crate::{OAuthErrorCode, ScopeSet};

/// A Bearer challenge ([RFC 6750 §3](https://www.rfc-editor.org/rfc/rfc6750#section-3)), with `resource_metadata`
/// ([RFC 9728 §5.1](https://www.rfc-editor.org/rfc/rfc9728#section-5.1)).
///
/// [`fmt::Display`] writes it with every value quoted, as clients need it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct WwwAuthenticate {
    /// What is protected.
    pub realm: Option<String>,
    /// What was wrong with the token.
    pub error: Option<OAuthErrorCode>,
    /// A sentence about it.
    pub error_description: Option<String>,
    /// The scopes that the request needs.
    pub scope: Option<ScopeSet>,
    /// The absolute address of the resource's metadata.
    pub resource_metadata: Option<String>,
}

impl WwwAuthenticate {
    /// Reads the Bearer challenge from a header value that may hold several challenges.
    pub fn parse(header: &str) -> Option<Self> {
        let params = bearer_params(header)?;
        let get = |name: &str| params.get(name).filter(|value| !value.is_empty()).cloned();
        Some(Self {
            realm: get("realm"),
            error: get("error").and_then(|code| serde_json::from_value(serde_json::Value::String(code)).ok()),
            error_description: get("error_description"),
            scope: get("scope").and_then(|text| ScopeSet::parse(&text).ok()),
            resource_metadata: get("resource_metadata"),
        })
    }
}

impl fmt::Display for WwwAuthenticate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scope = self
            .scope
            .as_ref()
            .filter(|scope| !scope.is_empty())
            .map(ToString::to_string);
        let params = [
            ("realm", self.realm.as_deref()),
            ("error", self.error.map(OAuthErrorCode::as_str)),
            ("error_description", self.error_description.as_deref()),
            ("scope", scope.as_deref()),
            ("resource_metadata", self.resource_metadata.as_deref()),
        ];
        f.write_str("Bearer")?;
        let mut separator = " ";
        for (name, value) in params {
            if let Some(value) = value {
                write!(f, "{separator}{name}=\"{}\"", describable(value))?;
                separator = ", ";
            }
        }
        Ok(())
    }
}

/// The parameters of the first Bearer challenge; names in lower case.
fn bearer_params(header: &str) -> Option<BTreeMap<String, String>> {
    let mut found: Option<BTreeMap<String, String>> = None;
    let mut in_bearer = false;
    let mut rest = header;
    loop {
        rest = rest.trim_start_matches([' ', '\t', ',']);
        if rest.is_empty() {
            return found;
        }
        let end = rest.find([' ', '\t', ',', '=']).unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        let behind = after.trim_start_matches([' ', '\t']);
        if let Some(value) = behind.strip_prefix('=').filter(|_| !word.is_empty()) {
            let (value, remaining) = take_value(value.trim_start_matches([' ', '\t']));
            if let Some(params) = found.as_mut().filter(|_| in_bearer) {
                params.entry(word.to_ascii_lowercase()).or_insert(value);
            }
            rest = remaining;
        } else if word.is_empty() {
            // A stray '=': nothing that a challenge begins with.
            rest = after.get(1..).unwrap_or_default();
        } else {
            in_bearer = word.eq_ignore_ascii_case("bearer") && found.is_none();
            if in_bearer {
                found = Some(BTreeMap::new());
            }
            rest = after;
        }
    }
}

/// A quoted string or a token, and what stands behind it.
fn take_value(text: &str) -> (String, &str) {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find([' ', '\t', ',']).unwrap_or(text.len());
        let (value, rest) = text.split_at(end);
        return (value.to_owned(), rest);
    };
    let mut value = String::new();
    let mut chars = quoted.char_indices();
    while let Some((index, c)) = chars.next() {
        match c {
            '"' => return (value, quoted.get(index + 1..).unwrap_or_default()),
            '\\' => value.extend(chars.next().map(|(_, escaped)| escaped)),
            other => value.push(other),
        }
    }
    (value, "")
}
