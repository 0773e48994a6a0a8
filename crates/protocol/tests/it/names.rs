//! Ids, issuers and moments.

use std::time::Duration;

use rstest::rstest;
use vestibule_protocol::{
    ClientId, Issuer, IssuerError, KeyId, ProviderId, SessionId, Subject, Timestamp, TokenId,
};

#[rstest]
#[case("")]
#[case("a b")]
#[case("a\n")]
#[case("\u{7f}")]
#[case("ü")]
fn an_id_is_visible_ascii(#[case] text: &str) {
    assert!(ClientId::parse(text).is_err(), "{text:?}");
    assert!(KeyId::parse(text).is_err(), "{text:?}");
    assert!(TokenId::parse(text).is_err(), "{text:?}");
    assert!(SessionId::parse(text).is_err(), "{text:?}");
}

#[test]
fn an_id_has_a_longest_length() {
    assert!(ClientId::parse(&"a".repeat(2048)).is_ok());
    assert!(ClientId::parse(&"a".repeat(2049)).is_err());
    assert!(KeyId::parse(&"a".repeat(257)).is_err());
    assert!(TokenId::parse(&"a".repeat(257)).is_err());
    assert!(SessionId::parse(&"a".repeat(65)).is_err());
}

#[rstest]
#[case("a.b")]
#[case("a/b")]
#[case("a:b")]
#[case("a=")]
fn a_session_id_is_base64url(#[case] text: &str) {
    assert!(SessionId::parse(text).is_err(), "{text}");
}

#[rstest]
#[case("")]
#[case("Local")]
#[case("1st")]
#[case("-a")]
#[case("a_b")]
#[case("a:b")]
#[case("a/b")]
#[case("abcdefghijklmnopqrstuvwxyz0123456")]
fn a_provider_id_that_would_not_fit_into_a_subject_or_a_path_is_refused(#[case] text: &str) {
    assert!(ProviderId::parse(text).is_err(), "{text}");
}

#[rstest]
#[case("")]
#[case("local")]
#[case("local:")]
#[case(":alice")]
#[case("Local:alice")]
#[case("local:al\nice")]
fn a_subject_without_a_provider_and_a_user_is_refused(#[case] text: &str) {
    assert!(Subject::parse(text).is_err(), "{text:?}");
}

#[test]
fn subjects_of_two_providers_are_never_the_same() {
    let of = |provider: &str, user: &str| Subject::of(&ProviderId::parse(provider).unwrap(), user).unwrap();
    assert_ne!(of("a", "b:c"), of("b", "c"));
    assert_eq!(of("a", "b:c").upstream(), "b:c");
    assert_eq!(of("a", "b:c").as_str(), "a:b:c");
}

/// > It MUST NOT exceed 255 ASCII characters in length. (OpenID Connect Core §2)
#[test]
fn a_subject_has_at_most_255_bytes() {
    let provider = ProviderId::parse("local").unwrap();
    assert!(Subject::of(&provider, &"a".repeat(249)).is_ok());
    assert!(Subject::of(&provider, &"a".repeat(250)).is_err());
}

#[test]
fn reading_an_id_validates_it() {
    assert!(serde_json::from_str::<ClientId>("\"a b\"").is_err());
    assert!(serde_json::from_str::<SessionId>("\"a.b\"").is_err());
    assert!(serde_json::from_str::<Subject>("\"nobody\"").is_err());
    assert!(serde_json::from_str::<Issuer>("\"https://as.example/\"").is_err());
    assert_eq!(serde_json::from_str::<ClientId>("\"a\"").unwrap().as_str(), "a");
}

#[rstest]
#[case("https://as.example/", "https://as.example")]
#[case("https://as.example/tenant/", "https://as.example/tenant")]
#[case("https://as.example//", "https://as.example")]
fn an_issuer_with_a_slash_at_its_end_is_refused_with_what_to_write(#[case] text: &str, #[case] write: &str) {
    assert_eq!(
        Issuer::parse(text),
        Err(IssuerError::TrailingSlash(write.to_owned()))
    );
}

