use aws_lc_rs::digest;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::Algorithm;

/// Binds an ID token to the access token issued beside it
/// ([OpenID Connect Core §3.1.3.6](https://openid.net/specs/openid-connect-core-1_0.html#CodeIDToken)): the left
/// half of the hash that the ID token's `alg` uses.
pub fn at_hash(algorithm: Algorithm, access_token: &str) -> String {
    let hash = match algorithm {
        Algorithm::Es256 | Algorithm::Rs256 => &digest::SHA256,
        // Ed25519 hashes with SHA-512 (RFC 8032 §5.1).
        Algorithm::EdDsa => &digest::SHA512,
    };
    let hashed = digest::digest(hash, access_token.as_bytes());
    let (left, _) = hashed.as_ref().split_at(hashed.as_ref().len() / 2);
    URL_SAFE_NO_PAD.encode(left)
}
