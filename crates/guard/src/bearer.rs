use http::HeaderMap;
use http::header::AUTHORIZATION;

/// The longest token that is looked at, in bytes; what is longer is no token of ours.
pub(crate) const MAX_TOKEN_BYTES: usize = 8 * 1024;

/// What a request's `Authorization` header holds.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Presented<'a> {
    /// No bearer token at all.
    Nothing,
    /// One token.
    Token(&'a str),
    /// A bearer credential that cannot be a token.
    Unreadable,
    /// More than one `Authorization` header.
    Several,
}

/// Reads the bearer token of a request: from the `Authorization` header alone
/// ([RFC 6750 §2.1](https://www.rfc-editor.org/rfc/rfc6750#section-2.1)), never from the query or the body.
pub(crate) fn parse_bearer(headers: &HeaderMap) -> Presented<'_> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let Some(value) = values.next() else {
        return Presented::Nothing;
    };
    if values.next().is_some() {
        return Presented::Several;
    }
    let Ok(value) = value.to_str() else {
        return Presented::Unreadable;
    };
    let (scheme, credential) = value.split_once(' ').unwrap_or((value, ""));
    // RFC 9110 §11.1: "[...] a case-insensitive token to identify the authentication scheme".
    if !scheme.eq_ignore_ascii_case("Bearer") {
        return Presented::Nothing;
    }
    let token = credential.trim();
    if token.is_empty() {
        // A client whose token variable is empty is best told how to log in.
        Presented::Nothing
    } else if token.len() <= MAX_TOKEN_BYTES && token.bytes().all(is_token_byte) {
        Presented::Token(token)
    } else {
        Presented::Unreadable
    }
}

/// RFC 6750 §2.1: `b64token = 1*( ALPHA / DIGIT / "-" / "." / "_" / "~" / "+" / "/" ) *"="`.
fn is_token_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~+/=".contains(&byte)
}

#[cfg(test)]
mod tests {
    use http::header::AUTHORIZATION;
    use http::{HeaderMap, HeaderValue};
    use rstest::rstest;

    use super::{MAX_TOKEN_BYTES, Presented, parse_bearer};

    fn headers(values: &[&str]) -> HeaderMap {
        values
            .iter()
            .map(|value| (AUTHORIZATION, HeaderValue::from_str(value).unwrap()))
            .collect()
    }

    #[test]
    fn more_than_one_authorization_header_is_refused() {
        assert_eq!(
            parse_bearer(&headers(&["Bearer a", "Bearer a"])),
            Presented::Several
        );
    }

    #[rstest]
    #[case::two_tokens("Bearer a b")]
    #[case::a_list("Bearer a, Bearer b")]
    #[case::quoted("Bearer \"a\"")]
    fn what_cannot_be_a_token_is_unreadable(#[case] value: &str) {
        assert_eq!(parse_bearer(&headers(&[value])), Presented::Unreadable);
    }

    #[test]
    fn a_token_beyond_the_limit_is_unreadable() {
        let value = format!("Bearer {}", "a".repeat(MAX_TOKEN_BYTES + 1));
        assert_eq!(parse_bearer(&headers(&[&value])), Presented::Unreadable);
    }

    #[rstest]
    #[case::empty("Bearer ")]
    #[case::bare("Bearer")]
    #[case::another_scheme("Basic dXNlcjpwYXNz")]
    #[case::a_longer_scheme("BearerX a")]
    fn what_is_not_a_bearer_token_counts_as_none(#[case] value: &str) {
        assert_eq!(parse_bearer(&headers(&[value])), Presented::Nothing);
    }

    #[rstest]
    #[case("Bearer a.b-c_d~e+f/g==")]
    #[case("bearer  a.b-c_d~e+f/g==")]
    #[case("BEARER a.b-c_d~e+f/g==")]
    fn the_scheme_is_read_in_any_case(#[case] value: &str) {
        assert_eq!(
            parse_bearer(&headers(&[value])),
            Presented::Token("a.b-c_d~e+f/g==")
        );
    }
}
