//! What an issuer that the operator trusts says of a user, or of a workload.

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::task::JoinSet;
use vestibule_broker::settings::{
    ClientRule, IssuerKeys, IssuerNetwork, Reuse, Rule, Settings, Trust, TrustedIssuer, WorkloadRule,
};
use vestibule_broker::{EndpointError as _, FetchError, TokenError};
use vestibule_jose::foreign::KeySet;
use vestibule_protocol::{GrantType, OAuthErrorCode, ProviderId, TokenResponse};

use crate::fixture::{
    APP, FILES, ISSUER, NOTES, NOW, SECRET, WEB, World, client_id, replaced, resource, scopes,
};
use crate::proof::{Prover, without_nonces};
use crate::shelf::{Shelf, Signer};

const JWT_BEARER: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";
const CORP: &str = "https://corp.example";
const CI: &str = "https://ci.example";
const CALLERS: usize = 32;

/// The key of both issuers, and one that is nobody's.
static KEY: LazyLock<Signer> = LazyLock::new(|| Signer::p256("k"));
static OTHER: LazyLock<Signer> = LazyLock::new(|| Signer::p256("k"));

fn trusted(id: &str, issuer: &str, trust: Trust) -> TrustedIssuer {
    TrustedIssuer {
        id: ProviderId::parse(id).unwrap(),
        issuer: issuer.to_owned(),
        keys: IssuerKeys::Fixed(Arc::new(KeySet::of(&[KEY.jwk()]))),
        longest: Duration::from_secs(600),
        trust,
    }
}

fn with_issuers(settings: &mut Settings) {
    let users = Trust::Users {
        provider: ProviderId::parse("local").unwrap(),
    };
    let rule = WorkloadRule {
        subject: "repo:acme/*:ref:refs/heads/main".parse().unwrap(),
        claims: vec![
            ("repository_owner".to_owned(), "acme".parse().unwrap()),
            ("/kubernetes.io/namespace".to_owned(), "prod".parse().unwrap()),
        ],
        resource: resource(FILES),
        scopes: scopes("files:read"),
    };
    let workloads = Trust::Workloads {
        audiences: vec![ISSUER.to_owned(), format!("{ISSUER}/oauth/token")],
        reuse: Reuse::Never,
        rules: vec![rule],
    };
    settings.grants.trusted_issuers = vec![trusted("corp", CORP, users), trusted("ci", CI, workloads)];
    for client in &mut settings.clients {
        if [WEB, APP].contains(&client.id.as_str()) {
            client.grant_types.push(GrantType::JwtBearer);
        }
    }
    settings.policy.rules.push(Rule {
        scopes: scopes("mcp:read mcp:write files:read"),
        ..Rule::default()
    });
}

async fn world() -> World {
    World::with(with_issuers).await
}

fn id_jag() -> Value {
    json!({
        "iss": CORP, "sub": "alice", "aud": ISSUER, "client_id": WEB, "jti": "one",
        "iat": NOW.as_secs(), "exp": NOW.as_secs() + 300,
        "resource": NOTES, "scope": "mcp:read mcp:write mcp:admin",
        "email": "alice@example.org", "email_verified": true,
    })
}

fn workload() -> Value {
    json!({
        "iss": CI, "sub": "repo:acme/web:ref:refs/heads/main", "aud": ISSUER, "jti": "one",
        "iat": NOW.as_secs(), "exp": NOW.as_secs() + 300,
        "repository_owner": "acme", "kubernetes.io": { "namespace": "prod" },
    })
}

fn with(mut claims: Value, name: &str, value: Value) -> Value {
    match value {
        Value::Null => {
            claims.as_object_mut().unwrap().remove(name);
        }
        value => claims[name] = value,
    }
    claims
}

fn header(typ: &str) -> Value {
    json!({ "alg": "ES256", "kid": "k", "typ": typ })
}

fn user_assertion(claims: &Value) -> String {
    KEY.sign(&header("oauth-id-jag+jwt"), claims)
}

fn workload_assertion(claims: &Value) -> String {
    KEY.sign(&header("JWT"), claims)
}

fn as_web(assertion: &str) -> Vec<(&str, &str)> {
    vec![
        ("grant_type", JWT_BEARER),
        ("assertion", assertion),
        ("client_id", WEB),
        ("client_secret", SECRET),
    ]
}

