use vestibule_protocol::Timestamp;

/// What the client takes from the machine that it runs on.
pub trait Host: Send + Sync + 'static {
    /// The time, by which tokens expire.
    fn now(&self) -> Timestamp;

    /// Thirty-two unpredictable bytes, for `state` and the PKCE verifier.
    fn random(&self) -> [u8; 32];
}
