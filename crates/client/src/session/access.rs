use std::sync::Arc;

use vestibule_protocol::Secret;

use crate::proof::Prover;

/// An access token, and how it is shown. A token that is bound to a key is never shown without a proof.
#[derive(Clone)]
pub(crate) struct Access {
    pub(crate) token: Secret,
    /// The key that the token is bound to.
    pub(crate) prover: Option<Arc<Prover>>,
}
