//! Names of things, each a type of its own. A clone shares the text, since one name stands in many records; those that are made
//! here and are short hold it themselves.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use compact_str::CompactString;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::newtype::string_newtype;

/// Why a name is none.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{what} {rule}")]
pub struct IdError {
    what: &'static str,
    rule: &'static str,
}

fn visible_ascii<T: for<'a> From<&'a str>>(
    text: &str,
    longest: usize,
    what: &'static str,
    rule: &'static str,
) -> Result<T, IdError> {
    let fits = (1..=longest).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
    fits.then(|| text.into()).ok_or(IdError { what, rule })
}

/// 22 characters, which need no memory of their own.
fn base64url(bytes: [u8; 16]) -> CompactString {
    let mut text = [0; 22];
    let written = URL_SAFE_NO_PAD.encode_slice(bytes, &mut text);
    debug_assert_eq!(written, Ok(22));
    CompactString::from_utf8_lossy(&text)
}

/// A client's id ([RFC 6749 §2.2](https://www.rfc-editor.org/rfc/rfc6749#section-2.2)): 1 to 2048 visible ASCII characters.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClientId(Arc<str>);

impl ClientId {
    /// Parses a client id.
    ///
    /// # Errors
    /// [`IdError`] when it is empty, too long, or has a character that is not visible ASCII.
    pub fn parse(text: &str) -> Result<Self, IdError> {
        visible_ascii(
            text,
            2048,
            "a client id",
            "has 1 to 2048 visible ASCII characters",
        )
        .map(Self)
    }

    /// The client id that is these bytes in base64url.
    pub fn of_bytes(bytes: [u8; 32]) -> Self {
        Self(URL_SAFE_NO_PAD.encode(bytes).into())
    }

    /// Whether it has the form of [`of_bytes`](Self::of_bytes).
    pub fn is_registered_form(&self) -> bool {
        URL_SAFE_NO_PAD
            .decode(self.as_str())
            .is_ok_and(|bytes| bytes.len() == 32)
    }
}

string_newtype!(ClientId, IdError);

/// A session's id, `sid` in every token of the session: 1 to 64 characters of base64url.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SessionId(CompactString);

impl SessionId {
    /// Parses a session id.
    ///
    /// # Errors
    /// [`IdError`] when it is empty, too long, or has a character outside base64url.
    pub fn parse(text: &str) -> Result<Self, IdError> {
        let fits = (1..=64).contains(&text.len())
            && text
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
        let error = IdError {
            what: "a session id",
            rule: "has 1 to 64 characters of base64url",
        };
        fits.then(|| Self(text.into())).ok_or(error)
    }

    /// The session id that is these random bytes in base64url.
    pub fn of_bytes(bytes: [u8; 16]) -> Self {
        Self(base64url(bytes))
    }
}

string_newtype!(SessionId, IdError);

/// The operator's name for an identity provider: a lower-case letter, then up to 31 of `a-z`, `0-9` and `-`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProviderId(Arc<str>);

impl ProviderId {
    /// Parses a provider's name.
    ///
    /// # Errors
    /// [`IdError`] when it has another form.
    pub fn parse(text: &str) -> Result<Self, IdError> {
        let rule = "is a lower-case letter followed by at most 31 of a-z, 0-9 and -";
        let fits = text.len() <= 32
            && text.starts_with(|c: char| c.is_ascii_lowercase())
            && text
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
        fits.then(|| Self(text.into())).ok_or(IdError {
            what: "a provider id",
            rule,
        })
    }

    /// What stands where a client acts for itself. No identity provider is called so.
    pub fn of_clients() -> Self {
        Self(Self::CLIENTS.into())
    }

    /// The text of [`of_clients`](Self::of_clients).
    pub const CLIENTS: &str = "client";
}

string_newtype!(ProviderId, IdError);

/// A user, unique across providers: `<provider id>:<upstream subject>`, 255 bytes at most
/// ([OpenID Connect Core §2](https://openid.net/specs/openid-connect-core-1_0.html#IDToken), `sub`).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Subject(Arc<str>);

impl Subject {
    /// The subject of a provider's user.
    ///
    /// # Errors
    /// [`IdError`] when the upstream subject is empty, or too long beside the provider's id.
    pub fn of(provider: &ProviderId, upstream: &str) -> Result<Self, IdError> {
        Self::parse(&format!("{provider}:{upstream}"))
    }

    /// The subject of a client that acts for itself, which is no user's
    /// ([RFC 9068 §5](https://www.rfc-editor.org/rfc/rfc9068#section-5)).
    ///
    /// # Errors
    /// [`IdError`] when the client's id is too long.
    pub fn of_client(client: &ClientId) -> Result<Self, IdError> {
        Self::of(&ProviderId::of_clients(), client.as_str())
    }

    /// Whether it is a client that acts for itself, and no user.
    pub fn is_client(&self) -> bool {
        self.is_of(&ProviderId::of_clients())
    }

    /// Parses a subject.
    ///
    /// # Errors
    /// [`IdError`] when there is no provider before a colon, nothing behind it, or more than 255 bytes.
    pub fn parse(text: &str) -> Result<Self, IdError> {
        let rule = "is a provider id, a colon and the provider's subject, 255 bytes at most, without control characters";
        let fits = text.len() <= 255
            && !text.chars().any(char::is_control)
            && text.split_once(':').is_some_and(|(provider, upstream)| {
                ProviderId::parse(provider).is_ok() && !upstream.is_empty()
            });
        fits.then(|| Self(text.into())).ok_or(IdError {
            what: "a subject",
            rule,
        })
    }

    /// Whether this provider vouches for the subject.
    pub fn is_of(&self, provider: &ProviderId) -> bool {
        self.0
            .split_once(':')
            .is_some_and(|(before, _)| before == provider.as_str())
    }

    /// The subject as the provider knows it.
    pub fn upstream(&self) -> &str {
        self.0.split_once(':').map_or("", |(_, upstream)| upstream)
    }
}

string_newtype!(Subject, IdError);

/// A key's id: `kid` ([RFC 7515 §4.1.4](https://www.rfc-editor.org/rfc/rfc7515#section-4.1.4)), 1 to 256 visible ASCII characters.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId(Arc<str>);

impl KeyId {
    /// Parses a key id.
    ///
    /// # Errors
    /// [`IdError`] when it is empty, too long, or has a character that is not visible ASCII.
    pub fn parse(text: &str) -> Result<Self, IdError> {
        visible_ascii(text, 256, "a key id", "has 1 to 256 visible ASCII characters").map(Self)
    }
}

string_newtype!(KeyId, IdError);

/// A token's id: `jti` ([RFC 7519 §4.1.7](https://www.rfc-editor.org/rfc/rfc7519#section-4.1.7)), 1 to 256 visible ASCII characters.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TokenId(CompactString);

impl TokenId {
    /// Parses a token id.
    ///
    /// # Errors
    /// [`IdError`] when it is empty, too long, or has a character that is not visible ASCII.
    pub fn parse(text: &str) -> Result<Self, IdError> {
        visible_ascii(text, 256, "a token id", "has 1 to 256 visible ASCII characters").map(Self)
    }

    /// The token id that is these random bytes in base64url.
    pub fn of_bytes(bytes: [u8; 16]) -> Self {
        Self(base64url(bytes))
    }
}

string_newtype!(TokenId, IdError);

/// One bit of one Token Status List.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct StatusRef {
    /// The list.
    pub list: u64,
    /// The bit within it.
    pub bit: u32,
}
