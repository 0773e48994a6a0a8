//! `WWW-Authenticate`, written and read.

use rstest::rstest;
use vestibule_protocol::{ChallengeScheme, OAuthErrorCode, ScopeSet, WwwAuthenticate};

const METADATA: &str = "https://mcp.example/.well-known/oauth-protected-resource/mcp";

fn realm(text: &str) -> WwwAuthenticate {
    WwwAuthenticate {
        realm: Some(text.to_owned()),
        ..WwwAuthenticate::default()
    }
}

/// [RFC 6750 §3](https://www.rfc-editor.org/rfc/rfc6750#section-3), its two examples.
#[test]
fn the_challenges_of_rfc_6750_are_written_and_read() {
    let first = realm("example");
    assert_eq!(first.to_string(), "Bearer realm=\"example\"");
    let second = WwwAuthenticate {
        error: Some(OAuthErrorCode::InvalidToken),
        error_description: Some("The access token expired".to_owned()),
        ..realm("example")
    };
    let text =
        "Bearer realm=\"example\", error=\"invalid_token\", error_description=\"The access token expired\"";
    assert_eq!(second.to_string(), text);
    for challenge in [first, second] {
        assert_eq!(WwwAuthenticate::parse(&challenge.to_string()), Some(challenge));
    }
}

#[test]
fn every_value_is_quoted_and_the_metadata_address_is_whole() {
    let challenge = WwwAuthenticate {
        error: Some(OAuthErrorCode::InsufficientScope),
        scope: Some(ScopeSet::parse("mcp:write mcp:read").unwrap()),
        resource_metadata: Some(METADATA.to_owned()),
        ..WwwAuthenticate::default()
    };
    assert_eq!(
        challenge.to_string(),
        format!(
            "Bearer error=\"insufficient_scope\", scope=\"mcp:read mcp:write\", resource_metadata=\"{METADATA}\""
        )
    );
}

/// [RFC 9449 §7.1](https://www.rfc-editor.org/rfc/rfc9449#section-7.1), its two examples.
#[test]
fn the_challenges_of_rfc_9449_are_written_and_read() {
    let first = WwwAuthenticate {
        scheme: ChallengeScheme::Dpop {
            algs: "ES256 PS256".to_owned(),
        },
        ..WwwAuthenticate::default()
    };
    assert_eq!(first.to_string(), "DPoP algs=\"ES256 PS256\"");
    let second = WwwAuthenticate {
        scheme: ChallengeScheme::Dpop {
            algs: "ES256".to_owned(),
        },
        error: Some(OAuthErrorCode::InvalidToken),
        error_description: Some("Invalid DPoP key binding".to_owned()),
        ..WwwAuthenticate::default()
    };
    let text = "DPoP error=\"invalid_token\", error_description=\"Invalid DPoP key binding\", algs=\"ES256\"";
    assert_eq!(second.to_string(), text);
    for challenge in [first, second] {
        let beside = format!("Bearer realm=\"x\", {challenge}");
        assert_eq!(WwwAuthenticate::parse_dpop(&beside), Some(challenge));
        assert_eq!(WwwAuthenticate::parse(&beside), Some(realm("x")));
    }
    assert_eq!(WwwAuthenticate::parse_dpop("Bearer algs=\"ES256\""), None);
}

#[test]
fn a_challenge_that_says_nothing_is_the_scheme_alone() {
    let bare = WwwAuthenticate {
        scope: Some(ScopeSet::default()),
        ..WwwAuthenticate::default()
    };
    assert_eq!(bare.to_string(), "Bearer");
    assert_eq!(WwwAuthenticate::parse("Bearer"), Some(WwwAuthenticate::default()));
}

/// > Values for the "error" and "error_description" attributes […] MUST NOT include characters outside the set
/// > %x20-21 / %x23-5B / %x5D-7E. (RFC 6750 §3)
#[test]
fn a_value_cannot_leave_its_quotation_marks_or_its_line() {
    let challenge = WwwAuthenticate {
        error_description: Some("a\" , scope=\"all\r\nSet-Cookie: x=y\\".to_owned()),
        ..WwwAuthenticate::default()
    };
    let text = challenge.to_string();
    assert_eq!(
        text,
        "Bearer error_description=\"a' , scope='all??Set-Cookie: x=y?\""
    );
    assert_eq!(WwwAuthenticate::parse(&text).unwrap().scope, None);
}

#[rstest]
#[case("")]
#[case("Basic realm=\"x\"")]
#[case("DPoP algs=\"ES256\", error=\"invalid_token\"")]
#[case("Basic realm=\"Bearer realm=x\"")]
#[case("Bearerish realm=\"x\"")]
#[case("bearer=\"x\"")]
#[case("=,=,= ,")]
#[case("\"Bearer\"")]
fn a_header_without_a_bearer_challenge_has_none(#[case] header: &str) {
    assert_eq!(WwwAuthenticate::parse(header), None, "{header}");
}

#[rstest]
#[case("Bearer realm=\"x\"")]
#[case("bearer REALM=\"x\"")]
#[case("BEARER realm=x")]
#[case("  Bearer   realm = \"x\"  ")]
#[case("Bearer realm\t=\tx")]
#[case("Bearer realm=\"x\",")]
#[case("Bearer ,, realm=\"x\"")]
#[case("Bearer realm=\"x\", realm=\"y\"")]
#[case("Bearer realm=\"x\", Basic realm=\"y\"")]
#[case("Basic realm=\"y\", Bearer realm=\"x\"")]
#[case("Basic realm=\"a \\\"Bearer realm=z\", Bearer realm=\"x\"")]
#[case("Negotiate YIIabc==, Bearer realm=\"x\"")]
#[case("Negotiate, Bearer realm=\"x\"")]
#[case("Bearer realm=\"x\", DPoP realm=\"y\", error=\"invalid_token\"")]
#[case("Bearer realm=\"x\", Bearer error=\"invalid_token\"")]
#[case("Bearer realm=\"\\x\"")]
#[case("Bearer error=\"\", realm=\"x\"")]
#[case("Bearer error=\"unheard_of\", realm=\"x\", scope=\"b\u{e4}d\"")]
#[case("Bearer realm=\"x")]
fn the_bearer_challenge_is_found_however_it_is_written(#[case] header: &str) {
    assert_eq!(WwwAuthenticate::parse(header), Some(realm("x")), "{header}");
}

#[test]
fn what_an_mcp_client_needs_is_read() {
    let header = format!(
        "Bearer error=invalid_token, resource_metadata=\"{METADATA}\", scope=\"mcp:read  mcp:write\", unknown=1"
    );
    let challenge = WwwAuthenticate::parse(&header).unwrap();
    assert_eq!(challenge.error, Some(OAuthErrorCode::InvalidToken));
    assert_eq!(challenge.resource_metadata.as_deref(), Some(METADATA));
    assert_eq!(
        challenge.scope,
        Some(ScopeSet::parse("mcp:read mcp:write").unwrap())
    );
}

#[test]
fn escapes_and_commas_in_a_quoted_value_are_its_own() {
    let challenge =
        WwwAuthenticate::parse(r#"Bearer realm="a, \"b\", c=\\d", error="invalid_token""#).unwrap();
    assert_eq!(challenge.realm.as_deref(), Some(r#"a, "b", c=\d"#));
    assert_eq!(challenge.error, Some(OAuthErrorCode::InvalidToken));
}
