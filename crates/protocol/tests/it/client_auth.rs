//! How a client shows who it is.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use rstest::rstest;
use vestibule_protocol::{AuthMethod, ClientAuthError, ClientCredentials, ClientId, Params};

const JWT_BEARER: &str = "client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

fn parse(authorization: Option<&str>, form: &str) -> Result<ClientCredentials, ClientAuthError> {
    ClientCredentials::parse(authorization, &Params::parse_query(form).unwrap())
}

fn basic(pair: &str) -> String {
    format!("Basic {}", STANDARD.encode(pair))
}

/// > The client MUST NOT use more than one authentication method in each request. (RFC 6749 §2.3)
#[rstest]
#[case(Some("Basic YTpi"), "client_id=a&client_secret=b")]
#[case(Some("Basic YTpi"), "client_secret=b")]
fn a_client_must_not_use_more_than_one_method(#[case] authorization: Option<&str>, #[case] form: &str) {
    assert_eq!(
        parse(authorization, form).unwrap_err(),
        ClientAuthError::SeveralMethods
    );
}

/// > or if more than one client authentication mechanism is used […] (RFC 7521 §4.2.1)
#[rstest]
#[case(Some("Basic YTpi"), "client_assertion=x")]
#[case(None, "client_id=a&client_secret=b&client_assertion=x")]
#[case(Some("Basic YTpi"), "client_secret=b&client_assertion=x")]
fn an_assertion_stands_alone(#[case] authorization: Option<&str>, #[case] form: &str) {
    assert_eq!(
        parse(authorization, form).unwrap_err(),
        ClientAuthError::BesideAssertion
    );
}

#[rstest]
#[case("client_id=a&client_id=a")]
#[case("client_id=a&client_secret=b&client_secret=c")]
#[case("client_id=a&client_assertion=b&client_assertion=c")]
fn a_credential_that_stands_twice_is_refused(#[case] form: &str) {
    assert!(matches!(parse(None, form), Err(ClientAuthError::Duplicate(_))));
}

#[rstest]
#[case("")]
#[case("client_id=")]
#[case("client_secret=b")]
fn a_request_that_names_no_client_is_refused(#[case] form: &str) {
    assert_eq!(parse(None, form).unwrap_err(), ClientAuthError::Missing);
}

#[rstest]
#[case("client_id=a%20b")]
#[case("client_id=%00")]
#[case("client_id=%C3%BC")]
#[case("client_id=a%0Ab")]
fn an_id_that_no_client_has_is_refused(#[case] form: &str) {
    assert_eq!(parse(None, form).unwrap_err(), ClientAuthError::BadClientId);
}

#[rstest]
#[case("")]
#[case("Basic")]
#[case("Basic ")]
#[case("Basic !!!")]
#[case("Basic YQ==")]
#[case("Basic /w==")]
#[case("Bearer YTpi")]
#[case("Basic YTpi, Basic YTpi")]
#[case("BasicYTpi")]
fn a_header_that_is_not_basic_is_refused(#[case] header: &str) {
    assert_eq!(
        parse(Some(header), "").unwrap_err(),
        ClientAuthError::BadHeader,
        "{header}"
    );
}

#[test]
fn a_header_and_a_body_that_name_different_clients_are_refused() {
    assert_eq!(
        parse(Some("Basic YTpi"), "client_id=other").unwrap_err(),
        ClientAuthError::Contradiction
    );
}

#[rstest]
#[case("client_id=a&client_assertion=x")]
#[case(
    "client_id=a&client_assertion=x&client_assertion_type=urn:ietf:params:oauth:client-assertion-type:saml2-bearer"
)]
fn an_assertion_of_another_type_is_refused(#[case] form: &str) {
    assert_eq!(parse(None, form).unwrap_err(), ClientAuthError::AssertionType);
}

