//! A provider's public keys.

use url::Url;
use vestibule_jose::foreign::{Jws, KeySet};
use vestibule_protocol::Secret;
use vestibule_provider::ProviderError;

use crate::SigningAlgorithm;
use crate::call::Caller;

/// Fetches and reads the key set.
pub(crate) async fn fetch(caller: &Caller, place: &Url) -> Result<KeySet, ProviderError> {
    let answer = caller
        .get(place, "application/jwk-set+json, application/json", None)
        .await?;
    if !answer.status().is_success() {
        return Err(ProviderError::Unavailable(format!(
            "the provider's keys at {}{} cannot be read (it answered with {})",
            place.host_str().unwrap_or_default(),
            place.path(),
            answer.status(),
        )));
    }
    KeySet::parse(answer.body())
        .map_err(|error| ProviderError::Misconfigured(format!("the provider's key set {error}")))
}

/// Whether the signature was made with the client secret.
pub(crate) fn is_signed_with(secret: &Secret, token: &Jws<'_>) -> bool {
    let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, secret.expose().as_bytes());
    token.algorithm() == SigningAlgorithm::Hs256
        && aws_lc_rs::hmac::verify(&key, token.signed(), token.signature()).is_ok()
}
