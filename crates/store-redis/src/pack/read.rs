//! From bytes to a record, without anything in between.

use serde::de::value::{BorrowedStrDeserializer, SeqDeserializer, StrDeserializer, StringDeserializer};
use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, Error as _, MapAccess, SeqAccess,
    VariantAccess, Visitor,
};
use serde::forward_to_deserialize_any;
use serde_json::Value;

use super::reader::{Begun, Reader};
use super::{IDENTITY, PROVIDER, PackError, SUBJECT, provider_of};

/// How deep values may nest; records nest five deep.
const DEEPEST: u8 = 32;

/// Reads a record that takes all the bytes, with the fields that stand in its head.
pub(super) fn record<'de, T: DeserializeOwned>(
    bytes: &'de [u8],
    head: Vec<(&'de str, Value)>,
) -> Result<T, PackError> {
    let mut reader = Reader::new(bytes);
    let item = Item {
        reader: &mut reader,
        deepest: DEEPEST,
        is: Is::Record(head),
    };
    let record = T::deserialize(item)?;
    reader.is_empty().then_some(record).ok_or(PackError::Damaged)
}

/// What a value is to the record.
enum Is<'de> {
    /// The record itself, with the fields that stand in its head.
    Record(Vec<(&'de str, Value)>),
    /// The person in it.
    Person,
    /// Anything else.
    Plain,
}

/// The value that comes next.
struct Item<'r, 'de> {
    reader: &'r mut Reader<'de>,
    deepest: u8,
    is: Is<'de>,
}

impl<'de> Deserializer<'de> for Item<'_, 'de> {
    type Error = PackError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, PackError> {
        let Self { reader, deepest, is } = self;
        let deepest = deepest.checked_sub(1).ok_or(PackError::Damaged)?;
        match reader.begin()? {
            Begun::Null => visitor.visit_unit(),
            Begun::Bool(bool) => visitor.visit_bool(bool),
            Begun::Unsigned(number) => visitor.visit_u64(number),
            Begun::Negative(number) => visitor.visit_i64(number),
            Begun::Float(number) => visitor.visit_f64(number),
            Begun::Text(length) => match reader.text(length)? {
                std::borrow::Cow::Borrowed(text) => visitor.visit_borrowed_str(text),
                std::borrow::Cow::Owned(text) => visitor.visit_string(text),
            },
            Begun::Base64(raw) => {
                let mut text = [0; 43];
                visitor.visit_str(raw.encode(&mut text)?)
            }
            Begun::Bytes(raw) => visitor.visit_seq(SeqDeserializer::new(raw.iter().copied())),
            Begun::Array(left) => {
                let mut items = Items {
                    reader,
                    deepest,
                    left,
                };
                let list = visitor.visit_seq(&mut items)?;
                whole(list, items.left)
            }
            Begun::Object(left) => {
                let (head, person) = match is {
                    Is::Record(head) => (Some(head.into_iter()), None),
                    Is::Person => (None, Some(Person::default())),
                    Is::Plain => (None, None),
                };
                let mut fields = Fields {
                    reader,
                    deepest,
                    left,
                    head,
                    person,
                    next: Next::Packed(""),
                };
                let object = visitor.visit_map(&mut fields)?;
                whole(object, fields.left)
            }
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, PackError> {
        if self.reader.skip_null() {
            visitor.visit_none()
        } else {
            visitor.visit_some(self)
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, PackError> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, PackError> {
        let deepest = self.deepest.checked_sub(1).ok_or(PackError::Damaged)?;
        match self.reader.begin()? {
            Begun::Text(length) => {
                let name = self.reader.text(length)?.into_owned();
                visitor.visit_enum(StringDeserializer::new(name))
            }
            Begun::Object(1) => visitor.visit_enum(Variant {
                reader: self.reader,
                deepest,
            }),
            _ => Err(PackError::custom(
                "a variant is a name, or one with what it holds",
            )),
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple tuple_struct map struct
        identifier ignored_any
    }
}

/// Whoever was given a list or an object has to have taken all of it.
fn whole<T>(value: T, left: usize) -> Result<T, PackError> {
    if left == 0 {
        Ok(value)
    } else {
        Err(PackError::custom("there is more than there should be"))
    }
}

/// The items of a list.
struct Items<'r, 'de> {
    reader: &'r mut Reader<'de>,
    deepest: u8,
    left: usize,
}

impl<'de> SeqAccess<'de> for &mut Items<'_, 'de> {
    type Error = PackError;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, PackError> {
        let Some(left) = self.left.checked_sub(1) else {
            return Ok(None);
        };
        self.left = left;
        let item = Item {
            reader: self.reader,
            deepest: self.deepest,
            is: Is::Plain,
        };
        seed.deserialize(item).map(Some)
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.left)
    }
}

/// The fields of an object: those that stand in the head, those that are packed, and a person's provider, which stands before the
/// colon of their subject.
struct Fields<'r, 'de> {
    reader: &'r mut Reader<'de>,
    deepest: u8,
    left: usize,
    head: Option<std::vec::IntoIter<(&'de str, Value)>>,
    person: Option<Person>,
    next: Next<'de>,
}

/// The field whose name was read.
enum Next<'de> {
    Headed(Value),
    Packed(&'de str),
    Provider(String),
}

/// What was seen of a person.
#[derive(Default)]
struct Person {
    has_provider: bool,
    provider: Option<String>,
}

impl<'de> Fields<'_, 'de> {
    /// The name of the field that comes next.
    fn name(&mut self) -> Result<Option<&'de str>, PackError> {
        if let Some((name, value)) = self.head.as_mut().and_then(Iterator::next) {
            self.next = Next::Headed(value);
            return Ok(Some(name));
        }
        if let Some(left) = self.left.checked_sub(1) {
            self.left = left;
            let name = self.reader.name()?;
            if let Some(person) = &mut self.person {
                match name {
                    PROVIDER => person.has_provider = true,
                    SUBJECT => {
                        person.provider = self.reader.clone().whole_text().as_deref().and_then(provider_of);
                    }
                    _ => {}
                }
            }
            self.next = Next::Packed(name);
            return Ok(Some(name));
        }
        let missing = self.person.take().filter(|person| !person.has_provider);
        let provider = missing.and_then(|person| person.provider);
        Ok(provider.map(|provider| {
            self.next = Next::Provider(provider);
            PROVIDER
        }))
    }
}

impl<'de> MapAccess<'de> for &mut Fields<'_, 'de> {
    type Error = PackError;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, PackError> {
        let name = self.name()?;
        name.map(|name| seed.deserialize(BorrowedStrDeserializer::new(name)))
            .transpose()
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, PackError> {
        let name = match std::mem::replace(&mut self.next, Next::Packed("")) {
            Next::Headed(value) => return Ok(seed.deserialize(value)?),
            Next::Provider(provider) => return seed.deserialize(StringDeserializer::new(provider)),
            Next::Packed(name) => name,
        };
        let is = if self.head.is_some() && name == IDENTITY {
            Is::Person
        } else {
            Is::Plain
        };
        seed.deserialize(Item {
            reader: self.reader,
            deepest: self.deepest,
            is,
        })
    }
}

/// A variant that holds something: an object with its name alone.
struct Variant<'r, 'de> {
    reader: &'r mut Reader<'de>,
    deepest: u8,
}

impl<'r, 'de> Variant<'r, 'de> {
    fn held(self) -> Item<'r, 'de> {
        Item {
            reader: self.reader,
            deepest: self.deepest,
            is: Is::Plain,
        }
    }
}

impl<'de> EnumAccess<'de> for Variant<'_, 'de> {
    type Error = PackError;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self), PackError> {
        let name = self.reader.name()?;
        let variant = seed.deserialize(StrDeserializer::<PackError>::new(name))?;
        Ok((variant, self))
    }
}

impl<'de> VariantAccess<'de> for Variant<'_, 'de> {
    type Error = PackError;

    fn unit_variant(self) -> Result<(), PackError> {
        serde::Deserialize::deserialize(self.held())
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, PackError> {
        seed.deserialize(self.held())
    }

    fn tuple_variant<V: Visitor<'de>>(self, _len: usize, visitor: V) -> Result<V::Value, PackError> {
        self.held().deserialize_any(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, PackError> {
        self.held().deserialize_any(visitor)
    }
}