fn as_workload(assertion: &str) -> Vec<(&str, &str)> {
    vec![
        ("grant_type", JWT_BEARER),
        ("assertion", assertion),
        ("resource", FILES),
    ]
}

async fn refused(world: &World, pairs: &[(&str, &str)]) -> TokenError {
    world.token(pairs).await.map(|answer| answer.scope).unwrap_err()
}

#[tokio::test]
async fn without_a_trusted_issuer_the_grant_does_not_exist() {
    let world = World::new().await;
    let error = refused(&world, &as_web(&user_assertion(&id_jag()))).await;
    assert_eq!(error.code(), OAuthErrorCode::UnsupportedGrantType);
    let metadata = world.broker.metadata();
    assert!(!metadata.grant_types_supported.contains(&GrantType::JwtBearer));
    assert!(metadata.authorization_grant_profiles_supported.is_empty());
}

#[tokio::test]
async fn a_trusted_issuer_is_advertised_as_the_extension_asks() {
    let metadata = world().await.broker.metadata().clone();
    assert!(metadata.grant_types_supported.contains(&GrantType::JwtBearer));
    assert_eq!(
        metadata.authorization_grant_profiles_supported,
        ["urn:ietf:params:oauth:grant-profile:id-jag"]
    );
}

#[tokio::test]
async fn an_assertion_about_a_user_that_is_not_right_in_everything_opens_nothing() {
    let world = world().await;
    let later = NOW.as_secs() + 1200;
    for (name, value) in [
        ("iss", json!("https://evil.example")),
        ("iss", json!(CI)),
        ("aud", json!("https://other.example")),
        ("aud", json!([ISSUER, "https://other.example"])),
        ("aud", json!(format!("{ISSUER}/oauth/token"))),
        ("aud", Value::Null),
        ("client_id", json!(APP)),
        ("client_id", Value::Null),
        ("sub", Value::Null),
        ("sub", json!("")),
        ("exp", json!(NOW.as_secs() - 61)),
        ("exp", json!(later)),
        ("exp", Value::Null),
        ("iat", json!(later)),
        ("iat", Value::Null),
        ("jti", Value::Null),
        ("jti", json!("")),
        ("jti", json!("x".repeat(513))),
        ("scope", json!(["mcp:read"])),
        ("resource", json!(7)),
    ] {
        let assertion = user_assertion(&with(id_jag(), name, value.clone()));
        let error = refused(&world, &as_web(&assertion)).await;
        assert_eq!(
            error.code(),
            OAuthErrorCode::InvalidGrant,
            "{name}={value}: {error}"
        );
    }
}

#[tokio::test]
async fn a_signature_that_is_not_the_issuers_opens_nothing() {
    let world = world().await;
    let typ = header("oauth-id-jag+jwt");
    let unsigned = KEY.sign(&with(typ.clone(), "alg", json!("none")), &id_jag());
    let good = user_assertion(&id_jag());
    let (signed, _) = good.rsplit_once('.').unwrap();
    for assertion in [
        OTHER.sign(&typ, &id_jag()),
        unsigned,
        format!("{signed}."),
        format!("{signed}.AAAA"),
        "x.y.z".to_owned(),
        "x".repeat(20_000),
    ] {
        let error = refused(&world, &as_web(&assertion)).await;
        assert_eq!(error.code(), OAuthErrorCode::InvalidGrant, "{error}");
    }
}

#[tokio::test]
async fn one_kind_of_assertion_is_never_taken_for_the_other() {
    let world = world().await;
    let untyped = workload_assertion(&id_jag());
    let typed = user_assertion(&workload());
    for pairs in [
        as_web(&untyped),
        as_web(&typed),
        as_workload(&untyped),
        as_workload(&typed),
    ] {
        let error = refused(&world, &pairs).await;
        assert!(matches!(error, TokenError::IssuerNotTrusted), "{error}");
    }
}

#[tokio::test]
async fn a_client_that_proves_nothing_acts_for_nobody() {
    let world = world().await;
    let assertion = user_assertion(&with(id_jag(), "client_id", json!(APP)));
    let public = [
        ("grant_type", JWT_BEARER),
        ("assertion", &assertion),
        ("client_id", APP),
    ];
    let error = refused(&world, &public).await;
    assert!(matches!(error, TokenError::GrantNotAllowed(_)), "{error}");
    let nobody = [("grant_type", JWT_BEARER), ("assertion", assertion.as_str())];
    let error = refused(&world, &nobody).await;
    assert_eq!(error.code(), OAuthErrorCode::InvalidClient, "{error}");
    let wrong = replaced(&as_web(&assertion), "client_secret", "another secret");
    assert_eq!(
        refused(&world, &wrong).await.code(),
        OAuthErrorCode::InvalidClient
    );
}

