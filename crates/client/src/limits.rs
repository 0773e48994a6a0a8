use std::time::Duration;

/// How long the client waits, and how much it reads.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Until a connection stands.
    pub connect: Duration,
    /// Until a document or a token has arrived in full.
    pub answer: Duration,
    /// The largest document or token answer, in bytes.
    pub body: usize,
    /// Until the person has logged in and consented.
    pub sign_in: Duration,
    /// Until a tool has answered.
    pub call: Duration,
    /// Until another process has finished its refresh.
    pub lock: Duration,
    /// How long before its expiry an access token is refreshed.
    pub margin: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            answer: Duration::from_secs(15),
            body: 256 * 1024,
            sign_in: Duration::from_secs(300),
            call: Duration::from_secs(300),
            lock: Duration::from_secs(30),
            margin: Duration::from_secs(30),
        }
    }
}
