//! Laws of remembered consents.

use vestibule_protocol::ScopeSet;

use crate::Bench;
use crate::ask::{RUNNERS, answer, race};
use crate::sample::{consent_key, scopes};

/// Nobody agreed to anything before they were asked.
pub async fn nothing_is_remembered_at_first(bench: &impl Bench) {
    let store = bench.fresh().await;
    let found = answer(store.find_consent(&consent_key("alice", "c", "files.example"))).await;
    assert_eq!(found, ScopeSet::default());
}

/// What was granted is found.
pub async fn what_was_granted_is_found(bench: &impl Bench) {
    let store = bench.fresh().await;
    let key = consent_key("alice", "c", "files.example");
    answer(store.grant_consent(key.clone(), scopes("mcp:read mcp:write"))).await;
    assert_eq!(
        answer(store.find_consent(&key)).await,
        scopes("mcp:read mcp:write")
    );
}

/// Consents add up.
pub async fn consents_add_up(bench: &impl Bench) {
    let store = bench.fresh().await;
    let key = consent_key("alice", "c", "files.example");
    for granted in ["mcp:read", "mcp:read mcp:write", "openid", "mcp:read"] {
        answer(store.grant_consent(key.clone(), scopes(granted))).await;
    }
    assert_eq!(
        answer(store.find_consent(&key)).await,
        scopes("mcp:read mcp:write openid")
    );
}

/// None of the consents that come at once is lost.
pub async fn consents_that_come_at_once_add_up(bench: &impl Bench) {
    let store = bench.fresh().await;
    race(&store, |store, number| async move {
        let key = consent_key("alice", "c", "files.example");
        answer(store.grant_consent(key, scopes(&format!("scope:{number}")))).await;
    })
    .await;
    let found = answer(store.find_consent(&consent_key("alice", "c", "files.example"))).await;
    assert_eq!(found.len(), RUNNERS);
}

/// A consent holds for its user, client and resource, and for no other.
pub async fn a_consent_holds_for_its_user_client_and_resource_alone(bench: &impl Bench) {
    let store = bench.fresh().await;
    answer(store.grant_consent(consent_key("alice", "c", "files.example"), scopes("mcp:read"))).await;
    for key in [
        consent_key("bob", "c", "files.example"),
        consent_key("alice", "d", "files.example"),
        consent_key("alice", "c", "mail.example"),
    ] {
        assert!(answer(store.find_consent(&key)).await.is_empty(), "{key:?}");
    }
}

/// A revoked consent is forgotten, all of it and no other; revoking it again is no error.
pub async fn a_revoked_consent_is_forgotten(bench: &impl Bench) {
    let store = bench.fresh().await;
    let (key, other) = (
        consent_key("alice", "c", "files.example"),
        consent_key("alice", "c", "mail.example"),
    );
    answer(store.grant_consent(key.clone(), scopes("mcp:read mcp:write"))).await;
    answer(store.grant_consent(other.clone(), scopes("mcp:read"))).await;
    for _ in 0..2 {
        answer(store.revoke_consent(&key)).await;
        assert!(answer(store.find_consent(&key)).await.is_empty());
    }
    assert_eq!(answer(store.find_consent(&other)).await, scopes("mcp:read"));
    answer(store.grant_consent(key.clone(), scopes("openid"))).await;
    assert_eq!(answer(store.find_consent(&key)).await, scopes("openid"));
}
