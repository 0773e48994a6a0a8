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
    token_of("bearer", authorization)
}

/// The token of a `DPoP` header ([RFC 9449 §7.1](https://www.rfc-editor.org/rfc/rfc9449#section-7.1)).
pub(super) fn bound(authorization: &str) -> Option<&str> {
    token_of("dpop", authorization)
}

fn token_of<'h>(wanted: &str, authorization: &'h str) -> Option<&'h str> {
    let (scheme, token) = authorization.split_once(' ')?;
    scheme
        .eq_ignore_ascii_case(wanted)
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
    fn a_token_that_is_bound_to_a_key_is_none_that_is_borne() {
        assert_eq!(bound("DPoP abc"), Some("abc"));
        assert_eq!(bound("dpop abc"), Some("abc"));
        for header in ["", "DPoP", "DPoP ", "Bearer abc", "DPoPabc"] {
            assert_eq!(bound(header), None, "{header}");
        }
    }

    #[test]
    fn the_scheme_has_no_case() {
        assert_eq!(bearer("bearer abc"), Some("abc"));
        assert_eq!(bearer("BEARER  abc "), Some("abc"));
    }
}
