//! How parameters are added to a redirect URI.

use rstest::rstest;
use vestibule_protocol::RedirectUri;

fn written(uri: &str, params: &[(&str, &str)]) -> String {
    RedirectUri::parse(uri).expect(uri).with_params(params)
}

/// > the query component MUST be retained when adding additional query parameters (RFC 6749 §3.1.2)
#[rstest]
#[case("https://app.example/cb", "https://app.example/cb?code=a")]
#[case("https://app.example", "https://app.example?code=a")]
#[case("https://app.example/cb?", "https://app.example/cb?code=a")]
#[case("https://app.example/cb?x=%20y", "https://app.example/cb?x=%20y&code=a")]
#[case("https://app.example/cb?x=y&", "https://app.example/cb?x=y&code=a")]
#[case("https://app.example/cb?code=mine", "https://app.example/cb?code=mine&code=a")]
#[case("cursor://a/cb", "cursor://a/cb?code=a")]
#[case("myapp:cb", "myapp:cb?code=a")]
fn the_query_component_is_retained(#[case] uri: &str, #[case] location: &str) {
    assert_eq!(written(uri, &[("code", "a")]), location);
}

#[test]
fn a_value_cannot_leave_its_parameter() {
    let location = written(
        "https://app.example/cb",
        &[("state", "a b&c=d#e\r\nX: y\"<>ü"), ("iss", "https://as.example")],
    );
    assert_eq!(
        location,
        "https://app.example/cb?state=a+b%26c%3Dd%23e%0D%0AX%3A+y%22%3C%3E%C3%BC&iss=https%3A%2F%2Fas.example"
    );
}

#[test]
fn no_parameter_changes_nothing() {
    assert_eq!(
        written("https://app.example/cb?x", &[]),
        "https://app.example/cb?x"
    );
}
