//! Passwords: argon2id hashes, and plain ones for the demo.

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use thiserror::Error;
use vestibule_protocol::Secret;

/// What a user's password is checked against.
#[derive(Debug, Clone)]
pub struct Password(Kind);

#[derive(Debug, Clone)]
enum Kind {
    Plain(Secret),
    Hash(Secret),
}

/// Why a text is no password hash.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PasswordError {
    /// It is no PHC string of argon2id.
    #[error("is not an argon2id hash; make one with `vestibule hash-password`")]
    NotArgon2id,
    /// Hashing failed.
    #[error("the password cannot be hashed: {0}")]
    Hashing(String),
}

impl Password {
    /// A password in clear: for the demo alone, where everybody may know it.
    pub fn plain(password: Secret) -> Self {
        Self(Kind::Plain(password))
    }

    /// A password by its argon2id hash, in the PHC string format.
    ///
    /// # Errors
    /// [`PasswordError::NotArgon2id`].
    pub fn hashed(phc: &str) -> Result<Self, PasswordError> {
        let parsed = PasswordHash::new(phc).map_err(|_| PasswordError::NotArgon2id)?;
        if parsed.algorithm.as_str() != "argon2id" || parsed.hash.is_none() {
            return Err(PasswordError::NotArgon2id);
        }
        Ok(Self(Kind::Hash(Secret::new(phc))))
    }

    /// Whether `presented` is the password. Takes the time of one argon2id hash, where the password is hashed.
    pub(crate) fn matches(&self, presented: &Secret) -> bool {
        match &self.0 {
            Kind::Plain(password) => password.matches(presented.expose()),
            Kind::Hash(phc) => PasswordHash::new(phc.expose()).is_ok_and(|parsed| {
                Argon2::default()
                    .verify_password(presented.expose().as_bytes(), &parsed)
                    .is_ok()
            }),
        }
    }

    /// Whether checking costs a hash.
    pub(crate) fn is_hashed(&self) -> bool {
        matches!(self.0, Kind::Hash(_))
    }
}

/// Hashes a password with argon2id, for a configuration file: a PHC string with a fresh salt.
///
/// # Errors
/// [`PasswordError::Hashing`] when the system has no randomness or no memory.
pub fn hash_password(password: &Secret) -> Result<String, PasswordError> {
    Argon2::default()
        .hash_password(password.expose().as_bytes())
        .map(|hash| hash.to_string())
        .map_err(|error| PasswordError::Hashing(error.to_string()))
}