/// [RFC 6749 §2.3.1](https://www.rfc-editor.org/rfc/rfc6749#section-2.3.1), its example header.
#[rstest]
#[case("Basic czZCaGRSa3F0Mzo3RmpmcDBaQnIxS3REUmJuZlZkbUl3")]
#[case("basic czZCaGRSa3F0Mzo3RmpmcDBaQnIxS3REUmJuZlZkbUl3")]
#[case("BASIC   czZCaGRSa3F0Mzo3RmpmcDBaQnIxS3REUmJuZlZkbUl3 ")]
fn the_header_of_rfc_6749_is_read(#[case] header: &str) {
    for form in ["", "client_id=s6BhdRkqt3"] {
        let Ok(ClientCredentials::Basic { client_id, secret }) = parse(Some(header), form) else {
            panic!("{header}")
        };
        assert_eq!(client_id.as_str(), "s6BhdRkqt3");
        assert_eq!(secret.expose(), "7Fjfp0ZBr1KtDRbnfVdmIw");
    }
}

#[rstest]
#[case("my%3Aclient:a%2Bb%25c%3Ad", "my:client", "a+b%c:d")]
#[case("a:one+two%20three", "a", "one two three")]
#[case("a:x%C3%BCy", "a", "xüy")]
#[case("a:b", "a", "b")]
#[case("a:", "a", "")]
#[case("a:it's_(fine)!*~", "a", "it's_(fine)!*~")]
fn id_and_secret_in_the_header_are_form_decoded(#[case] pair: &str, #[case] id: &str, #[case] secret: &str) {
    let Ok(ClientCredentials::Basic {
        client_id,
        secret: read,
    }) = parse(Some(&basic(pair)), "")
    else {
        panic!("{pair}")
    };
    assert_eq!(client_id.as_str(), id);
    assert_eq!(read.expose(), secret);
}

/// The TypeScript SDK encodes neither; what no encoder writes is taken as it stands.
#[rstest]
#[case("k3Z+Xq/9nV0f2yP4sT6uA8bC1dE3gH5jL7mN9pR0wY=")]
#[case("a&b=c")]
#[case("a:b:c")]
#[case("100%")]
#[case("100%sure")]
#[case("50%+50%")]
#[case("a b+c")]
#[case("<ü>")]
fn a_secret_that_was_not_encoded_is_taken_as_it_stands(#[case] secret: &str) {
    let Ok(ClientCredentials::Basic { secret: read, .. }) = parse(Some(&basic(&format!("a:{secret}"))), "")
    else {
        panic!("{secret}")
    };
    assert_eq!(read.expose(), secret);
}

#[test]
fn a_header_without_padding_is_read() {
    let header = format!("Basic {}", STANDARD_NO_PAD.encode("a:bc"));
    assert!(matches!(
        parse(Some(&header), ""),
        Ok(ClientCredentials::Basic { .. })
    ));
}

#[test]
fn id_and_secret_in_the_body_are_read() {
    let Ok(ClientCredentials::Post { client_id, secret }) = parse(None, "client_id=a&client_secret=b%2Bc")
    else {
        panic!("no credentials")
    };
    assert_eq!(client_id.as_str(), "a");
    assert_eq!(secret.expose(), "b+c");
}

#[rstest]
#[case("client_id=a")]
#[case("client_id=a&client_secret=")]
fn an_id_alone_is_a_public_client(#[case] form: &str) {
    assert!(
        matches!(parse(None, form), Ok(ClientCredentials::None { client_id }) if client_id.as_str() == "a")
    );
}

#[rstest]
#[case("client_id=a&", Some("a"))]
#[case("", None)]
fn an_assertion_may_come_with_an_id_or_without(#[case] id: &str, #[case] named: Option<&str>) {
    let form = format!("{id}client_assertion=x.y.z&{JWT_BEARER}");
    let Ok(ClientCredentials::Assertion { client_id, assertion }) = parse(None, &form) else {
        panic!("{form}")
    };
    assert_eq!(client_id.as_ref().map(ClientId::as_str), named);
    assert_eq!(assertion.expose(), "x.y.z");
}

#[test]
fn credentials_are_not_printed() {
    let printed = format!("{:?}", parse(Some(&basic("a:s3cret")), "").unwrap());
    assert!(!printed.contains("s3cret"), "{printed}");
}

#[test]
fn methods_are_written_as_they_are_named() {
    for method in [
        AuthMethod::None,
        AuthMethod::ClientSecretBasic,
        AuthMethod::ClientSecretPost,
        AuthMethod::PrivateKeyJwt,
    ] {
        assert_eq!(serde_json::to_value(method).unwrap(), method.as_str());
    }
}
