//! A [`Timestamp`] as a `NumericDate`, for `#[serde(with = "numeric_date")]`.
//!
//! [RFC 7519 §2](https://www.rfc-editor.org/rfc/rfc7519#section-2): seconds since the epoch, and “non-integer
//! values can be represented”. Ours are whole seconds; a fraction that we are given is cut off.

use serde::{Deserialize, Deserializer, Serializer, de::Error};
use vestibule_protocol::Timestamp;

/// 9999-12-31T23:59:59Z: beyond it a date is a mistake or an attempt at an overflow.
const LATEST: i64 = 253_402_300_799;

#[derive(Deserialize)]
#[serde(untagged)]
enum Number {
    Whole(i64),
    Fractional(f64),
}

impl Number {
    fn to_timestamp(&self) -> Option<Timestamp> {
        let seconds = match *self {
            Self::Whole(seconds) => seconds,
            Self::Fractional(seconds) if (0.0..=9_999_999_999_999.0).contains(&seconds) => {
                #[expect(
                    clippy::cast_possible_truncation,
                    reason = "in range, and a fraction is cut off"
                )]
                let whole = seconds as i64;
                whole
            }
            Self::Fractional(_) => return None,
        };
        (0..=LATEST)
            .contains(&seconds)
            .then(|| Timestamp::from_secs(seconds))
    }
}

/// Writes a moment as whole seconds.
pub fn serialize<S: Serializer>(at: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_i64(at.as_secs())
}

/// Reads a moment from a number of seconds.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
    option::deserialize(deserializer)?.ok_or_else(|| D::Error::custom("expected a NumericDate"))
}

/// The same for `Option<Timestamp>`; use it with `#[serde(default)]`.
pub mod option {
    use super::{Deserialize, Deserializer, Error, Number, Serializer, Timestamp};

    /// Writes a moment as whole seconds, and none as null.
    pub fn serialize<S: Serializer>(at: &Option<Timestamp>, serializer: S) -> Result<S::Ok, S::Error> {
        match at {
            Some(at) => super::serialize(at, serializer),
            None => serializer.serialize_none(),
        }
    }

    /// Reads a moment from a number of seconds, and none from null.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Timestamp>, D::Error> {
        Option::<Number>::deserialize(deserializer)?
            .map(|number| {
                number
                    .to_timestamp()
                    .ok_or_else(|| D::Error::custom("not a NumericDate between 1970 and 9999"))
            })
            .transpose()
    }
}