async fn granted(world: &World, pairs: &[(&str, &str)]) -> TokenResponse {
    world.token(pairs).await.expect("a token")
}

#[tokio::test]
async fn a_user_is_the_one_who_would_have_logged_in_and_policy_applies() {
    let world = world().await;
    let answer = granted(&world, &as_web(&user_assertion(&id_jag()))).await;
    assert_eq!(
        answer.scope,
        scopes("mcp:read mcp:write"),
        "policy gives no mcp:admin"
    );
    assert!(answer.refresh_token.is_none());
    let claims = world.read(&answer.access_token).await;
    assert_eq!(claims.sub.as_str(), "local:alice");
    assert_eq!(claims.client_id.as_str(), WEB);
    assert!(claims.aud.contains(NOTES) && !claims.aud.contains(FILES));
}

#[tokio::test]
async fn a_request_narrows_what_the_assertion_says_and_never_widens_it() {
    let world = world().await;
    let read = user_assertion(&with(id_jag(), "scope", json!("mcp:read")));
    let wide = replaced(&as_web(&read), "scope", "mcp:read mcp:write");
    assert_eq!(granted(&world, &wide).await.scope, scopes("mcp:read"));
    let both = user_assertion(&with(id_jag(), "jti", json!("two")));
    let narrow = replaced(&as_web(&both), "scope", "mcp:write");
    assert_eq!(granted(&world, &narrow).await.scope, scopes("mcp:write"));
    let elsewhere = user_assertion(&with(id_jag(), "jti", json!("three")));
    let error = refused(&world, &replaced(&as_web(&elsewhere), "resource", FILES)).await;
    assert_eq!(error.code(), OAuthErrorCode::InvalidTarget);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_32_uses_of_one_assertion_one_succeeds() {
    let world = Arc::new(world().await);
    for (about_user, assertion) in [
        (true, user_assertion(&id_jag())),
        (false, workload_assertion(&workload())),
    ] {
        let mut callers = JoinSet::new();
        for _ in 0..CALLERS {
            let (world, assertion) = (world.clone(), assertion.clone());
            callers.spawn(async move {
                let pairs = if about_user {
                    as_web(&assertion)
                } else {
                    as_workload(&assertion)
                };
                world.token(&pairs).await
            });
        }
        let results = callers.join_all().await;
        assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1);
        let replayed = |result: &&Result<TokenResponse, TokenError>| {
            matches!(result, Err(TokenError::AssertionReplayed))
        };
        assert_eq!(results.iter().filter(replayed).count(), CALLERS - 1);
    }
}

#[tokio::test]
async fn a_workload_that_no_rule_fits_gets_nothing() {
    let world = world().await;
    for (name, value) in [
        ("sub", json!("repo:acme/web:ref:refs/heads/dev")),
        ("sub", json!("repo:acme/web:pull_request:ref:refs/heads/main")),
        ("sub", json!("repo:evil/web:ref:refs/heads/main")),
        ("repository_owner", json!("evil")),
        ("repository_owner", json!(["acme"])),
        ("repository_owner", Value::Null),
        ("kubernetes.io", json!({ "namespace": "dev" })),
        ("kubernetes.io", Value::Null),
        ("aud", json!("https://other.example")),
        ("aud", json!([ISSUER, "https://other.example"])),
        ("iss", json!(CORP)),
        ("iss", json!("https://evil.example")),
        ("jti", Value::Null),
        ("exp", json!(NOW.as_secs() - 61)),
    ] {
        let assertion = workload_assertion(&with(workload(), name, value.clone()));
        let error = refused(&world, &as_workload(&assertion)).await;
        assert_eq!(
            error.code(),
            OAuthErrorCode::InvalidGrant,
            "{name}={value}: {error}"
        );
    }
    let assertion = workload_assertion(&workload());
    let elsewhere = replaced(&as_workload(&assertion), "resource", NOTES);
    let error = refused(&world, &elsewhere).await;
    assert!(matches!(error, TokenError::WorkloadNotAllowed), "{error}");
}

