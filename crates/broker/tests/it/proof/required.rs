//! Where tokens have to be bound to a key.

use serde_json::json;
use vestibule_broker::ClientAddress;
use vestibule_broker::settings::{DpopBinding, Settings};
use vestibule_protocol::{ClientId, OAuthErrorCode};

use super::{Prover, told, without_nonces, world};
use crate::fixture::{APP, FILES, NOTES, SECRET, WEB, World, redemption, replaced, resource};

const MISSING: (OAuthErrorCode, u16, &str) = (OAuthErrorCode::InvalidDpopProof, 400, "proof_missing");

fn clients_prove(settings: &mut Settings) {
    without_nonces(settings);
    for client in &mut settings.clients {
        client.dpop = DpopBinding::Required;
    }
}

/// [RFC 9449 §5.2](https://www.rfc-editor.org/rfc/rfc9449#section-5.2): “the authorization server MUST reject token requests from the
/// client that do not contain the DPoP header”.
#[tokio::test]
async fn a_client_that_has_to_prove_a_key_gets_nothing_without() {
    let (world, prover) = (World::with(clients_prove).await, Prover::new());
    let code = world.issue_code(|_| {}).await;
    let refused = world.redeem(&code).await.unwrap_err();
    assert_eq!(told(&refused), MISSING);
    let wrong = [
        ("grant_type", "refresh_token"),
        ("refresh_token", "x"),
        ("client_id", WEB),
    ];
    let secret = replaced(&wrong, "client_secret", SECRET);
    assert_eq!(told(&world.token(&secret).await.unwrap_err()), MISSING);
    // Nothing was spent.
    let tokens = prover.ask(&world, &redemption(&code)).await.expect("tokens");
    assert_eq!(tokens.token_type, "DPoP");
}

#[tokio::test]
async fn a_client_registers_that_its_tokens_are_bound() {
    let (world, prover) = (world().await, Prover::new());
    for (wanted, bound) in [(json!(true), true), (json!(false), false), (json!("true"), false)] {
        let metadata = json!({
            "redirect_uris": ["https://app.example/callback"],
            "token_endpoint_auth_method": "none",
            "grant_types": ["authorization_code", "refresh_token"],
            "dpop_bound_access_tokens": wanted,
        });
        let registered = world
            .broker
            .register(ClientAddress::default(), None, metadata.to_string().as_bytes())
            .await
            .unwrap();
        let answer = serde_json::to_value(&registered).unwrap();
        assert_eq!(
            answer.get("dpop_bound_access_tokens"),
            bound.then_some(&json!(true))
        );
        let id: ClientId = registered.client_id;
        let code = world.issue_code(|grant| grant.client_id = id.clone()).await;
        let redeeming = replaced(&redemption(&code), "client_id", id.as_str());
        if bound {
            assert_eq!(told(&world.token(&redeeming).await.unwrap_err()), MISSING);
        }
        prover.ask(&world, &redeeming).await.expect("tokens");
    }
}

fn files_are_for_holders(settings: &mut Settings) {
    without_nonces(settings);
    let all = settings.resources.iter().cloned().map(|mut resource| {
        if resource.uri.as_str() == FILES {
            resource.dpop = DpopBinding::Required;
        }
        resource
    });
    let all = all.collect();
    settings.resources = vestibule_broker::settings::Resources::new(all, Some(&resource(NOTES)));
}

#[tokio::test]
async fn a_server_that_takes_bound_tokens_alone_gets_no_others() {
    let (world, prover) = (World::with(files_are_for_holders).await, Prover::new());
    let for_both = || {
        world.issue_code(|grant| {
            grant.resources = vec![resource(NOTES), resource(FILES)];
            grant.scopes = crate::fixture::scopes("mcp:read files:read offline_access");
        })
    };
    let code = for_both().await;
    let refused = world.redeem(&code).await.unwrap_err();
    assert_eq!(told(&refused), MISSING);
    assert!(refused.to_string().contains(FILES), "{refused}");

    // A token for the other server alone is one for its bearer, and its session's next for this one is not.
    let code = for_both().await;
    let tokens = world
        .token(&replaced(&redemption(&code), "resource", NOTES))
        .await
        .expect("tokens");
    assert_eq!(tokens.token_type, "Bearer");
    let refresh = tokens.refresh_token.clone().unwrap();
    let pairs = [
        ("grant_type", "refresh_token"),
        ("refresh_token", refresh.as_str()),
        ("client_id", APP),
        ("resource", FILES),
    ];
    assert_eq!(told(&world.token(&pairs).await.unwrap_err()), MISSING);
    assert_eq!(world.session_of(&tokens).await.unwrap().generation, 0);
    let bound = prover.ask(&world, &pairs).await.expect("tokens");
    assert_eq!(bound.token_type, "DPoP");
}

#[tokio::test]
async fn what_proofs_may_be_signed_with_is_advertised() {
    let world = world().await;
    assert_eq!(
        world.broker.metadata().dpop_signing_alg_values_supported,
        ["ES256", "ES384", "EdDSA", "PS256", "RS256"]
    );
}
