use serde_json::json;
use vestibule_protocol::Scope;

use super::{Prover, world};
use crate::fixture::{APP, redemption, replaced, scopes};

/// [RFC 9449 §5](https://www.rfc-editor.org/rfc/rfc9449#section-5), §6.1
#[tokio::test]
async fn a_code_that_is_redeemed_with_a_proof_gives_tokens_for_its_key() {
    let (world, prover) = (world().await, Prover::new());
    let code = world
        .issue_code(|grant| grant.scopes = scopes("openid mcp:read"))
        .await;
    let tokens = prover.ask(&world, &redemption(&code)).await.expect("tokens");
    assert_eq!(tokens.token_type, "DPoP");
    let claims = world.read(&tokens.access_token).await;
    assert_eq!(claims.cnf.unwrap().jkt, prover.jkt(&world));
    assert!(tokens.scope.contains(Scope::OPENID) && tokens.id_token.is_some());
    let answer = serde_json::to_value(&tokens).unwrap();
    assert_eq!(answer["token_type"], json!("DPoP"));
    assert_eq!(answer.get("dpop_nonce"), None);
}

#[tokio::test]
async fn without_a_proof_a_token_is_for_its_bearer() {
    let world = world().await;
    let tokens = world.tokens().await;
    assert_eq!(tokens.token_type, "Bearer");
    assert_eq!(world.read(&tokens.access_token).await.cnf, None);
    assert_eq!(world.session_of(&tokens).await.unwrap().dpop_jkt, None);
    let refreshed = world
        .refresh(tokens.refresh_token.as_deref().unwrap())
        .await
        .unwrap();
    assert_eq!(refreshed.token_type, "Bearer");
    assert_eq!(world.read(&refreshed.access_token).await.cnf, None);
}

#[tokio::test]
async fn a_client_that_is_not_let_in_spends_no_proof() {
    let (world, prover) = (world().await, Prover::new());
    let code = world.issue_code(|_| {}).await;
    let proof = prover.proof(&world);
    let stranger = replaced(&redemption(&code), "client_id", "nobody");
    super::ask_with(&world, &proof, &stranger).await.unwrap_err();
    let again = replaced(&redemption(&code), "client_id", APP);
    super::ask_with(&world, &proof, &again).await.expect("tokens");
}
