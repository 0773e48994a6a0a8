//! What binds an ID token to the code and the access token beside it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use subtle::ConstantTimeEq as _;

use crate::SigningAlgorithm;

/// Whether `hash` is that of `value`: the left half of its digest by the hash of the ID token's own algorithm
/// ([OpenID Connect Core §3.1.3.6](https://openid.net/specs/openid-connect-core-1_0.html#CodeIDToken)).
pub(crate) fn is_hash_of(hash: &str, value: &str, algorithm: SigningAlgorithm) -> bool {
    let digest = algorithm.digest(value);
    let (left, _) = digest.split_at(digest.len() / 2);
    URL_SAFE_NO_PAD
        .encode(left)
        .as_bytes()
        .ct_eq(hash.as_bytes())
        .into()
}

#[cfg(test)]
mod tests {
    use super::is_hash_of;
    use crate::SigningAlgorithm;

    #[test]
    fn the_hash_is_the_one_of_the_tokens_own_algorithm() {
        // OpenID Connect Core, Appendix A.3.
        let (token, hash) = (
            "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y",
            "77QmUPtjPfzWtF2AnpK9RQ",
        );
        assert!(is_hash_of(hash, token, SigningAlgorithm::Rs256));
        assert!(!is_hash_of(hash, token, SigningAlgorithm::Rs512));
        assert!(!is_hash_of(hash, "another", SigningAlgorithm::Rs256));
    }
}
