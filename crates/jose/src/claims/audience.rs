use std::fmt;

use serde::de::{Error, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// For whom a token is: one or several names, compared byte by byte
/// ([RFC 7519 §4.1.3](https://www.rfc-editor.org/rfc/rfc7519#section-4.1.3)). Never none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Audience {
    first: String,
    rest: Vec<String>,
}

impl Audience {
    /// Names one audience, which is written as a plain string.
    pub fn one(name: impl Into<String>) -> Self {
        Self {
            first: name.into(),
            rest: Vec::new(),
        }
    }

    /// Names all of these, in their order; `None` when there are none.
    pub fn all<N: Into<String>>(names: impl IntoIterator<Item = N>) -> Option<Self> {
        let mut names = names.into_iter().map(Into::into);
        Some(Self {
            first: names.next()?,
            rest: names.collect(),
        })
    }

    /// Says whether this name is among them.
    pub fn contains(&self, name: &str) -> bool {
        self.iter().any(|audience| audience == name)
    }

    /// Goes through the names in their order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        std::iter::once(&self.first).chain(&self.rest).map(String::as_str)
    }
}

impl<'de> Deserialize<'de> for Audience {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(OneOrMany)
    }
}

struct OneOrMany;

impl<'de> Visitor<'de> for OneOrMany {
    type Value = Audience;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name, or a list of names that is not empty")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<Audience, E> {
        Ok(Audience::one(name))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut names: A) -> Result<Audience, A::Error> {
        let first = names.next_element()?;
        let first = first.ok_or_else(|| A::Error::invalid_length(0, &self))?;
        let mut rest = Vec::new();
        while let Some(name) = names.next_element()? {
            rest.push(name);
        }
        Ok(Audience { first, rest })
    }
}

impl Serialize for Audience {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.rest.is_empty() {
            serializer.serialize_str(&self.first)
        } else {
            serializer.collect_seq(self.iter())
        }
    }
}
