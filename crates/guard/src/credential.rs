use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderValue};

/// The longest token that is looked at, in bytes; what is longer is no token of ours.
pub(crate) const MAX_TOKEN_BYTES: usize = 8 * 1024;

/// How an access token is presented.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scheme {
    /// By itself ([RFC 6750](https://www.rfc-editor.org/rfc/rfc6750)).
    Bearer,
    /// With a proof of the key that it is bound to ([RFC 9449 §7.1](https://www.rfc-editor.org/rfc/rfc9449#section-7.1)).
    Dpop,
}

impl Scheme {
    /// Reads the name of a scheme.
    ///
    /// RFC 9110 §11.1: "[...] a case-insensitive token to identify the authentication scheme".
    fn of(name: &[u8]) -> Option<Self> {
        if name.eq_ignore_ascii_case(b"Bearer") {
            Some(Self::Bearer)
        } else if name.eq_ignore_ascii_case(b"DPoP") {
            Some(Self::Dpop)
        } else {
            None
        }
    }

    /// Says in which scheme a request is best answered: the one that it tries, else `Bearer`.
    pub(crate) fn of_request(headers: &HeaderMap) -> Self {
        headers
            .get(AUTHORIZATION)
            .and_then(|value| value.as_bytes().split(|byte| *byte == b' ').next())
            .and_then(Self::of)
            .unwrap_or(Self::Bearer)
    }
}

/// What a request's `Authorization` header holds.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Presented<'a> {
    /// No access token at all.
    Nothing,
    /// One token.
    Token(Scheme, &'a str),
    /// A credential that cannot be a token.
    Unreadable,
    /// More than one `Authorization` header.
    Several,
}

/// Reads the access token of a request: from the `Authorization` header alone
/// ([RFC 6750 §2.1](https://www.rfc-editor.org/rfc/rfc6750#section-2.1)), never from the query or the body.
pub(crate) fn parse_credential(headers: &HeaderMap) -> Presented<'_> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let Some(value) = values.next() else {
        return Presented::Nothing;
    };
    if values.next().is_some() {
        return Presented::Several;
    }
    parse_value(value)
}

fn parse_value(value: &HeaderValue) -> Presented<'_> {
    let Ok(value) = value.to_str() else {
        return Presented::Unreadable;
    };
    let (scheme, credential) = value.split_once(' ').unwrap_or((value, ""));
    let Some(scheme) = Scheme::of(scheme.as_bytes()) else {
        return Presented::Nothing;
    };
    let token = credential.trim();
    if token.is_empty() {
        // A client whose token variable is empty is best told how to log in.
        Presented::Nothing
    } else if token.len() <= MAX_TOKEN_BYTES && token.bytes().all(is_token_byte) {
        Presented::Token(scheme, token)
    } else {
        Presented::Unreadable
    }
}

/// RFC 6750 §2.1: `b64token = 1*( ALPHA / DIGIT / "-" / "." / "_" / "~" / "+" / "/" ) *"="`; RFC 9449 §7.1: the same.
fn is_token_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~+/=".contains(&byte)
}

#[cfg(test)]
mod tests;
