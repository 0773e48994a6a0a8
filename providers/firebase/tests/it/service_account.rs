//! The project's own record of a user, read as a service account.

use std::time::Duration;

use serde_json::{Value, json};
use vestibule_protocol::Secret;
use vestibule_provider::{Provider, ProviderError, Standing, Verdict};
use vestibule_provider_firebase::{Authority, ServiceAccount, ServiceAccountError};

use crate::examine::{finding, findings};
use crate::google::{LOOKUP, TOKEN};
use crate::key::Key;
use crate::project::{BEGUN, Project, claims};
use crate::recheck::{ada, later, must_be_unproven, recheck, renewed};

const EMAIL: &str = "vestibule@demo-project.iam.gserviceaccount.com";

/// The file that the console gives.
fn file(key: &Key) -> Value {
    json!({
        "type": "service_account",
        "project_id": "demo-project",
        "private_key_id": "key-of-the-account",
        "private_key": key.pem(),
        "client_email": EMAIL,
        "client_id": "1234567890",
        "token_uri": "http://elsewhere.example/token",
    })
}

fn parse(file: &Value) -> Result<ServiceAccount, ServiceAccountError> {
    ServiceAccount::parse(&Secret::new(file.to_string()))
}

/// Who signed in when the login began, and has not been heard of since.
fn record() -> Value {
    json!({"localId": "ada-1", "validSince": (BEGUN + 8).to_string(), "email": "ada@example.com"})
}

fn found(record: &Value) -> Value {
    json!({"kind": "identitytoolkit#GetAccountInfoResponse", "users": [record]})
}

/// A project that hands out access tokens, and whose Ada stands.
async fn start_with(key: &Key) -> Project {
    let mut project = crate::examine::start().await;
    let account = parse(&file(key)).expect("a service account");
    project.settings.admin = Some(Authority::ServiceAccount(account));
    let granted = json!({"access_token": "ya29.first", "expires_in": 3599, "token_type": "Bearer"});
    project.google.answers(TOKEN, 200, &granted);
    project.google.answers(LOOKUP, 200, &found(&record()));
    project.refreshes_to(&renewed());
    project
}

async fn start() -> Project {
    start_with(&Key::new("key-of-the-account")).await
}

#[test]
fn what_is_no_service_account_says_what_it_is() {
    let key = Key::new("key-1");
    let without = |name: &str| {
        let mut file = file(&key);
        file.as_object_mut().expect("an object").remove(name);
        file
    };
    let with = |name: &str, value: &str| {
        let mut file = file(&key);
        file[name] = json!(value);
        file
    };
    for (wrong, says) in [
        (json!("AIza"), "is no JSON"),
        (
            json!({"apiKey": "AIza", "projectId": "my-app"}),
            "some other JSON",
        ),
        (with("type", "authorized_user"), "type authorized_user"),
        (with("type", "external_account"), "type external_account"),
        (with("type", "a\nb"), "some other JSON"),
        (without("client_email"), "has no client_email"),
        (without("project_id"), "has no project_id"),
        (without("private_key_id"), "has no private_key_id"),
        (without("private_key"), "has no private_key"),
        (with("client_email", ""), "has no client_email"),
        (
            with("private_key", "-----BEGIN"),
            "private_key that cannot be read",
        ),
        (
            with("private_key", &key.pem()[..200]),
            "private_key that cannot be read",
        ),
    ] {
        let error = parse(&wrong).expect_err(says).to_string();
        assert!(error.contains(says), "{says}: {error}");
        assert!(!error.contains("MII"), "the key is quoted: {error}");
    }
    let account = parse(&file(&key)).expect("a service account");
    assert_eq!(account.email(), EMAIL);
    assert!(!format!("{account:?}").contains("PRIVATE"), "{account:?}");
}

