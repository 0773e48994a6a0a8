//! The name of one request, by which a person and the log speak of the same thing.

use std::fmt;
use std::str;

use http::HeaderValue;
use vestibule_broker::Entropy;

/// A request's name: random, and never taken from the request itself.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Correlation([u8; 16]);

impl Correlation {
    pub(crate) fn draw(entropy: &dyn Entropy) -> Self {
        let mut digits = [0; 16];
        entropy.fill(&mut digits);
        Self(digits.map(|byte| match byte & 0xf {
            digit @ 0..=9 => b'0' + digit,
            letter => b'a' - 10 + letter,
        }))
    }

    pub(crate) fn as_str(&self) -> &str {
        str::from_utf8(&self.0).unwrap_or_default()
    }

    /// The value of `X-Request-Id`.
    pub(crate) fn header(&self) -> Option<HeaderValue> {
        HeaderValue::from_bytes(&self.0).ok()
    }
}

impl fmt::Display for Correlation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
