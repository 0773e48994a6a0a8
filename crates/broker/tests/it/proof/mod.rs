//! DPoP ([RFC 9449](https://www.rfc-editor.org/rfc/rfc9449)): tokens that are good with a key alone.

mod authorize;
mod grants;
mod nonces;
mod presented;
mod refresh;
mod refused;
mod required;

use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};
use vestibule_broker::settings::{ProofNonces, Settings};
use vestibule_broker::{EndpointError as _, TokenError};
use vestibule_jose::dpop::{Demand, NonceRule, TargetUri, Window, verify};
use vestibule_protocol::{KeyThumbprint, OAuthErrorCode, TokenResponse};

use crate::fixture::{APP, World, params};
use crate::shelf::Signer;

pub(crate) const TOKEN: &str = "https://auth.example/oauth/token";
const PAR: &str = "https://auth.example/oauth/par";
const USERINFO: &str = "https://auth.example/oauth/userinfo";

/// A client with a key.
pub(crate) struct Prover {
    signer: Signer,
    proofs: AtomicUsize,
}

impl Prover {
    pub(crate) fn new() -> Self {
        Self {
            signer: Signer::p256("k"),
            proofs: AtomicUsize::new(0),
        }
    }

    /// What a careful client says, each time under another name.
    pub(crate) fn claims(&self, world: &World, method: &str, uri: &str) -> Value {
        let jti = format!("proof-{}", self.proofs.fetch_add(1, Ordering::SeqCst));
        json!({"jti": jti, "htm": method, "htu": uri, "iat": world.now().as_secs()})
    }

    pub(crate) fn sign(&self, claims: &Value) -> String {
        let header = json!({"typ": "dpop+jwt", "alg": self.signer.alg(), "jwk": self.signer.jwk()});
        self.signer.sign(&header, claims)
    }

    /// A proof for the token endpoint.
    pub(crate) fn proof(&self, world: &World) -> String {
        self.sign(&self.claims(world, "POST", TOKEN))
    }

    pub(crate) fn jkt(&self, world: &World) -> KeyThumbprint {
        let uri = TargetUri::parse(TOKEN).unwrap();
        let demand = Demand {
            method: "POST",
            uri: &uri,
            access_token: None,
            window: Window::default(),
            nonce: NonceRule::Ignored,
        };
        verify(&self.proof(world), &demand, world.now())
            .unwrap()
            .thumbprint
    }

    /// Asks the token endpoint with a new proof.
    pub(crate) async fn ask(
        &self,
        world: &World,
        pairs: &[(&str, &str)],
    ) -> Result<TokenResponse, TokenError> {
        ask_with(world, &self.proof(world), pairs).await
    }

    async fn refresh(&self, world: &World, token: &str) -> Result<TokenResponse, TokenError> {
        self.ask(world, &refreshing(token)).await
    }
}

async fn ask_with(world: &World, proof: &str, pairs: &[(&str, &str)]) -> Result<TokenResponse, TokenError> {
    world.broker.token(None, Some(proof), &params(pairs)).await
}

fn refreshing(token: &str) -> Vec<(&str, &str)> {
    vec![
        ("grant_type", "refresh_token"),
        ("refresh_token", token),
        ("client_id", APP),
    ]
}

pub(crate) fn without_nonces(settings: &mut Settings) {
    settings.dpop.nonces = ProofNonces::NotAsked;
}

/// A world that asks for no nonces, so that every other rule is seen by itself.
async fn world() -> World {
    World::with(without_nonces).await
}

/// The code and status of a refusal, and its cause for whoever counts.
fn told(refused: &TokenError) -> (OAuthErrorCode, u16, &'static str) {
    (refused.code(), refused.status(), refused.reason())
}
