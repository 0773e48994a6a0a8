use std::collections::HashSet;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use proptest::prelude::*;
use rstest::rstest;
use sha2::Sha256;
use vestibule_keyring::{PresentedRefresh, RefreshTokens};
use vestibule_protocol::{Secret, SessionId};

use crate::support::secret;

const SALT: [u8; 16] = *b"0123456789abcdef";

fn tokens() -> RefreshTokens {
    RefreshTokens::new(&secret(1), &[])
}

fn session(text: &str) -> SessionId {
    SessionId::parse(text).unwrap()
}

fn presented(token: &Secret) -> PresentedRefresh {
    RefreshTokens::parse(token.expose()).unwrap()
}

#[test]
fn a_token_names_its_session_and_generation() {
    let token = tokens().derive(&session("s-1"), 7, &SALT);
    assert!(token.expose().starts_with("s-1.7."));
    let presented = presented(&token);
    assert_eq!(presented.session(), &session("s-1"));
    assert_eq!(presented.generation(), 7);
    assert!(tokens().verify(&presented, &SALT));
}

#[test]
fn a_token_is_an_hmac_of_session_generation_and_salt() {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret(1).derive("refresh tokens").as_slice()).unwrap();
    mac.update(b"s-1");
    mac.update(&7_u64.to_be_bytes());
    mac.update(&SALT);
    let expected = format!("s-1.7.{}", URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()));
    assert_eq!(tokens().derive(&session("s-1"), 7, &SALT).expose(), expected);
}

#[test]
fn every_replica_derives_the_same_token() {
    let one = tokens().derive(&session("s-1"), 7, &SALT);
    let other = tokens().derive(&session("s-1"), 7, &SALT);
    assert_eq!(one.expose(), other.expose());
}

#[test]
fn another_session_generation_salt_or_secret_makes_another_token() {
    let other_salt = *b"0123456789abcdeF";
    let mut seen = HashSet::new();
    for fill in [1, 2] {
        let tokens = RefreshTokens::new(&secret(fill), &[]);
        for session_id in ["s", "s1", "s-1"] {
            for generation in [0, 1, 11, u64::MAX] {
                for salt in [SALT, other_salt] {
                    let token = tokens.derive(&session(session_id), generation, &salt);
                    let mac = token.expose().rsplit('.').next().unwrap().to_owned();
                    assert!(seen.insert(mac), "{session_id} {generation}");
                }
            }
        }
    }
}

#[test]
fn a_token_with_another_session_or_generation_is_refused() {
    let token = tokens().derive(&session("s-1"), 7, &SALT);
    let mac = token.expose().rsplit('.').next().unwrap();
    for forged in [
        format!("s-2.7.{mac}"),
        format!("s-1.8.{mac}"),
        format!("s-1.6.{mac}"),
    ] {
        assert!(
            !tokens().verify(&RefreshTokens::parse(&forged).unwrap(), &SALT),
            "{forged}"
        );
    }
    assert!(!tokens().verify(&presented(&token), b"another salt 123"));
}

#[test]
fn a_previous_secret_still_verifies_and_no_longer_derives() {
    let before = RefreshTokens::new(&secret(1), &[]);
    let after = RefreshTokens::new(&secret(2), &[secret(3), secret(1)]);
    let old = before.derive(&session("s-1"), 7, &SALT);
    assert!(after.verify(&presented(&old), &SALT));
    let new = after.derive(&session("s-1"), 7, &SALT);
    assert_ne!(new.expose(), old.expose());
    assert!(after.verify(&presented(&new), &SALT));
    assert!(!before.verify(&presented(&new), &SALT));
    assert!(!RefreshTokens::new(&secret(2), &[]).verify(&presented(&old), &SALT));
}

#[rstest]
#[case::nothing("")]
#[case::dots("..")]
#[case::a_jwt_of_ours("eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhIn0.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
#[case::no_generation("s-1.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
#[case::a_leading_zero("s-1.07.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
#[case::a_sign("s-1.+7.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
#[case::too_many_generations("s-1.18446744073709551616.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
#[case::no_session(".7.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
#[case::a_short_mac("s-1.7.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
#[case::a_long_mac("s-1.7.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
#[case::padding("s-1.7.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")]
#[case::trailing_bits("s-1.7.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB")]
#[case::white_space("s-1.7.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA ")]
fn what_cannot_be_a_refresh_token_is_not_parsed(#[case] token: &str) {
    assert!(RefreshTokens::parse(token).is_none());
}

#[test]
fn a_printed_token_shows_no_mac() {
    let token = tokens().derive(&session("s-1"), 7, &SALT);
    let mac = token.expose().rsplit('.').next().unwrap();
    let printed = format!("{token:?} {:?} {:?}", presented(&token), tokens());
    assert!(!printed.contains(mac), "{printed}");
    assert!(!printed.contains("mac: ["), "{printed}");
}

proptest! {
    #[test]
    fn every_token_verifies_and_no_changed_one_does(
        id in "[A-Za-z0-9_-]{1,64}",
        generation in any::<u64>(),
        salt in any::<[u8; 16]>(),
        at in any::<prop::sample::Index>(),
        to in prop::sample::select(b"AZaz09-_.".to_vec()),
    ) {
        let token = tokens().derive(&session(&id), generation, &salt);
        prop_assert!(tokens().verify(&presented(&token), &salt));
        let mut changed = token.expose().as_bytes().to_vec();
        let at = at.index(changed.len());
        changed[at] = to;
        let changed = String::from_utf8(changed).unwrap();
        if changed != token.expose() {
            let verified = RefreshTokens::parse(&changed).is_some_and(|other| tokens().verify(&other, &salt));
            prop_assert!(!verified, "{}", changed);
        }
    }

    #[test]
    fn parsing_anything_never_panics(text in ".{0,200}") {
        let _ = RefreshTokens::parse(&text);
    }
}
