//! Signing in by the broker's own forms.

use serde_json::{Value, json};
use vestibule_provider::{FieldKind, Form, LoginStep, Provider, ProviderError, Reply, Sealed};
use vestibule_provider_firebase::{FirebaseProvider, Mode, SecondFactor};

use crate::google::{PASSWORD, SECOND_FACTOR};
use crate::project::{Project, claims, done, form, login, login_with, with};

async fn start() -> (Project, FirebaseProvider) {
    let mut project = Project::start().await;
    project.settings.mode = Mode::Server;
    project.settings.sign_in_providers = Mode::Server.sign_in_providers();
    let provider = project.provider();
    (project, provider)
}

fn typed() -> Reply {
    form(&[("email", " ada@example.com "), ("password", "pass word")])
}

fn asked(step: Result<LoginStep, ProviderError>) -> (Form, Sealed) {
    match step {
        Ok(LoginStep::Ask(form, kept)) => (form, kept),
        other => panic!("no form: {other:?}"),
    }
}

fn tokens(project: &Project, claims: &Value) -> Value {
    json!({
        "localId": "ada-1",
        "idToken": project.key.sign(claims),
        "refreshToken": "refresh-1",
        "expiresIn": "3600",
        "registered": true,
    })
}

fn pending(factors: &Value) -> Value {
    json!({"localId": "ada-1", "mfaPendingCredential": "pending-1", "mfaInfo": factors})
}

fn two_apps() -> Value {
    json!([
        {"mfaEnrollmentId": "sms-1", "phoneInfo": "+*******0101"},
        {"mfaEnrollmentId": "app-1", "displayName": "Old phone", "totpInfo": {}},
        {"mfaEnrollmentId": "app-2", "displayName": "New phone", "totpInfo": {}},
    ])
}

#[tokio::test]
async fn every_way_to_be_wrong_reads_the_same() {
    let (project, provider) = start().await;
    let mut said = Vec::new();
    for reason in [
        "EMAIL_NOT_FOUND",
        "INVALID_PASSWORD",
        "INVALID_LOGIN_CREDENTIALS",
        "USER_DISABLED",
        "INVALID_EMAIL",
    ] {
        project.google.refuses(PASSWORD, reason);
        let (form, kept) = asked(provider.complete(&login(), typed()).await);
        assert_eq!(kept, Sealed::default());
        said.push((form.problem.expect("a problem"), form.fields));
    }
    said.dedup();
    assert_eq!(said.len(), 1, "{said:?}");
    assert_eq!(said[0].1[0].value, "ada@example.com", "only the address is kept");
    assert_eq!(said[0].1[1].value, "");
}

#[tokio::test]
async fn too_many_tries_are_told_as_such() {
    let (project, provider) = start().await;
    project
        .google
        .refuses(PASSWORD, "TOO_MANY_ATTEMPTS_TRY_LATER : Access was disabled.");
    let (form, _) = asked(provider.complete(&login(), typed()).await);
    assert!(form.problem.expect("a problem").contains("too many"));
}

