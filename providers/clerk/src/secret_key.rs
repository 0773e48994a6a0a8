//! The secret key, with which the backend API is asked.

use thiserror::Error;
use vestibule_protocol::Secret;

use crate::publishable_key::Instance;

/// A secret key: `sk_test_…` or `sk_live_…`.
#[derive(Debug, Clone)]
pub struct SecretKey {
    pub(crate) instance: Instance,
    key: Secret,
}

/// The text is no secret key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("is not a secret key; copy it from API keys in Clerk's dashboard: sk_test_… or sk_live_…")]
pub struct SecretKeyError;

impl SecretKey {
    /// Reads a key.
    ///
    /// # Errors
    /// [`SecretKeyError`], which does not show the text.
    pub fn parse(secret: &Secret) -> Result<Self, SecretKeyError> {
        let key = secret.expose().trim();
        let rest = key.strip_prefix("sk_").ok_or(SecretKeyError)?;
        let (instance, value) = rest.split_once('_').ok_or(SecretKeyError)?;
        let is_plain = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_graphic());
        Ok(Self {
            instance: Instance::named(instance)
                .filter(|_| is_plain)
                .ok_or(SecretKeyError)?,
            key: Secret::new(key),
        })
    }

    pub(crate) fn expose(&self) -> &str {
        self.key.expose()
    }
}

#[cfg(test)]
mod tests {
    use vestibule_protocol::Secret;

    use super::SecretKey;

    #[test]
    fn a_secret_key_is_told_by_its_shape_and_never_shown() {
        let key = SecretKey::parse(&Secret::new("sk_test_abc123\n")).unwrap();
        assert_eq!(key.expose(), "sk_test_abc123");
        assert!(!format!("{key:?}").contains("abc123"));
        for text in [
            "",
            "sk_test_",
            "sk_prod_abc",
            "pk_test_abc",
            "sk_abc",
            "sk_test_a b",
            "sk_test_a\nb",
        ] {
            assert!(SecretKey::parse(&Secret::new(text)).is_err(), "{text:?}");
        }
    }
}
