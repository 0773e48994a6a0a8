//! A [`Timestamp`] as a `NumericDate`, for `#[serde(with = "numeric_date")]`.
//!
//! [RFC 7519 §2](https://www.rfc-editor.org/rfc/rfc7519#section-2): seconds since the epoch, and “non-integer
//! values can be represented”. Ours are whole seconds; a fraction that we are given is cut off.

use std::fmt;

use serde::de::{Error, Unexpected, Visitor};
use serde::{Deserialize, Deserializer, Serializer};
use vestibule_protocol::Timestamp;

/// 9999-12-31T23:59:59Z: beyond it a date is a mistake or an attempt at an overflow.
const LATEST: i64 = 253_402_300_799;

/// Writes a moment as whole seconds.
pub fn serialize<S: Serializer>(at: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_i64(at.as_secs())
}

/// Reads a moment from a number of seconds.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
    NumericDate::deserialize(deserializer).map(|date| date.0)
}

/// The same for `Option<Timestamp>`; use it with `#[serde(default)]`.
pub mod option {
    use super::{Deserialize, Deserializer, NumericDate, Serializer, Timestamp};

    /// Writes a moment as whole seconds, and none as null.
    pub fn serialize<S: Serializer>(at: &Option<Timestamp>, serializer: S) -> Result<S::Ok, S::Error> {
        match at {
            Some(at) => super::serialize(at, serializer),
            None => serializer.serialize_none(),
        }
    }

    /// Reads a moment from a number of seconds, and none from null.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Timestamp>, D::Error> {
        let date = Option::<NumericDate>::deserialize(deserializer)?;
        Ok(date.map(|date| date.0))
    }
}

struct NumericDate(Timestamp);

impl<'de> Deserialize<'de> for NumericDate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer
            .deserialize_any(Seconds)
            .map(|seconds| Self(Timestamp::from_secs(seconds)))
    }
}

/// Accepts any JSON number between 1970 and 9999.
struct Seconds;

impl Visitor<'_> for Seconds {
    type Value = i64;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a NumericDate between 1970 and 9999")
    }

    fn visit_i64<E: Error>(self, seconds: i64) -> Result<i64, E> {
        match seconds {
            0..=LATEST => Ok(seconds),
            _ => Err(E::invalid_value(Unexpected::Signed(seconds), &self)),
        }
    }

    fn visit_u64<E: Error>(self, seconds: u64) -> Result<i64, E> {
        self.visit_i64(i64::try_from(seconds).unwrap_or(i64::MAX))
    }

    fn visit_f64<E: Error>(self, seconds: f64) -> Result<i64, E> {
        if seconds.is_sign_negative() {
            return Err(E::invalid_value(Unexpected::Float(seconds), &self));
        }
        #[expect(
            clippy::cast_possible_truncation,
            reason = "a cast cuts the fraction off, and saturates"
        )]
        let whole = seconds as i64;
        self.visit_i64(whole)
    }
}
