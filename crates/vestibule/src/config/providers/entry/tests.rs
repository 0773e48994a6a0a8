use std::path::Path;

use toml::de::DeTable;
use vestibule_outbound::Reach;
use vestibule_protocol::ProviderId;

use super::Entry;
use crate::config::secret::{Outside, SecretKeys, secret_keys};
use crate::config::section::{Section, Source};
use crate::config::{Filled, Problem, Purpose};

const SECRET: SecretKeys = secret_keys!("client_secret");

fn env(name: &str) -> Option<String> {
    let value = match name {
        "FIRST" => "one",
        "SECOND" => "two",
        "BLANK" => " ",
        "WITH_SPACES" => "not an id",
        "NEXT_PUBLIC_SHOWN" => "pk_test",
        "HUSH" => "a secret\n",
        _ => return None,
    };
    Some(value.to_owned())
}

/// What one reader makes of a table, what was filled on the way, and the mistakes.
fn read<T>(text: &str, reader: impl FnOnce(&Entry<'_>) -> T) -> (T, Vec<Filled>, Vec<Problem>) {
    let source = Source::new(text);
    let table = DeTable::parse(text).expect("TOML");
    let entry = Entry {
        section: Section::root(&source, table.get_ref()),
        purpose: Purpose::Serve,
        issuer: None,
        outside: &Outside {
            env: &env,
            folder: Path::new("."),
        },
    };
    let value = reader(&entry);
    entry.section.finish();
    let filled = source.filled.take();
    let problems = source.notes.into_problems(Path::new("test.toml"));
    (value, filled, problems.err().map(|it| it.all).unwrap_or_default())
}

#[test]
fn the_file_goes_before_the_environment() {
    let (text, filled, problems) = read("domain = \"here\"", |entry| {
        entry.text_or_env("domain", &["FIRST"])
    });
    assert_eq!(text.as_deref(), Some("here"));
    assert!(
        filled.is_empty() && problems.is_empty(),
        "{filled:?} {problems:?}"
    );
}

#[test]
fn an_empty_key_is_a_mistake_and_no_wish_for_the_environment() {
    let (text, filled, problems) = read("domain = \"\"", |entry| {
        entry.required_text_or_env("domain", &["FIRST"], "x")
    });
    assert_eq!((text, filled.len(), problems.len()), (None, 0, 1));
}

#[test]
fn the_first_variable_that_is_set_and_not_blank_fills_a_missing_key() {
    let (text, filled, problems) = read("", |entry| {
        entry.text_or_env("domain", &["UNSET", "BLANK", "SECOND", "FIRST"])
    });
    assert_eq!(text.as_deref(), Some("two"));
    assert!(problems.is_empty(), "{problems:?}");
    assert_eq!(
        filled[0].to_string(),
        "domain is filled by the environment variable SECOND: \"two\""
    );
}

#[test]
fn a_public_variable_is_known_with_the_prefixes_of_front_ends() {
    const SHOWN: &[&str] = public_variables!("SHOWN", "OTHER");
    assert_eq!(SHOWN[..3], ["SHOWN", "NEXT_PUBLIC_SHOWN", "VITE_SHOWN"]);
    let (text, filled, _) = read("", |entry| entry.text_or_env("publishable_key", SHOWN));
    assert_eq!(text.as_deref(), Some("pk_test"));
    assert_eq!(filled[0].variable, "NEXT_PUBLIC_SHOWN");
}

#[test]
fn what_is_missing_everywhere_names_key_and_variables() {
    let (_, _, problems) = read("", |entry| {
        entry.required_text_or_env("domain", &["UNSET", "BLANK"], "x.example.com")
    });
    let [domain] = &problems[..] else {
        panic!("{problems:?}")
    };
    assert_eq!(
        domain.message,
        "is missing; write domain = \"x.example.com\", or set UNSET or BLANK in the environment"
    );
}

#[test]
fn what_the_environment_gives_is_parsed_like_the_file() {
    let (id, _, problems) = read("", |entry| {
        entry.required_or_env::<ProviderId>("id", &["WITH_SPACES"], "x")
    });
    assert!(id.is_none());
    let (none, _, fine) = read("", |entry| entry.parsed_or_env::<ProviderId>("id", &["UNSET"]));
    assert!(none.is_none() && fine.is_empty(), "{fine:?}");
    assert!(
        problems[0]
            .message
            .starts_with("\"not an id\" in the environment variable WITH_SPACES "),
        "{problems:?}"
    );
}

#[test]
fn a_secret_is_filled_only_when_none_of_its_keys_is_there_and_is_never_shown() {
    let (secret, filled, problems) = read("", |entry| entry.secret_or_env(SECRET, &["HUSH"]));
    assert!(problems.is_empty(), "{problems:?}");
    assert_eq!(secret.unwrap().expose(), "a secret");
    assert_eq!(
        filled[0].to_string(),
        "client_secret is filled by the environment variable HUSH"
    );
    let (secret, filled, problems) = read("client_secret_env = \"UNSET\"", |entry| {
        entry.secret_or_env(SECRET, &["HUSH"])
    });
    assert!(secret.is_none() && filled.is_empty(), "{filled:?}");
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert!(problems[0].message.contains("UNSET is not set"), "{problems:?}");
}

#[test]
fn private_networks_are_reached_on_purpose_alone() {
    let reach_of = |entry: &Entry<'_>| entry.reach();
    for (text, reach) in [
        ("", Reach::Public),
        ("allow_private_network = false", Reach::Public),
        ("allow_private_network = true", Reach::Private),
    ] {
        assert_eq!(read(text, reach_of).0, reach);
    }
}