#[tokio::test]
async fn a_workload_needs_no_client_and_is_called_after_its_issuer() {
    let world = world().await;
    let assertion = workload_assertion(&with(workload(), "aud", json!(format!("{ISSUER}/oauth/token"))));
    let answer = granted(&world, &as_workload(&assertion)).await;
    assert_eq!(answer.scope, scopes("files:read"));
    assert!(answer.refresh_token.is_none());
    let claims = world.read(&answer.access_token).await;
    let name = "ci:repo:acme/web:ref:refs/heads/main";
    assert_eq!((claims.sub.as_str(), claims.client_id.as_str()), (name, name));
    assert!(claims.aud.contains(FILES));
}

#[tokio::test]
async fn an_assertion_with_a_proof_gives_a_token_for_its_key() {
    let world = World::with(|settings| {
        with_issuers(settings);
        without_nonces(settings);
    })
    .await;
    let prover = Prover::new();
    let user = user_assertion(&id_jag());
    let workload = workload_assertion(&workload());
    for pairs in [as_web(&user), as_workload(&workload)] {
        let answer = prover.ask(&world, &pairs).await.expect("a token");
        assert_eq!(answer.token_type, "DPoP");
        let cnf = world.read(&answer.access_token).await.cnf.unwrap();
        assert_eq!(cnf.jkt, prover.jkt(&world));
    }
}

const CORP_KEYS: &str = "https://keys.corp.example/jwks";
const OPENID: &str = "https://corp.example/.well-known/openid-configuration";
const OAUTH: &str = "https://corp.example/.well-known/oauth-authorization-server";

/// A world in which the keys of [`CORP`] are looked for where its metadata say.
async fn published(shelf: &Arc<Shelf>, issuer: &'static str) -> World {
    World::with_documents(shelf.clone(), Vec::new(), |settings| {
        with_issuers(settings);
        let corp = &mut settings.grants.trusted_issuers[0];
        issuer.clone_into(&mut corp.issuer);
        corp.keys = IssuerKeys::Published(issuer.parse().unwrap(), IssuerNetwork::Public);
    })
    .await
}

#[tokio::test]
async fn keys_are_where_the_issuers_metadata_say() {
    for (issuer, place) in [
        (CORP, OPENID),
        (CORP, OAUTH),
        (
            "https://corp.example/tenant/",
            "https://corp.example/tenant/.well-known/openid-configuration",
        ),
        (
            "https://corp.example/tenant",
            "https://corp.example/.well-known/oauth-authorization-server/tenant",
        ),
    ] {
        let shelf = Shelf::new();
        shelf.serve(place, &json!({ "issuer": issuer, "jwks_uri": CORP_KEYS }));
        shelf.serve(CORP_KEYS, &KEY.jwks());
        let world = published(&shelf, issuer).await;
        for jti in ["one", "two"] {
            let assertion = user_assertion(&with(with(id_jag(), "iss", json!(issuer)), "jti", json!(jti)));
            assert!(
                world.token(&as_web(&assertion)).await.is_ok(),
                "{issuer} at {place}"
            );
        }
        assert!(shelf.fetched() <= 3, "{place}: it is kept");
        let forged = OTHER.sign(&header("oauth-id-jag+jwt"), &with(id_jag(), "iss", json!(issuer)));
        let error = refused(&world, &as_web(&forged)).await;
        assert!(matches!(error, TokenError::AssertionSignature), "{error}");
    }
}

/// > If these values are not identical, the data contained in the response MUST NOT be used. (RFC 8414 §3.3)
#[tokio::test]
async fn metadata_of_another_issuer_lead_to_no_keys() {
    for metadata in [
        json!({ "issuer": "https://corp.example/", "jwks_uri": CORP_KEYS }),
        json!({ "issuer": "https://evil.example", "jwks_uri": CORP_KEYS }),
        json!({ "jwks_uri": CORP_KEYS }),
        json!({ "issuer": CORP }),
        json!([]),
    ] {
        let shelf = Shelf::new();
        shelf.serve(OPENID, &metadata);
        shelf.serve(CORP_KEYS, &KEY.jwks());
        let world = published(&shelf, CORP).await;
        let error = refused(&world, &as_web(&user_assertion(&id_jag()))).await;
        assert!(
            matches!(error, TokenError::IssuerKeys(FetchError::Forbidden(_))),
            "{metadata}: {error}"
        );
        assert_eq!(shelf.fetched(), 1, "the keys are not even asked for");
    }
}

