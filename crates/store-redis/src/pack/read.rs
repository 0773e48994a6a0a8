//! From bytes to a value.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Number, Value};

use super::names::NAMES;
use super::{PackError, SPELT, phrases, tag};

/// How deep values may nest; records nest five deep.
const DEEPEST: u8 = 32;

/// Reads one value that takes all the bytes.
pub(super) fn whole(bytes: &[u8]) -> Result<Value, PackError> {
    let mut reader = Reader { rest: bytes };
    let value = reader.value(DEEPEST)?;
    if reader.rest.is_empty() {
        Ok(value)
    } else {
        Err(PackError::Damaged)
    }
}

struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    fn value(&mut self, deepest: u8) -> Result<Value, PackError> {
        let deeper = deepest.checked_sub(1).ok_or(PackError::Damaged)?;
        Ok(match self.byte()? {
            tag::NULL => Value::Null,
            tag::FALSE => Value::Bool(false),
            tag::TRUE => Value::Bool(true),
            tag::UNSIGNED => self.varint()?.into(),
            tag::NEGATIVE => {
                let below = i64::try_from(self.varint()?).map_err(|_| PackError::Damaged)?;
                (-1 - below).into()
            }
            tag::FLOAT => {
                let raw = self.take(8)?.try_into().map_err(|_| PackError::Damaged)?;
                Number::from_f64(f64::from_be_bytes(raw)).map_or(Value::Null, Value::Number)
            }
            tag::TEXT => {
                let length = self.length()?;
                self.text(length)?
            }
            tag::BASE64_16 => URL_SAFE_NO_PAD.encode(self.take(16)?).into(),
            tag::BASE64_32 => URL_SAFE_NO_PAD.encode(self.take(32)?).into(),
            tag::ARRAY => {
                let count = self.length()?;
                self.array(count, deeper)?
            }
            tag::BYTES => {
                let length = self.length()?;
                self.take(length)?.to_vec().into()
            }
            tag::OBJECT => {
                let count = self.length()?;
                self.object(count, deeper)?
            }
            byte if byte >= tag::SMALL => (byte & !tag::SMALL).into(),
            byte if byte >= tag::SHORT_TEXT => self.text(usize::from(byte & 0x3f))?,
            byte if byte >= tag::SHORT_OBJECT => self.object(usize::from(byte & 0x0f), deeper)?,
            byte if byte >= tag::SHORT_ARRAY => self.array(usize::from(byte & 0x0f), deeper)?,
            _ => return Err(PackError::Damaged),
        })
    }

    fn array(&mut self, count: usize, deepest: u8) -> Result<Value, PackError> {
        let mut items = Vec::with_capacity(count);
        for _ in 0..count {
            items.push(self.value(deepest)?);
        }
        Ok(Value::Array(items))
    }

    fn object(&mut self, count: usize, deepest: u8) -> Result<Value, PackError> {
        let mut fields = Map::with_capacity(count);
        for _ in 0..count {
            let name = self.name()?;
            fields.insert(name.to_owned(), self.value(deepest)?);
        }
        Ok(Value::Object(fields))
    }

    fn name(&mut self) -> Result<&'a str, PackError> {
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

    fn text(&mut self, length: usize) -> Result<Value, PackError> {
        let text = phrases::lengthen(self.take(length)?).ok_or(PackError::Damaged)?;
        Ok(text.into())
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
