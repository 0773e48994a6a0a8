//! Randomness, handed in.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use vestibule_protocol::{ClientId, Secret, SessionId, TokenId};

/// A source of unpredictable bytes.
pub trait Entropy: Send + Sync {
    /// Fills `bytes` with unpredictable values.
    fn fill(&self, bytes: &mut [u8]);
}

impl dyn Entropy {
    /// Sixteen unpredictable bytes: enough for what must be unique or salted.
    pub fn salt(&self) -> [u8; 16] {
        let mut bytes = [0; 16];
        self.fill(&mut bytes);
        bytes
    }

    /// A name of 128 bits, in base64url: for what is not secret.
    pub fn name(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.salt())
    }

    /// A new session's id.
    pub fn session_id(&self) -> SessionId {
        SessionId::of_bytes(self.salt())
    }

    /// A new client's id.
    pub fn client_id(&self) -> ClientId {
        let mut bytes = [0; 32];
        self.fill(&mut bytes);
        ClientId::of_bytes(bytes)
    }

    /// A new token's id.
    pub fn token_id(&self) -> TokenId {
        TokenId::of_bytes(self.salt())
    }

    /// A secret of 256 bits, in base64url: for codes, handles and client secrets.
    pub fn secret(&self) -> Secret {
        let mut bytes = [0; 32];
        self.fill(&mut bytes);
        Secret::new(URL_SAFE_NO_PAD.encode(bytes))
    }
}

/// The operating system's generator, stretched by the thread's own.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    #[expect(clippy::disallowed_methods, reason = "the one place that draws random bytes")]
    fn fill(&self, bytes: &mut [u8]) {
        use rand::Rng as _;
        rand::rng().fill_bytes(bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6749 §10.10: “The probability of an attacker guessing generated tokens … MUST be less than or equal to 2^(-128)”.
    #[test]
    fn whatever_opens_a_door_has_128_random_bits_at_least() {
        let entropy: &dyn Entropy = &SystemEntropy;
        let bits = |text: &str| URL_SAFE_NO_PAD.decode(text).unwrap().len() * 8;
        assert_eq!(bits(entropy.secret().expose()), 256);
        assert_eq!(bits(entropy.session_id().as_str()), 128);
        assert_eq!(bits(&entropy.name()), 128);
        assert_ne!(entropy.secret().expose(), entropy.secret().expose());
    }
}
