//! The device authorization grant ([RFC 8628](https://www.rfc-editor.org/rfc/rfc8628)).

use serde::Serialize;
use thiserror::Error;

use crate::Secret;
use crate::newtype::parsed_from_str;
use crate::secret::exposed;

/// Consonants alone: no word can be made of them, and none looks like another or like a digit
/// ([RFC 8628 §6.1](https://www.rfc-editor.org/rfc/rfc8628#section-6.1)).
const ALPHABET: &[u8; 20] = b"BCDFGHJKLMNPQRSTVWXZ";

/// How many letters a user code has: 34 bits, which the limit on tries makes enough for minutes.
const LENGTH: usize = 8;

/// The code that a person carries from the device to the browser, in its written form: `WDJB-MJHT`.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct UserCode(String);

/// A text that is no user code.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("a user code has eight letters, without vowels")]
pub struct UserCodeError;

impl UserCode {
    /// Reads a code as people type it: without regard to case, spaces and punctuation.
    ///
    /// # Errors
    /// [`UserCodeError`].
    pub fn parse(text: &str) -> Result<Self, UserCodeError> {
        if text.len() > 64 {
            return Err(UserCodeError);
        }
        let typed = text.chars().filter(|c| !c.is_whitespace() && !is_punctuation(*c));
        let letters: String = typed.map(|c| c.to_ascii_uppercase()).collect();
        let fits = letters.len() == LENGTH && letters.bytes().all(|letter| ALPHABET.contains(&letter));
        if fits {
            Ok(Self::written(&letters))
        } else {
            Err(UserCodeError)
        }
    }

    /// Makes a code of unpredictable bytes; none if there were too few that favour no letter.
    pub fn of_bytes(bytes: &[u8]) -> Option<Self> {
        // The bytes above the last multiple of 20 would make some letters more likely.
        let even = bytes.iter().filter(|byte| **byte < 240);
        let letters: String = even
            .filter_map(|byte| ALPHABET.get(usize::from(byte % 20)))
            .map(|letter| char::from(*letter))
            .take(LENGTH)
            .collect();
        (letters.len() == LENGTH).then(|| Self::written(&letters))
    }

    fn written(letters: &str) -> Self {
        let (first, second) = letters.split_at(LENGTH / 2);
        Self(format!("{first}-{second}"))
    }

    /// The code as it is written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn is_punctuation(c: char) -> bool {
    c.is_ascii_punctuation() || matches!(c, '‐'..='―' | '−' | '·')
}

impl std::fmt::Debug for UserCode {
    /// Shows nothing of the code: whoever has it can let the device in.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("UserCode(…)")
    }
}

parsed_from_str!(UserCode, UserCodeError);

/// The answer to a device authorization request ([RFC 8628 §3.2](https://www.rfc-editor.org/rfc/rfc8628#section-3.2)).
#[derive(Serialize)]
pub struct DeviceAuthorizationResponse {
    /// What the device polls with.
    #[serde(serialize_with = "exposed")]
    pub device_code: Secret,
    /// What the person types.
    pub user_code: UserCode,
    /// Where the person types it.
    pub verification_uri: String,
    /// The same place, with the code filled in.
    pub verification_uri_complete: String,
    /// How long both codes live, in seconds.
    pub expires_in: u64,
    /// How long to wait between two polls, in seconds.
    pub interval: u64,
}

impl std::fmt::Debug for DeviceAuthorizationResponse {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DeviceAuthorizationResponse")
            .field("verification_uri", &self.verification_uri)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_user_code_is_refused() {
        for text in [
            "",
            "WDJB-MJH",
            "WDJB-MJHTT",
            "ADJB-MJHT",
            "WDJ0-MJHT",
            "wdjbmjhé",
            "WDJB-MJHT-WDJB-MJHT",
        ] {
            assert_eq!(UserCode::parse(text), Err(UserCodeError), "{text}");
        }
        assert_eq!(UserCode::parse(&"W".repeat(100_000)), Err(UserCodeError));
    }

    #[test]
    fn a_code_is_read_as_people_type_it() {
        for text in [
            "WDJB-MJHT",
            "wdjbmjht",
            " WdJb mJhT ",
            "w.d.j.b–m_j/h t",
            "WDJB\u{2011}MJHT",
        ] {
            assert_eq!(UserCode::parse(text).unwrap().as_str(), "WDJB-MJHT", "{text}");
        }
    }

    #[test]
    fn a_code_is_made_without_favour() {
        assert_eq!(UserCode::of_bytes(&[255; 64]), None);
        assert_eq!(UserCode::of_bytes(&[0; 7]), None);
        let code = UserCode::of_bytes(&[240, 0, 19, 20, 239, 250, 1, 2, 3, 4, 5]).unwrap();
        assert_eq!(code.as_str(), "BZBZ-CDFG");
    }

    #[test]
    fn a_code_is_not_printed() {
        let code = UserCode::parse("WDJB-MJHT").unwrap();
        assert!(!format!("{code:?}").contains("WDJB"));
    }
}
