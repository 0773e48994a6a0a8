use std::time::{SystemTime, UNIX_EPOCH};

use vestibule_protocol::Timestamp;

/// Tells the guard what time it is, so that a test can say so instead.
pub trait Clock: Send + Sync + 'static {
    /// Returns the present moment.
    fn now(&self) -> Timestamp;
}

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the guard's clock")]
    fn now(&self) -> Timestamp {
        // A clock set before 1970 reads as 1970: every token is then refused by `iat`.
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp::from_millis(i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX))
    }
}
