use std::time::Duration;

use serde_json::json;
use vestibule_jose::dpop::{Demand, NonceRule, Nonces, ProofError, verify};
use vestibule_protocol::Timestamp;

use super::{TOKEN_ENDPOINT, claims, demand, header, proof_of, uri};
use crate::support::{now, with};

const SPAN: Duration = Duration::from_secs(5 * 60);

fn nonces() -> Nonces {
    Nonces::new(&[7; 32])
}

#[test]
fn a_nonce_is_good_for_its_span_and_the_next() {
    let nonces = nonces();
    let start = Timestamp::from_secs(now().as_secs() / 300 * 300);
    let nonce = nonces.current(start);
    assert_eq!(nonce.len(), 22);
    for (at, good) in [
        (start, true),
        (start + SPAN, true),
        ((start + SPAN + SPAN).minus(Duration::from_millis(1)), true),
        (start + SPAN + SPAN, false),
        // A replica whose clock is a little behind.
        (start.minus(Duration::from_millis(1)), true),
        (start.minus(SPAN).minus(Duration::from_millis(1)), false),
    ] {
        assert_eq!(nonces.is_good(&nonce, at), good, "{at:?}");
    }
}

#[test]
fn a_nonce_of_another_key_is_not_good() {
    let other = Nonces::new(&[8; 32]).current(now());
    assert!(!nonces().is_good(&other, now()));
    assert!(nonces().and_previous(&[8; 32]).is_good(&other, now()));
    assert!(!nonces().is_good("", now()));
}

#[test]
fn a_new_nonce_is_given_when_it_is_due() {
    let nonces = nonces();
    let shown = nonces.current(now());
    assert_eq!(nonces.renewal(Some(&shown), now()), None);
    assert_eq!(nonces.renewal(None, now()), Some(shown.clone()));
    let later = now() + SPAN;
    assert_eq!(nonces.renewal(Some(&shown), later), Some(nonces.current(later)));
    assert_ne!(nonces.current(later), shown);
}

#[test]
fn keys_are_not_printed() {
    assert_eq!(format!("{:?}", nonces()), "Nonces { .. }");
}

#[test]
fn a_proof_needs_the_nonce_that_is_asked_for() {
    let (nonces, uri) = (nonces(), uri(TOKEN_ENDPOINT));
    let asked = Demand {
        nonce: NonceRule::Asked(&nonces),
        ..demand(&uri)
    };
    let judge = |claims: &serde_json::Value| verify(&proof_of(&header(), claims), &asked, now());
    for bad in [
        claims(),
        with(claims(), "nonce", json!("")),
        with(claims(), "nonce", json!("made-up")),
    ] {
        let refused = judge(&bad).unwrap_err();
        assert_eq!(refused, ProofError::Nonce);
        assert!(refused.wants_nonce());
    }
    let good = with(claims(), "nonce", json!(nonces.current(now())));
    assert_eq!(judge(&good).unwrap().nonce, Some(nonces.current(now())));
    // What is wrong besides is told first: a nonce would not help.
    let wrong = with(claims(), "htm", json!("GET"));
    assert_eq!(judge(&wrong), Err(ProofError::Method));
}
