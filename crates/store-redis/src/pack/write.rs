//! From a value to bytes.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Number, Value};

use super::{SPELT, names, phrases, tag};

pub(super) fn value(value: &Value, bytes: &mut Vec<u8>) {
    match value {
        Value::Null => bytes.push(tag::NULL),
        Value::Bool(false) => bytes.push(tag::FALSE),
        Value::Bool(true) => bytes.push(tag::TRUE),
        Value::Number(number) => self::number(number, bytes),
        Value::String(text) => self::text(text, bytes),
        Value::Array(items) => {
            if let Some(raw) = all_bytes(items) {
                prefixed(tag::BYTES, &raw, bytes);
            } else {
                counted(tag::SHORT_ARRAY, tag::ARRAY, items.len(), bytes);
                for item in items {
                    self::value(item, bytes);
                }
            }
        }
        Value::Object(fields) => {
            counted(tag::SHORT_OBJECT, tag::OBJECT, fields.len(), bytes);
            for (name, field) in fields {
                match names::byte(name) {
                    Some(byte) => bytes.push(byte),
                    None => prefixed(SPELT, name.as_bytes(), bytes),
                }
                self::value(field, bytes);
            }
        }
    }
}

fn number(number: &Number, bytes: &mut Vec<u8>) {
    if let Some(unsigned) = number.as_u64() {
        match u8::try_from(unsigned) {
            Ok(small) if small < tag::SMALL => bytes.push(tag::SMALL | small),
            Ok(_) | Err(_) => {
                bytes.push(tag::UNSIGNED);
                varint(unsigned, bytes);
            }
        }
    } else if let Some(negative) = number.as_i64() {
        bytes.push(tag::NEGATIVE);
        varint((-1 - negative).unsigned_abs(), bytes);
    } else {
        bytes.push(tag::FLOAT);
        bytes.extend(number.as_f64().unwrap_or_default().to_be_bytes());
    }
}

fn text(text: &str, bytes: &mut Vec<u8>) {
    if let Some(raw) = base64(text) {
        bytes.push(if raw.len() == 16 {
            tag::BASE64_16
        } else {
            tag::BASE64_32
        });
        bytes.extend(raw);
    } else {
        let text = phrases::shorten(text);
        match u8::try_from(text.len()) {
            Ok(length) if length < 64 => {
                bytes.push(tag::SHORT_TEXT | length);
                bytes.extend(text);
            }
            Ok(_) | Err(_) => prefixed(tag::TEXT, &text, bytes),
        }
    }
}

/// The 16 or 32 bytes that are written as this text, and only as this.
fn base64(text: &str) -> Option<Vec<u8>> {
    if text.len() != 22 && text.len() != 43 {
        return None;
    }
    let raw = URL_SAFE_NO_PAD.decode(text).ok()?;
    (URL_SAFE_NO_PAD.encode(&raw) == text).then_some(raw)
}

fn all_bytes(items: &[Value]) -> Option<Vec<u8>> {
    if items.is_empty() {
        return None;
    }
    let byte = |item: &Value| item.as_u64().and_then(|number| u8::try_from(number).ok());
    items.iter().map(byte).collect()
}

fn counted(short: u8, long: u8, count: usize, bytes: &mut Vec<u8>) {
    match u8::try_from(count) {
        Ok(count) if count < 16 => bytes.push(short | count),
        Ok(_) | Err(_) => {
            bytes.push(long);
            varint(count as u64, bytes);
        }
    }
}

fn prefixed(tag: u8, content: &[u8], bytes: &mut Vec<u8>) {
    bytes.push(tag);
    varint(content.len() as u64, bytes);
    bytes.extend(content);
}

/// Seven bits a byte, the lowest first; the eighth says that another follows.
fn varint(mut number: u64, bytes: &mut Vec<u8>) {
    while number >= 0x80 {
        bytes.push((number & 0x7f) as u8 | 0x80);
        number >>= 7;
    }
    bytes.push((number & 0x7f) as u8);
}
