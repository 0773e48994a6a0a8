//! What is written piece by piece: lists and objects, whose counts are known at their ends.

use std::ops::Range;

use serde::ser::{
    Error as _, Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant,
    SerializeTuple, SerializeTupleStruct, SerializeTupleVariant,
};
use serde_json::Value;

use super::reader::Reader;
use super::write::{Is, Item};
use super::{IDENTITY, PROVIDER, PackError, SPELT, SUBJECT, names, provider_of, tag};

/// A value that begins with how much of it follows, which is known at its end.
pub(super) struct Counted(usize);

impl Counted {
    /// Leaves a byte free, which is enough for most.
    pub(super) fn begin(bytes: &mut Vec<u8>) -> Self {
        let at = bytes.len();
        bytes.push(0);
        Self(at)
    }

    /// Fills it in: as a part of the tag `short` where fewer than `fewer` follow, behind the tag `long` otherwise.
    pub(super) fn end(self, count: usize, (short, fewer): (u8, u8), long: u8, bytes: &mut Vec<u8>) {
        let Self(at) = self;
        match u8::try_from(count) {
            Ok(few) if few < fewer => {
                if let Some(free) = bytes.get_mut(at) {
                    *free = short | few;
                }
            }
            Ok(_) | Err(_) => {
                let mut head = vec![long];
                varint(count as u64, &mut head);
                bytes.splice(at..=at, head);
            }
        }
    }

    /// Takes back all that was written since.
    fn take_back(self, bytes: &mut Vec<u8>) {
        bytes.truncate(self.0);
    }
}

/// A list. One that holds nothing but numbers below 256 is written as those bytes.
pub(super) struct List<'w> {
    bytes: &'w mut Vec<u8>,
    begun: Counted,
    count: usize,
    all_bytes: Option<Vec<u8>>,
}

impl<'w> List<'w> {
    pub(super) fn begin(bytes: &'w mut Vec<u8>) -> Self {
        Self {
            begun: Counted::begin(bytes),
            bytes,
            count: 0,
            all_bytes: Some(Vec::new()),
        }
    }

    fn item<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), PackError> {
        let at = self.bytes.len();
        value.serialize(Item {
            bytes: self.bytes,
            is: Is::Plain,
        })?;
        self.count += 1;
        let written = self.bytes.get(at..).unwrap_or_default();
        if let (Some(raw), Some(byte)) = (&mut self.all_bytes, byte(written)) {
            raw.push(byte);
        } else {
            self.all_bytes = None;
        }
        Ok(())
    }

    fn finish(self) {
        match self.all_bytes {
            Some(raw) if !raw.is_empty() => {
                self.begun.take_back(self.bytes);
                self.bytes.push(tag::BYTES);
                varint(raw.len() as u64, self.bytes);
                self.bytes.extend(raw);
            }
            Some(_) | None => {
                self.begun
                    .end(self.count, (tag::SHORT_ARRAY, 16), tag::ARRAY, self.bytes);
            }
        }
    }
}

/// The byte of which this is written, if it is a number below 256.
fn byte(written: &[u8]) -> Option<u8> {
    match written {
        [small] if *small >= tag::SMALL => Some(small & !tag::SMALL),
        [tag::UNSIGNED, low, 1] => Some(*low),
        _ => None,
    }
}

/// An object.
pub(super) struct Object<'w> {
    bytes: &'w mut Vec<u8>,
    begun: Counted,
    count: usize,
    is: Is<'w>,
    /// The name of the field of a map whose value comes next.
    key: String,
    /// Where a person's subject is written.
    subject: Option<usize>,
    /// Where the field with a person's provider is written, and in it the provider.
    provider: Option<(Range<usize>, usize)>,
}

impl<'w> Object<'w> {
    pub(super) fn begin(bytes: &'w mut Vec<u8>, is: Is<'w>) -> Self {
        Self {
            begun: Counted::begin(bytes),
            bytes,
            count: 0,
            is,
            key: String::new(),
            subject: None,
            provider: None,
        }
    }

