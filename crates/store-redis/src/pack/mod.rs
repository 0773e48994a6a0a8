//! Records as compact bytes: what JSON says, in about half the space.
//!
//! The form is self-describing: a name is one byte where [`names`] knows it and is written out where it does not, so that a
//! record with a field more or less still reads, by an older replica and by a newer one. What a number of bytes stands for never
//! changes; `names` only grows at its end. Whatever cannot keep to that takes a new letter at the head of the record.

mod names;
mod parts;
mod phrases;
mod read;
mod reader;
mod write;

use std::fmt::Display;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use thiserror::Error;

/// The bytes are not a record.
#[derive(Debug, Error)]
pub(crate) enum PackError {
    /// The bytes end early, or say something that has no meaning.
    #[error("its bytes are damaged")]
    Damaged,
    /// The record is of a kind that this version does not know.
    #[error("it was written by a newer version")]
    UnknownKind,
    /// The fields are not those of the record.
    #[error("its fields are not as they should be: {0}")]
    Fields(#[from] serde_json::Error),
    /// Redis answered with something else.
    #[error("Redis answers with something that is no record")]
    Reply,
}

/// What each byte begins.
mod tag {
    pub(super) const NULL: u8 = 0x00;
    pub(super) const FALSE: u8 = 0x01;
    pub(super) const TRUE: u8 = 0x02;
    /// A number from 0 on.
    pub(super) const UNSIGNED: u8 = 0x03;
    /// A number below 0: -1 less what follows.
    pub(super) const NEGATIVE: u8 = 0x04;
    pub(super) const FLOAT: u8 = 0x05;
    pub(super) const TEXT: u8 = 0x06;
    /// 16 bytes that are a text in base64url.
    pub(super) const BASE64_16: u8 = 0x07;
    /// 32 bytes that are a text in base64url.
    pub(super) const BASE64_32: u8 = 0x08;
    pub(super) const ARRAY: u8 = 0x0a;
    /// A list of numbers below 256.
    pub(super) const BYTES: u8 = 0x0b;
    pub(super) const OBJECT: u8 = 0x0c;
    /// A list of up to 15.
    pub(super) const SHORT_ARRAY: u8 = 0x20;
    /// An object of up to 15 fields.
    pub(super) const SHORT_OBJECT: u8 = 0x30;
    /// A text of up to 63 bytes.
    pub(super) const SHORT_TEXT: u8 = 0x40;
    /// A number below 128.
    pub(super) const SMALL: u8 = 0x80;
}

/// Before a name that is written out.
const SPELT: u8 = 0xff;

/// The record of a person in another record.
const IDENTITY: &str = "identity";
const SUBJECT: &str = "subject";
const PROVIDER: &str = "provider";

/// The fields of a record, apart from those that stand in its head.
pub(crate) fn pack(record: &impl Serialize, in_the_head: &[&str]) -> Result<Vec<u8>, PackError> {
    let mut bytes = Vec::with_capacity(512);
    write::record(record, in_the_head, &mut bytes)?;
    Ok(bytes)
}

/// The record of these fields and of those that stand in its head.
pub(crate) fn unpack<T: DeserializeOwned>(bytes: &[u8], head: Vec<(&str, Value)>) -> Result<T, PackError> {
    read::record(bytes, head)
}

/// A person's provider stands before the colon of their subject, and is left out of a record where it does.
fn provider_of(subject: &str) -> Option<String> {
    let (provider, _) = subject.split_once(':')?;
    Some(provider.to_owned())
}

impl serde::de::Error for PackError {
    fn custom<T: Display>(what: T) -> Self {
        Self::Fields(serde::de::Error::custom(what))
    }
}

impl serde::ser::Error for PackError {
    fn custom<T: Display>(what: T) -> Self {
        Self::Fields(serde::ser::Error::custom(what))
    }
}

#[cfg(test)]
mod tests;