#[tokio::test]
async fn the_account_is_proven_by_an_assertion_that_another_library_verifies() {
    let key = Key::new("key-of-the-account");
    let project = start_with(&key).await;
    recheck(&project).await.expect("an answer");
    let [call] = &project.google.calls(TOKEN)[..] else {
        panic!("one call")
    };
    let form: Vec<(String, String)> = form_urlencoded::parse(call.body.as_bytes())
        .into_owned()
        .collect();
    let [(grant_type, grant), (name, assertion)] = &form[..] else {
        panic!("{form:?}")
    };
    assert_eq!(
        (grant_type.as_str(), grant.as_str(), name.as_str()),
        (
            "grant_type",
            "urn:ietf:params:oauth:grant-type:jwt-bearer",
            "assertion"
        )
    );
    let verifier = josekit::jws::RS256
        .verifier_from_der(key.public_der())
        .expect("a verifier");
    let (claims, header) =
        josekit::jwt::decode_with_verifier(assertion, &verifier).expect("a signature of the key");
    assert_eq!(header.key_id(), Some("key-of-the-account"));
    let now = BEGUN + 30 * 86_400;
    let expected = json!({
        "iss": EMAIL,
        "scope": "https://www.googleapis.com/auth/identitytoolkit",
        // Google's, whatever the file says.
        "aud": project.google.endpoints().token,
        "iat": now,
        "exp": now + 300,
    });
    assert_eq!(json!(claims.claims_set()), expected);

    let [call] = &project.google.calls(LOOKUP)[..] else {
        panic!("one call")
    };
    assert_eq!(call.authorization, "Bearer ya29.first");
    assert_eq!(call.body, r#"{"localId":["ada-1"]}"#);
    assert_eq!(call.query, "", "no API key beside a token");
}

#[tokio::test]
async fn an_access_token_is_used_until_it_is_about_to_end() {
    let project = start().await;
    let provider = project.provider();
    let mut asked = Vec::new();
    for after in [0, 3500, 3541] {
        let at = later() + Duration::from_secs(after);
        provider.recheck(&ada(), at).await.expect("an answer");
        asked.push(project.google.calls(TOKEN).len());
    }
    assert_eq!(asked, [1, 1, 2]);
}

#[tokio::test]
async fn an_access_token_that_is_not_taken_is_not_used_again() {
    let project = start().await;
    let provider = project.provider();
    let body = json!({"error": {"code": 401, "message": "Request had invalid authentication credentials."}});
    project.google.answers(LOOKUP, 401, &body);
    must_be_unproven(provider.recheck(&ada(), later()).await, "no longer takes");
    project.google.answers(LOOKUP, 200, &found(&record()));
    let standing = provider.recheck(&ada(), later()).await;
    assert!(matches!(standing, Ok(Standing::Good(_))), "{standing:?}");
    assert_eq!(project.google.calls(TOKEN).len(), 2);
}

#[tokio::test]
async fn the_project_s_own_word_against_a_user_ends_the_login() {
    let project = start().await;
    let with = |name: &str, value: Value| {
        let mut record = record();
        record[name] = value;
        found(&record)
    };
    for (answer, says) in [
        (with("disabled", json!(true)), "disabled"),
        (with("validSince", json!((BEGUN + 9).to_string())), "revoked"),
        (with("validSince", json!(BEGUN + 9)), "revoked"),
        (
            json!({"kind": "identitytoolkit#GetAccountInfoResponse"}),
            "no such user",
        ),
        (json!({"users": []}), "no such user"),
    ] {
        project.google.answers(LOOKUP, 200, &answer);
        match recheck(&project).await {
            Ok(Standing::Gone(cause)) => assert!(cause.contains(says), "{cause}"),
            other => panic!("{says}: {other:?}"),
        }
        // Nor does such a user come in.
        project.refreshes_to(&claims());
        let login = project.complete(&claims()).await;
        assert!(
            matches!(login, Err(ProviderError::Denied(_))),
            "{says}: {login:?}"
        );
        project.refreshes_to(&renewed());
    }
}

#[tokio::test]
async fn a_user_of_whom_nothing_bad_is_known_stands() {
    let project = start().await;
    let mut bare = record();
    bare.as_object_mut().expect("an object").remove("validSince");
    for record in [record(), bare] {
        project.google.answers(LOOKUP, 200, &found(&record));
        let standing = recheck(&project).await;
        assert!(
            matches!(standing, Ok(Standing::Good(_))),
            "{record}: {standing:?}"
        );
    }
}

#[tokio::test]
async fn whatever_keeps_the_record_from_being_read_is_no_revocation() {
    let project = start().await;
    let mut other = record();
    other["localId"] = json!("mallory");
    let mut odd = record();
    odd["validSince"] = json!("yesterday");
    let refused = |code: u16, message: &str| json!({"error": {"code": code, "message": message}});
    for (status, answer, reason) in [
        (500, json!({}), "500"),
        (429, refused(429, "QUOTA_EXCEEDED"), "429"),
        (404, json!({}), "404"),
        (302, json!({}), "302"),
        (200, found(&other), "another user"),
        (200, found(&odd), "cannot be read"),
        (200, json!("no record"), "cannot be read"),
        (400, refused(400, "USER_NOT_FOUND"), "USER_NOT_FOUND"),
        (
            403,
            refused(403, "The caller does not have permission"),
            "Firebase Authentication Viewer",
        ),
    ] {
        project.google.answers(LOOKUP, status, &answer);
        must_be_unproven(recheck(&project).await, reason);
    }
    project.google.answers(LOOKUP, 200, &found(&record()));
    for (status, answer, reason) in [
        (503, json!({}), "503"),
        (200, json!({}), "no token"),
        (
            400,
            json!({"error": "invalid_grant", "error_description": "Invalid JWT Signature."}),
            "invalid_grant Invalid JWT Signature.",
        ),
        (400, json!({}), "400"),
    ] {
        project.google.answers(TOKEN, status, &answer);
        must_be_unproven(recheck(&project).await, reason);
    }
}

#[tokio::test]
async fn a_login_waits_for_the_record() {
    let project = start().await;
    project.google.answers(LOOKUP, 503, &json!({}));
    project.refreshes_to(&claims());
    let login = project.complete(&claims()).await;
    assert!(matches!(login, Err(ProviderError::Unavailable(_))), "{login:?}");
}

#[tokio::test]
async fn the_users_of_a_tenant_are_looked_up_there() {
    const THERE: &str = "/v1/projects/demo-project/tenants/t%2F1/accounts:lookup";
    let mut project = start().await;
    project.settings.tenant = Some("t/1".to_owned());
    let mut claims = renewed();
    claims["firebase"]["tenant"] = json!("t/1");
    project.refreshes_to(&claims);
    project.google.answers(THERE, 200, &found(&record()));
    let mut upstream = ada();
    let kept = json!({"project": "demo-project", "tenant": "t/1", "refresh_token": "refresh-1"});
    upstream.kept = vestibule_provider::Sealed::new(kept.to_string());
    let standing = project.provider().recheck(&upstream, later()).await;
    assert!(matches!(standing, Ok(Standing::Good(_))), "{standing:?}");
}

#[tokio::test]
async fn the_doctor_tries_the_account() {
    let project = start().await;
    project.google.answers(LOOKUP, 200, &json!({}));
    let told = findings(&project).await;
    assert_eq!(
        finding(&told, "Service account").verdict,
        Verdict::Good,
        "{told:?}"
    );

    let refused = json!({"error": {"code": 403, "message": "The caller does not have permission"}});
    project.google.answers(LOOKUP, 403, &refused);
    let told = findings(&project).await;
    let found = finding(&told, "Service account");
    assert_eq!(found.verdict, Verdict::Bad);
    let remedy = found.remedy.as_deref().unwrap_or_default();
    assert!(
        remedy.contains(EMAIL) && remedy.contains("Firebase Authentication Viewer"),
        "{remedy}"
    );

    let refused = json!({"error": "invalid_grant", "error_description": "Invalid grant: account not found"});
    project.google.answers(TOKEN, 400, &refused);
    let told = findings(&project).await;
    let found = finding(&told, "Service account");
    assert_eq!(found.verdict, Verdict::Bad);
    assert!(found.detail.contains("account not found"), "{found:?}");
}

#[tokio::test]
async fn an_account_of_another_project_is_pointed_out() {
    let mut project = start().await;
    let mut file = file(&Key::new("key-of-the-account"));
    file["project_id"] = json!("another-project");
    let account = parse(&file).expect("a service account");
    project.settings.admin = Some(Authority::ServiceAccount(account));
    let told = findings(&project).await;
    let found = finding(&told, "Service account");
    assert_eq!(found.verdict, Verdict::Warning);
    assert!(found.detail.contains("another-project"), "{found:?}");
}

#[tokio::test]
async fn without_an_account_nobody_is_looked_up() {
    let mut project = start().await;
    project.settings.admin = None;
    recheck(&project).await.expect("an answer");
    assert!(project.google.calls(TOKEN).is_empty());
    assert!(project.google.calls(LOOKUP).is_empty());
    assert!(
        !findings(&project)
            .await
            .iter()
            .any(|finding| finding.what == "Service account")
    );
}