#[tokio::test]
async fn what_the_operator_has_to_mend_is_not_blamed_on_the_user() {
    let (project, provider) = start().await;
    for reason in [
        "PASSWORD_LOGIN_DISABLED",
        "OPERATION_NOT_ALLOWED",
        "API key not valid. Please pass a valid API key.",
        "Requests from referer http://localhost:3009/ are blocked.",
        "MISSING_RECAPTCHA_TOKEN",
        "TENANT_NOT_FOUND",
        "CONFIGURATION_NOT_FOUND",
    ] {
        project.google.refuses(PASSWORD, reason);
        match provider.complete(&login(), typed()).await {
            Err(ProviderError::Misconfigured(cause)) => assert!(cause.contains(reason), "{cause}"),
            other => panic!("{reason}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn an_outage_is_not_a_wrong_password() {
    let (project, provider) = start().await;
    for (status, body) in [
        (500, "{}"),
        (429, "{}"),
        (400, "<html>"),
        (200, "<html>"),
        (200, "{}"),
    ] {
        project
            .google
            .answers_with(PASSWORD, status, &[], body.to_owned());
        let step = provider.complete(&login(), typed()).await;
        assert!(
            matches!(step, Err(ProviderError::Unavailable(_))),
            "{status}: {step:?}"
        );
    }
}

#[tokio::test]
async fn a_right_password_is_enough_without_a_second_factor() {
    let (project, provider) = start().await;
    project
        .google
        .answers(PASSWORD, 200, &tokens(&project, &claims()));
    let login = done(provider.complete(&login(), typed()).await);
    assert_eq!(login.identity.subject.as_str(), "firebase:ada-1");
    let [call] = &project.google.calls(PASSWORD)[..] else {
        panic!("one call")
    };
    let body: Value = serde_json::from_str(&call.body).expect("JSON");
    let expected = json!({"email": "ada@example.com", "password": "pass word", "returnSecureToken": true});
    assert_eq!(body, expected);
    assert_eq!(call.query, "key=public%26key");
    assert_eq!(call.referer, "http://localhost:3009/");
}

#[tokio::test]
async fn the_token_of_a_right_password_is_judged_all_the_same() {
    let (project, provider) = start().await;
    for claims in [
        with("aud", "other-project"),
        with("firebase/tenant", "tenant-a"),
        with("exp", 1),
    ] {
        project.google.answers(PASSWORD, 200, &tokens(&project, &claims));
        let step = provider.complete(&login(), typed()).await;
        assert!(matches!(step, Err(ProviderError::Rejected(_))), "{step:?}");
    }
}

#[tokio::test]
async fn the_tenant_is_named() {
    let (mut project, _) = start().await;
    project.settings.tenant = Some("tenant-a".to_owned());
    project.google.refuses(PASSWORD, "INVALID_PASSWORD");
    asked(project.provider().complete(&login(), typed()).await);
    assert!(
        project.google.calls(PASSWORD)[0]
            .body
            .contains(r#""tenantId":"tenant-a""#)
    );
}

#[tokio::test]
async fn who_has_a_second_factor_is_asked_for_its_code() {
    let (project, provider) = start().await;
    project.google.answers(PASSWORD, 200, &pending(&two_apps()));
    let (code, kept) = asked(provider.complete(&login(), typed()).await);
    assert_eq!(code.fields[0].kind, FieldKind::OneTimeCode);
    assert_eq!(code.fields.len(), 1);
    assert!(
        code.intro
            .as_deref()
            .is_some_and(|intro| intro.contains("Old phone"))
    );

    let claims = with("firebase/sign_in_second_factor", "totp");
    project
        .google
        .answers(SECOND_FACTOR, 200, &tokens(&project, &claims));
    done(
        provider
            .complete(&login_with(Some(kept)), form(&[("code", "123 456")]))
            .await,
    );
    let body: Value = serde_json::from_str(&project.google.calls(SECOND_FACTOR)[0].body).expect("JSON");
    let expected = json!({
        "mfaPendingCredential": "pending-1",
        "mfaEnrollmentId": "app-1",
        "totpVerificationInfo": {"verificationCode": "123456"},
    });
    assert_eq!(body, expected);
}

#[tokio::test]
async fn another_app_can_be_used() {
    let (project, provider) = start().await;
    project.google.answers(PASSWORD, 200, &pending(&two_apps()));
    let (code, kept) = asked(provider.complete(&login(), typed()).await);
    let values: Vec<_> = code
        .alternatives
        .iter()
        .map(|other| other.value.as_str())
        .collect();
    assert_eq!(values, ["app-2", "start-again"]);
    let other = form(&[("alternative", "app-2"), ("code", "")]);
    let (code, kept) = asked(provider.complete(&login_with(Some(kept)), other).await);
    assert!(
        code.intro
            .as_deref()
            .is_some_and(|intro| intro.contains("New phone"))
    );

    project.google.refuses(SECOND_FACTOR, "INVALID_CODE");
    asked(
        provider
            .complete(&login_with(Some(kept)), form(&[("code", "1")]))
            .await,
    );
    assert!(project.google.calls(SECOND_FACTOR)[0].body.contains("app-2"));
}

#[tokio::test]
async fn one_can_start_again_instead_of_giving_a_code() {
    let (project, provider) = start().await;
    project.google.answers(PASSWORD, 200, &pending(&two_apps()));
    for unknown in ["start-again", "app-9", ""] {
        let (_, kept) = asked(provider.complete(&login(), typed()).await);
        let other = form(&[("alternative", unknown)]);
        let (first, kept) = asked(provider.complete(&login_with(Some(kept)), other).await);
        assert_eq!(first.fields[1].kind, FieldKind::Password);
        assert_eq!(kept, Sealed::default());
    }
    assert_eq!(project.google.calls(SECOND_FACTOR).len(), 0);
}

#[tokio::test]
async fn codes_cannot_be_guessed_for_ever() {
    let (project, provider) = start().await;
    project.google.answers(PASSWORD, 200, &pending(&two_apps()));
    project.google.refuses(SECOND_FACTOR, "INVALID_CODE");
    let (_, mut kept) = asked(provider.complete(&login(), typed()).await);
    for _ in 0..4 {
        let (form_shown, next) = asked(
            provider
                .complete(&login_with(Some(kept)), form(&[("code", "000000")]))
                .await,
        );
        assert_eq!(form_shown.fields[0].kind, FieldKind::OneTimeCode);
        assert!(form_shown.problem.is_some());
        kept = next;
    }
    let (first, kept) = asked(
        provider
            .complete(&login_with(Some(kept)), form(&[("code", "000000")]))
            .await,
    );
    assert_eq!(first.fields[1].kind, FieldKind::Password);
    assert_eq!(kept, Sealed::default());
}

#[tokio::test]
async fn a_login_that_took_too_long_starts_again() {
    let (project, provider) = start().await;
    project.google.answers(PASSWORD, 200, &pending(&two_apps()));
    let (_, kept) = asked(provider.complete(&login(), typed()).await);
    project
        .google
        .refuses(SECOND_FACTOR, "INVALID_MFA_PENDING_CREDENTIAL : expired");
    let (first, _) = asked(
        provider
            .complete(&login_with(Some(kept)), form(&[("code", "1")]))
            .await,
    );
    assert_eq!(first.fields[1].kind, FieldKind::Password);
}

#[tokio::test]
async fn a_second_factor_that_needs_a_text_message_is_explained() {
    let (project, provider) = start().await;
    let phone = json!([{"mfaEnrollmentId": "sms-1", "phoneInfo": "+*******0101"}]);
    project.google.answers(PASSWORD, 200, &pending(&phone));
    let (form, kept) = asked(provider.complete(&login(), typed()).await);
    assert!(form.problem.expect("a problem").contains("text message"));
    assert_eq!(kept, Sealed::default());
}

#[tokio::test]
async fn who_has_no_second_factor_does_not_get_in_where_one_is_required() {
    let (mut project, _) = start().await;
    project.settings.second_factor = SecondFactor::Required;
    project
        .google
        .answers(PASSWORD, 200, &tokens(&project, &claims()));
    let (form, _) = asked(project.provider().complete(&login(), typed()).await);
    assert!(form.problem.expect("a problem").contains("second factor"));
}

#[tokio::test]
async fn a_login_begins_with_the_expected_address_and_no_script() {
    let (_project, provider) = start().await;
    let (form, kept) = asked(provider.begin(&login()).await);
    assert_eq!(form.fields[0].value, "ada@example.com");
    assert_eq!(kept, Sealed::default());
    assert!(provider.assets().is_empty());
}
