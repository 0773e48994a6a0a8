use rstest::rstest;
use serde_json::json;
use vestibule_jose::dpop::TargetUri;

use super::{claims, header, judge, proof_of};
use crate::support::with;

/// [RFC 3986 §6.2.2](https://www.rfc-editor.org/rfc/rfc3986#section-6.2.2) and §6.2.3.
#[rstest]
#[case("HTTPS://Auth.Example.COM/oauth/token")]
#[case("https://auth.example.com:443/oauth/token")]
#[case("https://auth.example.com/oauth/token?a=b")]
#[case("https://auth.example.com/oauth/token#top")]
#[case("https://auth.example.com/a/../oauth/./token")]
#[case("https://auth.example.com/%6fauth/t%6Fken")]
fn the_same_address_in_another_spelling_is_the_same(#[case] htu: &str) {
    let claims = with(claims(), "htu", json!(htu));
    assert!(judge(&proof_of(&header(), &claims)).is_ok(), "{htu}");
}

#[test]
fn what_is_escaped_for_a_reason_stays_so() {
    let spelt = |text| TargetUri::parse(text).unwrap().as_str().to_owned();
    assert_eq!(spelt("https://h/a%2fb"), "https://h/a%2Fb");
    assert_ne!(spelt("https://h/a%2fb"), spelt("https://h/a/b"));
    assert_eq!(spelt("https://h/%7Eme"), "https://h/~me");
    assert_eq!(spelt("https://h/100%"), "https://h/100%");
    assert_eq!(spelt("https://h/%zz"), "https://h/%zz");
    assert_eq!(spelt("https://h/%+f"), "https://h/%+f");
    assert_eq!(spelt("https://h"), "https://h/");
}

#[rstest]
#[case("")]
#[case("mcp.example.com/mcp")]
#[case("ftp://h/")]
#[case("data:text/plain,x")]
#[case("https://user@h/")]
#[case("https://:password@h/")]
#[case("https://h/a b")]
#[case("https://h/\u{e4}")]
fn what_is_no_plain_web_address_is_none(#[case] text: &str) {
    assert_eq!(TargetUri::parse(text), None);
}

#[test]
fn an_address_that_is_far_too_long_is_none() {
    assert_eq!(TargetUri::parse(&format!("https://h/{}", "x".repeat(4096))), None);
}
