//! Parameters, whichever way they came.

use rstest::rstest;
use vestibule_protocol::{Params, ParamsError, RawAuthorizeRequest};

fn query(text: &str) -> Params {
    Params::parse_query(text).expect(text)
}

fn json(text: &str) -> Params {
    Params::parse_json(text.as_bytes()).expect(text)
}

/// > Request and response parameters MUST NOT be included more than once. (RFC 6749 §3.1)
#[rstest]
#[case(query("state=a&state=b"))]
#[case(query("state=a&state=a"))]
#[case(query("state=a&x=y&%73tate=b"))]
#[case(query("state=&state=b"))]
#[case(query("state&state"))]
#[case(json(r#"{"state": "a", "state": "b"}"#))]
#[case(json(r#"{"state": "a", "st\u0061te": "b"}"#))]
#[case(json(r#"{"state": ["a", "b"]}"#))]
fn request_parameters_must_not_be_included_more_than_once(#[case] params: Params) {
    let duplicate = params.one("state").unwrap_err();
    assert_eq!(duplicate.0, "state");
    assert_eq!(
        duplicate.to_string(),
        "the parameter `state` stands more than once"
    );
    assert_eq!(RawAuthorizeRequest::parse(&params), Err(duplicate));
}

/// > Parameters sent without a value MUST be treated as if they were omitted from the request. (RFC 6749 §3.1)
#[rstest]
#[case(query("state="))]
#[case(query("state"))]
#[case(query("x=y"))]
#[case(query(""))]
#[case(query("&&&"))]
#[case(json(r#"{"state": ""}"#))]
#[case(json(r#"{"state": null}"#))]
#[case(json(r#"{"state": []}"#))]
#[case(json("{}"))]
fn parameters_without_a_value_must_be_treated_as_omitted(#[case] params: Params) {
    assert_eq!(params.one("state"), Ok(None));
    assert!(params.many("state").is_empty());
}

/// > The authorization server MUST ignore unrecognized request parameters. (RFC 6749 §3.1)
#[test]
fn unrecognized_parameters_are_ignored_even_twice() {
    let params = query("utm=a&utm=b&state=x&%FF=%FE");
    assert_eq!(params.one("state"), Ok(Some("x")));
    assert!(RawAuthorizeRequest::parse(&params).is_ok());
}

#[test]
fn resource_may_stand_more_than_once() {
    let params = query("resource=https%3A%2F%2Fa.example&resource=&resource=https://b.example/mcp");
    assert_eq!(
        params.many("resource"),
        ["https://a.example", "https://b.example/mcp"]
    );
    let params = json(r#"{"resource": ["https://a.example", "https://b.example/mcp"]}"#);
    assert_eq!(
        params.many("resource"),
        ["https://a.example", "https://b.example/mcp"]
    );
}

#[rstest]
#[case("a=b+c%20d", "b c d")]
#[case("a=%2B%26%3D", "+&=")]
#[case("a=b=c=d", "b=c=d")]
#[case("a=%C3%BC", "ü")]
#[case("a=100%", "100%")]
#[case("a=%zz", "%zz")]
fn a_form_is_decoded_as_forms_are(#[case] form: &str, #[case] value: &str) {
    let params = Params::parse_form(form.as_bytes()).unwrap();
    assert_eq!(params.one("a"), Ok(Some(value)));
}

#[test]
fn numbers_in_a_json_body_are_their_text() {
    let params = json(r#"{"max_age": 60, "grant_type": "refresh_token"}"#);
    assert_eq!(params.one("max_age"), Ok(Some("60")));
    assert_eq!(params.one("grant_type"), Ok(Some("refresh_token")));
}

#[rstest]
#[case("")]
#[case("null")]
#[case("[]")]
#[case("\"a=b\"")]
#[case("grant_type=refresh_token")]
#[case("{\"a\": ")]
#[case("{\"a\": \"b\"} x")]
#[case("{\"a\": \"\u{1}\"}")]
fn a_json_body_that_is_no_object_is_refused(#[case] body: &str) {
    assert_eq!(
        Params::parse_json(body.as_bytes()).unwrap_err(),
        ParamsError::NotJson,
        "{body}"
    );
}

#[test]
fn a_json_body_nested_too_deep_is_not_followed() {
    let body = format!("{{\"a\": {}{}}}", "[".repeat(30_000), "]".repeat(30_000));
    assert_eq!(
        Params::parse_json(body.as_bytes()).unwrap_err(),
        ParamsError::NotJson
    );
}

#[rstest]
#[case(r#"{"code": true}"#)]
#[case(r#"{"code": {"a": "b"}}"#)]
#[case(r#"{"code": [["a"]]}"#)]
#[case(r#"{"code": [null]}"#)]
fn a_json_value_that_is_no_text_is_refused(#[case] body: &str) {
    assert_eq!(
        Params::parse_json(body.as_bytes()).unwrap_err(),
        ParamsError::Value("code".to_owned())
    );
}

#[test]
fn bytes_that_are_no_utf_8_are_refused() {
    assert_eq!(Params::parse_form(b"a=\xff").unwrap_err(), ParamsError::NotUtf8);
    assert_eq!(
        Params::parse_json(b"{\"a\": \"\xff\"}").unwrap_err(),
        ParamsError::NotJson
    );
}

#[test]
fn more_than_64_parameters_are_refused() {
    let form = |count: usize| vec!["a=b"; count].join("&");
    assert_eq!(query(&form(64)).iter().count(), 64);
    assert_eq!(Params::parse_query(&form(65)).unwrap_err(), ParamsError::TooMany);
    let list = format!("{{\"a\": [{}]}}", vec!["1"; 65].join(","));
    assert_eq!(
        Params::parse_json(list.as_bytes()).unwrap_err(),
        ParamsError::TooMany
    );
}

#[test]
fn more_than_64_kib_are_refused() {
    let form = |bytes: usize| format!("a={}", "b".repeat(bytes - 2));
    assert!(Params::parse_query(&form(64 * 1024)).is_ok());
    assert_eq!(
        Params::parse_query(&form(64 * 1024 + 1)).unwrap_err(),
        ParamsError::TooLong
    );
    let body = format!("{{\"a\": \"{}\"}}", "b".repeat(64 * 1024));
    assert_eq!(
        Params::parse_json(body.as_bytes()).unwrap_err(),
        ParamsError::TooLong
    );
}

#[test]
fn values_are_not_printed() {
    let printed = format!("{:?}", query("code=s3cret&client_secret=s3cret"));
    assert!(!printed.contains("s3cret"), "{printed}");
    assert!(printed.contains("client_secret"), "{printed}");
}
