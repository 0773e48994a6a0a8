//! Services that act for themselves.

mod documents;
mod reach;

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use vestibule_broker::settings::{
    ClientKeySettings, ClientRule, LimitMode, Rule, RuleSettings, ScopeText, Settings, Source,
};
use vestibule_broker::{
    AuthenticateError, ClientAddress, DocumentRefusal, EndpointError as _, LimitRule, Operator,
    PolicyQuestion, ShownToken, TokenError,
};
use vestibule_jose::foreign::KeySet;
use vestibule_protocol::{
    AuthMethod, GrantType, IntrospectionResponse, OAuthErrorCode, Scope, Subject, TokenRequestError,
    TokenResponse,
};

use crate::fixture::{
    APP, FILES, ISSUER, NOTES, NOTES_SERVER, SECRET, WEB, World, basic, client_id, params, replaced,
    resource, scopes,
};
use crate::proof::{Prover, without_nonces};
use crate::shelf::{Shelf, Signer};

const KIND: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

fn rule(client: &str, target: &str, allowed: &str) -> ClientRule {
    ClientRule {
        client: client_id(client),
        resource: resource(target),
        scopes: scopes(allowed),
    }
}

/// [`WEB`] may read and write notes by itself.
fn with_services(settings: &mut Settings) {
    settings.grants.client_credentials = vec![rule(WEB, NOTES, "mcp:read mcp:write")];
    for client in &mut settings.clients {
        client.grant_types.push(GrantType::ClientCredentials);
    }
}

async fn world() -> World {
    World::with(with_services).await
}

fn as_web() -> Vec<(&'static str, &'static str)> {
    vec![
        ("grant_type", "client_credentials"),
        ("client_id", WEB),
        ("client_secret", SECRET),
        ("resource", NOTES),
    ]
}

async fn granted(world: &World, pairs: &[(&str, &str)]) -> TokenResponse {
    world.token(pairs).await.expect("a token")
}

async fn refused(world: &World, pairs: &[(&str, &str)]) -> TokenError {
    world.token(pairs).await.map(|answer| answer.scope).unwrap_err()
}

#[tokio::test]
async fn without_a_rule_the_grant_does_not_exist() {
    let world = World::with(|settings| {
        with_services(settings);
        settings.grants.client_credentials.clear();
    })
    .await;
    let error = refused(&world, &as_web()).await;
    assert!(matches!(
        error,
        TokenError::Request(TokenRequestError::UnsupportedGrantType(_))
    ));
    let metadata = world.broker.metadata();
    assert!(
        !metadata
            .grant_types_supported
            .contains(&GrantType::ClientCredentials)
    );
}

#[tokio::test]
async fn the_metadata_say_what_the_extension_asks() {
    let metadata = world().await.broker.metadata().clone();
    assert!(
        metadata
            .grant_types_supported
            .contains(&GrantType::ClientCredentials)
    );
    let methods = metadata.token_endpoint_auth_methods_supported;
    for method in [
        AuthMethod::PrivateKeyJwt,
        AuthMethod::ClientSecretBasic,
        AuthMethod::ClientSecretPost,
    ] {
        assert!(methods.contains(&method), "{method:?}");
    }
    assert!(
        !metadata
            .token_endpoint_auth_signing_alg_values_supported
            .is_empty()
    );
}

/// > The client credentials grant type MUST only be used by confidential clients. (RFC 6749 §4.4)
#[tokio::test]
async fn a_client_that_proves_nothing_is_refused_though_a_rule_names_it() {
    let world = World::with(|settings| {
        with_services(settings);
        settings
            .grants
            .client_credentials
            .push(rule(APP, NOTES, "mcp:read"));
    })
    .await;
    let public = [("grant_type", "client_credentials"), ("client_id", APP)];
    let error = refused(&world, &public).await;
    assert!(matches!(error, TokenError::GrantNotAllowed(_)), "{error}");
    assert_eq!(error.code(), OAuthErrorCode::UnauthorizedClient);
    for secret in ["", "another secret"] {
        let wrong = replaced(&as_web(), "client_secret", secret);
        assert_eq!(
            refused(&world, &wrong).await.code(),
            OAuthErrorCode::InvalidClient
        );
    }
}

