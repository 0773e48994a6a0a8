use std::borrow::Cow;
use std::fmt;

use serde::de::{Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

/// The most messages that one batch may hold.
const MAX_BATCH: usize = 64;

/// What one JSON-RPC message of a request asks for, as far as the guard judges it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Message {
    method: Option<String>,
    name: Option<String>,
}

impl Message {
    /// Returns the method; a response to the server has none.
    pub(crate) fn method(&self) -> Option<&str> {
        self.method.as_deref()
    }

    /// Returns the tool that a `tools/call` names.
    pub(crate) fn tool(&self) -> Option<&str> {
        match self.method() {
            Some("tools/call") => self.name.as_deref(),
            _ => None,
        }
    }
}

/// Reads the JSON-RPC messages of a request's body: one, or a batch as MCP 2025-03-26 has them.
///
/// Stricter than JSON: a member that decides about access and stands twice is an error, and so is an array where an object
/// belongs. Parsers differ in what they make of those, and the guard must judge the very call that the handler will see.
pub(crate) fn parse_messages(body: &[u8]) -> Result<Vec<Message>, serde_json::Error> {
    serde_json::from_slice(body).map(|Messages(messages)| messages)
}

struct Messages(Vec<Message>);

impl<'de> Deserialize<'de> for Messages {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(MessagesVisitor).map(Messages)
    }
}

struct MessagesVisitor;

impl<'de> Visitor<'de> for MessagesVisitor {
    type Value = Vec<Message>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON-RPC message or a batch of them")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        Ok(vec![MessageVisitor.visit_map(map)?])
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut messages = Vec::new();
        while let Some(message) = seq.next_element()? {
            if messages.len() == MAX_BATCH {
                return Err(A::Error::custom(format_args!(
                    "a batch holds at most {MAX_BATCH} messages"
                )));
            }
            messages.push(message);
        }
        if messages.is_empty() {
            return Err(A::Error::custom("an empty batch"));
        }
        Ok(messages)
    }
}

impl<'de> Deserialize<'de> for Message {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(MessageVisitor)
    }
}

struct MessageVisitor;

impl<'de> Visitor<'de> for MessageVisitor {
    type Value = Message;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON-RPC message")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Message, A::Error> {
        let mut method: Option<String> = None;
        let mut params: Option<Params> = None;
        while let Some(key) = map.next_key::<Cow<'de, str>>()? {
            match key.as_ref() {
                "method" => set_once("method", &mut method, map.next_value()?)?,
                "params" => set_once("params", &mut params, map.next_value()?)?,
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        let (name, params_are_an_object) = match params {
            Some(Params::Object { name }) => (name, true),
            Some(Params::Other) => (None, false),
            None => (None, true),
        };
        if method.as_deref() == Some("tools/call") && !(params_are_an_object && name.is_some()) {
            return Err(A::Error::custom("tools/call needs params with a name"));
        }
        Ok(Message { method, name })
    }
}

enum Params {
    Object { name: Option<String> },
    Other,
}

impl<'de> Deserialize<'de> for Params {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ParamsVisitor)
    }
}

struct ParamsVisitor;

impl<'de> Visitor<'de> for ParamsVisitor {
    type Value = Params;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("params")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Params, A::Error> {
        let mut name: Option<Name> = None;
        while let Some(key) = map.next_key::<Cow<'de, str>>()? {
            match key.as_ref() {
                "name" => set_once("params.name", &mut name, map.next_value()?)?,
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(Params::Object {
            name: name.and_then(|Name(name)| name),
        })
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Params, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Params::Other)
    }

    fn visit_unit<E>(self) -> Result<Params, E> {
        Ok(Params::Other)
    }
}

/// The `name` of params: other methods than `tools/call` may put anything there.
struct Name(Option<String>);

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = serde_json::Value::deserialize(deserializer)?;
        Ok(Self(value.as_str().map(str::to_owned)))
    }
}

fn set_once<T, E: Error>(member: &str, slot: &mut Option<T>, value: T) -> Result<(), E> {
    if slot.is_some() {
        return Err(E::custom(format_args!("`{member}` stands twice")));
    }
    *slot = Some(value);
    Ok(())
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::{MAX_BATCH, parse_messages};

    #[rstest]
    #[case::not_json("{")]
    #[case::trailing(r#"{"method":"ping"} {"method":"ping"}"#)]
    #[case::a_string(r#""tools/call""#)]
    #[case::an_empty_batch("[]")]
    #[case::a_nested_batch(r#"[[{"method":"ping"}]]"#)]
    #[case::two_methods(r#"{"method":"ping","method":"tools/call","params":{"name":"x"}}"#)]
    #[case::two_params(r#"{"method":"tools/call","params":{"name":"a"},"params":{"name":"b"}}"#)]
    #[case::two_names(r#"{"method":"tools/call","params":{"name":"a","name":"b"}}"#)]
    #[case::an_escaped_second_name(r#"{"method":"tools/call","params":{"name":"a","na\u006de":"b"}}"#)]
    #[case::a_call_of_nothing(r#"{"method":"tools/call"}"#)]
    #[case::a_call_by_position(r#"{"method":"tools/call","params":["a"]}"#)]
    #[case::a_call_of_a_number(r#"{"method":"tools/call","params":{"name":1}}"#)]
    #[case::a_method_that_is_no_string(r#"{"method":["tools/call"]}"#)]
    fn a_body_that_two_parsers_could_read_in_two_ways_is_refused(#[case] body: &str) {
        assert!(parse_messages(body.as_bytes()).is_err());
    }

    #[test]
    fn a_batch_beyond_the_limit_is_refused() {
        let body = format!("[{}]", vec![r#"{"method":"ping"}"#; MAX_BATCH + 1].join(","));
        assert!(parse_messages(body.as_bytes()).is_err());
    }

    #[test]
    fn an_escaped_method_is_read_as_what_it_means() {
        let body = br#"{"method":"tools\/c\u0061ll","params":{"name":"wr\u0069te"}}"#;
        let messages = parse_messages(body).unwrap();
        assert_eq!(messages[0].tool(), Some("write"));
    }

    #[test]
    fn every_message_of_a_batch_is_read() {
        let body = br#"[{"id":1,"method":"tools/call","params":{"arguments":{"name":"no"},"name":"a"}},
                        {"id":2,"result":{}}, {"method":"notifications/initialized"}]"#;
        let messages = parse_messages(body).unwrap();
        assert_eq!(messages[0].tool(), Some("a"));
        assert_eq!(messages[1].method(), None);
        assert_eq!(messages[2].method(), Some("notifications/initialized"));
    }

    #[test]
    fn a_name_in_the_params_of_another_method_may_be_anything() {
        let messages = parse_messages(br#"{"method":"x/y","params":{"name":{"a":1}}}"#).unwrap();
        assert_eq!(messages[0].tool(), None);
    }
}