    fn field<T: Serialize + ?Sized>(&mut self, name: &str, value: &T) -> Result<(), PackError> {
        let is = match self.is {
            Is::Record(in_the_head) if in_the_head.contains(&name) => return Ok(()),
            Is::Record(_) if name == IDENTITY => Is::Person,
            Is::Record(_) | Is::Person | Is::Plain => Is::Plain,
        };
        let begun = self.bytes.len();
        write_name(name, self.bytes);
        let at = self.bytes.len();
        value.serialize(Item {
            bytes: self.bytes,
            is,
        })?;
        self.count += 1;
        match (self.is, name) {
            (Is::Person, SUBJECT) => self.subject = Some(at),
            (Is::Person, PROVIDER) => self.provider = Some((begun..self.bytes.len(), at)),
            _ => {}
        }
        Ok(())
    }

    fn finish(mut self) {
        self.leave_out_provider();
        self.begun
            .end(self.count, (tag::SHORT_OBJECT, 16), tag::OBJECT, self.bytes);
    }

    /// A person's provider stands before the colon of their subject.
    fn leave_out_provider(&mut self) {
        let (Some(subject), Some((field, provider))) = (self.subject, self.provider.take()) else {
            return;
        };
        let text = |at| Reader::new(self.bytes.get(at..)?).whole_text();
        let (Some(subject), Some(provider)) = (text(subject), text(provider)) else {
            return;
        };
        if provider_of(&subject).as_deref() == Some(&*provider) {
            self.bytes.drain(field);
            self.count -= 1;
        }
    }
}

/// The traits by which serde hands over the items of a list.
macro_rules! lists {
    ($($part:ident $item:ident)*) => {
        $(impl $part for List<'_> {
            type Ok = ();
            type Error = PackError;

            fn $item<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), PackError> {
                self.item(value)
            }

            fn end(self) -> Result<(), PackError> {
                self.finish();
                Ok(())
            }
        })*
    };
}

lists! {
    SerializeSeq serialize_element
    SerializeTuple serialize_element
    SerializeTupleStruct serialize_field
    SerializeTupleVariant serialize_field
}

/// The traits by which serde hands over the fields of a structure.
macro_rules! structures {
    ($($part:ident)*) => {
        $(impl $part for Object<'_> {
            type Ok = ();
            type Error = PackError;

            fn serialize_field<T: Serialize + ?Sized>(
                &mut self,
                name: &'static str,
                value: &T,
            ) -> Result<(), PackError> {
                self.field(name, value)
            }

            fn end(self) -> Result<(), PackError> {
                self.finish();
                Ok(())
            }
        })*
    };
}

structures! { SerializeStruct SerializeStructVariant }

impl SerializeMap for Object<'_> {
    type Ok = ();
    type Error = PackError;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), PackError> {
        let Value::String(key) = serde_json::to_value(key)? else {
            return Err(PackError::custom("a name is a text"));
        };
        self.key = key;
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), PackError> {
        let key = std::mem::take(&mut self.key);
        self.field(&key, value)
    }

    fn end(self) -> Result<(), PackError> {
        self.finish();
        Ok(())
    }
}

pub(super) fn write_name(name: &str, bytes: &mut Vec<u8>) {
    if let Some(byte) = names::byte(name) {
        bytes.push(byte);
    } else {
        bytes.push(SPELT);
        varint(name.len() as u64, bytes);
        bytes.extend(name.as_bytes());
    }
}

/// Seven bits a byte, the lowest first; the eighth says that another follows.
pub(super) fn varint(mut number: u64, bytes: &mut Vec<u8>) {
    while number >= 0x80 {
        bytes.push((number & 0x7f) as u8 | 0x80);
        number >>= 7;
    }
    bytes.push((number & 0x7f) as u8);
}
