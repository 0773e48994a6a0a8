//! ChatGPT, which proves itself with a key that its document names.

use std::time::SystemTime;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256, RsaKeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::stage::{At, Stage, text};

/// Its key.
pub(super) struct Chatgpt(RsaKeyPair);

impl Chatgpt {
    pub(super) fn new() -> Self {
        Self(RsaKeyPair::generate(KeySize::Rsa2048).expect("a key"))
    }

    /// What its `jwks_uri` serves.
    pub(super) fn keys(&self) -> String {
        let public = self.0.public_key();
        let part = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        let (n, e) = (public.modulus(), public.exponent());
        json!({"keys": [{
            "kty": "RSA", "use": "sig", "alg": "RS256", "kid": "chatgpt",
            "n": part(n.big_endian_without_leading_zero()),
            "e": part(e.big_endian_without_leading_zero()),
        }]})
        .to_string()
    }

    fn assertion(&self, client: &str, audience: &str) -> String {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        let now = now.expect("after 1970").as_secs();
        let part = |json: &Value| URL_SAFE_NO_PAD.encode(json.to_string());
        let header = json!({"alg": "RS256", "kid": "chatgpt", "typ": "JWT"});
        let id = URL_SAFE_NO_PAD.encode(rand::random::<[u8; 16]>());
        let claims = json!({
            "iss": client, "sub": client, "aud": audience, "jti": id, "iat": now, "exp": now + 60,
        });
        let signed = format!("{}.{}", part(&header), part(&claims));
        let mut signature = vec![0; self.0.public_modulus_len()];
        self.0
            .sign(
                &RSA_PKCS1_SHA256,
                &SystemRandom::new(),
                signed.as_bytes(),
                &mut signature,
            )
            .expect("a signature");
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}

pub(super) fn chatgpt_proves_itself(stage: &Stage) {
    let client = stage.documents.url("/oauth/chatgpt.json");
    let at = At {
        client: &client,
        redirect_uri: "",
    };
    let code = stage.approve(&stage.of("chatgpt/authorize", at)).code();
    let unproven = stage.send(&stage.of("chatgpt/token-without-proof", at).with("code", &code));
    assert_eq!(unproven.status(), 401, "{}", unproven.body());
    assert_eq!(unproven.json()["error"], "invalid_client");
    let proof = stage.chatgpt.assertion(&client, stage.program.issuer());
    let proven = stage
        .of("chatgpt/token", at)
        .with("code", &code)
        .with("assertion", &proof);
    let tokens = stage.redeem(&proven);
    assert_eq!(text(&tokens, "scope"), "mcp:read offline_access");
    assert!(!text(&tokens, "refresh_token").is_empty());
}
