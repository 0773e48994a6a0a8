//! The local provider's promises.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod laws;

use std::collections::BTreeMap;

use url::Url;
use vestibule_protocol::{ProviderId, ScopeSet, Secret, Subject, Timestamp};
use vestibule_provider::{
    LoginContext, LoginStep, Provider as _, ProviderError, Reply, Sealed, Standing, UpstreamSession,
};
use vestibule_provider_local::{LocalProvider, LocalUser, Password, PasswordError, hash_password};

fn user(username: &str, password: Password) -> LocalUser {
    LocalUser {
        username: username.to_owned(),
        password,
        name: None,
        email: None,
        groups: Vec::new(),
        roles: Vec::new(),
        scopes: ScopeSet::parse("mcp:read").unwrap(),
    }
}

fn provider() -> LocalProvider {
    let hash = hash_password(&Secret::new("correct horse")).unwrap();
    let users = vec![
        user("ada", Password::hashed(&hash).unwrap()),
        user("eve", Password::plain(Secret::new("plain"))),
    ];
    LocalProvider::new(id(), "Local".to_owned(), users).unwrap()
}

fn id() -> ProviderId {
    ProviderId::parse("local").unwrap()
}

fn context() -> LoginContext {
    LoginContext {
        now: Timestamp::from_secs(1_000),
        begun_at: Timestamp::from_secs(990),
        callback_url: Url::parse("http://localhost/oauth/callback/local").unwrap(),
        state: "state".to_owned(),
        nonce: "nonce".to_owned(),
        pkce_verifier: Secret::new("verifier"),
        login_hint: Some("ada".to_owned()),
        force_login: false,
        kept: None,
    }
}

fn fields(username: &str, password: &str) -> Reply {
    let field = |name: &str, value: &str| (name.to_owned(), Secret::new(value));
    Reply::Form(BTreeMap::from([
        field("username", username),
        field("password", password),
    ]))
}

async fn problem_of(username: &str, password: &str) -> String {
    match provider()
        .complete(&context(), fields(username, password))
        .await
        .unwrap()
    {
        LoginStep::Ask(form, _) => form.problem.unwrap(),
        other => panic!("logged in with {other:?}"),
    }
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_user_are_told_the_same() {
    let wrong = problem_of("ada", "wrong").await;
    assert_eq!(wrong, problem_of("nobody", "wrong").await);
    assert_eq!(wrong, problem_of("eve", "").await);
    assert_eq!(wrong, problem_of("", "").await);
}

#[tokio::test]
async fn the_decoy_password_of_unknown_users_logs_nobody_in() {
    problem_of("nobody", "nobody has this password").await;
}

#[tokio::test]
async fn the_form_does_not_carry_the_password_back() {
    match provider()
        .complete(&context(), fields("ada", "almost right"))
        .await
        .unwrap()
    {
        LoginStep::Ask(form, _) => assert!(form.fields.iter().all(|field| field.value != "almost right")),
        other => panic!("logged in with {other:?}"),
    }
}

#[tokio::test]
async fn a_callback_is_rejected() {
    let error = provider()
        .complete(&context(), Reply::Callback(BTreeMap::new()))
        .await
        .unwrap_err();
    assert!(matches!(error, ProviderError::Rejected(_)));
}

#[tokio::test]
async fn the_right_password_tells_who_it_is_and_what_they_may() {
    for (name, password) in [("ada", "correct horse"), (" eve ", "plain")] {
        match provider()
            .complete(&context(), fields(name, password))
            .await
            .unwrap()
        {
            LoginStep::Done(login) => {
                let identity = login.identity;
                assert_eq!(identity.subject.as_str(), format!("local:{}", name.trim()));
                assert_eq!(identity.auth_time, Timestamp::from_secs(1_000));
                assert_eq!(identity.scopes, Some(ScopeSet::parse("mcp:read").unwrap()));
            }
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn the_login_hint_stands_in_the_form() {
    match provider().begin(&context()).await.unwrap() {
        LoginStep::Ask(form, _) => assert_eq!(form.fields[0].value, "ada"),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_user_who_left_the_configuration_is_gone() {
    let upstream = |name: &str| UpstreamSession {
        subject: Subject::parse(&format!("local:{name}")).unwrap(),
        sid: None,
        sub: None,
        kept: Sealed::default(),
    };
    assert!(matches!(
        provider()
            .recheck(&upstream("ada"), Timestamp::from_secs(0))
            .await
            .unwrap(),
        Standing::Good(_)
    ));
    assert!(matches!(
        provider()
            .recheck(&upstream("bob"), Timestamp::from_secs(0))
            .await
            .unwrap(),
        Standing::Gone(_)
    ));
}

#[test]
fn only_argon2id_hashes_are_taken() {
    let weak =
        "$argon2i$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$dGVzdHRlc3R0ZXN0dGVzdHRlc3R0ZXN0dGVzdHRlc3Q";
    for text in [
        "",
        "plain text",
        weak,
        "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA",
    ] {
        assert_eq!(
            Password::hashed(text).unwrap_err(),
            PasswordError::NotArgon2id,
            "{text}"
        );
    }
}
