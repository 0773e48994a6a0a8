//! Who may register a client, and how.

use vestibule_protocol::{RedirectPolicy, Secret};

/// Dynamic client registration ([RFC 7591](https://www.rfc-editor.org/rfc/rfc7591)).
#[derive(Debug)]
pub struct RegistrationSettings {
    /// Whether the endpoint is open at all.
    pub enabled: bool,
    /// The initial access token that a registration must carry, if the operator wants one.
    pub initial_access_token: Option<Secret>,
    /// What redirect URIs are acceptable.
    pub redirects: RedirectPolicy,
    /// Redirect hosts whose clients register as public and yet want a `client_secret` in the answer (Perplexity does).
    pub secret_for_hosts: Vec<String>,
}
