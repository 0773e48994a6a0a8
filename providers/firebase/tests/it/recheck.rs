//! Whether a user still stands.

use serde_json::{Value, json};
use vestibule_protocol::{Secret, Subject, Timestamp};
use vestibule_provider::{LoginStep, Provider, ProviderError, Sealed, Standing, UpstreamSession};

use crate::google::{KEYS, REFRESH};
use crate::key::Key;
use crate::project::{BEGUN, Project, claims, with};

/// What is kept of a login.
pub(crate) fn kept(project: &str, tenant: Option<&str>, refresh_token: &str) -> Sealed {
    let record = json!({"project": project, "tenant": tenant, "refresh_token": refresh_token});
    Sealed::new(record.to_string())
}

pub(crate) fn ada() -> UpstreamSession {
    UpstreamSession {
        subject: Subject::parse("firebase:ada-1").expect("a subject"),
        sid: None,
        sub: None,
        kept: kept("demo-project", None, "refresh+1"),
    }
}

/// A month after the login.
pub(crate) fn later() -> Timestamp {
    Timestamp::from_secs(BEGUN + 30 * 86_400)
}

pub(crate) fn renewed() -> Value {
    let mut claims = with("exp", BEGUN + 30 * 86_400 + 3600);
    claims["iat"] = json!(BEGUN + 30 * 86_400);
    claims
}

pub(crate) async fn recheck(project: &Project) -> Result<Standing, ProviderError> {
    project.provider().recheck(&ada(), later()).await
}