#[tokio::test]
async fn a_client_without_the_grant_or_without_a_rule_is_refused() {
    let world = World::with(|settings| {
        with_services(settings);
        for client in &mut settings.clients {
            client
                .grant_types
                .retain(|grant| client.id.as_str() == NOTES_SERVER || *grant != GrantType::ClientCredentials);
        }
    })
    .await;
    let error = refused(&world, &as_web()).await;
    assert!(matches!(error, TokenError::GrantNotAllowed(_)), "{error}");
    let error = refused(&world, &replaced(&as_web(), "client_id", NOTES_SERVER)).await;
    assert!(matches!(error, TokenError::ClientNotLetIn), "{error}");
    assert_eq!(error.code(), OAuthErrorCode::UnauthorizedClient);
}

/// > A refresh token SHOULD NOT be included. (RFC 6749 §4.4.3)
#[tokio::test]
async fn there_is_one_access_token_and_neither_a_refresh_nor_an_id_token() {
    let world = world().await;
    let answer = granted(&world, &replaced(&as_web(), "scope", "mcp:read offline_access")).await;
    assert!(answer.refresh_token.is_none() && answer.id_token.is_none());
    let session = world.session_of(&answer).await.expect("a session");
    assert!(!session.refreshable);
    world.advance(Duration::from_secs(3600));
    assert!(world.session_of(&answer).await.is_none());
}

/// > the authorization server […] MUST prevent this by ensuring that client identifiers and resource owner subjects cannot collide
///
/// in the sense of RFC 9068 §5 and RFC 9700 §4.15.
#[tokio::test]
async fn a_clients_subject_is_never_a_users() {
    let taken = "local:alice";
    let world = World::with(|settings| {
        with_services(settings);
        let web = |client: &&mut vestibule_broker::settings::ConfiguredClient| client.id.as_str() == WEB;
        settings.clients.iter_mut().find(web).unwrap().id = client_id(taken);
        settings.grants.client_credentials = vec![rule(taken, NOTES, "mcp:read")];
    })
    .await;
    let users = world.tokens().await;
    let answer = granted(&world, &replaced(&as_web(), "client_id", taken)).await;
    let claims = world.read(&answer.access_token).await;
    assert_eq!(world.read(&users.access_token).await.sub.as_str(), taken);
    assert_eq!(claims.sub.as_str(), "client:local:alice");
    assert_eq!(claims.client_id.as_str(), taken);
    assert_eq!(claims.idp.as_str(), "client");
    assert!(claims.sub.is_client());
    let alices = Subject::parse(taken).unwrap();
    let filter = vestibule_broker::SessionFilter {
        user: Some(alices),
        ..vestibule_broker::SessionFilter::default()
    };
    let page = vestibule_broker::store::PageRequest {
        after: None,
        size: vestibule_broker::store::PageSize::nearest(10),
    };
    let by = Operator::of_account(0);
    let listed = world.broker.list_sessions(&by, &filter, &page).await;
    let listed = listed.unwrap().expect("a page").records;
    assert_eq!(listed.len(), 1, "{listed:?}");
}

#[tokio::test]
async fn a_token_says_whose_it_is_and_for_whom() {
    let world = world().await;
    let answer = granted(&world, &as_web()).await;
    let claims = world.read(&answer.access_token).await;
    assert_eq!(
        (claims.sub.as_str(), claims.client_id.as_str()),
        ("client:web", WEB)
    );
    assert!(claims.aud.contains(NOTES) && !claims.aud.contains(FILES));
    assert!(claims.act.is_none());
    let IntrospectionResponse::Active(active) = world.introspect_as(NOTES_SERVER, &answer.access_token).await
    else {
        panic!("the token is good");
    };
    assert_eq!(active.sub.as_str(), "client:web");
    assert_eq!(active.username, None);
}

