//! Secrets.

use vestibule_protocol::Secret;

#[test]
fn a_secret_is_not_printed() {
    assert_eq!(
        format!("{:?} {:#?}", Secret::new("s3cret"), Secret::new("s3cret")),
        "Secret(…) Secret(…)"
    );
}

#[test]
fn a_secret_matches_itself_and_nothing_else() {
    let secret = Secret::new("s3cret");
    assert!(secret.matches("s3cret"));
    for other in ["", "s3cre", "s3cret ", "S3cret", "s3cret\0"] {
        assert!(!secret.matches(other), "{other:?}");
    }
}

#[test]
fn a_secret_is_read_from_a_document() {
    let secret: Secret = serde_json::from_str("\"s3cret\"").unwrap();
    assert_eq!(secret.expose(), "s3cret");
}