/// > a URL that uses the "https" scheme and has no query or fragment components (RFC 8414 §2)
#[rstest]
#[case("https://as.example?x=y", IssuerError::ExtraParts)]
#[case("https://as.example?", IssuerError::ExtraParts)]
#[case("https://as.example#x", IssuerError::ExtraParts)]
#[case("https://user@as.example", IssuerError::ExtraParts)]
#[case("http://as.example", IssuerError::NotHttps)]
#[case("http://localhost.evil.example", IssuerError::NotHttps)]
#[case("ftp://as.example", IssuerError::NotAUrl)]
#[case("as.example", IssuerError::NotAUrl)]
#[case("", IssuerError::NotAUrl)]
#[case("https://AS.example", IssuerError::NotNormal("https://as.example".to_owned()))]
#[case("https://as.example:443", IssuerError::NotNormal("https://as.example".to_owned()))]
#[case(" https://as.example", IssuerError::NotNormal("https://as.example".to_owned()))]
#[case("https://as.example/a/../b", IssuerError::NotNormal("https://as.example/b".to_owned()))]
fn an_issuer_that_clients_would_compare_differently_is_refused(
    #[case] text: &str,
    #[case] error: IssuerError,
) {
    assert_eq!(Issuer::parse(text), Err(error), "{text}");
}

#[rstest]
#[case("https://as.example", "", "https://as.example", false)]
#[case(
    "https://as.example:8443/tenant/one",
    "/tenant/one",
    "https://as.example:8443",
    false
)]
#[case("http://localhost:3009", "", "http://localhost:3009", true)]
#[case("http://127.0.0.1:3009/x", "/x", "http://127.0.0.1:3009", true)]
#[case("http://[::1]:3009", "", "http://[::1]:3009", true)]
fn an_issuer_is_kept_byte_for_byte(
    #[case] text: &str,
    #[case] path: &str,
    #[case] origin: &str,
    #[case] loopback: bool,
) {
    let issuer = Issuer::parse(text).unwrap();
    assert_eq!(issuer.as_str(), text);
    assert_eq!(serde_json::to_value(&issuer).unwrap(), text);
    assert_eq!(issuer.path(), path);
    assert_eq!(issuer.origin(), origin);
    assert_eq!(issuer.is_loopback(), loopback);
    assert_eq!(issuer.endpoint("/oauth/token"), format!("{text}/oauth/token"));
}

#[test]
fn a_moment_before_the_epoch_is_rounded_down() {
    assert_eq!(Timestamp::from_millis(-1).as_secs(), -1);
    assert_eq!(Timestamp::from_millis(1999).as_secs(), 1);
}

#[test]
fn a_span_that_would_overflow_ends_at_the_last_moment() {
    let last = Timestamp::from_millis(i64::MAX);
    assert_eq!(Timestamp::from_secs(i64::MAX), last);
    assert_eq!(last + Duration::MAX, last);
    assert_eq!(
        Timestamp::from_secs(1).since(Timestamp::from_secs(2)),
        Duration::ZERO
    );
    assert_eq!(
        Timestamp::from_secs(2).since(Timestamp::from_millis(1500)),
        Duration::from_millis(500)
    );
    assert_eq!(
        Timestamp::from_millis(i64::MIN).minus(Duration::MAX),
        Timestamp::from_millis(i64::MIN)
    );
}

/// No provider is called `client`: what begins so is a client that acts for itself, whatever its id looks like.
#[test]
fn a_clients_subject_begins_as_no_users_does() {
    for id in ["nightly", "local:alice", "https://app.example/client.json"] {
        let client = ClientId::parse(id).unwrap();
        let subject = Subject::of_client(&client).unwrap();
        assert_eq!(subject.as_str(), format!("client:{id}"));
        assert_eq!(subject.upstream(), id);
        assert!(subject.is_client());
    }
    for user in ["local:alice", "clients:alice", "local:client:nightly"] {
        assert!(!Subject::parse(user).unwrap().is_client(), "{user}");
    }
    assert!(Subject::of_client(&ClientId::parse(&"x".repeat(249)).unwrap()).is_err());
}

#[test]
fn a_registered_id_has_a_form_of_its_own() {
    assert!(ClientId::of_bytes([7; 32]).is_registered_form());
    for other in ["nightly", "https://app.example/client.json", &"A".repeat(44)] {
        assert!(!ClientId::parse(other).unwrap().is_registered_form(), "{other}");
    }
}
