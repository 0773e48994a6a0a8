use std::sync::Arc;

use aws_lc_rs::{hmac, rand};
use vestibule_jose::dpop::Nonces;
use vestibule_protocol::{ResourceUri, Secret};

use super::{Dpop, ProofMemory, PublicUrl, SpentProofs};
use crate::builder::BuildError;

/// The most proofs that are remembered at a time, unless the policy says otherwise: 1,600 a second, at about 100 bytes each.
const PROOFS: usize = 200_000;

/// The shortest secret that nonces are made with, in bytes.
const SHORTEST_SECRET: usize = 32;

/// How a server takes access tokens that are bound to a key ([RFC 9449](https://www.rfc-editor.org/rfc/rfc9449)): by
/// default beside those that are not, and without asking for nonces.
#[derive(Clone)]
pub struct DpopPolicy {
    unbound: Unbound,
    nonces: NonceKey,
    spent: Spent,
}

/// What becomes of tokens that are not bound to a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unbound {
    /// They are taken as bearer tokens.
    Accepted,
    /// They are refused.
    Refused,
}

/// What nonces are made with.
#[derive(Clone)]
enum NonceKey {
    /// Nothing: none are asked for.
    Never,
    /// A key of this process.
    Own,
    /// A secret that all replicas have.
    Shared(Secret),
}

#[derive(Clone)]
enum Spent {
    /// This many, in this process.
    Here(usize),
    /// In a store that replicas share.
    There(Arc<dyn SpentProofs>),
}

impl Default for DpopPolicy {
    fn default() -> Self {
        Self {
            unbound: Unbound::Accepted,
            nonces: NonceKey::Never,
            spent: Spent::Here(PROOFS),
        }
    }
}

impl DpopPolicy {
    /// Takes bound tokens only: a token that whoever has it can use is refused.
    pub fn required() -> Self {
        Self {
            unbound: Unbound::Refused,
            ..Self::default()
        }
    }

    /// Asks for a nonce in each proof ([RFC 9449 §9](https://www.rfc-editor.org/rfc/rfc9449#section-9)), so that none can be
    /// made long before it is used. The nonces are this process's own: behind several replicas a client would be asked anew by
    /// each, so give them one secret with [`DpopPolicy::shared_nonces`].
    #[must_use]
    pub fn nonces(mut self) -> Self {
        self.nonces = NonceKey::Own;
        self
    }

    /// Asks for a nonce in each proof, as [`DpopPolicy::nonces`] does, and makes it with a secret of 32 bytes or more that all
    /// replicas have: each takes the others' nonces.
    #[must_use]
    pub fn shared_nonces(mut self, secret: Secret) -> Self {
        self.nonces = NonceKey::Shared(secret);
        self
    }

    /// Remembers at most this many proofs at a time, in this process; 200,000 otherwise. A proof is remembered until its time
    /// is over, for two minutes at most. While that many are remembered, callers with a proof are answered 503: a proof that is
    /// forgotten too soon could be used twice.
    #[must_use]
    pub fn remembered_proofs(mut self, capacity: usize) -> Self {
        self.spent = Spent::Here(capacity);
        self
    }

    /// Remembers proofs in a store that replicas share, so that none is taken by two of them.
    #[must_use]
    pub fn spent_proofs(mut self, store: Arc<dyn SpentProofs>) -> Self {
        self.spent = Spent::There(store);
        self
    }

    pub(crate) fn unbound(&self) -> Unbound {
        self.unbound
    }

    /// Sets up what checks the proofs of a server's callers.
    pub(crate) fn open(&self, resource: &ResourceUri, url: PublicUrl) -> Result<Dpop, BuildError> {
        let nonces = match &self.nonces {
            NonceKey::Never => None,
            NonceKey::Own => Some(Nonces::new(&random_key()?)),
            NonceKey::Shared(secret) => Some(Nonces::new(&shared_key(secret, resource)?)),
        };
        let spent: Arc<dyn SpentProofs> = match &self.spent {
            Spent::Here(capacity) => Arc::new(ProofMemory::new(*capacity)),
            Spent::There(store) => Arc::clone(store),
        };
        Ok(Dpop {
            unbound: self.unbound,
            url,
            nonces,
            spent,
        })
    }
}

fn random_key() -> Result<[u8; 32], BuildError> {
    let mut key = [0; 32];
    rand::fill(&mut key).map_err(|_| BuildError::NoRandomness)?;
    Ok(key)
}

/// The key of one server's nonces, where several servers have the same secret.
fn shared_key(secret: &Secret, resource: &ResourceUri) -> Result<[u8; 32], BuildError> {
    let secret = secret.expose().as_bytes();
    if secret.len() < SHORTEST_SECRET {
        return Err(BuildError::ShortNonceSecret(SHORTEST_SECRET));
    }
    let name = format!("vestibule guard: DPoP nonces of {}", resource.as_str());
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), name.as_bytes());
    let mut key = [0; 32];
    key.copy_from_slice(tag.as_ref());
    Ok(key)
}
