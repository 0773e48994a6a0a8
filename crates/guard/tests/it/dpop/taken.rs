//! Who is let in.

use axum::body::Body;
use axum::routing::any;
use axum::{Json, Router};
use http::{Request, StatusCode};
use rstest::rstest;
use serde_json::{Value, json};
use tower::ServiceExt;
use vestibule_guard::{IntrospectionPolicy, Principal};
use vestibule_protocol::{ClientId, Secret};

use crate::support::{Answer, House, Prover, call, get, initialize, proven, scopes};

#[rstest]
#[case::es256(Prover::new())]
#[case::ed25519(Prover::on_ed25519())]
#[tokio::test]
async fn whoever_proves_the_key_of_their_token_is_let_in(#[case] prover: Prover) {
    let house = House::new();
    let token = house.bound(&prover);
    for id in ["first", "second"] {
        let proof = prover.proof(id, &token, house.now());
        let answer = house.prove(&token, &proof).await;
        answer.assert_admitted();
        assert_eq!(answer.body["subject"], "local:alice");
    }
}

/// RFC 9864 names the algorithm anew, and libraries follow.
#[tokio::test]
async fn the_newer_name_of_eddsa_is_known() {
    let house = House::new();
    let prover = Prover::on_ed25519();
    let token = house.bound(&prover);
    let proof = prover.proof("1", &token, house.now()).head("alg", "Ed25519");
    house.prove(&token, &proof).await.assert_admitted();
}

#[tokio::test]
async fn neither_token_nor_proof_reaches_the_handler() {
    let house = House::new();
    let prover = Prover::new();
    let token = house.bound(&prover);
    let answer = house.prove(&token, &prover.proof("1", &token, house.now())).await;
    answer.assert_admitted();
    assert_eq!(answer.body["authorization"], false);
    assert_eq!(answer.body["proof"], false);
}

#[tokio::test]
async fn a_proof_that_comes_with_nothing_to_prove_is_taken_off_as_well() {
    let house = House::new();
    let prover = Prover::new();
    let token = house.auth.sign(&house.auth.token());
    let proof = prover.proof("1", &token, house.now()).sign();
    for request in [call("get_user_profile", Some(&token)), call("public_info", None)] {
        let mut request = request;
        request.headers_mut().insert("dpop", proof.parse().unwrap());
        let answer = house.send(request).await;
        answer.assert_admitted();
        assert_eq!(answer.body["proof"], false);
    }
}

async fn describe(caller: Principal) -> Json<Value> {
    Json(json!({ "key": caller.key().map(|key| key.to_string()) }))
}

/// A handler nested in a router that takes off the first part of the path, behind one layer of the guard and behind two.
#[tokio::test]
async fn a_proof_names_the_url_that_was_called_however_the_routes_are_nested() {
    let house = House::new();
    let prover = Prover::new();
    let token = house.bound(&prover);
    let inner = Router::new()
        .route("/who", any(describe))
        .route_layer(house.guard.require(scopes("mcp:read")));
    let nested = Router::new().nest("/api/v1", inner);
    let layered = nested.clone().layer(house.guard.require(scopes("")));
    for (id, app) in [("1", nested), ("2", layered)] {
        let ask = async |proof: String| {
            let request = Request::post("/api/v1/who?verbose=1")
                .body(Body::empty())
                .unwrap();
            let response = app.clone().oneshot(proven(request, &token, &proof)).await;
            Answer::read(response.unwrap()).await
        };
        let proof = prover.proof(id, &token, house.now());
        let answer = ask(proof.clone().with("htu", "https://mcp.test/api/v1/who").sign()).await;
        answer.assert_admitted();
        assert_eq!(answer.body["key"], prover.thumbprint());
        let answer = ask(proof.with("htu", "https://mcp.test/who").sign()).await;
        assert_eq!(answer.body["error"], "invalid_dpop_proof");
    }
}

#[tokio::test]
async fn what_a_proxy_takes_off_the_path_is_said_to_the_guard() {
    let house = House::built(|builder| builder.stripped_prefix("/team"));
    let prover = Prover::new();
    let token = house.bound(&prover);
    let proof = prover.proof("1", &token, house.now());
    house
        .prove(&token, &proof)
        .await
        .assert_refused_as(vestibule_protocol::OAuthErrorCode::InvalidDpopProof);
    let proof = proof.with("htu", "https://mcp.test/team/mcp");
    house.prove(&token, &proof).await.assert_admitted();
}

