//! Laws of stores that outlive their process.

use std::collections::BTreeSet;

use vestibule_broker::record::{
    Authorization, Called, ClientDocument, RegisteredClient, Standing, UpstreamState,
};
use vestibule_broker::store::{
    Claimed, DeviceDecided, DeviceDecision, Opened, Polled, Redeemed, Registered, Remembered, Rotated, Taken,
};

use crate::DurableBench;
use crate::ask::answer;
use crate::sample::{
    NOW, TERMS, after, authorization, browser_login, client, client_id, code_grant, consent_key, device,
    device_approval, digest, document, pushed_request, scopes, sealed, session, session_id, subject,
    upstream, upstream_id,
};

/// Documents survive a restart, with the operator's word; forgotten ones stay forgotten.
pub async fn documents_survive_a_restart(bench: &impl DurableBench) {
    let store = bench.fresh().await;
    let (kept, forgotten) = ("https://a.example/c", "https://b.example/c");
    for id in [kept, forgotten] {
        answer(store.put_document(document(id), NOW)).await;
    }
    answer(store.judge_document(&client_id(kept), Standing::Blocked, after(500), NOW)).await;
    answer(store.forget_document(&client_id(forgotten), NOW)).await;

    let store = bench.reopen(store).await;
    let blocked = ClientDocument {
        standing: Standing::Blocked,
        expires_at: after(500),
        ..document(kept)
    };
    assert_eq!(
        answer(store.find_document(&client_id(kept), NOW)).await,
        Some(blocked)
    );
    assert_eq!(
        answer(store.find_document(&client_id(forgotten), NOW)).await,
        None
    );
}

/// Clients survive a restart, with their blocks and their renewed lives; deleted ones stay deleted.
pub async fn clients_survive_a_restart(bench: &impl DurableBench) {
    let store = bench.fresh().await;
    for id in ["touched", "blocked", "deleted"] {
        assert_eq!(
            answer(store.register_client(client(id), NOW)).await,
            Registered::New
        );
    }
    answer(store.touch_client(&client_id("touched"), after(500), NOW)).await;
    answer(store.block_client(&client_id("blocked"), true, NOW)).await;
    answer(store.delete_client(&client_id("deleted"), NOW)).await;

    let store = bench.reopen(store).await;
    let touched = RegisteredClient {
        expires_at: after(500),
        ..client("touched")
    };
    assert_eq!(
        answer(store.find_client(&client_id("touched"), NOW)).await,
        Some(touched)
    );
    let blocked = RegisteredClient {
        blocked: true,
        ..client("blocked")
    };
    assert_eq!(
        answer(store.find_client(&client_id("blocked"), NOW)).await,
        Some(blocked)
    );
    assert_eq!(answer(store.find_client(&client_id("deleted"), NOW)).await, None);
}

/// An authorization survives a restart at the step that it had reached; one that was taken stays taken.
pub async fn authorizations_survive_a_restart(bench: &impl DurableBench) {
    let store = bench.fresh().await;
    let moved = Authorization {
        step: 1,
        ..authorization("bob")
    };
    for ticket in ["moved", "taken"] {
        answer(store.begin_authorization(digest(ticket), authorization("alice"))).await;
    }
    answer(store.advance_authorization(digest("moved"), moved.clone(), NOW)).await;
    answer(store.take_authorization(digest("taken"), 0, NOW)).await;

    let store = bench.reopen(store).await;
    let taken = answer(store.take_authorization(digest("taken"), 0, NOW)).await;
    assert_eq!(taken, Taken::Unknown);
    let taken = answer(store.take_authorization(digest("moved"), 1, NOW)).await;
    assert_eq!(taken, Taken::Taken(Box::new(moved)));
}

/// A code survives a restart; one that was redeemed is a replay after it.
pub async fn codes_and_their_tombstones_survive_a_restart(bench: &impl DurableBench) {
    let store = bench.fresh().await;
    answer(store.issue_code(digest("fresh"), code_grant("one"))).await;
    answer(store.issue_code(digest("redeemed"), code_grant("two"))).await;
    answer(store.redeem_code(digest("redeemed"), after(600), NOW)).await;

    let store = bench.reopen(store).await;
    let redeemed = answer(store.redeem_code(digest("fresh"), after(600), NOW)).await;
    assert_eq!(redeemed, Redeemed::Fresh(Box::new(code_grant("one"))));
    let redeemed = answer(store.redeem_code(digest("redeemed"), after(600), after(599))).await;
    assert_eq!(redeemed, Redeemed::Replayed(session_id("two")));
}

