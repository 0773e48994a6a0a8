//! Laws of what binds an ID token to one login.

use crate::id_tokens::{refuse, reject};
use crate::{Bench, Lie};

/// A token for another login is rejected.
pub async fn a_token_with_another_nonce_is_rejected(bench: &impl Bench) {
    reject(bench, Lie::AnotherNonce).await;
}

/// A token for no login in particular is rejected.
pub async fn a_token_without_a_nonce_is_rejected(bench: &impl Bench) {
    reject(bench, Lie::NoNonce).await;
}

/// A token that was issued beside another access token is rejected.
pub async fn a_token_for_another_access_token_is_rejected(bench: &impl Bench) {
    reject(bench, Lie::AnotherAccessToken).await;
}

/// An answer of the token endpoint without an ID token logs nobody in.
pub async fn an_answer_without_a_token_is_rejected(bench: &impl Bench) {
    refuse(bench, Lie::NoIdToken).await;
}
