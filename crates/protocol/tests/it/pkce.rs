//! Proof Key for Code Exchange.

use rstest::rstest;
use vestibule_protocol::{CodeChallenge, CodeVerifier, PkceError};

const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// [RFC 7636 appendix B](https://www.rfc-editor.org/rfc/rfc7636#appendix-B)
#[test]
fn the_vector_of_rfc_7636_verifies() {
    let octets = [
        116, 24, 223, 180, 151, 153, 224, 37, 79, 250, 96, 125, 216, 173, 187, 186, 22, 212, 37, 77, 105,
        214, 191, 240, 91, 88, 5, 88, 83, 132, 141, 121,
    ];
    let verifier = CodeVerifier::from_random(&octets);
    assert_eq!(verifier.expose(), VERIFIER);
    assert_eq!(CodeChallenge::of(&verifier).as_str(), CHALLENGE);
    assert!(
        CodeChallenge::parse(CHALLENGE)
            .unwrap()
            .verify(&CodeVerifier::parse(VERIFIER).unwrap())
    );
}

#[test]
fn another_verifier_does_not_verify() {
    let challenge = CodeChallenge::parse(CHALLENGE).unwrap();
    for other in [
        VERIFIER.to_lowercase(),
        format!("{VERIFIER}x"),
        CHALLENGE.to_owned(),
    ] {
        assert!(
            !challenge.verify(&CodeVerifier::parse(&other).unwrap()),
            "{other}"
        );
    }
}

#[rstest]
#[case("")]
#[case("plain")]
#[case("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-c")]
#[case("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM=")]
#[case("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw+cM")]
#[case("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cN")]
#[case("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cMA")]
#[case(" E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM")]
fn a_challenge_that_is_no_sha_256_in_base64url_is_refused(#[case] text: &str) {
    assert_eq!(CodeChallenge::parse(text), Err(PkceError::Challenge), "{text}");
}

/// > code-verifier = 43*128unreserved (RFC 7636 §4.1)
#[test]
fn a_verifier_has_43_to_128_unreserved_characters() {
    assert!(CodeVerifier::parse(&"a".repeat(43)).is_ok());
    assert!(CodeVerifier::parse(&"aZ0-._~".repeat(18)).is_ok());
    assert!(CodeVerifier::parse(&"a".repeat(128)).is_ok());
    assert_eq!(
        CodeVerifier::parse(&"a".repeat(42)).unwrap_err(),
        PkceError::Verifier
    );
    assert_eq!(
        CodeVerifier::parse(&"a".repeat(129)).unwrap_err(),
        PkceError::Verifier
    );
    for bad in ["+", "/", "=", " ", "%", "\n", "ü"] {
        assert!(
            CodeVerifier::parse(&format!("{VERIFIER}{bad}")).is_err(),
            "{bad:?}"
        );
    }
}

#[test]
fn a_verifier_is_not_printed() {
    assert!(!format!("{:?}", CodeVerifier::parse(VERIFIER).unwrap()).contains(VERIFIER));
}
