//! Where in the claims a value stands.

use std::fmt;
use std::str::FromStr;

use serde_json::{Map, Value};
use thiserror::Error;

/// The place of a claim: a name (`groups`, `https://example.com/roles`), names joined by dots (`realm_access.roles`), or a
/// JSON Pointer (`/resource_access/my.app/roles`, [RFC 6901](https://www.rfc-editor.org/rfc/rfc6901)).
///
/// A claim whose whole name is written counts before the dots in it do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimPath(String);

/// The text says no place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("is not the place of a claim; write a name, names joined by dots, or a JSON Pointer such as /a/b")]
pub struct ClaimPathError;

impl ClaimPath {
    /// The claim of this name, or at this place.
    ///
    /// # Errors
    /// [`ClaimPathError`] when there is nothing in it, or an empty name between its dots.
    pub fn parse(text: &str) -> Result<Self, ClaimPathError> {
        let has_empty_name =
            !text.starts_with('/') && !text.contains("://") && text.split('.').any(str::is_empty);
        if text.is_empty() || text == "/" || has_empty_name {
            return Err(ClaimPathError);
        }
        Ok(Self(text.to_owned()))
    }

    /// A standard claim, whose name is its place.
    pub(crate) fn standard(name: &str) -> Self {
        Self(name.to_owned())
    }

    /// The place as it is written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn find<'c>(&self, claims: &'c Map<String, Value>) -> Option<&'c Value> {
        if let Some(value) = claims.get(&self.0) {
            return Some(value);
        }
        let names: Vec<String> = match self.0.strip_prefix('/') {
            Some(pointer) => pointer
                .split('/')
                .map(|name| name.replace("~1", "/").replace("~0", "~"))
                .collect(),
            None => self.0.split('.').map(str::to_owned).collect(),
        };
        let (first, rest) = names.split_first()?;
        rest.iter()
            .try_fold(claims.get(first)?, |value, name| value.as_object()?.get(name))
    }
}

impl FromStr for ClaimPath {
    type Err = ClaimPathError;

    fn from_str(text: &str) -> Result<Self, ClaimPathError> {
        Self::parse(text)
    }
}

impl fmt::Display for ClaimPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::ClaimPath;

    #[test]
    fn a_place_is_a_name_or_dots_or_a_pointer() {
        let claims = json!({
            "groups": 1, "realm_access": {"roles": 2}, "https://example.com/roles": 3, "a.b": 4, "a": {"b": 5},
            "resource_access": {"my.app": {"roles": 6}},
        });
        let claims = claims.as_object().unwrap();
        for (path, value) in [
            ("groups", 1),
            ("realm_access.roles", 2),
            ("https://example.com/roles", 3),
            ("a.b", 4),
            ("/a/b", 5),
            ("/resource_access/my.app/roles", 6),
        ] {
            assert_eq!(
                ClaimPath::parse(path).unwrap().find(claims),
                Some(&json!(value)),
                "{path}"
            );
        }
        for path in ["nothing", "realm_access.nothing", "groups.roles", "/a/c"] {
            assert_eq!(ClaimPath::parse(path).unwrap().find(claims), None, "{path}");
        }
        for path in ["", "/", "a..b", ".a"] {
            assert!(ClaimPath::parse(path).is_err(), "{path}");
        }
    }
}
