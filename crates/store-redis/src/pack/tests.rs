use proptest::prelude::*;
use serde_json::json;
use vestibule_broker::record::Session;
use vestibule_store_testkit::sample;

use super::*;

fn there_and_back(value: &Value) -> Value {
    unpack(&pack(value, &[]).unwrap(), Vec::new()).unwrap()
}

fn read(bytes: &[u8]) -> Result<Value, PackError> {
    unpack(bytes, Vec::new())
}

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (0_u64..300).prop_map(Value::from),
        any::<f64>()
            .prop_filter("JSON has no others", |float| float.is_finite())
            .prop_map(Value::from),
        ".{0,80}".prop_map(Value::from),
        "https://[a-z]{0,80}".prop_map(Value::from),
        "[A-Za-z0-9_-]{22}".prop_map(Value::from),
        "[A-Za-z0-9_-]{43}".prop_map(Value::from),
        prop::collection::vec(any::<u8>(), 0..20).prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 64, 20, |inner| {
        let name = prop_oneof![".{0,20}", Just("identity".to_owned()), Just("email".to_owned())];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..20).prop_map(Value::from),
            prop::collection::hash_map(name, inner, 0..20)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn what_was_packed_is_unpacked_as_it_was(value in any_value()) {
        prop_assert_eq!(there_and_back(&value), value);
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = read(&bytes);
    }

    #[test]
    fn a_record_that_was_cut_is_refused(value in any_value(), cut in 1_usize..40) {
        let bytes = pack(&value, &[]).unwrap();
        let left = bytes.len().saturating_sub(cut);
        prop_assert!(read(&bytes[..left]).is_err());
    }
}

#[test]
fn a_field_of_a_newer_version_is_passed_over() {
    let mut value = serde_json::to_value(sample::session("s", "alice", "c")).unwrap();
    value["colour"] = json!({"of": ["the", "door"]});
    let session: Session = serde_json::from_value(there_and_back(&value)).unwrap();
    assert_eq!(session, sample::session("s", "alice", "c"));
}

#[test]
fn an_empty_value_is_refused_and_so_is_one_with_something_behind_it() {
    assert!(read(&[]).is_err());
    assert!(read(&[tag::TRUE, tag::TRUE]).is_err());
    let nested = [tag::SHORT_ARRAY | 1; 4000];
    assert!(read(&nested).is_err());
}

/// There are many sessions: each of their names is one byte.
#[test]
fn the_names_of_a_session_are_known() {
    fn spelt(value: &Value, found: &mut Vec<String>) {
        if let Value::Object(fields) = value {
            for (name, field) in fields {
                if names::byte(name).is_none() {
                    found.push(name.clone());
                }
                spelt(field, found);
            }
        }
    }
    let session = serde_json::to_value(sample::session("s", "alice", "c")).unwrap();
    let mut found = Vec::new();
    spelt(&session, &mut found);
    assert_eq!(found, Vec::<String>::new(), "add them at the end of the names");
}

/// Records in the store were written with these bytes.
#[test]
fn no_name_moves() {
    let pinned = [
        (0_u8, "subject"),
        (12, "identity"),
        (27, "id"),
        (53, "session"),
        (73, "claimed_until"),
    ];
    for (byte, name) in pinned {
        assert_eq!(names::NAMES.get(usize::from(byte)), Some(&name));
    }
    let session = pack(&sample::session("s", "alice", "c"), &[]).unwrap();
    let read: Session = unpack(&session, Vec::new()).unwrap();
    assert_eq!(read, sample::session("s", "alice", "c"));
}
