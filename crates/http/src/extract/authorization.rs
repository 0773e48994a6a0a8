//! The `Authorization` header.

use http::HeaderMap;
use http::header::AUTHORIZATION;

use crate::failure::Refusal;

/// The header's text, if it is there once.
///
/// # Errors
/// Two of them are refused: which one is meant is nobody's guess.
pub(super) fn authorization(headers: &HeaderMap) -> Result<Option<String>, Refusal> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let first = values.next();
    if values.next().is_some() {
        return Err(Refusal::invalid_request("Send one Authorization header."));
    }
    Ok(first.map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned()))
}

/// The token of a `Bearer` header ([RFC 6750 §2.1](https://www.rfc-editor.org/rfc/rfc6750#section-2.1)).
pub(super) fn bearer(authorization: &str) -> Option<&str> {
    let (scheme, token) = authorization.split_once(' ')?;
    scheme
        .eq_ignore_ascii_case("bearer")
        .then(|| token.trim())
        .filter(|token| !token.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_scheme_bears_no_token() {
        for header in ["", "Bearer", "Bearer ", "Basic abc", "Bearerabc", "DPoP abc"] {
            assert_eq!(bearer(header), None, "{header}");
        }
    }

    #[test]
    fn the_scheme_has_no_case() {
        assert_eq!(bearer("bearer abc"), Some("abc"));
        assert_eq!(bearer("BEARER  abc "), Some("abc"));
    }
}
