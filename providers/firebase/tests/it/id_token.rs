//! The rules for ID tokens, each with a token that breaks it.

use serde_json::{Value, json};
use vestibule_protocol::Timestamp;
use vestibule_provider::{LoginStep, Provider, ProviderError};
use vestibule_provider_firebase::SecondFactor;

use crate::google::REFRESH;
use crate::key::{Key, unsigned};
use crate::project::{BEGUN, Project, claims, done, form, login, with};

#[tokio::test]
async fn an_unsigned_token_is_refused() {
    let project = Project::start().await;
    for alg in ["none", "None", "NONE"] {
        let header = json!({"alg": alg, "kid": "key-1", "typ": "JWT"});
        let bare = unsigned(&header, &claims());
        for token in [format!("{bare}."), format!("{bare}.c2lnbmF0dXJl"), bare.clone()] {
            project.refusal_of(&token).await;
        }
    }
}

#[tokio::test]
async fn an_algorithm_other_than_rs256_is_refused() {
    let project = Project::start().await;
    for alg in ["HS256", "RS384", "RS512", "PS256", "ES256", "EdDSA", ""] {
        let header = json!({"alg": alg, "kid": "key-1", "typ": "JWT"});
        project
            .refusal_of(&project.key.sign_under(&header, &claims()))
            .await;
    }
    project.refusal_of(&project.key.confuse(&claims())).await;
}

#[tokio::test]
async fn a_token_without_a_key_id_is_refused() {
    let project = Project::start().await;
    let header = json!({"alg": "RS256", "typ": "JWT"});
    project
        .refusal_of(&project.key.sign_under(&header, &claims()))
        .await;
}

#[tokio::test]
async fn a_token_of_an_unknown_key_is_refused() {
    let project = Project::start().await;
    let stranger = Key::new("key-9");
    let cause = project.refusal_of(&stranger.sign(&claims())).await;
    assert!(cause.contains("unknown key"), "{cause}");
}

#[tokio::test]
async fn a_token_signed_by_another_under_a_known_name_is_refused() {
    let project = Project::start().await;
    let impostor = Key::new("key-1");
    let cause = project.refusal_of(&impostor.sign(&claims())).await;
    assert!(cause.contains("signature"), "{cause}");
}

#[tokio::test]
async fn a_key_that_the_token_brings_along_is_not_believed() {
    let project = Project::start().await;
    let stranger = Key::new("key-9");
    for header in [
        json!({"alg": "RS256", "kid": "key-9", "typ": "JWT", "jwk": stranger.jwk()}),
        json!({"alg": "RS256", "kid": "key-1", "typ": "JWT", "jku": "http://127.0.0.1:1/keys"}),
    ] {
        project.refusal_of(&stranger.sign_under(&header, &claims())).await;
    }
}

#[tokio::test]
async fn a_token_for_another_project_is_refused() {
    let project = Project::start().await;
    for aud in [
        json!("other-project"),
        json!(["demo-project", "other-project"]),
        json!(["demo-project"]),
        json!(""),
    ] {
        project.refusal(&with("aud", aud)).await;
    }
    project.refusal(&with("aud", Value::Null)).await;
}

#[tokio::test]
async fn a_token_of_another_issuer_is_refused() {
    let project = Project::start().await;
    for iss in [
        "https://securetoken.google.com/other-project",
        "https://securetoken.google.com/demo-project/",
        "https://session.firebase.google.com/demo-project",
        "https://accounts.google.com",
    ] {
        project.refusal(&with("iss", iss)).await;
    }
    project.refusal(&with("iss", Value::Null)).await;
}

#[tokio::test]
async fn a_token_that_names_nobody_is_refused() {
    let project = Project::start().await;
    for sub in [json!(""), json!("a".repeat(129)), json!(7), Value::Null] {
        project.refusal(&with("sub", sub)).await;
    }
}

#[tokio::test]
async fn an_expired_token_is_refused() {
    let project = Project::start().await;
    project.refusal(&with("exp", BEGUN - 51)).await;
    project.refusal(&with("exp", Value::Null)).await;
}

