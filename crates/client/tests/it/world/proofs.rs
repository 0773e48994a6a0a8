//! What the servers of this world ask of proofs, with the checks of the broker's own library.

use axum::Json;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;
use vestibule_jose::dpop::{self, Demand, NonceRule, Proof, TargetUri, Window};
use vestibule_protocol::KeyThumbprint;

use super::authorization_server::refuse;
use super::ledger::Granted;
use super::{Ledger, Twist};

const NONCE: HeaderName = HeaderName::from_static("dpop-nonce");

/// A request of a client's, as far as its proof is about it.
struct Asked<'a> {
    method: &'a str,
    path: &'a str,
    access_token: Option<&'a str>,
}

/// The key that a token request proves, if it proves any.
pub(super) fn at_token_endpoint(
    ledger: &Ledger,
    headers: &HeaderMap,
) -> Result<Option<KeyThumbprint>, Box<Response>> {
    let asked = Asked {
        method: "POST",
        path: "/token",
        access_token: None,
    };
    if ledger.is(Twist::IgnoresProofs) || !headers.contains_key("dpop") {
        return Ok(None);
    }
    let proof = verify(ledger, headers, &asked).ok_or_else(|| Box::new(refuse("invalid_dpop_proof")))?;
    let wants = ledger.is(Twist::AsksForNonces) || ledger.is(Twist::NoncesNeverGood);
    let good = proof.nonce.as_deref() == Some("of the authorization server");
    if wants && (!good || ledger.is(Twist::NoncesNeverGood)) {
        let body = json!({"error": "use_dpop_nonce"});
        let nonce = nonce(ledger, Twist::NoncesNeverGood, "of the authorization server");
        return Err(Box::new(
            (StatusCode::BAD_REQUEST, [(NONCE, nonce)], Json(body)).into_response(),
        ));
    }
    Ok(Some(proof.thumbprint))
}

/// What the token of a call is good for, if it is good for anything.
pub(super) fn at_mcp_server(ledger: &Ledger, parts: &Parts) -> Result<Option<Granted>, Box<Response>> {
    let shown = parts.headers[header::AUTHORIZATION].to_str().unwrap();
    let (scheme, token) = shown.split_once(' ').unwrap();
    let granted = ledger.granted(token);
    let bound = granted.as_ref().and_then(|granted| granted.key);
    if scheme == "Bearer" {
        assert!(bound.is_none(), "a bound token is shown as a bearer token");
        return Ok(granted);
    }
    let asked = Asked {
        method: parts.method.as_str(),
        path: parts.uri.path(),
        access_token: Some(token),
    };
    let Some(proof) = verify(ledger, &parts.headers, &asked) else {
        let challenge = "DPoP error=\"invalid_dpop_proof\"";
        let headers = [(header::WWW_AUTHENTICATE, challenge)];
        return Err(Box::new((StatusCode::UNAUTHORIZED, headers).into_response()));
    };
    let wants = ledger.is(Twist::McpAsksForNonces) || ledger.is(Twist::McpNoncesNeverGood);
    let good = proof.nonce.as_deref() == Some("of the MCP server");
    if wants && (!good || ledger.is(Twist::McpNoncesNeverGood)) {
        let challenge = HeaderValue::from_static("DPoP error=\"use_dpop_nonce\", algs=\"ES256\"");
        let nonce = nonce(ledger, Twist::McpNoncesNeverGood, "of the MCP server");
        let headers = [(header::WWW_AUTHENTICATE, challenge), (NONCE, nonce)];
        return Err(Box::new((StatusCode::UNAUTHORIZED, headers).into_response()));
    }
    Ok(granted.filter(|_| bound == Some(proof.thumbprint)))
}

/// A proof that is right in everything, and was never shown before.
fn verify(ledger: &Ledger, headers: &HeaderMap, asked: &Asked<'_>) -> Option<Proof> {
    let values = headers.get_all("dpop").iter().map(HeaderValue::as_bytes);
    let shown = dpop::only(values).ok()??;
    let uri = TargetUri::parse(&format!("{}{}", ledger.origin(), asked.path)).unwrap();
    let demand = Demand {
        method: asked.method,
        uri: &uri,
        access_token: asked.access_token,
        window: Window::default(),
        nonce: NonceRule::Ignored,
    };
    let proof = dpop::verify(shown, &demand, ledger.now()).ok()?;
    ledger.spend(proof.jti.clone()).then_some(proof)
}

/// The nonce to use next: always another one, where none is ever good.
fn nonce(ledger: &Ledger, never_good: Twist, usual: &'static str) -> HeaderValue {
    if ledger.is(never_good) {
        HeaderValue::from_str(&format!("{}", ledger.proofs().len())).unwrap()
    } else {
        HeaderValue::from_static(usual)
    }
}
