//! Request parameters, whichever way they came.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::Value;
use thiserror::Error;

/// More parameters than any request has.
const MOST_PARAMS: usize = 64;

/// More bytes than any request's parameters have.
const MOST_BYTES: usize = 64 * 1024;

/// The decoded parameters of a query, a form body or a JSON body.
#[derive(Clone, Default)]
pub struct Params(Vec<(String, String)>);

/// Why a body has no parameters to read.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ParamsError {
    /// There are too many.
    #[error("the request has more than 64 parameters")]
    TooMany,
    /// They are too long.
    #[error("the request's parameters are longer than 64 KiB")]
    TooLong,
    /// The text is not UTF-8.
    #[error("the parameters are not UTF-8")]
    NotUtf8,
    /// The body says JSON and is none, or no object.
    #[error("the body is not a JSON object of strings")]
    NotJson,
    /// A JSON value is neither text nor number nor a list of texts.
    #[error("the value of `{0}` is neither a string nor a number")]
    Value(String),
}

/// A parameter that may stand once stands twice.
///
/// > Request and response parameters MUST NOT be included more than once.
/// > ([RFC 6749 §3.1](https://www.rfc-editor.org/rfc/rfc6749#section-3.1))
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("the parameter `{0}` stands more than once")]
pub struct DuplicateParameter(pub String);

impl Params {
    /// Reads a query string, without the question mark.
    ///
    /// # Errors
    /// [`ParamsError::TooMany`] or [`ParamsError::TooLong`].
    pub fn parse_query(query: &str) -> Result<Self, ParamsError> {
        if query.len() > MOST_BYTES {
            return Err(ParamsError::TooLong);
        }
        let pairs: Vec<(String, String)> = form_urlencoded::parse(query.as_bytes())
            .into_owned()
            .take(MOST_PARAMS + 1)
            .collect();
        Self::bounded(pairs)
    }

    /// Reads an `application/x-www-form-urlencoded` body.
    ///
    /// # Errors
    /// [`ParamsError::TooMany`], [`ParamsError::TooLong`] or [`ParamsError::NotUtf8`].
    pub fn parse_form(body: &[u8]) -> Result<Self, ParamsError> {
        Self::parse_query(std::str::from_utf8(body).map_err(|_| ParamsError::NotUtf8)?)
    }

    /// Reads a JSON object of strings, numbers and lists of them. A list is a parameter that stands several times, and so is
    /// a name that does.
    ///
    /// # Errors
    /// [`ParamsError`] when the body is something else.
    pub fn parse_json(body: &[u8]) -> Result<Self, ParamsError> {
        if body.len() > MOST_BYTES {
            return Err(ParamsError::TooLong);
        }
        let Members(members) = serde_json::from_slice(body).map_err(|_| ParamsError::NotJson)?;
        let mut pairs = Vec::new();
        for (name, value) in members {
            match value {
                Value::Null => {}
                Value::Array(items) => {
                    for item in items {
                        let text = plain(&item).ok_or_else(|| ParamsError::Value(name.clone()))?;
                        pairs.push((name.clone(), text));
                    }
                }
                other => {
                    let text = plain(&other).ok_or_else(|| ParamsError::Value(name.clone()))?;
                    pairs.push((name, text));
                }
            }
        }
        Self::bounded(pairs)
    }

    fn bounded(pairs: Vec<(String, String)>) -> Result<Self, ParamsError> {
        if pairs.len() > MOST_PARAMS {
            Err(ParamsError::TooMany)
        } else {
            Ok(Self(pairs))
        }
    }

    /// The one value of a parameter.
    ///
    /// > Parameters sent without a value MUST be treated as if they were omitted from the request.
    /// > ([RFC 6749 §3.1](https://www.rfc-editor.org/rfc/rfc6749#section-3.1))
    ///
    /// # Errors
    /// [`DuplicateParameter`] when it stands more than once.
    pub fn one(&self, name: &str) -> Result<Option<&str>, DuplicateParameter> {
        let mut values = self
            .0
            .iter()
            .filter(|(key, _)| key == name)
            .map(|(_, value)| value.as_str());
        let first = values.next();
        if values.next().is_some() {
            return Err(DuplicateParameter(name.to_owned()));
        }
        Ok(first.filter(|value| !value.is_empty()))
    }

    /// Every value of a parameter that may stand more than once, such as `resource`.
    pub fn many(&self, name: &str) -> Vec<&str> {
        let wanted = |pair: &&(String, String)| pair.0 == name && !pair.1.is_empty();
        self.0
            .iter()
            .filter(wanted)
            .map(|(_, value)| value.as_str())
            .collect()
    }

    /// All parameters, in the order in which they came.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

/// Parameters can be secrets, so only their names are shown.
impl fmt::Debug for Params {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set()
            .entries(self.0.iter().map(|(name, _)| name))
            .finish()
    }
}

impl FromIterator<(String, String)> for Params {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(pairs: I) -> Self {
        Self(pairs.into_iter().collect())
    }
}

/// The members of a JSON object as they stand there: a map would keep the last of those that share a name.
struct Members(Vec<(String, Value)>);

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(MembersVisitor)
    }
}

struct MembersVisitor;

impl<'de> Visitor<'de> for MembersVisitor {
    type Value = Members;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = map.next_entry()? {
            members.push(member);
        }
        Ok(Members(members))
    }
}

fn plain(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}
