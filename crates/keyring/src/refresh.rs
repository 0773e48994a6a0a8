use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::Mac;
use subtle::{Choice, ConstantTimeEq};
use vestibule_protocol::{Secret, SessionId};
use zeroize::Zeroizing;

use crate::MasterSecret;
use crate::master_secret::keyed;

/// Derives refresh tokens, so that none has to be stored.
///
/// Generation `n` of session `s` is `s.n.base64url(HMAC-SHA-256(refresh key, s ‖ n ‖ salt))`. Whoever steals the
/// database holds the salt and the generation, and still no token; whoever asks twice is given the same one, from
/// any replica.
pub struct RefreshTokens {
    current: RefreshKey,
    previous: Vec<RefreshKey>,
}

type RefreshKey = Zeroizing<[u8; 32]>;

impl RefreshTokens {
    /// Derives under the current secret, and verifies under any of them.
    pub fn new(current: &MasterSecret, previous: &[MasterSecret]) -> Self {
        let key = |secret: &MasterSecret| secret.derive("refresh tokens");
        Self {
            current: key(current),
            previous: previous.iter().map(key).collect(),
        }
    }

    /// Derives the token of one generation of a session.
    pub fn derive(&self, session: &SessionId, generation: u64, salt: &[u8; 16]) -> Secret {
        let mac = URL_SAFE_NO_PAD.encode(mac(&self.current, session, generation, salt));
        Secret::new(format!("{session}.{generation}.{mac}"))
    }

    /// Reads a refresh token; `None` for whatever cannot be one. Nothing about it is verified yet.
    pub fn parse(token: &str) -> Option<PresentedRefresh> {
        let (rest, mac) = token.rsplit_once('.')?;
        let (session, generation) = rest.rsplit_once('.')?;
        let number: u64 = generation.parse().ok()?;
        // One generation is written in one way.
        if number.to_string() != generation {
            return None;
        }
        Some(PresentedRefresh {
            session: SessionId::parse(session).ok()?,
            generation: number,
            mac: URL_SAFE_NO_PAD.decode(mac).ok()?.try_into().ok()?,
        })
    }

    /// Verifies a presented token against the salt of the session that it names, in constant time.
    pub fn verify(&self, presented: &PresentedRefresh, salt: &[u8; 16]) -> bool {
        let PresentedRefresh {
            session,
            generation,
            mac: presented,
        } = presented;
        std::iter::once(&self.current)
            .chain(&self.previous)
            .fold(Choice::from(0), |found, key| {
                found | mac(key, session, *generation, salt).ct_eq(presented)
            })
            .into()
    }
}

impl fmt::Debug for RefreshTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RefreshTokens").finish_non_exhaustive()
    }
}

/// The generation and the salt have fixed lengths and stand last, so no two inputs run together.
fn mac(key: &RefreshKey, session: &SessionId, generation: u64, salt: &[u8; 16]) -> [u8; 32] {
    let mut mac = keyed(key.as_slice());
    mac.update(session.as_str().as_bytes());
    mac.update(&generation.to_be_bytes());
    mac.update(salt);
    mac.finalize().into_bytes().into()
}

/// A refresh token that somebody presented, taken apart and not yet believed.
#[derive(Clone)]
pub struct PresentedRefresh {
    session: SessionId,
    generation: u64,
    mac: [u8; 32],
}

impl PresentedRefresh {
    /// Returns the session that it names.
    pub fn session(&self) -> &SessionId {
        &self.session
    }

    /// Returns the generation that it names.
    pub fn generation(&self) -> u64 {
        self.generation
    }
}

impl fmt::Debug for PresentedRefresh {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PresentedRefresh")
            .field("session", &self.session)
            .field("generation", &self.generation)
            .finish_non_exhaustive()
    }
}