/// An issuer that is away is not asked again by each who shows an assertion.
#[tokio::test]
async fn an_issuer_that_is_away_is_left_in_peace_for_a_moment() {
    let shelf = Shelf::new();
    shelf.fail(OPENID, FetchError::Unreachable("it is away".to_owned()));
    let world = published(&shelf, CORP).await;
    for _ in 0..5 {
        let error = refused(&world, &as_web(&user_assertion(&id_jag()))).await;
        assert_eq!(error.code(), OAuthErrorCode::TemporarilyUnavailable, "{error}");
    }
    assert_eq!(shelf.fetched(), 1);
    shelf.serve(OPENID, &json!({ "issuer": CORP, "jwks_uri": CORP_KEYS }));
    shelf.serve(CORP_KEYS, &KEY.jwks());
    world.advance(Duration::from_secs(10));
    granted(&world, &as_web(&user_assertion(&id_jag()))).await;
}

/// Its rules go by the claims of its assertions, which a token has not.
#[tokio::test]
async fn an_exchange_takes_a_workload_nowhere() {
    let world = World::with(|settings| {
        with_issuers(settings);
        let mut server = crate::fixture::settings().clients.remove(3);
        server.id = client_id("files-server");
        server.introspects = vec![resource(FILES)];
        server.grant_types = vec![GrantType::TokenExchange];
        settings.clients.push(server);
        settings.grants.token_exchange = vec![ClientRule {
            client: client_id("files-server"),
            resource: resource(NOTES),
            scopes: scopes("mcp:read"),
        }];
    })
    .await;
    let token = granted(&world, &as_workload(&workload_assertion(&workload())))
        .await
        .access_token;
    let exchange = [
        ("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"),
        ("client_id", "files-server"),
        ("client_secret", SECRET),
        ("subject_token", token.as_str()),
        (
            "subject_token_type",
            "urn:ietf:params:oauth:token-type:access_token",
        ),
        ("resource", NOTES),
    ];
    let error = refused(&world, &exchange).await;
    assert!(matches!(error, TokenError::NoScopeLeft), "{error}");
}

#[tokio::test]
async fn a_client_gets_no_more_for_a_user_than_its_own_scopes() {
    let world = World::with(|settings| {
        with_issuers(settings);
        for client in &mut settings.clients {
            client.scopes = Some(scopes("mcp:read"));
        }
    })
    .await;
    let answer = granted(&world, &as_web(&user_assertion(&id_jag()))).await;
    assert_eq!(answer.scope, scopes("mcp:read"));
}

#[tokio::test]
async fn an_address_counts_where_the_issuer_calls_it_verified_and_nowhere_else() {
    for (verified, given) in [
        (json!(true), "mcp:read mcp:write mcp:admin"),
        (json!(false), "mcp:read mcp:write"),
        (json!("true"), "mcp:read mcp:write"),
        (Value::Null, "mcp:read mcp:write"),
    ] {
        let world = World::with(|settings| {
            with_issuers(settings);
            settings.policy.rules.push(Rule {
                email_domain: Some("example.org".to_owned()),
                scopes: scopes("mcp:admin"),
                ..Rule::default()
            });
        })
        .await;
        let assertion = user_assertion(&with(id_jag(), "email_verified", verified.clone()));
        let answer = granted(&world, &as_web(&assertion)).await;
        assert_eq!(answer.scope, scopes(given), "{verified}");
    }
}

#[tokio::test]
async fn a_workload_is_given_no_scope_that_its_rule_does_not_name() {
    let world = World::with(|settings| {
        with_issuers(settings);
        let mut files = settings.resources.find(&resource(FILES)).unwrap().clone();
        let mut more = files.scopes[0].clone();
        more.scope = "files:write".parse().unwrap();
        files.scopes.push(more);
        settings.resources = vestibule_broker::settings::Resources::new(vec![files], None);
    })
    .await;
    let assertion = workload_assertion(&workload());
    let wide = replaced(&as_workload(&assertion), "scope", "files:read files:write");
    assert_eq!(granted(&world, &wide).await.scope, scopes("files:read"));
}
