use rstest::rstest;
use serde_json::{Value, json};
use vestibule_jose::{Algorithm, Jwks, VerifyingKeys};
use vestibule_keyring::{KeyDocument, Keyring, KeyringError, RotationPolicy, Sealer};

use crate::support::{DAY, HOUR, START, policy, secret};

/// A document with a next, an active and a retiring key.
fn full_house(algorithm: Algorithm) -> KeyDocument {
    let policy = RotationPolicy {
        algorithm,
        ..policy()
    };
    let document = KeyDocument::create(&policy, START).unwrap();
    let document = document.rotate(&policy, START + DAY).unwrap().document;
    let later = START + DAY + HOUR;
    let document = document.advance(&policy, later).unwrap().unwrap();
    document.rotate(&policy, later).unwrap().document
}

#[rstest]
fn a_keyring_publishes_active_next_and_retiring_keys(
    #[values(Algorithm::Es256, Algorithm::EdDsa, Algorithm::Rs256)] algorithm: Algorithm,
) {
    let keyring = Keyring::from_document(&full_house(algorithm)).unwrap();
    assert_eq!(keyring.signer().algorithm(), algorithm);
    let published: Vec<_> = keyring
        .jwks()
        .keys()
        .iter()
        .map(|key| key.key_id().clone())
        .collect();
    let described: Vec<_> = keyring.describe().into_iter().map(|key| key.key_id).collect();
    assert_eq!(published, described);
    assert_eq!(published.len(), 3);
    assert_eq!(published.first(), Some(keyring.signer().key_id()));
    for key_id in &published {
        assert!(keyring.verifying_keys().contains(key_id));
    }
    // As a verifier reads them.
    let wire = serde_json::to_string(keyring.jwks()).unwrap();
    assert!(!wire.contains(r#""d":"#));
    let read = VerifyingKeys::from_jwks(&serde_json::from_str::<Jwks>(&wire).unwrap());
    assert!(published.iter().all(|key_id| read.contains(key_id)));
}

#[test]
fn an_operator_sees_where_each_key_stands() {
    let described = Keyring::from_document(&full_house(Algorithm::Es256))
        .unwrap()
        .describe();
    let activated = START + DAY + HOUR;
    let seen = serde_json::to_value(&described).unwrap();
    let expected = [
        json!({"algorithm": "ES256", "stage": "active", "published_at": START + DAY, "since": activated}),
        json!({"algorithm": "ES256", "stage": "next", "published_at": activated, "activates_at": activated + HOUR}),
        json!({"algorithm": "ES256", "stage": "retiring", "published_at": START, "since": activated}),
    ];
    for (seen, mut expected) in seen.as_array().unwrap().iter().zip(expected) {
        expected["key_id"] = seen["key_id"].clone();
        assert_eq!(*seen, expected);
    }
}

#[rstest]
fn a_document_survives_the_sealed_store(
    #[values(Algorithm::Es256, Algorithm::EdDsa, Algorithm::Rs256)] algorithm: Algorithm,
) {
    let document = full_house(algorithm);
    let sealer = Sealer::new(&secret(1), &[]).unwrap();
    let sealed = sealer
        .seal("signing-keys", &serde_json::to_vec(&document).unwrap())
        .unwrap();
    let opened = sealer.open("signing-keys", &sealed).unwrap();
    let restored: KeyDocument = serde_json::from_slice(&opened).unwrap();
    let [before, after] = [&document, &restored].map(|document| Keyring::from_document(document).unwrap());
    assert_eq!(before.describe(), after.describe());
    assert_eq!(before.jwks(), after.jwks());
}

#[test]
fn a_document_with_a_broken_key_is_refused_before_its_turn_comes() {
    let mut document = serde_json::to_value(full_house(Algorithm::Es256)).unwrap();
    document["next"]["key"]["jwk"]["d"] = json!("AAAA");
    let broken: KeyDocument = serde_json::from_value(document).unwrap();
    assert!(matches!(
        Keyring::from_document(&broken),
        Err(KeyringError::UnusableKey(_))
    ));
}

#[test]
fn a_document_without_an_active_key_is_none() {
    let mut document = serde_json::to_value(full_house(Algorithm::Es256)).unwrap();
    document.as_object_mut().unwrap().remove("active");
    assert!(serde_json::from_value::<KeyDocument>(document).is_err());
}

#[test]
fn what_is_printed_shows_no_private_key() {
    let document = full_house(Algorithm::Es256);
    let written = serde_json::to_value(&document).unwrap();
    let private = |key: &Value| key["key"]["jwk"]["d"].as_str().unwrap().to_owned();
    let printed = format!("{document:?} {:?}", Keyring::from_document(&document).unwrap());
    for key in [&written["active"], &written["next"], &written["retiring"][0]] {
        assert!(!printed.contains(&private(key)), "{printed}");
    }
    assert!(printed.contains("redacted"));
}

#[test]
fn two_documents_never_share_a_key() {
    let key_id = |_| {
        let document = KeyDocument::create(&policy(), START).unwrap();
        Keyring::from_document(&document)
            .unwrap()
            .signer()
            .key_id()
            .clone()
    };
    let [one, other] = [0, 1].map(key_id);
    assert_ne!(one, other);
}
