//! Claims that somebody trustworthy signed or sent, read leniently in form.

use serde_json::{Map, Value};
use vestibule_protocol::Timestamp;

use crate::ClaimPath;

/// A set of claims.
#[derive(Debug, Clone, Default)]
pub struct Claims(Map<String, Value>);

impl Claims {
    pub(crate) fn from_json(json: &[u8]) -> Option<Self> {
        serde_json::from_slice(json).ok().map(Self)
    }

    /// The value at this place.
    pub fn at(&self, path: &ClaimPath) -> Option<&Value> {
        path.find(&self.0).filter(|value| !value.is_null())
    }

    /// The claim of this name.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name).filter(|value| !value.is_null())
    }

    /// The claim of this name, where it is a text with something in it.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.get(name)?.as_str().filter(|text| !text.is_empty())
    }

    /// A moment. “NumericDate” may have a fraction ([RFC 7519 §2](https://www.rfc-editor.org/rfc/rfc7519#section-2)); anything
    /// that is no number between 1970 and 9999 is none.
    pub fn moment(&self, name: &str) -> Option<Timestamp> {
        let seconds = self.get(name)?.as_f64()?;
        #[expect(
            clippy::cast_possible_truncation,
            reason = "the range is checked, and the fraction is not needed"
        )]
        (0.0..253_402_300_800.0)
            .contains(&seconds)
            .then(|| Timestamp::from_secs(seconds as i64))
    }

    /// For whom the claims are: a text, or a list of texts. `None` when it is neither.
    pub(crate) fn audience(&self) -> Option<Vec<&str>> {
        match self.get("aud")? {
            Value::String(one) => Some(vec![one]),
            Value::Array(all) => all.iter().map(Value::as_str).collect(),
            _ => None,
        }
    }
}

/// Yes or no: some providers write it as a text.
pub(crate) fn flag(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(flag) => Some(*flag),
        Value::String(text) if text.eq_ignore_ascii_case("true") => Some(true),
        Value::String(text) if text.eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    }
}

/// Names: a list of texts, one text, or an object whose keys are the names.
pub(crate) fn names(value: &Value) -> Vec<String> {
    match value {
        Value::String(one) => vec![one.clone()],
        Value::Array(all) => all.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        Value::Object(named) => named.keys().cloned().collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use vestibule_protocol::Timestamp;

    use super::{Claims, flag, names};

    #[test]
    fn moments_are_read_with_a_fraction_and_only_from_numbers_in_range() {
        let claims =
            Claims::from_json(br#"{"a": 1795194850.397, "b": "1795194850", "c": -1, "d": 1e300, "e": 0}"#)
                .unwrap();
        assert_eq!(claims.moment("a"), Some(Timestamp::from_secs(1_795_194_850)));
        assert_eq!(claims.moment("e"), Some(Timestamp::from_secs(0)));
        for name in ["b", "c", "d", "f"] {
            assert_eq!(claims.moment(name), None, "{name}");
        }
    }

    #[test]
    fn flags_are_read_from_texts_too_and_nothing_else_is_true() {
        assert_eq!(flag(&json!("true")), Some(true));
        assert_eq!(flag(&json!(false)), Some(false));
        assert_eq!(flag(&json!(1)), None);
        assert_eq!(flag(&json!("yes")), None);
    }

    #[test]
    fn names_stand_in_a_list_in_a_text_or_as_keys() {
        assert_eq!(names(&json!(["a", "b", 3])), ["a", "b"]);
        assert_eq!(names(&json!("a")), ["a"]);
        assert_eq!(names(&json!({"admin": {"org": "x"}})), ["admin"]);
        assert!(names(&json!(7)).is_empty());
    }
}
