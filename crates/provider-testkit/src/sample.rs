//! What the laws log in with.

use url::Url;
use vestibule_protocol::{Secret, Timestamp};
use vestibule_provider::{LoginContext, Sealed};

/// The client that the provider is at the upstream.
pub const CLIENT_ID: &str = "the broker";

/// Its secret, which has to be encoded before it stands in a header.
pub const CLIENT_SECRET: &str = "hush:client secret/%";

/// The password of the one user, where an upstream asks for one.
pub const PASSWORD: &str = "hush-password";

/// The PKCE verifier of every login.
pub const PKCE_VERIFIER: &str = "hush-verifier-0123456789-0123456789-0123456789";

/// The `state` of every login.
pub const STATE: &str = "state-of-the-login";

/// The `nonce` of every login.
pub const NONCE: &str = "nonce-of-the-login";

/// The moment of every login: in the year 2096, which no machine's clock has reached.
pub const NOW: Timestamp = Timestamp::from_secs(4_000_000_000);

/// The callback that the broker would have.
///
/// # Panics
/// Never: the URL is written right.
pub fn callback_url() -> Url {
    Url::parse("https://broker.example/oauth/callback/upstream").expect("the URL is written right")
}

/// A login that has just begun, or goes on with what the provider kept.
pub fn context(kept: Option<Sealed>) -> LoginContext {
    LoginContext {
        now: NOW,
        begun_at: NOW,
        callback_url: callback_url(),
        state: STATE.to_owned(),
        nonce: NONCE.to_owned(),
        pkce_verifier: Secret::new(PKCE_VERIFIER),
        login_hint: None,
        force_login: false,
        kept,
    }
}
