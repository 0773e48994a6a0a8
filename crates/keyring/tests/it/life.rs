//! The life of the keys: published, active, retiring, gone, and at no moment a token that cannot be verified.

use std::collections::HashSet;
use std::rc::Rc;
use std::time::Duration;

use proptest::prelude::*;
use rstest::rstest;
use serde_json::json;
use vestibule_jose::{Expected, SigningKey, TokenType, verify};
use vestibule_keyring::{KeyDocument, KeyInfo, KeyStage, Keyring, RotationPolicy};
use vestibule_protocol::{Issuer, KeyId, Timestamp};

use crate::support::{DAY, HOUR, MINUTE, START, policy};

/// The life of a token in these tests; the policy keeps retired keys two minutes longer.
const TOKEN_LIFE: Duration = HOUR;

pub(crate) fn describe(document: &KeyDocument) -> Vec<KeyInfo> {
    Keyring::from_document(document).unwrap().describe()
}

pub(crate) fn active(keys: &[KeyInfo]) -> KeyInfo {
    let is_active = |key: &&KeyInfo| matches!(key.stage, KeyStage::Active { .. });
    assert_eq!(
        keys.iter().filter(is_active).count(),
        1,
        "there is exactly one active key"
    );
    keys.iter().find(is_active).unwrap().clone()
}

pub(crate) fn next(document: &KeyDocument) -> Option<KeyInfo> {
    describe(document)
        .into_iter()
        .find(|key| matches!(key.stage, KeyStage::Next { .. }))
}

pub(crate) fn retiring(document: &KeyDocument) -> usize {
    describe(document)
        .iter()
        .filter(|key| matches!(key.stage, KeyStage::Retiring { .. }))
        .count()
}

pub(crate) fn advanced(document: &KeyDocument, policy: &RotationPolicy, now: Timestamp) -> KeyDocument {
    document
        .advance(policy, now)
        .unwrap()
        .unwrap_or_else(|| document.clone())
}

/// A broker that lives through time, and the verifiers who hold its tokens.
struct House {
    policy: RotationPolicy,
    document: KeyDocument,
    keys: Vec<KeyInfo>,
    first: KeyId,
    tokens: Vec<(KeyId, Timestamp)>,
}

impl House {
    fn open(policy: RotationPolicy) -> Self {
        let document = KeyDocument::create(&policy, START).unwrap();
        let keys = describe(&document);
        let first = active(&keys).key_id;
        Self {
            policy,
            document,
            keys,
            first,
            tokens: Vec::new(),
        }
    }

    fn keep(&mut self, document: KeyDocument) {
        self.keys = describe(&document);
        self.document = document;
    }

    /// Lets time come to `now`, mints a token, and checks all that has to be true at every moment.
    fn live(&mut self, now: Timestamp) {
        if let Some(document) = self.document.advance(&self.policy, now).unwrap() {
            self.keep(document);
            let again = self.document.advance(&self.policy, now).unwrap();
            assert!(again.is_none(), "advancing twice at one moment changes nothing");
        }
        let active = active(&self.keys);
        self.tokens.push((active.key_id.clone(), now + TOKEN_LIFE));
        self.tokens.retain(|(_, expires_at)| now < *expires_at);
        for (kid, _) in &self.tokens {
            let published = self.keys.iter().any(|key| key.key_id == *kid);
            assert!(published, "the key of a living token is published");
        }
        let KeyStage::Active { since } = active.stage else {
            unreachable!()
        };
        if active.key_id != self.first {
            let known_for = since.since(active.published_at);
            assert!(
                known_for >= self.policy.cache_life,
                "verifiers knew the key before it signed"
            );
        }
        let waiting = self
            .keys
            .iter()
            .filter(|key| matches!(key.stage, KeyStage::Next { .. }))
            .count();
        assert!(waiting <= 1, "at most one key is next");
    }

    fn rotate(&mut self, now: Timestamp) {
        let rotation = self.document.rotate(&self.policy, now).unwrap();
        assert!(rotation.activates_at <= now + self.policy.cache_life);
        self.keep(rotation.document);
    }
}

#[test]
fn the_first_key_signs_at_once() {
    let document = KeyDocument::create(&policy(), START).unwrap();
    assert_eq!(describe(&document).len(), 1);
    assert_eq!(
        active(&describe(&document)).stage,
        KeyStage::Active { since: START }
    );
    assert!(document.advance(&policy(), START).unwrap().is_none());
}

#[test]
fn a_month_goes_by_the_book() {
    let policy = policy();
    let document = KeyDocument::create(&policy, START).unwrap();
    let due = START + 30 * DAY;
    let ahead = START + 29 * DAY;
    assert!(document.advance(&policy, ahead.minus(MINUTE)).unwrap().is_none());

    let document = document.advance(&policy, ahead).unwrap().unwrap();
    let published = next(&document).unwrap();
    assert_eq!(published.published_at, ahead);
    assert_eq!(published.stage, KeyStage::Next { activates_at: due });
    assert!(document.advance(&policy, due.minus(MINUTE)).unwrap().is_none());

    let first = active(&describe(&document)).key_id;
    let document = document.advance(&policy, due).unwrap().unwrap();
    assert_eq!(active(&describe(&document)).key_id, published.key_id);
    assert_eq!(
        active(&describe(&document)).stage,
        KeyStage::Active { since: due }
    );
    let old = describe(&document)
        .into_iter()
        .find(|key| key.key_id == first)
        .unwrap();
    assert_eq!(old.stage, KeyStage::Retiring { since: due });

    let gone = due + policy.keep_retired_for;
    assert!(document.advance(&policy, gone.minus(MINUTE)).unwrap().is_none());
    let document = document.advance(&policy, gone).unwrap().unwrap();
    assert_eq!(describe(&document).len(), 1);
}

