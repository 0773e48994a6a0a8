use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use proptest::prelude::*;
use vestibule_keyring::DeviceMarks;
use vestibule_protocol::{Secret, Timestamp};

use crate::support::secret;

const NOW: Timestamp = Timestamp::from_secs(1_900_000_000);
const DAY: u64 = 24 * 60 * 60;

fn marks() -> DeviceMarks {
    DeviceMarks::new(&secret(1), &[])
}

fn later(days: u64) -> Timestamp {
    NOW + Duration::from_secs(days * DAY)
}

fn mark(account: &str) -> Secret {
    marks().renew(None, account, [7; 12], NOW)
}

#[test]
fn a_mark_is_good_for_its_account_alone() {
    let shown = mark("local:alice");
    assert!(marks().find(&shown, "local:alice", NOW).is_some());
    for other in ["local:bob", "local:alic", "local:alicee", "other:alice", ""] {
        assert_eq!(marks().find(&shown, other, NOW), None, "{other}");
    }
}

#[test]
fn a_mark_shows_no_account() {
    let shown = mark("alice");
    let bytes = URL_SAFE_NO_PAD.decode(shown.expose()).unwrap();
    assert!(!bytes.windows(5).any(|window| window == b"alice"));
}

#[test]
fn a_mark_that_was_touched_is_good_for_nothing() {
    let shown = mark("alice");
    let bytes = URL_SAFE_NO_PAD.decode(shown.expose()).unwrap();
    for index in 0..bytes.len() {
        let mut touched = bytes.clone();
        touched[index] ^= 1;
        let touched = Secret::new(URL_SAFE_NO_PAD.encode(touched));
        assert_eq!(marks().find(&touched, "alice", NOW), None, "byte {index}");
    }
}

#[test]
fn a_mark_made_under_another_secret_is_good_for_nothing() {
    let foreign = DeviceMarks::new(&secret(2), &[]).renew(None, "alice", [7; 12], NOW);
    assert_eq!(marks().find(&foreign, "alice", NOW), None);
}

#[test]
fn a_mark_outlives_a_new_master_secret() {
    let after = DeviceMarks::new(&secret(2), &[secret(1)]);
    assert!(after.find(&mark("alice"), "alice", NOW).is_some());
}

#[test]
fn a_mark_is_good_for_half_a_year() {
    let shown = mark("alice");
    assert!(marks().find(&shown, "alice", later(180)).is_some());
    assert_eq!(marks().find(&shown, "alice", later(181)), None);
}

#[test]
fn a_browser_is_known_to_several_accounts_and_to_the_last_five() {
    let mut shown = None;
    for number in 0..7 {
        let account = format!("user-{number}");
        shown = Some(marks().renew(shown.as_ref(), &account, [number; 12], NOW));
    }
    let shown = shown.unwrap();
    for number in 0..7 {
        let found = marks().find(&shown, &format!("user-{number}"), NOW);
        assert_eq!(found.is_some(), number >= 2, "user-{number}");
    }
}

#[test]
fn a_new_login_replaces_the_mark_of_its_account() {
    let first = marks().renew(None, "alice", [1; 12], NOW);
    let second = marks().renew(Some(&first), "alice", [2; 12], NOW);
    assert_eq!(second.expose().len(), first.expose().len());
    assert_ne!(
        marks().find(&first, "alice", NOW),
        marks().find(&second, "alice", NOW)
    );
}

#[test]
fn of_many_marks_only_the_first_few_are_looked_at() {
    let good = mark("alice");
    let far = format!("{}{}", "x.".repeat(5), good.expose());
    assert_eq!(marks().find(&Secret::new(far), "alice", NOW), None);
}

proptest! {
    #[test]
    fn whatever_a_browser_shows_is_read(text in ".*", account in ".*") {
        let shown = Secret::new(text);
        prop_assert_eq!(marks().find(&shown, &account, NOW), None);
        let renewed = marks().renew(Some(&shown), &account, [3; 12], NOW);
        prop_assert!(marks().find(&renewed, &account, NOW).is_some());
    }
}
