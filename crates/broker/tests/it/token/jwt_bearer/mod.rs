//! What an issuer that the operator trusts says of a user, or of a workload.

mod keys;
mod users;
mod workloads;

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

async fn granted(world: &World, pairs: &[(&str, &str)]) -> TokenResponse {
    world.token(pairs).await.expect("a token")
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