#[rstest]
#[case::every_seven_minutes_of_two_months(7 * MINUTE, 60)]
#[case::every_hour_of_a_year(HOUR, 366)]
#[case::every_day_of_two_years(DAY, 731)]
fn no_token_ever_outlives_its_key(#[case] step: Duration, #[case] days: u32) {
    let mut house = House::open(policy());
    let end = START + days * DAY;
    let mut now = START;
    let mut rotations = 0;
    let mut last = active(&house.keys).key_id;
    while now < end {
        house.live(now);
        let current = active(&house.keys).key_id;
        rotations += u32::from(current != last);
        last = current;
        now = now + step;
    }
    assert!(rotations >= days / 31 - 1, "{rotations} rotations in {days} days");
    assert!(rotations <= days / 30);
}

#[test]
fn a_broker_that_slept_for_months_publishes_before_it_rotates() {
    let mut house = House::open(policy());
    house.live(START);
    let late = START + 200 * DAY;
    house.live(late);
    assert_eq!(active(&house.keys).key_id, house.first);
    assert_eq!(
        next(&house.document).unwrap().stage,
        KeyStage::Next {
            activates_at: late + HOUR
        }
    );
    house.live(late + HOUR.saturating_sub(MINUTE));
    assert_eq!(active(&house.keys).key_id, house.first);
    house.live(late + HOUR);
    assert_ne!(active(&house.keys).key_id, house.first);
}

#[test]
fn a_key_is_published_no_later_than_verifiers_need_to_learn_of_it() {
    let policy = RotationPolicy {
        publish_ahead: MINUTE,
        ..policy()
    };
    let document = KeyDocument::create(&policy, START).unwrap();
    let due = START + 30 * DAY;
    assert!(
        document
            .advance(&policy, due.minus(HOUR + MINUTE))
            .unwrap()
            .is_none()
    );
    let document = document.advance(&policy, due.minus(HOUR)).unwrap().unwrap();
    assert_eq!(
        next(&document).unwrap().stage,
        KeyStage::Next { activates_at: due }
    );
}

#[test]
fn a_clock_that_goes_back_changes_nothing() {
    let policy = policy();
    let due = START + 30 * DAY;
    let document = advanced(
        &KeyDocument::create(&policy, START).unwrap(),
        &policy,
        due.minus(DAY),
    );
    let document = advanced(&document, &policy, due);
    assert!(document.advance(&policy, due.minus(2 * DAY)).unwrap().is_none());
    assert!(document.advance(&policy, START.minus(DAY)).unwrap().is_none());
}

#[test]
fn real_tokens_verify_across_a_rotation_with_a_key_set_of_an_hour_ago() {
    let policy = policy();
    let expected = Expected::new(
        Issuer::parse("https://auth.example.com").unwrap(),
        TokenType::IdToken,
    );
    let minted = |signer: &SigningKey, now: Timestamp| {
        let claims = json!({
            "iss": "https://auth.example.com", "sub": "local:alice", "aud": "client-1",
            "iat": now.as_secs(), "exp": (now + TOKEN_LIFE).as_secs(),
        });
        signer.sign(TokenType::IdToken, &claims).unwrap()
    };
    let mut document = KeyDocument::create(&policy, START).unwrap();
    let mut keyring = Rc::new(Keyring::from_document(&document).unwrap());
    let mut hour_ago = Rc::clone(&keyring);
    let mut token_of_an_hour_ago = None;
    let mut signers = HashSet::new();
    for hour in 0..24 * 62 {
        let now = START + hour * HOUR;
        if let Some(next) = document.advance(&policy, now).unwrap() {
            document = next;
            keyring = Rc::new(Keyring::from_document(&document).unwrap());
        }
        signers.insert(keyring.signer().key_id().clone());
        let token = minted(keyring.signer(), now);
        for (token, keys) in [
            (Some(&token), hour_ago.verifying_keys()),
            (Some(&token), keyring.verifying_keys()),
            (token_of_an_hour_ago.as_ref(), keyring.verifying_keys()),
        ] {
            if let Some(token) = token {
                let verified = verify::<serde_json::Value>(token, keys, &expected, now);
                assert!(verified.is_ok(), "{verified:?} in hour {hour}");
            }
        }
        hour_ago = Rc::clone(&keyring);
        token_of_an_hour_ago = Some(token);
    }
    assert_eq!(signers.len(), 3);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn whatever_happens_when_every_living_token_has_its_key(
        steps in prop::collection::vec((1_u32..60 * 24 * 20, prop::bool::weighted(0.2)), 1..40),
        cache_minutes in 0_u32..600,
        ahead_minutes in 0_u32..3000,
    ) {
        let mut house = House::open(RotationPolicy {
            cache_life: cache_minutes * MINUTE,
            publish_ahead: ahead_minutes * MINUTE,
            ..policy()
        });
        let mut now = START;
        for (minutes, operator_rotates) in steps {
            now = now + minutes * MINUTE;
            house.live(now);
            if operator_rotates {
                house.rotate(now);
            }
            house.live(now);
        }
    }
}
