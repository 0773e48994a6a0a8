//! Rotations that come otherwise than by the book: an operator's word, another algorithm, other cache lives.

use rstest::rstest;
use vestibule_jose::Algorithm;
use vestibule_keyring::{KeyDocument, KeyStage, RotationPolicy};

use crate::life::{active, advanced, describe, next, retiring};
use crate::support::{DAY, HOUR, MINUTE, START, policy};

#[test]
fn an_operators_rotation_waits_until_verifiers_know_the_key() {
    let policy = policy();
    let document = KeyDocument::create(&policy, START).unwrap();
    let asked = START + DAY;
    let rotation = document.rotate(&policy, asked).unwrap();
    assert_eq!(rotation.activates_at, asked + HOUR);
    let published = next(&rotation.document).unwrap();
    assert_eq!(published.published_at, asked);
    assert_eq!(
        active(&describe(&rotation.document)).key_id,
        active(&describe(&document)).key_id
    );

    // Asking again changes nothing.
    let again = rotation.document.rotate(&policy, asked + MINUTE).unwrap();
    assert_eq!(again.activates_at, asked + HOUR);
    assert_eq!(next(&again.document), Some(published.clone()));

    let waiting = again
        .document
        .advance(&policy, (asked + HOUR).minus(MINUTE))
        .unwrap();
    assert!(waiting.is_none());
    let document = again.document.advance(&policy, asked + HOUR).unwrap().unwrap();
    assert_eq!(active(&describe(&document)).key_id, published.key_id);
}

#[test]
fn an_operators_rotation_is_immediate_when_the_next_key_is_known() {
    let policy = policy();
    let document = KeyDocument::create(&policy, START).unwrap();
    let ahead = START + 29 * DAY;
    let document = document.advance(&policy, ahead).unwrap().unwrap();
    let published = next(&document).unwrap();

    let early = document.rotate(&policy, ahead + MINUTE).unwrap();
    assert_eq!(early.activates_at, ahead + HOUR);
    assert_ne!(active(&describe(&early.document)).key_id, published.key_id);

    let rotation = document.rotate(&policy, ahead + HOUR).unwrap();
    assert_eq!(rotation.activates_at, ahead + HOUR);
    assert_eq!(active(&describe(&rotation.document)).key_id, published.key_id);
    assert_eq!(next(&rotation.document), None);
    assert_eq!(retiring(&rotation.document), 1);
}

#[rstest]
fn another_algorithm_takes_over_once_it_is_known(
    #[values(Algorithm::EdDsa, Algorithm::Rs256)] algorithm: Algorithm,
) {
    let before = policy();
    let after = RotationPolicy {
        algorithm,
        ..policy()
    };
    // Even where a next key of the old algorithm is published already.
    let ahead = START + 29 * DAY;
    for start in [START, ahead] {
        let document = advanced(&KeyDocument::create(&before, START).unwrap(), &before, start);
        let document = document.advance(&after, start).unwrap().unwrap();
        assert_eq!(active(&describe(&document)).algorithm, Algorithm::Es256);
        assert_eq!(next(&document).unwrap().algorithm, algorithm);
        assert!(
            document
                .advance(&after, (start + HOUR).minus(MINUTE))
                .unwrap()
                .is_none()
        );
        let document = document.advance(&after, start + HOUR).unwrap().unwrap();
        assert_eq!(active(&describe(&document)).algorithm, algorithm);
        assert_eq!(retiring(&document), 1);
    }
}

#[test]
fn a_due_key_of_the_old_algorithm_never_signs() {
    let document = KeyDocument::create(&policy(), START).unwrap();
    let document = advanced(&document, &policy(), START + 29 * DAY);
    let first = active(&describe(&document)).key_id;
    let after = RotationPolicy {
        algorithm: Algorithm::EdDsa,
        ..policy()
    };
    let document = advanced(&document, &after, START + 31 * DAY);
    assert_eq!(active(&describe(&document)).key_id, first);
    assert_eq!(next(&document).unwrap().algorithm, Algorithm::EdDsa);
}

#[test]
fn a_cache_life_that_grew_delays_the_next_key() {
    let document = KeyDocument::create(&policy(), START).unwrap();
    let published = START + 29 * DAY;
    let document = advanced(&document, &policy(), published);
    let after = RotationPolicy {
        cache_life: 3 * DAY,
        ..policy()
    };
    let known = published + 3 * DAY;
    assert!(document.advance(&after, known.minus(MINUTE)).unwrap().is_none());
    let document = document.advance(&after, known).unwrap().unwrap();
    assert_eq!(
        active(&describe(&document)).stage,
        KeyStage::Active { since: known }
    );
}

#[test]
fn an_operators_rotation_makes_a_key_of_the_new_algorithm() {
    let ahead = START + 29 * DAY;
    let document = advanced(&KeyDocument::create(&policy(), START).unwrap(), &policy(), ahead);
    let after = RotationPolicy {
        algorithm: Algorithm::EdDsa,
        ..policy()
    };
    let rotation = document.rotate(&after, ahead + 2 * HOUR).unwrap();
    assert_eq!(rotation.activates_at, ahead + 3 * HOUR);
    assert_eq!(next(&rotation.document).unwrap().algorithm, Algorithm::EdDsa);
}
