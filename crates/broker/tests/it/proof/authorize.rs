//! Codes that are bound to a key from the request on ([RFC 9449 §10](https://www.rfc-editor.org/rfc/rfc9449#section-10)).

use vestibule_broker::{ClientAddress, Decision, EndpointError as _, PushError};
use vestibule_protocol::{OAuthErrorCode, PushedAuthorizationResponse};

use super::{PAR, Prover, TOKEN, told, without_nonces};
use crate::fixture::{LOOPBACK, World, params, redemption, replaced, scopes};
use crate::walk::person::{Person, code, param, refusal, request, world_with};

async fn world() -> World {
    world_with(without_nonces).await
}

/// A request after which the person is asked, whatever they agreed to before.
fn asking() -> Vec<(&'static str, &'static str)> {
    replaced(&request(), "prompt", "consent")
}

/// The code that comes of this request.
async fn granted(world: &World, pairs: &[(&str, &str)]) -> String {
    let mut alice = Person::default();
    let ticket = alice.authorize(world, pairs).await;
    alice.log_in(world, &ticket, "alice").await;
    let approval = Decision::Approve {
        scopes: scopes("mcp:read"),
    };
    code(alice.decide(world, &ticket, approval).await.unwrap())
}

fn at_loopback(code: &str) -> Vec<(&str, &str)> {
    replaced(&redemption(code), "redirect_uri", LOOPBACK)
}

async fn push_with(
    world: &World,
    proof: Option<&str>,
    pairs: &[(&str, &str)],
) -> Result<PushedAuthorizationResponse, PushError> {
    world
        .broker
        .push_authorization(ClientAddress::default(), None, proof, &params(pairs))
        .await
}

#[tokio::test]
async fn a_dpop_jkt_that_names_no_key_is_refused() {
    let world = world().await;
    for jkt in ["key", &"A".repeat(42), &"A".repeat(44), &"=".repeat(43)] {
        let pairs = replaced(&request(), "dpop_jkt", jkt);
        let redirect = refusal(Person::default().try_authorize(&world, &pairs).await);
        assert_eq!(
            param(&redirect, "error").as_deref(),
            Some("invalid_request"),
            "{jkt}"
        );
        let refused = push_with(&world, None, &pairs).await.unwrap_err();
        assert_eq!(refused.code(), OAuthErrorCode::InvalidRequest, "{jkt}");
    }
}

/// “If they do not match, it MUST reject the request.”
#[tokio::test]
async fn a_code_that_is_bound_to_a_key_is_redeemed_with_it_alone() {
    let (world, prover, thief) = (world().await, Prover::new(), Prover::new());
    let jkt = prover.jkt(&world).to_string();
    let bound = replaced(&asking(), "dpop_jkt", &jkt);

    let code = granted(&world, &bound).await;
    let refused = thief.ask(&world, &at_loopback(&code)).await.unwrap_err();
    assert_eq!(
        told(&refused),
        (OAuthErrorCode::InvalidGrant, 400, "code_of_another_key")
    );
    let code = granted(&world, &bound).await;
    let refused = world.token(&at_loopback(&code)).await.unwrap_err();
    assert_eq!(refused.code(), OAuthErrorCode::InvalidDpopProof);

    let code = granted(&world, &bound).await;
    let tokens = prover.ask(&world, &at_loopback(&code)).await.expect("tokens");
    assert_eq!(tokens.token_type, "DPoP");
}

/// [RFC 9449 §10.1](https://www.rfc-editor.org/rfc/rfc9449#section-10.1)
#[tokio::test]
async fn a_pushed_request_is_bound_to_the_key_of_its_proof() {
    let (world, prover, thief) = (world().await, Prover::new(), Prover::new());
    let jkt = prover.jkt(&world).to_string();
    let both = replaced(&asking(), "dpop_jkt", &jkt);
    for pairs in [asking(), both] {
        for (redeemer, is_let_in) in [(&thief, false), (&prover, true)] {
            let proof = prover.sign(&prover.claims(&world, "POST", PAR));
            let pushed = push_with(&world, Some(&proof), &pairs)
                .await
                .expect("a request_uri");
            let request_uri = pushed.request_uri.expose().to_owned();
            let brought = [("client_id", "app"), ("request_uri", request_uri.as_str())];
            let code = granted(&world, &brought).await;
            let redeemed = redeemer.ask(&world, &at_loopback(&code)).await;
            assert_eq!(redeemed.is_ok(), is_let_in, "{redeemed:?}");
        }
    }
}

/// “the authorization server MUST reject the request if the JWK Thumbprint in dpop_jkt does not match the public key in the DPoP
/// header”
#[tokio::test]
async fn a_pushed_request_that_names_two_keys_is_refused() {
    let (world, prover, other) = (world().await, Prover::new(), Prover::new());
    let jkt = other.jkt(&world).to_string();
    let pairs = replaced(&request(), "dpop_jkt", &jkt);
    let proof = prover.sign(&prover.claims(&world, "POST", PAR));
    let refused = push_with(&world, Some(&proof), &pairs).await.unwrap_err();
    assert_eq!(
        (refused.code(), refused.status()),
        (OAuthErrorCode::InvalidDpopProof, 400)
    );
}

#[tokio::test]
async fn a_pushed_request_with_a_bad_proof_is_refused() {
    let (world, prover) = (world().await, Prover::new());
    let elsewhere = prover.sign(&prover.claims(&world, "POST", TOKEN));
    let proof = prover.sign(&prover.claims(&world, "POST", PAR));
    push_with(&world, Some(&proof), &request())
        .await
        .expect("a request_uri");
    for bad in ["", "proof", &elsewhere, &proof] {
        let refused = push_with(&world, Some(bad), &request()).await.unwrap_err();
        assert_eq!(refused.code(), OAuthErrorCode::InvalidDpopProof);
    }
    let asking = world_with(|_| {}).await;
    let fresh = prover.sign(&prover.claims(&asking, "POST", PAR));
    let refused = push_with(&asking, Some(&fresh), &request()).await.unwrap_err();
    assert_eq!(refused.code(), OAuthErrorCode::UseDpopNonce);
    assert!(refused.dpop_nonce().is_some());
}
