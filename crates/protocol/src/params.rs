//! Request parameters, whichever way they came.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::Value;
use thiserror::Error;

/// More parameters than any request has.
const MOST_PARAMS: usize = 64;

/// How many most requests have no more of.
const USUAL_PARAMS: usize = 12;

/// More bytes than any request's parameters have.
const MOST_BYTES: usize = 64 * 1024;

/// The decoded parameters of a query, a form body or a JSON body.
#[derive(Clone, Default)]
pub struct Params {
    /// All names and values, one behind the other.
    text: String,
    /// Where in it each name and its value end.
    ends: Vec<(usize, usize)>,
}

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
        let mut params = Self {
            text: String::with_capacity(query.len()),
            ends: Vec::with_capacity(USUAL_PARAMS),
        };
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            if is_escaped(pair) {
                for (name, value) in form_urlencoded::parse(pair.as_bytes()) {
                    params.push(&name, &value)?;
                }
            } else {
                let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
                params.push(name, value)?;
            }
        }
        Ok(params)
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
        let mut params = Self::default();
        for (name, value) in members {
            match value {
                Value::Null => {}
                Value::Array(items) => {
                    for item in items {
                        params.push(&name, &plain(item, &name)?)?;
                    }
                }
                other => params.push(&name, &plain(other, &name)?)?,
            }
        }
        Ok(params)
    }

    fn push(&mut self, name: &str, value: &str) -> Result<(), ParamsError> {
        if self.ends.len() == MOST_PARAMS {
            return Err(ParamsError::TooMany);
        }
        self.append(name, value);
        Ok(())
    }

    fn append(&mut self, name: &str, value: &str) {
        self.text.push_str(name);
        let name_end = self.text.len();
        self.text.push_str(value);
        self.ends.push((name_end, self.text.len()));
    }

    /// The one value of a parameter.
    ///
    /// > Parameters sent without a value MUST be treated as if they were omitted from the request.
    /// > ([RFC 6749 §3.1](https://www.rfc-editor.org/rfc/rfc6749#section-3.1))
    ///
    /// # Errors
    /// [`DuplicateParameter`] when it stands more than once.
    pub fn one(&self, name: &str) -> Result<Option<&str>, DuplicateParameter> {
        let mut values = self.values(name);
        let first = values.next();
        if values.next().is_some() {
            return Err(DuplicateParameter(name.to_owned()));
        }
        Ok(first.filter(|value| !value.is_empty()))
    }

    /// Every value of a parameter that may stand more than once, such as `resource`.
    pub fn many(&self, name: &str) -> Vec<&str> {
        self.values(name).filter(|value| !value.is_empty()).collect()
    }

    fn values(&self, name: &str) -> impl Iterator<Item = &str> {
        self.iter()
            .filter(move |(key, _)| *key == name)
            .map(|(_, value)| value)
    }

    /// All parameters, in the order in which they came.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        let mut begin = 0;
        self.ends.iter().map(move |&(name_end, value_end)| {
            let name = self.text.get(begin..name_end).unwrap_or_default();
            let value = self.text.get(name_end..value_end).unwrap_or_default();
            begin = value_end;
            (name, value)
        })
    }
}

/// Parameters can be secrets, so only their names are shown.
impl fmt::Debug for Params {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter().map(|(name, _)| name)).finish()
    }
}

impl FromIterator<(String, String)> for Params {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(pairs: I) -> Self {
        let mut params = Self::default();
        for (name, value) in pairs {
            params.append(&name, &value);
        }
        params
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

/// Whether anything in a pair is to be decoded; tokens and codes are not. It looks at every byte, so that it looks at many at once.
fn is_escaped(pair: &str) -> bool {
    pair.bytes().filter(|byte| matches!(byte, b'%' | b'+')).count() > 0
}

fn plain(value: Value, name: &str) -> Result<String, ParamsError> {
    match value {
        Value::String(text) => Ok(text),
        Value::Number(number) => Ok(number.to_string()),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => {
            Err(ParamsError::Value(name.to_owned()))
        }
    }
}