#[tokio::test]
async fn userinfo_has_nothing_to_say_about_a_client() {
    let world = world().await;
    let answer = granted(&world, &as_web()).await;
    let error = world
        .broker
        .userinfo(ShownToken::Bearer(&answer.access_token))
        .await
        .unwrap_err();
    assert_eq!(error.code(), OAuthErrorCode::InsufficientScope, "{error}");
}

#[tokio::test]
async fn a_token_is_revoked_by_its_client_and_by_operators() {
    let world = world().await;
    let by = Operator::of_account(0);
    let answer = granted(&world, &as_web()).await;
    let other = granted(&world, &as_web()).await;
    let revoke = params(&[
        ("token", &answer.access_token),
        ("client_id", WEB),
        ("client_secret", SECRET),
    ]);
    world.broker.revoke(None, &revoke).await.unwrap();
    assert!(world.is_revoked(&answer).await && !world.is_revoked(&other).await);
    assert!(!world.is_active(&answer.access_token).await && world.is_active(&other.access_token).await);
    let sid = world.read(&other.access_token).await.sid;
    assert!(world.broker.end_session_as(&by, &sid).await.unwrap());
    assert!(world.is_revoked(&other).await);
}

#[tokio::test]
async fn a_secret_in_the_header_and_a_key_are_as_good_as_a_secret_in_the_body() {
    let world = world().await;
    let asked = params(&[("grant_type", "client_credentials"), ("resource", NOTES)]);
    let by_header = world.broker.token(Some(&basic(WEB, SECRET)), None, &asked).await;
    assert!(by_header.is_ok(), "{by_header:?}");

    let signer = Signer::p256("k");
    let keyed = World::with(|settings| {
        with_services(settings);
        let web = |client: &&mut vestibule_broker::settings::ConfiguredClient| client.id.as_str() == WEB;
        let web = settings.clients.iter_mut().find(web).unwrap();
        web.secret = None;
        web.auth_method = AuthMethod::PrivateKeyJwt;
        web.keys = Some(ClientKeySettings::Here(KeySet::of(&[signer.jwk()])));
    })
    .await;
    let claims = |jti: &str| {
        let now = keyed.now().as_secs();
        json!({"iss": WEB, "sub": WEB, "aud": ISSUER, "iat": now, "exp": now + 60, "jti": jti})
    };
    let assertion = signer.sign(&signer.header(), &claims("1"));
    let pairs = [
        ("grant_type", "client_credentials"),
        ("resource", NOTES),
        ("client_assertion_type", KIND),
        ("client_assertion", assertion.as_str()),
    ];
    let answer = granted(&keyed, &pairs).await;
    assert_eq!(keyed.read(&answer.access_token).await.sub.as_str(), "client:web");
    assert_eq!(
        refused(&keyed, &pairs).await.code(),
        OAuthErrorCode::InvalidClient,
        "it is good once"
    );
}

#[tokio::test]
async fn a_client_is_issued_no_more_than_its_share() {
    let world = World::with(|settings| {
        with_services(settings);
        settings
            .grants
            .client_credentials
            .push(rule(NOTES_SERVER, NOTES, "mcp:read"));
        let issuance = settings.limits.rule_mut(LimitRule::Issuance);
        *issuance = RuleSettings {
            quota: vestibule_broker::store::Quota {
                burst: 2,
                per: Duration::from_secs(60),
            },
            mode: LimitMode::Enforce,
            ..*issuance
        };
    })
    .await;
    granted(&world, &as_web()).await;
    granted(&world, &as_web()).await;
    let error = refused(&world, &as_web()).await;
    assert_eq!(error.status(), 429, "{error}");
    granted(&world, &replaced(&as_web(), "client_id", NOTES_SERVER)).await;
}

#[tokio::test]
async fn a_service_that_proves_a_key_gets_a_token_for_it() {
    let world = World::with(|settings| {
        with_services(settings);
        without_nonces(settings);
    })
    .await;
    let prover = Prover::new();
    let answer = prover.ask(&world, &as_web()).await.expect("a token");
    assert_eq!(answer.token_type, "DPoP");
    let cnf = world.read(&answer.access_token).await.cnf.unwrap();
    assert_eq!(cnf.jkt, prover.jkt(&world));
    assert!(answer.refresh_token.is_none());
}