#[tokio::test]
async fn a_token_from_the_future_is_refused() {
    let project = Project::start().await;
    project.refusal(&with("iat", BEGUN + 72)).await;
    project.refusal(&with("auth_time", BEGUN + 72)).await;
    project.refusal(&with("iat", Value::Null)).await;
    project.refusal(&with("auth_time", Value::Null)).await;
}

#[tokio::test]
async fn a_sign_in_before_this_login_is_refused() {
    let project = Project::start().await;
    project.refusal(&with("auth_time", BEGUN - 61)).await;
    project.refusal(&with("iat", BEGUN - 61)).await;
    done(project.complete(&with("auth_time", BEGUN - 59)).await);
}

#[tokio::test]
async fn a_sign_in_of_more_than_five_minutes_ago_is_refused() {
    let project = Project::start().await;
    let mut login = login();
    login.now = Timestamp::from_secs(BEGUN + 8 + 361);
    let token = project.key.sign(&claims());
    let step = project
        .provider()
        .complete(&login, crate::project::tokens(&token))
        .await;
    assert!(matches!(step, Err(ProviderError::Rejected(_))), "{step:?}");
}

#[tokio::test]
async fn a_token_of_a_tenant_is_refused_where_none_is_expected() {
    let project = Project::start().await;
    project.refusal(&with("firebase/tenant", "tenant-a")).await;
}

#[tokio::test]
async fn a_token_of_another_tenant_is_refused() {
    let mut project = Project::start().await;
    project.settings.tenant = Some("tenant-a".to_owned());
    project.refusal(&claims()).await;
    project.refusal(&with("firebase/tenant", "tenant-b")).await;
    let claims = with("firebase/tenant", "tenant-a");
    project.refreshes_to(&claims);
    done(project.complete(&claims).await);
}

#[tokio::test]
async fn a_token_without_firebase_s_own_claims_is_refused() {
    let project = Project::start().await;
    project.refusal(&with("firebase", Value::Null)).await;
    project
        .refusal(&with("firebase/sign_in_provider", Value::Null))
        .await;
}

#[tokio::test]
async fn what_is_no_token_is_refused() {
    let project = Project::start().await;
    let token = project.key.sign(&claims());
    let long = format!("{token}{}", "A".repeat(20_000));
    for text in [
        "x",
        "..",
        "a.b.c.d.e",
        &token[..token.len() - 2],
        &long,
        &format!("{token}="),
    ] {
        project.refusal_of(text).await;
    }
}

#[tokio::test]
async fn a_claim_that_stands_twice_is_refused() {
    let project = Project::start().await;
    let text = claims().to_string();
    for double in [
        r#""sub":"mallory""#,
        r#""email_verified":true"#,
        r#""auth_time":1900000008"#,
    ] {
        let doubled = format!("{{{double},{}", &text[1..]);
        serde_json::from_str::<Value>(&doubled).expect("a reader that does not look sees nothing wrong");
        project.refusal_of(&project.key.sign_text(&doubled)).await;
    }
}

#[tokio::test]
async fn a_sign_in_by_a_way_that_is_not_offered_is_told_so() {
    let project = Project::start().await;
    for way in ["anonymous", "custom", "phone", "github.com", ""] {
        let claims = with("firebase/sign_in_provider", way);
        match project.complete(&claims).await {
            Ok(LoginStep::Run(script, _)) => assert!(script.problem.is_some(), "{way}"),
            other => panic!("{way}: {other:?}"),
        }
    }
    assert_eq!(project.google.calls(REFRESH).len(), 0);
    done(
        project
            .complete(&with("firebase/sign_in_provider", "google.com"))
            .await,
    );
}

