//! From a record to bytes, without anything in between.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::ser::{Serialize, Serializer};

use super::parts::{Counted, List, Object, varint, write_name};
use super::{PackError, phrases, tag};

/// Writes a record without the fields that stand in its head.
pub(super) fn record(
    record: &impl Serialize,
    in_the_head: &[&str],
    bytes: &mut Vec<u8>,
) -> Result<(), PackError> {
    record.serialize(Item {
        bytes,
        is: Is::Record(in_the_head),
    })
}

/// What a value is to the record.
#[derive(Clone, Copy)]
pub(super) enum Is<'w> {
    /// The record itself, and the fields that stand in its head.
    Record(&'w [&'w str]),
    /// The person in it.
    Person,
    /// Anything else.
    Plain,
}

/// Where a value is written.
pub(super) struct Item<'w> {
    pub(super) bytes: &'w mut Vec<u8>,
    pub(super) is: Is<'w>,
}

impl<'w> Item<'w> {
    fn list(self) -> List<'w> {
        List::begin(self.bytes)
    }

    fn object(self) -> Object<'w> {
        Object::begin(self.bytes, self.is)
    }

    /// An object of which the only field has the variant's name.
    fn variant(self, name: &str) -> Item<'w> {
        self.bytes.push(tag::SHORT_OBJECT | 1);
        write_name(name, self.bytes);
        Item {
            bytes: self.bytes,
            is: Is::Plain,
        }
    }
}

impl<'w> Serializer for Item<'w> {
    type Ok = ();
    type Error = PackError;
    type SerializeSeq = List<'w>;
    type SerializeTuple = List<'w>;
    type SerializeTupleStruct = List<'w>;
    type SerializeTupleVariant = List<'w>;
    type SerializeMap = Object<'w>;
    type SerializeStruct = Object<'w>;
    type SerializeStructVariant = Object<'w>;

    fn serialize_bool(self, value: bool) -> Result<(), PackError> {
        self.bytes.push(if value { tag::TRUE } else { tag::FALSE });
        Ok(())
    }

    fn serialize_i8(self, value: i8) -> Result<(), PackError> {
        self.serialize_i64(value.into())
    }

    fn serialize_i16(self, value: i16) -> Result<(), PackError> {
        self.serialize_i64(value.into())
    }

    fn serialize_i32(self, value: i32) -> Result<(), PackError> {
        self.serialize_i64(value.into())
    }

    fn serialize_i64(self, value: i64) -> Result<(), PackError> {
        if let Ok(unsigned) = u64::try_from(value) {
            return self.serialize_u64(unsigned);
        }
        self.bytes.push(tag::NEGATIVE);
        varint((-1 - value).unsigned_abs(), self.bytes);
        Ok(())
    }

    fn serialize_u8(self, value: u8) -> Result<(), PackError> {
        self.serialize_u64(value.into())
    }

    fn serialize_u16(self, value: u16) -> Result<(), PackError> {
        self.serialize_u64(value.into())
    }

    fn serialize_u32(self, value: u32) -> Result<(), PackError> {
        self.serialize_u64(value.into())
    }

    fn serialize_u64(self, value: u64) -> Result<(), PackError> {
        match u8::try_from(value) {
            Ok(small) if small < tag::SMALL => self.bytes.push(tag::SMALL | small),
            Ok(_) | Err(_) => {
                self.bytes.push(tag::UNSIGNED);
                varint(value, self.bytes);
            }
        }
        Ok(())
    }

    fn serialize_f32(self, value: f32) -> Result<(), PackError> {
        self.serialize_f64(value.into())
    }

    fn serialize_f64(self, value: f64) -> Result<(), PackError> {
        if value.is_finite() {
            self.bytes.push(tag::FLOAT);
            self.bytes.extend(value.to_be_bytes());
        } else {
            self.bytes.push(tag::NULL);
        }
        Ok(())
    }

    fn serialize_char(self, value: char) -> Result<(), PackError> {
        self.serialize_str(value.encode_utf8(&mut [0; 4]))
    }

    fn serialize_str(self, value: &str) -> Result<(), PackError> {
        let mut raw = [0; 33];
        if let Some(raw) = base64(value, &mut raw) {
            self.bytes.push(if raw.len() == 16 {
                tag::BASE64_16
            } else {
                tag::BASE64_32
            });
            self.bytes.extend(raw);
            return Ok(());
        }
        let begun = Counted::begin(self.bytes);
        let before = self.bytes.len();
        phrases::shorten(value, self.bytes);
        let length = self.bytes.len() - before;
        begun.end(length, (tag::SHORT_TEXT, 64), tag::TEXT, self.bytes);
        Ok(())
    }

    fn serialize_bytes(self, value: &[u8]) -> Result<(), PackError> {
        self.collect_seq(value)
    }

    fn serialize_none(self) -> Result<(), PackError> {
        self.serialize_unit()
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), PackError> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), PackError> {
        self.bytes.push(tag::NULL);
        Ok(())
    }

    fn serialize_unit_struct(self, _name: &'static str) -> Result<(), PackError> {
        self.serialize_unit()
    }

    fn serialize_unit_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
    ) -> Result<(), PackError> {
        self.serialize_str(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _name: &'static str,
        value: &T,
    ) -> Result<(), PackError> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<(), PackError> {
        value.serialize(self.variant(variant))
    }

    fn serialize_seq(self, _len: Option<usize>) -> Result<List<'w>, PackError> {
        Ok(self.list())
    }

    fn serialize_tuple(self, _len: usize) -> Result<List<'w>, PackError> {
        Ok(self.list())
    }

    fn serialize_tuple_struct(self, _name: &'static str, _len: usize) -> Result<List<'w>, PackError> {
        Ok(self.list())
    }

    fn serialize_tuple_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        _len: usize,
    ) -> Result<List<'w>, PackError> {
        Ok(self.variant(variant).list())
    }

    fn serialize_map(self, _len: Option<usize>) -> Result<Object<'w>, PackError> {
        Ok(self.object())
    }

    fn serialize_struct(self, _name: &'static str, _len: usize) -> Result<Object<'w>, PackError> {
        Ok(self.object())
    }

    fn serialize_struct_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        _len: usize,
    ) -> Result<Object<'w>, PackError> {
        Ok(self.variant(variant).object())
    }
}

/// The 16 or 32 bytes that are written as this text, and only as this.
fn base64<'r>(text: &str, raw: &'r mut [u8; 33]) -> Option<&'r [u8]> {
    if text.len() != 22 && text.len() != 43 {
        return None;
    }
    let length = URL_SAFE_NO_PAD.decode_slice(text, raw).ok()?;
    raw.get(..length)
}
