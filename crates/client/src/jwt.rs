//! Tokens that this client signs, and what is read of those that it only carries.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{EncodingKey, Header};
use serde::{Deserialize, Serialize};
use vestibule_protocol::Secret;

/// Signs claims under a header; nothing where the key is not one for the header's algorithm.
pub(crate) fn sign(header: &Header, claims: &impl Serialize, key: &EncodingKey) -> Option<Secret> {
    jsonwebtoken::encode(header, claims, key).ok().map(Secret::new)
}

/// What a token says of where it belongs. Nobody has verified it: it serves to keep a token from those whom it is not for.
#[derive(Debug, Deserialize)]
pub(crate) struct Addressed {
    #[serde(default)]
    pub(crate) iss: Option<String>,
    #[serde(default)]
    aud: Audience,
}

#[derive(Debug, Default, Deserialize)]
#[serde(untagged)]
enum Audience {
    #[default]
    None,
    One(String),
    Several(Vec<String>),
}

impl Addressed {
    /// Reads the claims of a signed token; nothing of what is none.
    pub(crate) fn read(token: &Secret) -> Option<Self> {
        let mut parts = token.expose().split('.');
        let (Some(_), Some(claims), Some(_), None) = (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return None;
        };
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).ok()?).ok()
    }

    /// Whether the token is for this one, and nobody else could be entered with it.
    pub(crate) fn is_for(&self, name: &str) -> bool {
        self.audience().eq([name])
    }

    /// Those whom the token is for.
    pub(crate) fn audience(&self) -> impl Iterator<Item = &str> {
        let named = match &self.aud {
            Audience::None => &[],
            Audience::One(one) => std::slice::from_ref(one),
            Audience::Several(several) => several.as_slice(),
        };
        named.iter().map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use vestibule_protocol::Secret;

    use super::Addressed;

    fn read(claims: &str) -> Option<Addressed> {
        use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
        Addressed::read(&Secret::new(format!(
            "e30.{}.c2ln",
            URL_SAFE_NO_PAD.encode(claims)
        )))
    }

    #[test]
    fn a_token_is_for_the_one_whom_it_names_alone() {
        for one in [
            r#"{"aud": "https://as.example"}"#,
            r#"{"aud": ["https://as.example"]}"#,
        ] {
            let token = read(one).unwrap();
            assert!(token.is_for("https://as.example"), "{one}");
            assert!(!token.is_for("https://as.example/") && !token.is_for(""), "{one}");
        }
        for other in [
            "{}",
            r#"{"aud": []}"#,
            r#"{"aud": ["https://as.example", "https://kubernetes.default.svc"]}"#,
        ] {
            assert!(!read(other).unwrap().is_for("https://as.example"), "{other}");
        }
    }

    #[test]
    fn what_is_no_signed_token_is_not_read() {
        for text in [
            "",
            "a",
            "a.b",
            "e30.e30",
            "e30.e30.c2ln.more",
            "e30.!.c2ln",
            "-----BEGIN PRIVATE KEY-----",
        ] {
            assert!(Addressed::read(&Secret::new(text)).is_none(), "{text}");
        }
    }
}
