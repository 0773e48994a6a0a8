//! The bytes of a record, one thing after the other.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::names::NAMES;
use super::{PackError, SPELT, phrases, tag};

/// What is left to read.
#[derive(Clone)]
pub(super) struct Reader<'a> {
    rest: &'a [u8],
}

/// A value of which the first byte was read; a text's bytes and what a list or an object holds follow.
pub(super) enum Begun<'a> {
    Null,
    Bool(bool),
    Unsigned(u64),
    Negative(i64),
    Float(f64),
    /// How many bytes follow.
    Text(usize),
    Base64(Raw<'a>),
    Bytes(&'a [u8]),
    /// How many items follow.
    Array(usize),
    /// How many fields follow.
    Object(usize),
}

/// Bytes that are a text in base64url.
pub(super) struct Raw<'a>(&'a [u8]);

impl Raw<'_> {
    /// The text, which this buffer takes.
    pub(super) fn encode<'t>(&self, text: &'t mut [u8; 43]) -> Result<&'t str, PackError> {
        let length = URL_SAFE_NO_PAD
            .encode_slice(self.0, text)
            .map_err(|_| PackError::Damaged)?;
        let text = text.get(..length).ok_or(PackError::Damaged)?;
        std::str::from_utf8(text).map_err(|_| PackError::Damaged)
    }
}

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// Passes over a null, if that is what comes.
    pub(super) fn skip_null(&mut self) -> bool {
        match self.rest.strip_prefix(&[tag::NULL]) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    /// Reads what kind of value comes, and the value itself where it is short.
    pub(super) fn begin(&mut self) -> Result<Begun<'a>, PackError> {
        Ok(match self.byte()? {
            tag::NULL => Begun::Null,
            tag::FALSE => Begun::Bool(false),
            tag::TRUE => Begun::Bool(true),
            tag::UNSIGNED => Begun::Unsigned(self.varint()?),
            tag::NEGATIVE => {
                let below = i64::try_from(self.varint()?).map_err(|_| PackError::Damaged)?;
                Begun::Negative(-1 - below)
            }
            tag::FLOAT => {
                let raw = self.take(8)?.try_into().map_err(|_| PackError::Damaged)?;
                Begun::Float(f64::from_be_bytes(raw))
            }
            tag::TEXT => Begun::Text(self.length()?),
            tag::BASE64_16 => Begun::Base64(Raw(self.take(16)?)),
            tag::BASE64_32 => Begun::Base64(Raw(self.take(32)?)),
            tag::ARRAY => Begun::Array(self.length()?),
            tag::BYTES => {
                let length = self.length()?;
                Begun::Bytes(self.take(length)?)
            }
            tag::OBJECT => Begun::Object(self.length()?),
            byte if byte >= tag::SMALL => Begun::Unsigned(u64::from(byte & !tag::SMALL)),
            byte if byte >= tag::SHORT_TEXT => Begun::Text(usize::from(byte & 0x3f)),
            byte if byte >= tag::SHORT_OBJECT => Begun::Object(usize::from(byte & 0x0f)),
            byte if byte >= tag::SHORT_ARRAY => Begun::Array(usize::from(byte & 0x0f)),
            _ => return Err(PackError::Damaged),
        })
    }

    /// The text of so many bytes.
    pub(super) fn text(&mut self, length: usize) -> Result<Cow<'a, str>, PackError> {
        phrases::lengthen(self.take(length)?).ok_or(PackError::Damaged)
    }

    /// The text that comes, if it is one.
    pub(super) fn whole_text(mut self) -> Option<Cow<'a, str>> {
        match self.begin().ok()? {
            Begun::Text(length) => self.text(length).ok(),
            Begun::Base64(raw) => raw.encode(&mut [0; 43]).ok().map(|text| text.to_owned().into()),
            _ => None,
        }
    }

    /// The name of a field.
    pub(super) fn name(&mut self) -> Result<&'a str, PackError> {
        match self.byte()? {
            SPELT => {
                let length = self.length()?;
                std::str::from_utf8(self.take(length)?).map_err(|_| PackError::Damaged)
            }
            byte => NAMES
                .get(usize::from(byte))
                .copied()
                .ok_or(PackError::UnknownKind),
        }
    }

    /// How many bytes or items follow: never more than there are bytes left.
    fn length(&mut self) -> Result<usize, PackError> {
        let length = usize::try_from(self.varint()?).map_err(|_| PackError::Damaged)?;
        (length <= self.rest.len())
            .then_some(length)
            .ok_or(PackError::Damaged)
    }

    fn varint(&mut self) -> Result<u64, PackError> {
        let mut number = 0;
        for place in 0..10 {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7f)
                .checked_shl(7 * place)
                .ok_or(PackError::Damaged)?;
            if byte & 0x80 == 0 {
                return Ok(number);
            }
        }
        Err(PackError::Damaged)
    }

    fn byte(&mut self) -> Result<u8, PackError> {
        let (byte, rest) = self.rest.split_first().ok_or(PackError::Damaged)?;
        self.rest = rest;
        Ok(*byte)
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8], PackError> {
        let (taken, rest) = self.rest.split_at_checked(length).ok_or(PackError::Damaged)?;
        self.rest = rest;
        Ok(taken)
    }
}
