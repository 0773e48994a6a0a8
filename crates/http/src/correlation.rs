//! The name of one request, by which a person and the log speak of the same thing.

use std::fmt;

use http::HeaderValue;
use vestibule_broker::Entropy;

/// A request's name: random, and never taken from the request itself.
#[derive(Debug, Clone)]
pub(crate) struct Correlation(String);

impl Correlation {
    pub(crate) fn draw(entropy: &dyn Entropy) -> Self {
        let mut bytes = [0; 8];
        entropy.fill(&mut bytes);
        Self(format!("{:016x}", u64::from_be_bytes(bytes)))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// The value of `X-Request-Id`.
    pub(crate) fn header(&self) -> Option<HeaderValue> {
        HeaderValue::from_str(&self.0).ok()
    }
}

impl fmt::Display for Correlation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
