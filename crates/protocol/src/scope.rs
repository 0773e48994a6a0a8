//! Scopes.

use std::collections::{BTreeSet, btree_set};
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use thiserror::Error;

use crate::newtype::{Parsed, string_newtype};

/// Why a text is no scope.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ScopeError {
    /// A name has a character that scopes cannot have, or is empty.
    #[error("a scope name has visible ASCII characters, without space, quotation mark and backslash")]
    Character,
    /// There are too many, or they are too long.
    #[error("a scope list has at most 100 names in 4096 characters")]
    TooMany,
}

/// One scope: `scope-token` of [RFC 6749 §3.3](https://www.rfc-editor.org/rfc/rfc6749#section-3.3).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Scope(Arc<str>);

impl Scope {
    /// OpenID Connect: asks for an ID token.
    pub const OPENID: &'static str = "openid";
    /// OpenID Connect: name and picture.
    pub const PROFILE: &'static str = "profile";
    /// OpenID Connect: the email address.
    pub const EMAIL: &'static str = "email";
    /// OpenID Connect: a refresh token.
    pub const OFFLINE_ACCESS: &'static str = "offline_access";

    /// Parses a scope.
    ///
    /// > scope-token = 1*( %x21 / %x23-5B / %x5D-7E )
    ///
    /// # Errors
    /// [`ScopeError::Character`].
    pub fn parse(text: &str) -> Result<Self, ScopeError> {
        let fits = !text.is_empty()
            && text
                .bytes()
                .all(|byte| byte.is_ascii_graphic() && byte != b'"' && byte != b'\\');
        fits.then(|| Self(text.into())).ok_or(ScopeError::Character)
    }

    /// The scopes that every server knows: they are about the user and belong to no resource.
    pub fn identity() -> ScopeSet {
        [Self::OPENID, Self::PROFILE, Self::EMAIL, Self::OFFLINE_ACCESS]
            .into_iter()
            .map(|name| Self(name.into()))
            .collect()
    }
}

string_newtype!(Scope, ScopeError);

/// A set of scopes: space-separated on the wire, in alphabetical order. A clone shares the set.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct ScopeSet(Arc<BTreeSet<Scope>>);

impl ScopeSet {
    /// Parses a list of scopes; repeated names and repeated spaces are forgiven.
    ///
    /// # Errors
    /// [`ScopeError`] for a name that is none, or for too many.
    pub fn parse(text: &str) -> Result<Self, ScopeError> {
        if text.len() > 4096 {
            return Err(ScopeError::TooMany);
        }
        let scopes: BTreeSet<Scope> = text
            .split(' ')
            .filter(|name| !name.is_empty())
            .map(Scope::parse)
            .collect::<Result<_, _>>()?;
        if scopes.len() > 100 {
            Err(ScopeError::TooMany)
        } else {
            Ok(Self(Arc::new(scopes)))
        }
    }

    /// Whether the scope of this name is in the set.
    pub fn contains(&self, name: &str) -> bool {
        self.0.iter().any(|scope| scope.as_str() == name)
    }

    /// Whether every scope of this set is in `other`.
    pub fn is_subset(&self, other: &Self) -> bool {
        self.0.is_subset(&other.0)
    }

    /// The scopes that are in both sets.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        self.0.intersection(&other.0).cloned().collect()
    }

    /// The scopes that are in either set.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        self.0.union(&other.0).cloned().collect()
    }

    /// The scopes of this set that are not in `other`.
    #[must_use]
    pub fn difference(&self, other: &Self) -> Self {
        self.0.difference(&other.0).cloned().collect()
    }

    /// The scopes, in alphabetical order.
    pub fn iter(&self) -> btree_set::Iter<'_, Scope> {
        self.0.iter()
    }

    /// How many scopes there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds a scope; says whether it is new.
    pub fn insert(&mut self, scope: Scope) -> bool {
        Arc::make_mut(&mut self.0).insert(scope)
    }
}

impl fmt::Display for ScopeSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, scope) in self.iter().enumerate() {
            if index > 0 {
                f.write_str(" ")?;
            }
            f.write_str(scope.as_str())?;
        }
        Ok(())
    }
}

impl fmt::Debug for ScopeSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ScopeSet({:?})", self.to_string())
    }
}

impl FromStr for ScopeSet {
    type Err = ScopeError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

impl FromIterator<Scope> for ScopeSet {
    fn from_iter<I: IntoIterator<Item = Scope>>(scopes: I) -> Self {
        Self(Arc::new(scopes.into_iter().collect()))
    }
}

impl<'a> IntoIterator for &'a ScopeSet {
    type Item = &'a Scope;
    type IntoIter = btree_set::Iter<'a, Scope>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

impl IntoIterator for ScopeSet {
    type Item = Scope;
    type IntoIter = btree_set::IntoIter<Scope>;

    fn into_iter(self) -> Self::IntoIter {
        Arc::unwrap_or_clone(self.0).into_iter()
    }
}

impl Serialize for ScopeSet {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for ScopeSet {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(Parsed(Self::parse))
    }
}
