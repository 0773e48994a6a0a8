//! The publishable key, which says where the application's Frontend API is.

use std::str::FromStr;

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use thiserror::Error;
use url::Host;
use vestibule_upstream_oidc::ProviderOrigin;

/// Which instance of an application a key is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Instance {
    Development,
    Production,
}

impl Instance {
    /// By the middle of a key: `pk_test_…`, `sk_live_…`.
    pub(crate) fn named(word: &str) -> Option<Self> {
        match word {
            "test" => Some(Self::Development),
            "live" => Some(Self::Production),
            _ => None,
        }
    }
}

/// A publishable key: `pk_test_…` or `pk_live_…`. It is no secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishableKey {
    pub(crate) instance: Instance,
    frontend_api: ProviderOrigin,
}

/// The text is no publishable key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum PublishableKeyError {
    /// It is the secret key.
    #[error(
        "is the secret key; write the publishable one, pk_test_… or pk_live_…, and the secret one as secret_key"
    )]
    Secret,
    /// It is something else.
    #[error("is not a publishable key; copy it from API keys in Clerk's dashboard: pk_test_… or pk_live_…")]
    Malformed,
}

/// Standard base64; the key may have lost its padding.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

impl PublishableKey {
    /// Reads a key: `pk`, the instance, and the Frontend API's host with a `$` behind it in base64.
    ///
    /// # Errors
    /// [`PublishableKeyError`].
    pub fn parse(text: &str) -> Result<Self, PublishableKeyError> {
        let parts: Vec<&str> = text.trim().split('_').collect();
        let (instance, encoded) = match parts.as_slice() {
            ["pk", instance, encoded] => (*instance, *encoded),
            ["sk", ..] => return Err(PublishableKeyError::Secret),
            _ => return Err(PublishableKeyError::Malformed),
        };
        Self::read(instance, encoded).ok_or(PublishableKeyError::Malformed)
    }

    fn read(instance: &str, encoded: &str) -> Option<Self> {
        let decoded = String::from_utf8(BASE64.decode(encoded).ok()?).ok()?;
        let host = decoded.strip_suffix('$')?;
        // The key comes from a console, but it decides where users and the client's secret are sent: a host, and nothing else.
        let is_plain = host.contains('.')
            && host
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-.".contains(&byte))
            && host.split('.').all(|label| !label.is_empty())
            && matches!(Host::parse(host), Ok(Host::Domain(_)));
        if !is_plain {
            return None;
        }
        Some(Self {
            instance: Instance::named(instance)?,
            frontend_api: ProviderOrigin::parse(host).ok()?,
        })
    }

    /// Where the Frontend API is.
    pub fn frontend_api(&self) -> &ProviderOrigin {
        &self.frontend_api
    }
}

impl FromStr for PublishableKey {
    type Err = PublishableKeyError;

    fn from_str(text: &str) -> Result<Self, PublishableKeyError> {
        Self::parse(text)
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;

    use super::{Instance, PublishableKey, PublishableKeyError};

    fn key(decoded: &str) -> String {
        format!("pk_test_{}", STANDARD.encode(decoded))
    }

    #[test]
    fn a_key_says_where_the_frontend_api_is() {
        let key = PublishableKey::parse("pk_test_ZXhhbXBsZS5hY2NvdW50cy5kZXYk").unwrap();
        assert_eq!(key.frontend_api().as_str(), "https://example.accounts.dev");
        assert_eq!(key.instance, Instance::Development);
        let live = PublishableKey::parse(&self::key("clerk.example.com$").replace("test", "live")).unwrap();
        assert_eq!(live.frontend_api().as_str(), "https://clerk.example.com");
        assert_eq!(live.instance, Instance::Production);
    }

    #[test]
    fn padding_may_be_missing() {
        let whole = key("abc.example.com$");
        assert!(whole.ends_with('='), "{whole}");
        assert!(PublishableKey::parse(whole.trim_end_matches('=')).is_ok());
        assert!(PublishableKey::parse(&whole).is_ok());
    }

    #[test]
    fn what_is_no_host_and_one_dollar_is_refused() {
        for decoded in [
            "",
            "$",
            "example.com",
            "example.com$$",
            "exam$ple.com$",
            "example$",
            ".example.com$",
            "example.com.$",
            "example..com$",
            "example.com/path$",
            "example.com:8443$",
            "user@example.com$",
            "https://example.com$",
            "example.com?x$",
            "example.com#x$",
            "example.com\\x$",
            "exa mple.com$",
            "example.com\n$",
            "EXAMPLE.com$",
            "127.0.0.1$",
            "0x7f.1$",
            "169.254.169.254$",
            "[::1].x$",
            "xn--.com/$",
        ] {
            let key = key(decoded);
            assert_eq!(
                PublishableKey::parse(&key),
                Err(PublishableKeyError::Malformed),
                "{decoded:?}"
            );
        }
    }

    #[test]
    fn a_key_has_three_parts_and_a_known_instance() {
        let encoded = STANDARD.encode("example.accounts.dev$");
        for text in [
            String::new(),
            "pk".to_owned(),
            "pk_test".to_owned(),
            "pk_test_".to_owned(),
            format!("pk_test__{encoded}"),
            format!("pk_test_{encoded}_"),
            format!("pk_prod_{encoded}"),
            format!("PK_test_{encoded}"),
            format!("test_pk_{encoded}"),
            format!("pk_test_{encoded}!"),
            "pk_test_//79".to_owned(),
        ] {
            assert_eq!(
                PublishableKey::parse(&text),
                Err(PublishableKeyError::Malformed),
                "{text}"
            );
        }
    }

    #[test]
    fn the_secret_key_is_told_apart() {
        assert_eq!(
            PublishableKey::parse("sk_test_abc"),
            Err(PublishableKeyError::Secret)
        );
    }
}
