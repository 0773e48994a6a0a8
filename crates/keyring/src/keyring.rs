use serde::Serialize;
use vestibule_jose::{Algorithm, Jwks, SigningKey, VerifyingKeys};
use vestibule_protocol::{KeyId, Timestamp};

use crate::document::StoredKey;
use crate::{KeyDocument, KeyringError};

/// The keys of a [`KeyDocument`], decoded once and ready for every request.
#[derive(Debug)]
pub struct Keyring {
    signer: SigningKey,
    jwks: Jwks,
    verifying_keys: VerifyingKeys,
    description: Vec<KeyInfo>,
}

impl Keyring {
    /// Decodes every key of a document, those included that do not sign yet: a key that cannot be used is found
    /// before its turn comes.
    ///
    /// # Errors
    /// [`KeyringError::UnusableKey`] if one of them cannot be used.
    pub fn from_document(document: &KeyDocument) -> Result<Self, KeyringError> {
        let KeyDocument {
            active,
            next,
            retiring,
        } = document;
        let signer = active.key.jwk.signing_key()?;
        let mut public = vec![signer.public_jwk().clone()];
        let mut description = vec![KeyInfo::of(
            &active.key,
            &signer,
            KeyStage::Active {
                since: active.activated_at,
            },
        )];
        let next = next.iter().map(|next| {
            (
                &next.key,
                KeyStage::Next {
                    activates_at: next.due_at,
                },
            )
        });
        let retiring = retiring.iter().map(|old| {
            (
                &old.key,
                KeyStage::Retiring {
                    since: old.retired_at,
                },
            )
        });
        for (stored, stage) in next.chain(retiring) {
            let key = stored.jwk.signing_key()?;
            public.push(key.public_jwk().clone());
            description.push(KeyInfo::of(stored, &key, stage));
        }
        let jwks = Jwks::new(public);
        let verifying_keys = VerifyingKeys::from_jwks(&jwks);
        Ok(Self {
            signer,
            jwks,
            verifying_keys,
            description,
        })
    }

    /// Returns the active key.
    pub fn signer(&self) -> &SigningKey {
        &self.signer
    }

    /// Returns the public keys as they are published: active, next, retiring.
    pub fn jwks(&self) -> &Jwks {
        &self.jwks
    }

    /// Returns the public keys ready to verify with.
    pub fn verifying_keys(&self) -> &VerifyingKeys {
        &self.verifying_keys
    }

    /// Tells an operator which keys there are and where each stands, the active one first.
    pub fn describe(&self) -> Vec<KeyInfo> {
        self.description.clone()
    }
}

/// One key, as an operator sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct KeyInfo {
    /// The key's id, which tokens name in `kid`.
    pub key_id: KeyId,
    /// What it signs with.
    pub algorithm: Algorithm,
    /// When it was first published.
    pub published_at: Timestamp,
    /// Where in its life it stands.
    #[serde(flatten)]
    pub stage: KeyStage,
}

impl KeyInfo {
    fn of(stored: &StoredKey, key: &SigningKey, stage: KeyStage) -> Self {
        Self {
            key_id: key.key_id().clone(),
            algorithm: key.algorithm(),
            published_at: stored.published_at,
            stage,
        }
    }
}

/// The stages of a key's life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "stage", rename_all = "lowercase")]
pub enum KeyStage {
    /// Published, and not signing yet.
    Next {
        /// When it takes over.
        activates_at: Timestamp,
    },
    /// Signing.
    Active {
        /// Since when.
        since: Timestamp,
    },
    /// Published for the tokens that it has signed.
    Retiring {
        /// Since when it signs no more.
        since: Timestamp,
    },
}