/// > servers SHOULD employ syntax-based normalization […] and scheme-based normalization (RFC 9449 §4.3)
#[rstest]
#[case("HTTPS://MCP.TEST/mcp")]
#[case("https://mcp.test:443/mcp")]
#[case("https://mcp.test/%6Dcp")]
#[case("https://mcp.test/x/../mcp")]
#[case::a_query_does_not_count("https://mcp.test/mcp?a=b")]
#[case::nor_does_a_fragment("https://mcp.test/mcp#a")]
#[tokio::test]
async fn the_same_url_in_another_spelling_is_the_same(#[case] htu: &str) {
    let house = House::new();
    let prover = Prover::new();
    let token = house.bound(&prover);
    let proof = prover.proof("1", &token, house.now()).with("htu", htu);
    house.prove(&token, &proof).await.assert_admitted();
}

#[tokio::test]
async fn a_stream_is_opened_with_a_proof_of_its_own_method() {
    let house = House::new();
    let prover = Prover::new();
    let token = house.bound(&prover);
    let proof = prover.proof("1", &token, house.now()).with("htm", "GET").sign();
    let answer = house.open(proven(get(None), &token, &proof)).await;
    assert_eq!(answer.status(), StatusCode::OK);
}

#[tokio::test]
async fn an_mcp_session_of_a_bound_token_is_its_holders_alone() {
    let house = House::new();
    let (alice, mallory) = (Prover::new(), Prover::new());
    let token = house.bound(&alice);
    let proof = |id: &str| alice.proof(id, &token, house.now()).sign();
    let opened = house.send(proven(initialize(None), &token, &proof("1"))).await;
    let id = opened.headers["mcp-session-id"].clone();
    let within = |mut request: Request<Body>| {
        request.headers_mut().insert("mcp-session-id", id.clone());
        request
    };
    let other = house
        .auth
        .sign(&house.auth.token().sid("session-2").bound_to(&mallory));
    let theirs = mallory.proof("1", &other, house.now()).sign();
    let request = within(proven(call("get_user_profile", None), &other, &theirs));
    assert_eq!(house.send(request).await.status, StatusCode::NOT_FOUND);
    let request = within(proven(call("get_user_profile", None), &token, &proof("2")));
    house.send(request).await.assert_admitted();
}

mod introspected {
    //! The same where the issuer is asked about each token.

    use super::*;

    fn asking(answer: impl FnOnce(Value, &Prover) -> Value) -> (House, Prover) {
        let id = ClientId::parse("resource-server").unwrap();
        let policy = IntrospectionPolicy::new(id, Secret::new("s:cret"));
        let house = House::built(|builder| builder.introspection(policy));
        let prover = Prover::new();
        let mut active = house.auth.token().bound_to(&prover).claims;
        active["active"] = json!(true);
        active["token_type"] = json!("DPoP");
        let answer = answer(active, &prover);
        let mut state = house.auth.state();
        state.introspection.insert("opaque".to_owned(), answer);
        drop(state);
        (house, prover)
    }

    #[tokio::test]
    async fn a_bound_token_needs_its_proof() {
        let (house, prover) = asking(|active, _| active);
        house.call_with("opaque").await.assert_invalid_token();
        let proof = prover.proof("1", "opaque", house.now());
        house.prove("opaque", &proof).await.assert_admitted();
        house
            .prove("opaque", &proof)
            .await
            .assert_refused_as(vestibule_protocol::OAuthErrorCode::InvalidDpopProof);
        house.call_with("opaque").await.assert_invalid_token();
    }

    #[rstest]
    #[case::bound_and_a_bearer_token("token_type", json!("Bearer"))]
    #[case::of_no_type("token_type", Value::Null)]
    #[case::of_another_type("token_type", json!("N_A"))]
    #[case::bound_to_nothing("cnf", Value::Null)]
    #[case::bound_in_an_unknown_way("cnf", json!({ "x5t#S256": "thumbprint" }))]
    #[tokio::test]
    async fn an_answer_that_is_at_odds_with_itself_opens_nothing(#[case] member: &str, #[case] value: Value) {
        let (house, prover) = asking(|mut active, _| {
            active[member] = value;
            active
        });
        let proof = prover.proof("1", "opaque", house.now());
        let proven = house.prove("opaque", &proof).await;
        let bare = house.call_with("opaque").await;
        for answer in [proven, bare] {
            assert_ne!(answer.status, StatusCode::OK, "{answer:?}");
        }
    }
}
