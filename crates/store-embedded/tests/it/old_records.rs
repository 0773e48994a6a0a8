//! Records that were written before logins at providers were kept.

use serde::Serialize;
use serde::de::DeserializeOwned;
use vestibule_broker::record::{Authorization, BrowserLogin, CodeGrant, ReplyTo, Session};
use vestibule_store_testkit::sample;

/// What comes of the record without these fields.
fn without<T: Serialize + DeserializeOwned>(record: &T, fields: &[&str]) -> T {
    let mut json = serde_json::to_value(record).unwrap();
    for field in fields {
        let removed = json.as_object_mut().unwrap().remove(*field);
        assert!(removed.is_some(), "{field} is no field of the record");
    }
    serde_json::from_value(json).unwrap()
}

#[test]
fn a_session_of_old_stands_on_no_login() {
    let new = sample::session("s", "alice", "c");
    let old = without(&new, &["upstream", "recheck_at", "trace"]);
    let expected = Session {
        upstream: None,
        recheck_at: None,
        trace: None,
        ..new
    };
    assert_eq!(old, expected);
}

#[test]
fn a_browser_s_login_and_a_code_of_old_stand_on_no_login() {
    let new = sample::browser_login("alice");
    let expected = BrowserLogin {
        upstream: None,
        ..new.clone()
    };
    assert_eq!(without(&new, &["upstream"]), expected);
    let new = sample::code_grant("s");
    let expected = CodeGrant {
        upstream: None,
        trace: None,
        ..new.clone()
    };
    assert_eq!(without(&new, &["upstream", "trace"]), expected);
}

#[test]
fn what_is_of_old_is_bound_to_no_key() {
    let bound = Session {
        dpop_jkt: Some(sample::key("its own")),
        ..sample::session("s", "alice", "c")
    };
    assert_eq!(without(&bound, &["dpop_jkt"]), sample::session("s", "alice", "c"));
    let old = without(&sample::code_grant("s"), &["dpop_jkt"]);
    assert_eq!(old.dpop_jkt, None);
    let mut json = serde_json::to_value(sample::authorization("alice")).unwrap();
    let removed = json["request"].as_object_mut().unwrap().remove("dpop_jkt");
    assert!(removed.is_some());
    let old: Authorization = serde_json::from_value(json).unwrap();
    let ReplyTo::Client(redirection) = old.request.reply_to else {
        panic!("the sample's answer goes to a client");
    };
    assert_eq!(redirection.dpop_jkt, None);
}

#[test]
fn a_login_under_way_of_old_is_read() {
    let new = sample::authorization("alice");
    let mut json = serde_json::to_value(&new).unwrap();
    json["stage"] = serde_json::json!({
        "at": "logging_in",
        "provider": "local",
        "begun_at": json["expires_at"],
        "nonce": "n",
        "sealed": "e30.e30.e30.e30.e30",
        "pending": { "form": { "fields": [], "submit": "Go on", "problem": null } },
    });
    let old: Authorization = serde_json::from_value(json).unwrap();
    assert_ne!(old.stage, new.stage);
}