/// Sessions survive a restart at their generation, and are listed; ended ones stay ended and cannot be opened.
pub async fn sessions_and_their_tombstones_survive_a_restart(bench: &impl DurableBench) {
    let store = bench.fresh().await;
    for id in ["kept", "ended"] {
        answer(store.open_session(session(id, "alice", "c"), NOW)).await;
    }
    let rotated = answer(store.rotate_session(&session_id("kept"), 0, TERMS, after(20))).await;
    let Rotated::Rotated(generation) = rotated else {
        panic!("not rotated: {rotated:?}")
    };
    let kept = session("kept", "alice", "c").at(generation);
    answer(store.end_session(&session_id("ended"), after(600), NOW)).await;
    answer(store.end_session(&session_id("never-opened"), after(600), NOW)).await;

    let store = bench.reopen(store).await;
    let repeated = answer(store.rotate_session(&session_id("kept"), 0, TERMS, after(21))).await;
    assert_eq!(repeated, Rotated::Repeated(generation));
    let of_user = answer(store.sessions_of_user(&subject("alice"), NOW)).await;
    assert_eq!(of_user, vec![kept.clone()]);
    assert_eq!(
        answer(store.sessions_of_client(&client_id("c"), NOW)).await,
        vec![kept]
    );
    for id in ["ended", "never-opened"] {
        let opened = answer(store.open_session(session(id, "alice", "c"), after(599))).await;
        assert_eq!(opened, Opened::AlreadyEnded, "{id}");
    }
}

/// Consents survive a restart; revoked ones stay revoked.
pub async fn consents_survive_a_restart(bench: &impl DurableBench) {
    let store = bench.fresh().await;
    let (kept, revoked) = (
        consent_key("alice", "c", "files.example"),
        consent_key("alice", "d", "files.example"),
    );
    answer(store.grant_consent(kept.clone(), scopes("mcp:read"))).await;
    answer(store.grant_consent(kept.clone(), scopes("mcp:write"))).await;
    answer(store.grant_consent(revoked.clone(), scopes("mcp:read"))).await;
    answer(store.revoke_consent(&revoked)).await;

    let store = bench.reopen(store).await;
    assert_eq!(
        answer(store.find_consent(&kept)).await,
        scopes("mcp:read mcp:write")
    );
    assert!(answer(store.find_consent(&revoked)).await.is_empty());
}

/// Browser logins survive a restart; ended ones stay ended.
pub async fn browser_logins_survive_a_restart(bench: &impl DurableBench) {
    let store = bench.fresh().await;
    for cookie in ["kept", "ended"] {
        answer(store.put_browser_login(digest(cookie), browser_login("alice"))).await;
    }
    answer(store.end_browser_login(digest("ended"))).await;

    let store = bench.reopen(store).await;
    let kept = answer(store.find_browser_login(digest("kept"), NOW)).await;
    assert_eq!(kept, Some(browser_login("alice")));
    assert_eq!(answer(store.find_browser_login(digest("ended"), NOW)).await, None);
}

/// The key document survives a restart under its version.
pub async fn keys_survive_a_restart(bench: &impl DurableBench) {
    let store = bench.fresh().await;
    answer(store.swap_keys(None, sealed("one"))).await;
    let first = answer(store.load_keys()).await.expect("a document");
    answer(store.swap_keys(Some(first.version), sealed("two"))).await;
    let second = answer(store.load_keys()).await;

    let store = bench.reopen(store).await;
    assert_eq!(answer(store.load_keys()).await, second);
    assert!(!answer(store.swap_keys(Some(first.version), sealed("three"))).await);
}

/// Set bits survive a restart under their version, and no bit that was allotted before it is allotted again.
pub async fn status_lists_survive_a_restart(bench: &impl DurableBench) {
    let store = bench.fresh().await;
    let mut allotted = BTreeSet::new();
    let first = answer(store.allot_status(after(900))).await;
    allotted.insert((first.list, first.bit));
    answer(store.set_status(first)).await;
    for _ in 0..50 {
        let status = answer(store.allot_status(after(900))).await;
        allotted.insert((status.list, status.bit));
    }
    let before = answer(store.read_status(first.list)).await;

    let store = bench.reopen(store).await;
    assert_eq!(answer(store.read_status(first.list)).await, before);
    for _ in 0..50 {
        let status = answer(store.allot_status(after(900))).await;
        allotted.insert((status.list, status.bit));
    }
    assert_eq!(allotted.len(), 101);
}

