//! How a login can fail.

use thiserror::Error;

/// Why a provider did not vouch for the user.
///
/// The text is for the operator's log; the broker shows a sentence of its own to the user.
#[derive(Debug, Error)]
pub enum ProviderError {
    /// The user, or the provider on the user's behalf, said no.
    #[error("the login was denied: {0}")]
    Denied(String),
    /// What came back does not hold: a wrong signature, nonce, audience or state.
    #[error("the provider's answer was rejected: {0}")]
    Rejected(String),
    /// The provider cannot be reached or is failing; a later try may succeed.
    #[error("the provider is unavailable: {0}")]
    Unavailable(String),
    /// The operator has to change something, here or in the provider's console.
    #[error("the provider is misconfigured: {0}")]
    Misconfigured(String),
}
