use serde::{Deserialize, Serialize, Serializer};

/// For whom a token is: one or several names, compared byte by byte
/// ([RFC 7519 §4.1.3](https://www.rfc-editor.org/rfc/rfc7519#section-4.1.3)). Never none.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Wire")]
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

#[derive(Deserialize)]
#[serde(untagged)]
enum Wire {
    One(String),
    Many(Vec<String>),
}

impl TryFrom<Wire> for Audience {
    type Error = &'static str;

    fn try_from(wire: Wire) -> Result<Self, Self::Error> {
        match wire {
            Wire::One(name) => Ok(Self::one(name)),
            Wire::Many(names) => Self::all(names).ok_or("an empty audience names nobody"),
        }
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
