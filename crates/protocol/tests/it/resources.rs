//! Resource indicators.

use rstest::rstest;
use vestibule_protocol::{ResourceUri, ResourceUriError};

fn same(one: &str, other: &str) -> bool {
    let (one, other) = (
        ResourceUri::parse(one).expect(one),
        ResourceUri::parse(other).expect(other),
    );
    assert_eq!(one.same_resource(&other), other.same_resource(&one));
    one.same_resource(&other)
}

/// > Its value MUST be an absolute URI […]. The URI MUST NOT include a fragment component. (RFC 8707 §2)
#[rstest]
#[case("", ResourceUriError::NotAUrl)]
#[case("mcp.example/mcp", ResourceUriError::NotAUrl)]
#[case("/mcp", ResourceUriError::NotAUrl)]
#[case("//mcp.example/mcp", ResourceUriError::NotAUrl)]
#[case("urn:example:mcp", ResourceUriError::NotAUrl)]
#[case("ftp://mcp.example/mcp", ResourceUriError::NotAUrl)]
#[case("https:mcp.example/mcp", ResourceUriError::NotAUrl)]
#[case("https:/mcp.example/mcp", ResourceUriError::NotAUrl)]
#[case("https:///mcp.example/mcp", ResourceUriError::NotAUrl)]
#[case("https:?https://mcp.example/mcp", ResourceUriError::NotAUrl)]
#[case("https://", ResourceUriError::NotAUrl)]
#[case("https://mcp.example\\mcp", ResourceUriError::NotAUrl)]
#[case("https://mcp.example/m cp", ResourceUriError::NotAUrl)]
#[case("https://mcp.example/\nmcp", ResourceUriError::NotAUrl)]
#[case(" https://mcp.example/mcp", ResourceUriError::NotAUrl)]
#[case("https://mcp.example/mcp#x", ResourceUriError::Fragment)]
#[case("https://mcp.example/mcp#", ResourceUriError::Fragment)]
#[case("https://user@mcp.example/mcp", ResourceUriError::User)]
#[case("https://@mcp.example/mcp", ResourceUriError::User)]
#[case("https://:x@mcp.example/mcp", ResourceUriError::User)]
fn a_resource_that_is_no_absolute_uri_without_fragment_is_refused(
    #[case] text: &str,
    #[case] error: ResourceUriError,
) {
    assert_eq!(ResourceUri::parse(text), Err(error), "{text}");
}

#[test]
fn a_resource_longer_than_2048_characters_is_refused() {
    let text = format!("https://mcp.example/{}", "a".repeat(2048));
    assert_eq!(ResourceUri::parse(&text), Err(ResourceUriError::TooLong));
}

#[rstest]
#[case("https://mcp.example/mcp", "https://mcp.example")]
#[case("https://mcp.example/mcp", "https://mcp.example/mcp/x")]
#[case("https://mcp.example/mcp", "https://mcp.example/MCP")]
#[case("https://mcp.example/mcp", "https://mcp.example/mcp//")]
#[case("https://mcp.example/mcp", "https://mcp.example/mcp?x=y")]
#[case("https://mcp.example/mcp", "https://mcp.example/%6dcp")]
#[case("https://mcp.example/a/b", "https://mcp.example/a%2Fb")]
#[case("https://mcp.example/mcp", "http://mcp.example/mcp")]
#[case("https://mcp.example/mcp", "https://mcp.example:8443/mcp")]
#[case("https://mcp.example/mcp", "https://mcp.example.evil.example/mcp")]
#[case("https://mcp.example/mcp", "https://evil.example/mcp")]
fn another_path_host_port_or_scheme_is_another_resource(#[case] one: &str, #[case] other: &str) {
    assert!(!same(one, other), "{one} and {other}");
}

#[rstest]
#[case("https://mcp.example", "https://mcp.example/")]
#[case("https://mcp.example/mcp", "https://mcp.example/mcp/")]
#[case("https://mcp.example/mcp", "HTTPS://MCP.Example/mcp")]
#[case("https://mcp.example/mcp", "https://mcp.example:443/mcp")]
#[case("http://localhost:3001/mcp", "http://LOCALHOST:3001/mcp/")]
#[case("http://localhost", "http://localhost:80/")]
#[case("https://mcp.example?x=y", "https://mcp.example/?x=y")]
fn case_default_port_and_one_slash_at_the_end_do_not_count(#[case] one: &str, #[case] other: &str) {
    assert!(same(one, other), "{one} and {other}");
    assert_eq!(
        ResourceUri::parse(other).unwrap().as_str(),
        other,
        "kept as it was written"
    );
}
