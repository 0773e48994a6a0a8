use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderValue};
use proptest::prelude::*;
use rstest::rstest;

use super::{MAX_TOKEN_BYTES, Presented, Scheme, is_token_byte, parse_credential};

fn headers(values: &[&str]) -> HeaderMap {
    values
        .iter()
        .map(|value| (AUTHORIZATION, HeaderValue::from_str(value).unwrap()))
        .collect()
}

#[rstest]
#[case::bearers(&["Bearer a", "Bearer a"])]
#[case::proven(&["DPoP a", "DPoP a"])]
#[case::one_of_each(&["DPoP a", "Bearer a"])]
#[case::one_of_each_the_other_way(&["Bearer a", "DPoP a"])]
#[case::beside_a_strangers(&["Basic a", "DPoP a"])]
fn more_than_one_authorization_header_is_refused(#[case] values: &[&str]) {
    assert_eq!(parse_credential(&headers(values)), Presented::Several);
}

#[rstest]
#[case::two_tokens("Bearer a b")]
#[case::a_list("Bearer a, Bearer b")]
#[case::both_schemes("Bearer a, DPoP b")]
#[case::both_schemes_the_other_way("DPoP a, Bearer b")]
#[case::a_scheme_within_a_scheme("DPoP Bearer a")]
#[case::quoted("Bearer \"a\"")]
#[case::quoted_and_proven("DPoP \"a\"")]
fn what_cannot_be_a_token_is_unreadable(#[case] value: &str) {
    assert_eq!(parse_credential(&headers(&[value])), Presented::Unreadable);
}

#[rstest]
#[case("Bearer")]
#[case("DPoP")]
fn a_token_beyond_the_limit_is_unreadable(#[case] scheme: &str) {
    let value = format!("{scheme} {}", "a".repeat(MAX_TOKEN_BYTES + 1));
    assert_eq!(parse_credential(&headers(&[&value])), Presented::Unreadable);
}

#[rstest]
#[case::empty("Bearer ")]
#[case::bare("Bearer")]
#[case::empty_and_proven("DPoP ")]
#[case::another_scheme("Basic dXNlcjpwYXNz")]
#[case::a_longer_scheme("BearerX a")]
#[case::a_longer_scheme_still("DPoP-2 a")]
fn what_is_not_an_access_token_counts_as_none(#[case] value: &str) {
    assert_eq!(parse_credential(&headers(&[value])), Presented::Nothing);
}

#[rstest]
#[case("Bearer a.b-c_d~e+f/g==", Scheme::Bearer)]
#[case("bearer  a.b-c_d~e+f/g==", Scheme::Bearer)]
#[case("BEARER a.b-c_d~e+f/g==", Scheme::Bearer)]
#[case("DPoP a.b-c_d~e+f/g==", Scheme::Dpop)]
#[case("dpop  a.b-c_d~e+f/g==", Scheme::Dpop)]
#[case("DPOP a.b-c_d~e+f/g==", Scheme::Dpop)]
fn the_scheme_is_read_in_any_case(#[case] value: &str, #[case] scheme: Scheme) {
    let headers = headers(&[value]);
    assert_eq!(
        parse_credential(&headers),
        Presented::Token(scheme, "a.b-c_d~e+f/g==")
    );
    assert_eq!(Scheme::of_request(&headers), scheme);
}

proptest! {
    #[test]
    fn a_token_is_what_stands_behind_its_scheme_and_nothing_else(
        value in prop_oneof![
            any::<Vec<u8>>(),
            "(Bearer|DPoP|dPoP|Basic|[a-z]{1,4}| |,|\t|=|\"|ü){0,8}".prop_map(String::into_bytes),
        ]
    ) {
        let Ok(value) = HeaderValue::from_bytes(&value) else {
            return Ok(());
        };
        let headers = HeaderMap::from_iter([(AUTHORIZATION, value.clone())]);
        if let Presented::Token(scheme, token) = parse_credential(&headers) {
            let text = value.to_str().unwrap();
            let (name, rest) = text.split_once(' ').unwrap();
            prop_assert_eq!(name.eq_ignore_ascii_case("DPoP"), scheme == Scheme::Dpop);
            prop_assert_eq!(name.eq_ignore_ascii_case("Bearer"), scheme == Scheme::Bearer);
            prop_assert_eq!(rest.trim(), token);
            prop_assert!(!token.is_empty() && token.bytes().all(is_token_byte));
            prop_assert_eq!(Scheme::of_request(&headers), scheme);
        }
    }
}