#[tokio::test]
async fn a_user_who_is_disabled_gone_or_signed_out_everywhere_is_gone() {
    let project = Project::start().await;
    for reason in [
        "USER_DISABLED",
        "USER_NOT_FOUND",
        "TOKEN_EXPIRED",
        "INVALID_REFRESH_TOKEN",
    ] {
        project.google.refuses(REFRESH, reason);
        match recheck(&project).await {
            Ok(Standing::Gone(cause)) => assert!(cause.contains(reason), "{cause}"),
            other => panic!("{reason}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn an_outage_is_no_revocation() {
    let project = Project::start().await;
    for status in [429, 500, 502, 503] {
        let body = json!({"error": {"code": status, "message": "USER_DISABLED"}});
        project.google.answers(REFRESH, status, &body);
        let standing = recheck(&project).await;
        assert!(
            matches!(standing, Err(ProviderError::Unavailable(_))),
            "{status}: {standing:?}"
        );
    }
    for (status, body) in [
        (400, "<html>"),
        (200, "<html>"),
        (200, "{}"),
        (302, ""),
        (404, ""),
    ] {
        project.google.answers_with(REFRESH, status, &[], body.to_owned());
        let standing = recheck(&project).await;
        assert!(
            matches!(standing, Err(ProviderError::Unavailable(_))),
            "{status} {body}: {standing:?}"
        );
    }
}

#[tokio::test]
async fn nobody_listening_is_no_revocation() {
    let mut project = Project::start().await;
    let mut endpoints = project.google.endpoints();
    endpoints.secure_token = "http://127.0.0.1:1".to_owned();
    project.settings.backend = vestibule_provider_firebase::Backend::At(endpoints);
    let standing = recheck(&project).await;
    assert!(
        matches!(standing, Err(ProviderError::Unavailable(_))),
        "{standing:?}"
    );
}

#[tokio::test]
async fn the_operator_s_mistake_is_no_revocation() {
    let project = Project::start().await;
    for reason in [
        "API key not valid. Please pass a valid API key.",
        "Requests from referer http://localhost:3009/ are blocked.",
        "PROJECT_NUMBER_MISMATCH",
    ] {
        project.google.refuses(REFRESH, reason);
        let standing = recheck(&project).await;
        assert!(
            matches!(standing, Err(ProviderError::Misconfigured(_))),
            "{reason}: {standing:?}"
        );
    }
}

#[tokio::test]
async fn a_token_of_another_user_is_no_proof() {
    let project = Project::start().await;
    let mut claims = renewed();
    claims["sub"] = json!("mallory");
    project.refreshes_to(&claims);
    let standing = recheck(&project).await;
    assert!(matches!(standing, Ok(Standing::Gone(_))), "{standing:?}");
}

/// The user stands as far as is known, for this reason; the next refresh token is kept all the same.
pub(crate) fn must_be_unproven(standing: Result<Standing, ProviderError>, reason: &str) {
    match standing {
        Ok(Standing::Unproven(upstream, cause)) => {
            assert!(cause.contains(reason), "{reason}: {cause}");
            assert_eq!(upstream.kept, kept("demo-project", None, "refresh-2"), "{reason}");
            assert_eq!(upstream.subject, ada().subject);
        }
        other => panic!("{reason}: {other:?}"),
    }
}

#[tokio::test]
async fn a_token_that_does_not_hold_is_no_proof_and_no_revocation() {
    let mut project = Project::start().await;
    project.refreshes_to(&claims());
    must_be_unproven(recheck(&project).await, "has expired");
    let google_s = std::mem::replace(&mut project.key, Key::new("key-1"));
    project.refreshes_to(&renewed());
    must_be_unproven(recheck(&project).await, "does not hold");
    project.google.answers(KEYS, 500, &json!({}));
    must_be_unproven(recheck(&project).await, "500");
    project
        .google
        .answers(KEYS, 200, &json!({"keys": [google_s.jwk()]}));
}

#[tokio::test]
async fn the_users_of_an_earlier_project_or_tenant_are_gone_and_nobody_hears_their_tokens() {
    let mut project = Project::start().await;
    project.refreshes_to(&renewed());
    for (of, tenant, configured) in [
        ("another-project", None, None),
        ("demo-project", Some("t-1"), None),
        ("demo-project", None, Some("t-1")),
        ("demo-project", Some("t-1"), Some("t-2")),
    ] {
        project.settings.tenant = configured.map(str::to_owned);
        let upstream = UpstreamSession {
            kept: kept(of, tenant, "refresh-1"),
            ..ada()
        };
        let standing = project.provider().recheck(&upstream, later()).await;
        assert!(
            matches!(standing, Ok(Standing::Gone(_))),
            "{of} {tenant:?}: {standing:?}"
        );
    }
    assert!(project.google.calls(REFRESH).is_empty());
}

#[tokio::test]
async fn what_a_login_keeps_is_what_a_recheck_asks_with() {
    let project = Project::start().await;
    let step = project.complete(&claims()).await.expect("a login");
    let LoginStep::Done(login) = step else {
        panic!("{step:?}")
    };
    let upstream = login.upstream.expect("something to ask with");
    project.refreshes_to(&renewed());
    let standing = project.provider().recheck(&upstream, later()).await;
    assert!(matches!(standing, Ok(Standing::Good(_))), "{standing:?}");
    let last = project.google.calls(REFRESH).pop().expect("a call");
    assert!(last.body.ends_with("refresh_token=refresh-2"), "{}", last.body);
}

#[tokio::test]
async fn a_record_that_cannot_be_read_is_no_revocation() {
    let project = Project::start().await;
    for bytes in ["", "refresh-1", "{}"] {
        let upstream = UpstreamSession {
            kept: Sealed::new(bytes),
            ..ada()
        };
        let standing = project.provider().recheck(&upstream, later()).await;
        assert!(
            matches!(standing, Err(ProviderError::Rejected(_))),
            "{bytes}: {standing:?}"
        );
    }
}

#[tokio::test]
async fn a_user_who_stands_is_asked_about_with_the_kept_token_and_the_next_is_kept() {
    let project = Project::start().await;
    project.refreshes_to(&renewed());
    match recheck(&project).await {
        Ok(Standing::Good(upstream)) => {
            assert_eq!(upstream.kept, kept("demo-project", None, "refresh-2"));
            assert_eq!(upstream.subject, ada().subject);
        }
        other => panic!("{other:?}"),
    }
    let [call] = &project.google.calls(REFRESH)[..] else {
        panic!("one call")
    };
    assert_eq!(call.body, "grant_type=refresh_token&refresh_token=refresh%2B1");
    assert_eq!(call.query, "key=public%26key");
    assert_eq!(
        call.referer, "http://localhost:3009/",
        "for keys that are restricted by referrer"
    );
}

#[test]
fn no_secret_is_printed() {
    let kept = format!("{:?} {:?}", ada(), Secret::new("refresh+1"));
    assert!(!kept.contains("refresh+1"), "{kept}");
}
