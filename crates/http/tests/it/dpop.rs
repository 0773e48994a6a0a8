//! DPoP on the wire: headers, statuses and challenges ([RFC 9449](https://www.rfc-editor.org/rfc/rfc9449)).

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use axum::body::Body;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::{Request, StatusCode};
use serde_json::{Value, json};

use crate::world::{Answer, Browser, Client, Redirect, World, form};

struct Prover(Ed25519KeyPair);

impl Prover {
    fn new() -> Self {
        Self(Ed25519KeyPair::generate().unwrap())
    }

    /// A proof for the endpoint that the metadata name so, with these claims more.
    async fn proof(&self, world: &World, method: &str, endpoint: &str, more: Value) -> String {
        let metadata = world.get("/.well-known/oauth-authorization-server").await.json();
        let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let x = URL_SAFE_NO_PAD.encode(self.0.public_key().as_ref());
        let jwk = json!({"kty": "OKP", "crv": "Ed25519", "x": x});
        let header = json!({"typ": "dpop+jwt", "alg": "EdDSA", "jwk": jwk});
        let mut claims = more;
        claims["htm"] = json!(method);
        claims["htu"] = metadata[endpoint].clone();
        claims["iat"] = json!(1_795_244_400);
        let signed = format!("{}.{}", encode(&header), encode(&claims));
        let signature = self.0.sign(signed.as_bytes());
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature.as_ref()))
    }
}

fn post(path: &str, proofs: &[&str], fields: &[(&str, &str)]) -> Request<Body> {
    let request = Request::post(path).header("content-type", "application/x-www-form-urlencoded");
    let request = proofs
        .iter()
        .fold(request, |request, proof| request.header("dpop", *proof));
    request.body(Body::from(form(fields))).unwrap()
}

fn userinfo(scheme: &str, token: &str, proof: Option<&str>) -> Request<Body> {
    let request = Request::get("/oauth/userinfo").header("authorization", format!("{scheme} {token}"));
    let request = match proof {
        Some(proof) => request.header("dpop", proof),
        None => request,
    };
    request.body(Body::empty()).unwrap()
}

async fn code(world: &World, client: &Client) -> String {
    let mut browser = Browser::new(world);
    let path = client.authorize_path(world, "openid mcp:read");
    let page = client.log_in_at(&path, &mut browser).await;
    let decision = [
        ("scope", "openid"),
        ("scope", "mcp:read"),
        ("decision", "approve"),
    ];
    let answer = browser.submit(&page, &decision).await;
    answer.location_param("code").unwrap()
}

fn told(answer: &Answer) -> (StatusCode, String) {
    (answer.status, answer.error())
}

#[tokio::test]
async fn a_walk_with_proofs_from_the_nonce_to_userinfo() {
    let (world, prover) = (World::new().await, Prover::new());
    let client = Client::register(&world, Redirect::Loopback).await;
    let code = code(&world, &client).await;
    let redemption = client.redemption(&code);

    // RFC 9449 §8: the first request is answered with a nonce, and spends nothing.
    let proof = prover
        .proof(&world, "POST", "token_endpoint", json!({"jti": "1"}))
        .await;
    let answer = world.ask(post("/oauth/token", &[&proof], &redemption)).await;
    assert_eq!(
        told(&answer),
        (StatusCode::BAD_REQUEST, "use_dpop_nonce".to_owned())
    );
    assert_eq!(answer.header("www-authenticate"), "");
    let nonce = answer.header("dpop-nonce").to_owned();
    assert_eq!(nonce.len(), 22);

    let with_nonce = json!({"jti": "2", "nonce": nonce});
    let proof = prover.proof(&world, "POST", "token_endpoint", with_nonce).await;
    let answer = world.ask(post("/oauth/token", &[&proof], &redemption)).await;
    assert_eq!((answer.status, answer.header("dpop-nonce")), (StatusCode::OK, ""));
    assert_eq!(answer.header("cache-control"), "no-store");
    let tokens = answer.json();
    assert_eq!(tokens["token_type"], "DPoP");
    let token = tokens["access_token"].as_str().unwrap();

    // RFC 9449 §7.1: as a bearer token it is none.
    let answer = world.ask(userinfo("Bearer", token, None)).await;
    assert_eq!(
        told(&answer),
        (StatusCode::UNAUTHORIZED, "invalid_token".to_owned())
    );
    let challenge = answer.header("www-authenticate");
    assert!(
        challenge.starts_with("DPoP error=\"invalid_token\""),
        "{challenge}"
    );
    assert!(
        challenge.ends_with("algs=\"ES256 ES384 EdDSA PS256 RS256\""),
        "{challenge}"
    );

    let ath = URL_SAFE_NO_PAD.encode(digest(&SHA256, token.as_bytes()));
    let mut claims = json!({"jti": "3", "ath": ath});
    let proof = prover
        .proof(&world, "GET", "userinfo_endpoint", claims.clone())
        .await;
    let answer = world.ask(userinfo("DPoP", token, Some(&proof))).await;
    assert_eq!(
        told(&answer),
        (StatusCode::UNAUTHORIZED, "use_dpop_nonce".to_owned())
    );
    assert!(
        answer
            .header("www-authenticate")
            .starts_with("DPoP error=\"use_dpop_nonce\"")
    );
    claims["nonce"] = json!(answer.header("dpop-nonce"));
    let proof = prover.proof(&world, "GET", "userinfo_endpoint", claims).await;
    let answer = world.ask(userinfo("DPoP", token, Some(&proof))).await;
    assert_eq!(answer.json()["sub"], "local:alice");
}

/// [RFC 9449 §4.3](https://www.rfc-editor.org/rfc/rfc9449#section-4.3): “There is not more than one DPoP HTTP request header field.”
#[tokio::test]
async fn two_proofs_are_refused() {
    let world = World::new().await;
    for path in ["/oauth/token", "/oauth/par", "/oauth/userinfo"] {
        let answer = world.ask(post(path, &["a.b.c", "a.b.c"], &[])).await;
        assert_eq!(
            told(&answer),
            (StatusCode::BAD_REQUEST, "invalid_dpop_proof".to_owned()),
            "{path}"
        );
    }
}

#[tokio::test]
async fn a_bad_proof_is_refused_where_one_is_read() {
    let world = World::new().await;
    for path in ["/oauth/token", "/oauth/par"] {
        for bad in ["", "proof", "\u{e4}"] {
            let answer = world.ask(post(path, &[bad], &[])).await;
            assert_eq!(
                told(&answer),
                (StatusCode::BAD_REQUEST, "invalid_dpop_proof".to_owned()),
                "{path}"
            );
            assert_eq!(answer.header("dpop-nonce"), "");
        }
    }
}
