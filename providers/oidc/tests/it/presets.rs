//! What is special about some providers.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use url::Url;
use vestibule_protocol::{ProviderId, Secret};
use vestibule_provider::{Login, LoginStep, Provider as _, ProviderError, Reply};
use vestibule_provider_oidc::{Credential, Logout, OidcSettings, Preset, TokenAuthMethod};
use vestibule_provider_testkit::{Shape, Upstream, sample};
use vestibule_upstream_oidc::RelyingParty;

fn settings(preset: &str, issuer: &str) -> OidcSettings {
    let secret = Credential::Secret(Secret::new(sample::CLIENT_SECRET));
    OidcSettings::new(Preset::named(preset).unwrap(), issuer, sample::CLIENT_ID, secret)
}

fn provider(settings: OidcSettings) -> Result<RelyingParty, ProviderError> {
    settings.into_provider(ProviderId::parse("upstream").unwrap(), "Upstream")
}

async fn begin(provider: &RelyingParty) -> Url {
    match provider.begin(&sample::context(None)).await.unwrap() {
        LoginStep::Redirect(address, _) => address,
        other => panic!("a redirect was expected, not {other:?}"),
    }
}

fn query(address: &Url) -> BTreeMap<String, String> {
    address.query_pairs().into_owned().collect()
}

/// An upstream whose ID tokens have these claims besides.
async fn upstream(claims: Value) -> Upstream {
    let Value::Object(claims) = claims else {
        panic!("claims are an object");
    };
    Upstream::start(Shape {
        claims,
        ..Shape::plain()
    })
    .await
}

async fn log_in(provider: &RelyingParty, upstream: &Upstream) -> Result<Login, ProviderError> {
    let reply = upstream.allow(&begin(provider).await);
    match provider
        .complete(&sample::context(None), Reply::Callback(reply))
        .await?
    {
        LoginStep::Done(login) => Ok(*login),
        other => panic!("an identity was expected, not {other:?}"),
    }
}

#[tokio::test]
async fn google_is_asked_for_a_refresh_token_in_its_own_way() {
    let upstream = upstream(json!({})).await;
    let query = query(&begin(&provider(settings("google", upstream.issuer())).unwrap()).await);
    assert_eq!(query["access_type"], "offline");
    assert_eq!(query["prompt"], "consent");
    assert_eq!(query["scope"], "openid profile email");
}

#[tokio::test]
async fn a_parameter_of_the_operators_goes_before_the_presets() {
    let upstream = upstream(json!({})).await;
    let mut settings = settings("google", upstream.issuer());
    settings.extra_params = vec![("prompt".to_owned(), "select_account".to_owned())];
    let query = query(&begin(&provider(settings).unwrap()).await);
    assert_eq!(query["prompt"], "select_account");
}

#[tokio::test]
async fn only_accounts_of_the_hosted_domain_come_in() {
    for (claims, comes_in) in [
        (json!({"hd": "example.com"}), true),
        (json!({"hd": "Example.COM"}), true),
        (json!({"hd": "example.net"}), false),
        (json!({"hd": "sub.example.com"}), false),
        (json!({"hd": ["example.com"]}), false),
        (json!({}), false),
    ] {
        let upstream = upstream(claims.clone()).await;
        let mut settings = settings("google", upstream.issuer());
        settings.hosted_domains = vec!["example.com".to_owned()];
        let provider = provider(settings).unwrap();
        assert_eq!(query(&begin(&provider).await)["hd"], "example.com");
        match log_in(&provider, &upstream).await {
            Ok(_) => assert!(comes_in, "{claims}"),
            Err(ProviderError::Denied(_)) => assert!(!comes_in, "{claims}"),
            other => panic!("{claims}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn people_of_entra_are_known_by_tenant_and_object_and_never_by_their_address() {
    let upstream =
        upstream(json!({"tid": "tenant", "oid": "object", "groups": ["g1"], "roles": ["admin"]})).await;
    let provider = provider(settings("entra", upstream.issuer())).unwrap();
    let identity = log_in(&provider, &upstream).await.unwrap().identity;
    assert_eq!(identity.subject.as_str(), "upstream:tenant.object");
    assert_eq!(identity.verified_email(), None);
    assert_eq!(
        (identity.groups, identity.roles),
        (vec!["g1".to_owned()], vec!["admin".to_owned()])
    );
}

#[tokio::test]
async fn groups_that_stand_somewhere_else_are_none_and_keep_nobody_out() {
    let elsewhere = json!({
        "tid": "tenant",
        "oid": "object",
        "_claim_names": {"groups": "src1"},
        "_claim_sources": {"src1": {"endpoint": "https://graph.example.com/users/object/getMemberObjects"}},
    });
    let upstream = upstream(elsewhere).await;
    let provider = provider(settings("entra", upstream.issuer())).unwrap();
    let identity = log_in(&provider, &upstream).await.unwrap().identity;
    assert!(identity.groups.is_empty(), "{:?}", identity.groups);
}

#[tokio::test]
async fn somebody_without_the_claims_that_are_the_subject_is_nobody() {
    let upstream = upstream(json!({"tid": "tenant"})).await;
    let provider = provider(settings("entra", upstream.issuer())).unwrap();
    let result = log_in(&provider, &upstream).await;
    assert!(matches!(result, Err(ProviderError::Misconfigured(text)) if text.contains("oid")));
}

#[tokio::test]
async fn keycloaks_roles_and_cognitos_groups_are_found() {
    let keycloak = upstream(json!({"realm_access": {"roles": ["editor"]}, "groups": ["staff"]})).await;
    let realm = provider(settings("keycloak", keycloak.issuer())).unwrap();
    let identity = log_in(&realm, &keycloak).await.unwrap().identity;
    assert_eq!(
        (identity.groups, identity.roles),
        (vec!["staff".to_owned()], vec!["editor".to_owned()])
    );
    let cognito = upstream(json!({"cognito:groups": ["staff"]})).await;
    let pool = provider(settings("cognito", cognito.issuer())).unwrap();
    assert_eq!(log_in(&pool, &cognito).await.unwrap().identity.groups, ["staff"]);
}

#[test]
fn settings_that_do_not_fit_are_refused() {
    let refused = |change: fn(&mut OidcSettings)| {
        let mut settings = settings("generic", "https://id.example.com");
        change(&mut settings);
        assert!(matches!(provider(settings), Err(ProviderError::Misconfigured(_))));
    };
    refused(|settings| settings.credential = Credential::None);
    refused(|settings| settings.token_auth_method = Some(TokenAuthMethod::None));
    refused(|settings| settings.token_auth_method = Some(TokenAuthMethod::PrivateKeyJwt));
    refused(|settings| settings.allowed_tenants = vec!["t1".to_owned()]);
    refused(|settings| settings.issuer = "id.example.com".to_owned());
    refused(|settings| settings.client_id = String::new());
    refused(|settings| settings.subject_claims = Some(Vec::new()));
    refused(|settings| settings.extra_params = vec![("state".to_owned(), "x".to_owned())]);
}

#[test]
fn every_preset_is_known_by_its_name_and_holds() {
    for preset in Preset::ALL {
        assert_eq!(Preset::named(preset.word), Some(preset));
        let issuer = preset.issuer.unwrap_or("https://id.example.com");
        let made = provider(settings(preset.word, issuer)).unwrap();
        assert_eq!(
            made.capabilities().logout,
            preset.logout != Logout::None,
            "{}",
            preset.word
        );
    }
    assert_eq!(Preset::named("github"), None);
}
