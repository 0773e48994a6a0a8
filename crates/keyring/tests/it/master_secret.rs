use proptest::prelude::*;
use rstest::rstest;
use vestibule_keyring::{MasterSecret, MasterSecretError};

/// 32 bytes, `openssl rand`, in the ways that people write them.
const HEX: &str = "8f1c5a3be07d42966b0fd8e41527a9cc31f84e6d90b2735ae8c70d1f5b64923e";
const BASE64: &str = "jxxaO+B9QpZrD9jkFSepzDH4Tm2QsnNa6McNH1tkkj4=";

#[rstest]
#[case::nothing("")]
#[case::a_word("correct horse battery staple")]
#[case::hex_of_21_bytes("8f1c5a3be07d42966b0fd8e41527a9cc31f84e6d90")]
#[case::white_space_does_not_count("  8f1c5a3be07d42966b0fd8e41527a9cc31f84e6d90  \n")]
#[case::hex_of_22_bytes_which_is_long_enough_for_base64("8f1c5a3be07d42966b0fd8e41527a9cc31f84e6d90b2")]
#[case::base64_of_31_bytes("jxxaO+B9QpZrD9jkFSepzDH4Tm2QsnNa6McNH1tkkg==")]
fn a_short_secret_is_refused(#[case] text: &str) {
    assert_eq!(
        MasterSecret::parse(text).unwrap_err(),
        MasterSecretError::TooShort
    );
}

#[test]
fn few_bytes_are_refused() {
    assert_eq!(
        MasterSecret::from_bytes([1; 31]).unwrap_err(),
        MasterSecretError::TooShort
    );
}

#[rstest]
fn a_placeholder_is_refused(
    #[values(
        "0000000000000000000000000000000000000000000000000000000000000000",
        "change-me-change-me-change-me-change-me-change-me",
        "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
    )]
    text: &str,
) {
    assert_eq!(
        MasterSecret::parse(text).unwrap_err(),
        MasterSecretError::Guessable
    );
}

#[test]
fn one_secret_may_be_written_in_several_ways() {
    let id = |text: &str| MasterSecret::parse(text).unwrap().id().to_owned();
    assert_eq!(id(HEX), id(BASE64));
    assert_eq!(id(HEX), id(&HEX.to_uppercase()));
    assert_eq!(id(BASE64), id(BASE64.trim_end_matches('=')));
    assert_eq!(id(BASE64), id(&BASE64.replace('+', "-").replace('/', "_")));
    assert_eq!(id(BASE64), id(&format!("\n{BASE64}\r\n")));
}

#[test]
fn any_other_text_is_taken_as_it_is() {
    let text = "nine ducks, a lamp & 77 very quiet blue bicycles!";
    let id = MasterSecret::parse(text).unwrap().id().to_owned();
    assert_eq!(id, MasterSecret::from_bytes(text).unwrap().id());
    assert_ne!(id, MasterSecret::parse(&text.replace("77", "78")).unwrap().id());
}

#[test]
fn each_label_has_a_key_of_its_own() {
    let secret = MasterSecret::parse(HEX).unwrap();
    assert_eq!(*secret.derive("a"), *secret.derive("a"));
    assert_ne!(*secret.derive("a"), *secret.derive("b"));
    assert_ne!(*secret.derive("a"), *secret.derive(""));
    assert_ne!(
        *secret.derive("a"),
        *MasterSecret::from_bytes([1; 32]).unwrap().derive("a")
    );
}

#[test]
fn a_printed_secret_shows_its_id_alone() {
    let secret = MasterSecret::parse(HEX).unwrap();
    assert_eq!(
        format!("{secret:?}"),
        format!("MasterSecret {{ id: {:?}, .. }}", secret.id())
    );
    assert_eq!(secret.id().len(), 12);
}

proptest! {
    #[test]
    fn any_text_is_a_secret_or_is_refused(text in ".{0,120}") {
        if let Ok(secret) = MasterSecret::parse(&text) {
            let again = MasterSecret::parse(&text).unwrap();
            prop_assert_eq!(again.id(), secret.id());
            prop_assert!(text.trim().len() >= 43);
        }
    }

    #[test]
    fn random_bytes_are_always_accepted_in_hex_and_base64(bytes in any::<[u8; 32]>()) {
        use base64::Engine;
        let hex = bytes.map(|byte| format!("{byte:02x}")).concat();
        let base64 = base64::engine::general_purpose::STANDARD.encode(bytes);
        let id = MasterSecret::from_bytes(bytes).unwrap().id().to_owned();
        // What proptest draws is not always random enough for the placeholder check.
        for text in [hex, base64] {
            match MasterSecret::parse(&text) {
                Ok(secret) => prop_assert_eq!(secret.id(), &id),
                Err(error) => prop_assert_eq!(error, MasterSecretError::Guessable),
            }
        }
    }
}