/// Logins at providers survive a restart with their claims, and are listed; ended ones stay ended.
pub async fn upstreams_survive_a_restart(bench: &impl DurableBench) {
    let store = bench.fresh().await;
    for id in ["kept", "claimed", "ended"] {
        answer(store.put_upstream(upstream(id, "alice"))).await;
    }
    answer(store.claim_upstream(&upstream_id("claimed"), after(120), after(100))).await;
    answer(store.end_upstream(&upstream_id("ended"), NOW)).await;

    let store = bench.reopen(store).await;
    let kept = upstream("kept", "alice");
    assert_eq!(
        answer(store.find_upstream(&kept.id, NOW)).await,
        Some(kept.clone())
    );
    let claimed = answer(store.claim_upstream(&upstream_id("claimed"), after(140), after(101))).await;
    assert!(matches!(claimed, Claimed::Busy(_)), "{claimed:?}");
    let ended = answer(store.find_upstream(&upstream_id("ended"), NOW)).await;
    assert_eq!(ended.map(|login| login.state), Some(UpstreamState::Ended));
    let of_user = answer(store.upstreams_of_user(&subject("alice"), NOW)).await;
    assert_eq!(of_user.len(), 2);
    let sid = Called::Sid("sid of kept".to_owned());
    let of_sid = answer(store.upstreams_called(&kept.provider, &sid, NOW)).await;
    assert_eq!(of_sid, vec![kept.clone()]);
    let sub = Called::Sub("sub of alice".to_owned());
    let of_sub = answer(store.upstreams_called(&kept.provider, &sub, NOW)).await;
    assert_eq!(of_sub.len(), 3);
}

/// What was used stays used.
pub async fn replays_survive_a_restart(bench: &impl DurableBench) {
    let store = bench.fresh().await;
    answer(store.remember(digest("key"), after(60), NOW)).await;
    let store = bench.reopen(store).await;
    assert_eq!(
        answer(store.recall(digest("key"), after(59))).await,
        Some(after(60))
    );
    let seen = answer(store.remember(digest("key"), after(60), after(59))).await;
    assert_eq!(seen, Remembered::Seen);
}

/// Devices survive a restart with what was decided; what was handed over stays spent.
pub async fn devices_survive_a_restart(bench: &impl DurableBench) {
    let store = bench.fresh().await;
    let walk = digest("walk");
    for user in ["waiting", "approved", "spent"] {
        answer(store.begin_device(digest(user), device("code"), NOW)).await;
        answer(store.enter_device(digest(user), walk, NOW)).await;
    }
    for user in ["approved", "spent"] {
        let decision = DeviceDecision::Approve(Box::new(device_approval(user)));
        answer(store.decide_device(digest(user), walk, decision, NOW)).await;
    }
    answer(store.poll_device(digest("spent"), digest("code"), NOW)).await;
    answer(store.poll_device(digest("waiting"), digest("code"), NOW)).await;

    let store = bench.reopen(store).await;
    let polled = answer(store.poll_device(digest("waiting"), digest("code"), after(1))).await;
    assert_eq!(polled, Polled::SlowDown);
    let decided = answer(store.decide_device(digest("waiting"), walk, DeviceDecision::Deny, NOW)).await;
    assert_eq!(decided, DeviceDecided::Decided);
    let polled = answer(store.poll_device(digest("approved"), digest("code"), NOW)).await;
    assert!(matches!(polled, Polled::Granted(..)), "{polled:?}");
    let polled = answer(store.poll_device(digest("spent"), digest("code"), NOW)).await;
    assert_eq!(polled, Polled::Spent(session_id("spent")));
}

/// Pushed requests survive a restart; what was handed over is gone.
pub async fn pushed_requests_survive_a_restart(bench: &impl DurableBench) {
    let store = bench.fresh().await;
    for key in ["kept", "taken"] {
        answer(store.push_request(digest(key), pushed_request(key))).await;
    }
    answer(store.take_pushed_request(digest("taken"), NOW)).await;

    let store = bench.reopen(store).await;
    let kept = answer(store.take_pushed_request(digest("kept"), NOW)).await;
    assert_eq!(kept, Some(pushed_request("kept")));
    assert_eq!(
        answer(store.take_pushed_request(digest("taken"), NOW)).await,
        None
    );
}
