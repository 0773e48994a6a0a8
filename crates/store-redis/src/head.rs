//! The head of a record: what scripts read and write, in fixed places before the packed fields.
//!
//! The first byte is a letter that names the record and its form. Times are milliseconds since the epoch in six bytes, 0 where
//! there is none.

use serde_json::Value;
use vestibule_broker::Digest;
use vestibule_protocol::Timestamp;

use crate::pack::PackError;

/// How long Redis keeps what has expired, for the clocks of replicas that differ from its own.
pub(crate) const SLACK: i64 = 10 * 60 * 1000;

/// When Redis may drop what expires then.
pub(crate) fn drop_at(expiry: Timestamp) -> i64 {
    milliseconds(expiry).saturating_add(SLACK)
}

/// Milliseconds that fit into six bytes.
pub(crate) fn milliseconds(time: Timestamp) -> i64 {
    time.as_millis().clamp(0, (1 << 48) - 1 - SLACK)
}

/// Writes a head.
pub(crate) struct HeadWriter(Vec<u8>);

impl HeadWriter {
    pub(crate) fn new(kind: u8) -> Self {
        Self(vec![kind])
    }

    /// A head without a letter, for what stands in the middle of a record.
    pub(crate) fn bare() -> Self {
        Self(Vec::new())
    }

    pub(crate) fn time(self, time: Timestamp) -> Self {
        self.number(u64::try_from(milliseconds(time)).unwrap_or(0))
    }

    pub(crate) fn maybe_time(self, time: Option<Timestamp>) -> Self {
        self.time(time.unwrap_or(Timestamp::from_millis(0)))
    }

    /// A number in six bytes.
    pub(crate) fn number(mut self, number: u64) -> Self {
        self.0.extend(number.to_be_bytes().iter().skip(2));
        self
    }

    pub(crate) fn byte(mut self, byte: u8) -> Self {
        self.0.push(byte);
        self
    }

    /// A text of up to 255 bytes behind its length.
    pub(crate) fn short_text(mut self, text: &str) -> Self {
        let text = text.get(..255).unwrap_or(text);
        self.0.push(u8::try_from(text.len()).unwrap_or(u8::MAX));
        self.0.extend(text.as_bytes());
        self
    }

    /// The packed fields behind their length in two bytes.
    pub(crate) fn measured(mut self, packed: &[u8]) -> Self {
        self.0
            .extend(u16::try_from(packed.len()).unwrap_or(u16::MAX).to_be_bytes());
        self.then(packed)
    }

    pub(crate) fn then(mut self, packed: &[u8]) -> Self {
        self.0.extend(packed);
        self
    }

    pub(crate) fn into_bytes(self) -> Vec<u8> {
        self.0
    }
}

/// Reads a head.
pub(crate) struct HeadReader<'a>(&'a [u8]);

impl<'a> HeadReader<'a> {
    /// Reads the letter.
    pub(crate) fn new(record: &'a [u8]) -> Result<(u8, Self), PackError> {
        let (kind, rest) = record.split_first().ok_or(PackError::Damaged)?;
        Ok((*kind, Self(rest)))
    }

    /// A head without a letter.
    pub(crate) fn bare(head: &'a [u8]) -> Self {
        Self(head)
    }

    pub(crate) fn time(&mut self) -> Result<Timestamp, PackError> {
        let number = i64::try_from(self.number()?).map_err(|_| PackError::Damaged)?;
        Ok(Timestamp::from_millis(number))
    }

    pub(crate) fn maybe_time(&mut self) -> Result<Option<Timestamp>, PackError> {
        Ok(Some(self.time()?).filter(|time| time.as_millis() != 0))
    }

    pub(crate) fn number(&mut self) -> Result<u64, PackError> {
        Ok(self
            .take(6)?
            .iter()
            .fold(0, |number, byte| (number << 8) | u64::from(*byte)))
    }

    pub(crate) fn byte(&mut self) -> Result<u8, PackError> {
        self.take(1)?.first().copied().ok_or(PackError::Damaged)
    }

    pub(crate) fn short_text(&mut self) -> Result<&'a str, PackError> {
        let length = usize::from(self.byte()?);
        std::str::from_utf8(self.take(length)?).map_err(|_| PackError::Damaged)
    }

    pub(crate) fn measured(&mut self) -> Result<&'a [u8], PackError> {
        let length = self
            .take(2)?
            .iter()
            .fold(0, |length, byte| (length << 8) | usize::from(*byte));
        self.take(length)
    }

    /// A digest in 32 bytes.
    pub(crate) fn digest(&mut self) -> Result<Digest, PackError> {
        let bytes = self.take(32)?.try_into().map_err(|_| PackError::Damaged)?;
        Ok(Digest::of_hash(bytes))
    }

    /// Whether nothing follows.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What follows the head.
    pub(crate) fn rest(self) -> &'a [u8] {
        self.0
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8], PackError> {
        let (taken, rest) = self.0.split_at_checked(length).ok_or(PackError::Damaged)?;
        self.0 = rest;
        Ok(taken)
    }
}

/// A time as the packed form has it.
pub(crate) fn value(time: Timestamp) -> Value {
    time.as_millis().into()
}
