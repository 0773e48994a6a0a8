//! `WWW-Authenticate`: what a server asks for.

use std::collections::BTreeMap;
use std::fmt;

use crate::error::describable;
use crate::{OAuthErrorCode, ScopeSet};

/// What an access token is presented as.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum ChallengeScheme {
    /// By itself ([RFC 6750](https://www.rfc-editor.org/rfc/rfc6750)).
    #[default]
    Bearer,
    /// With a proof of the key that it is bound to ([RFC 9449 §7.1](https://www.rfc-editor.org/rfc/rfc9449#section-7.1)).
    Dpop {
        /// The algorithms that the proof may be signed with, separated by spaces.
        algs: String,
    },
}

impl ChallengeScheme {
    /// The name, as it stands in the header.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Bearer => "Bearer",
            Self::Dpop { .. } => "DPoP",
        }
    }

    fn algs(&self) -> Option<&str> {
        match self {
            Self::Bearer => None,
            Self::Dpop { algs } => Some(algs.as_str()).filter(|algs| !algs.is_empty()),
        }
    }
}

/// A challenge that asks for an access token ([RFC 6750 §3](https://www.rfc-editor.org/rfc/rfc6750#section-3),
/// [RFC 9449 §7.1](https://www.rfc-editor.org/rfc/rfc9449#section-7.1)), with `resource_metadata`
/// ([RFC 9728 §5.1](https://www.rfc-editor.org/rfc/rfc9728#section-5.1)).
///
/// [`fmt::Display`] writes it with every value quoted, as clients need it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct WwwAuthenticate {
    /// How the token is to be presented.
    pub scheme: ChallengeScheme,
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
        let params = params_of("Bearer", header)?;
        Some(Self::read(ChallengeScheme::Bearer, &params))
    }

    /// Reads the DPoP challenge from a header value that may hold several challenges.
    pub fn parse_dpop(header: &str) -> Option<Self> {
        let params = params_of("DPoP", header)?;
        let algs = params.get("algs").cloned().unwrap_or_default();
        Some(Self::read(ChallengeScheme::Dpop { algs }, &params))
    }

    fn read(scheme: ChallengeScheme, params: &BTreeMap<String, String>) -> Self {
        let get = |name: &str| params.get(name).filter(|value| !value.is_empty()).cloned();
        Self {
            scheme,
            realm: get("realm"),
            error: get("error").and_then(|code| serde_json::from_value(serde_json::Value::String(code)).ok()),
            error_description: get("error_description"),
            scope: get("scope").and_then(|text| ScopeSet::parse(&text).ok()),
            resource_metadata: get("resource_metadata"),
        }
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
            ("algs", self.scheme.algs()),
        ];
        f.write_str(self.scheme.as_str())?;
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

/// The parameters of the scheme's first challenge; names in lower case.
fn params_of(scheme: &str, header: &str) -> Option<BTreeMap<String, String>> {
    let mut found: Option<BTreeMap<String, String>> = None;
    let mut in_scheme = false;
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
            if let Some(params) = found.as_mut().filter(|_| in_scheme) {
                params.entry(word.to_ascii_lowercase()).or_insert(value);
            }
            rest = remaining;
        } else if word.is_empty() {
            // A stray '=': nothing that a challenge begins with.
            rest = after.get(1..).unwrap_or_default();
        } else {
            in_scheme = word.eq_ignore_ascii_case(scheme) && found.is_none();
            if in_scheme {
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