#[tokio::test]
async fn a_sign_in_without_a_second_factor_is_told_so_where_one_is_required() {
    let mut project = Project::start().await;
    project.settings.second_factor = SecondFactor::Required;
    match project.complete(&claims()).await {
        Ok(LoginStep::Run(script, _)) => {
            let problem = script.problem.expect("a problem");
            assert!(problem.contains("second factor"), "{problem}");
        }
        other => panic!("{other:?}"),
    }
    done(
        project
            .complete(&with("firebase/sign_in_second_factor", "totp"))
            .await,
    );
}

#[tokio::test]
async fn the_page_must_send_both_tokens() {
    let project = Project::start().await;
    let token = project.key.sign(&claims());
    for fields in [
        vec![],
        vec![("id_token", token.as_str())],
        vec![("refresh_token", "r")],
        vec![("id_token", token.as_str()), ("refresh_token", "")],
    ] {
        let step = project.provider().complete(&login(), form(&fields)).await;
        assert!(matches!(step, Err(ProviderError::Rejected(_))), "{step:?}");
    }
}

#[tokio::test]
async fn a_refresh_token_of_another_user_is_refused() {
    let project = Project::start().await;
    project.refreshes_to(&with("sub", "mallory"));
    let step = project.complete(&claims()).await;
    assert!(matches!(step, Err(ProviderError::Denied(_))), "{step:?}");
}

#[tokio::test]
async fn a_user_who_was_disabled_a_moment_ago_is_refused() {
    let project = Project::start().await;
    for reason in [
        "USER_DISABLED",
        "USER_NOT_FOUND",
        "TOKEN_EXPIRED",
        "INVALID_REFRESH_TOKEN",
    ] {
        project.google.refuses(REFRESH, reason);
        let step = project.complete(&claims()).await;
        assert!(
            matches!(step, Err(ProviderError::Denied(_))),
            "{reason}: {step:?}"
        );
    }
}

#[tokio::test]
async fn a_token_counts_once() {
    let project = Project::start().await;
    let token = project.key.sign(&claims());
    let first = done(project.complete_with(&token).await).once.expect("good once");
    let second = done(project.complete_with(&token).await).once.expect("good once");
    assert_eq!(first, second, "the broker tells a replay by its key");
    assert!(first.expires_at >= Timestamp::from_secs(BEGUN + 8 + 3600));
    assert!(
        !token.contains(&first.key),
        "the key gives nothing of the token away"
    );
    let other = project.key.sign(&with("iat", BEGUN + 9));
    let other = done(project.complete_with(&other).await).once.expect("good once");
    assert_ne!(first.key, other.key);
}

#[tokio::test]
async fn a_good_token_says_who_it_is() {
    let project = Project::start().await;
    let login = done(project.complete(&claims()).await);
    let identity = &login.identity;
    assert_eq!(identity.subject.as_str(), "firebase:ada-1");
    assert_eq!(
        identity.issuer.as_deref(),
        Some("https://securetoken.google.com/demo-project")
    );
    assert_eq!(identity.auth_time, Timestamp::from_secs(BEGUN + 8));
    assert_eq!(identity.name.as_deref(), Some("Ada Lovelace"));
    assert_eq!(identity.verified_email(), Some("ada@example.com"));
    assert_eq!(identity.roles, ["editor"]);
    assert_eq!(identity.groups, ["engines", "notes"]);
    let kept = login.upstream.expect("something to re-check by").kept;
    assert_eq!(kept, crate::recheck::kept("demo-project", None, "refresh-2"));
}

#[tokio::test]
async fn an_address_counts_only_when_it_is_verified() {
    let project = Project::start().await;
    for claims in [
        with("email_verified", false),
        with("email_verified", Value::Null),
        with("email", Value::Null),
    ] {
        let identity = done(project.complete(&claims).await).identity;
        assert_eq!(identity.verified_email(), None);
        assert!(!identity.email_verified);
    }
    project.refusal(&with("email_verified", "true")).await;
}

#[tokio::test]
async fn a_custom_claim_that_is_not_trusted_changes_nothing() {
    let project = Project::start().await;
    let identity = done(project.complete(&with("roles", json!(["admin"]))).await).identity;
    assert_eq!(identity.roles, ["editor"]);
}
