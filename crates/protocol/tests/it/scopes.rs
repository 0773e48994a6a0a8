//! Scopes and sets of them.

use rstest::rstest;
use vestibule_protocol::{Scope, ScopeError, ScopeSet};

fn set(text: &str) -> ScopeSet {
    ScopeSet::parse(text).expect(text)
}

/// > scope-token = 1*( %x21 / %x23-5B / %x5D-7E ) (RFC 6749 §3.3)
#[rstest]
#[case("")]
#[case("a b")]
#[case("a\"b")]
#[case("a\\b")]
#[case("a\tb")]
#[case("a\n")]
#[case("ü")]
#[case("\u{7f}")]
fn a_scope_with_a_character_that_it_cannot_have_is_refused(#[case] text: &str) {
    assert_eq!(Scope::parse(text), Err(ScopeError::Character), "{text:?}");
}

#[rstest]
#[case("a\tb")]
#[case("a\nb")]
#[case("a \"b\"")]
fn a_list_with_such_a_scope_is_refused(#[case] text: &str) {
    assert_eq!(ScopeSet::parse(text), Err(ScopeError::Character), "{text:?}");
}

#[test]
fn a_list_that_nobody_would_read_is_refused() {
    let names = |count: usize| (0..count).map(|n| format!("s{n}")).collect::<Vec<_>>().join(" ");
    assert_eq!(set(&names(100)).len(), 100);
    assert_eq!(ScopeSet::parse(&names(101)), Err(ScopeError::TooMany));
    assert_eq!(ScopeSet::parse(&"a".repeat(4097)), Err(ScopeError::TooMany));
}

/// > their order does not matter (RFC 6749 §3.3)
#[rstest]
#[case("b a")]
#[case("a b a")]
#[case("  a   b ")]
fn order_repetition_and_spaces_do_not_matter(#[case] text: &str) {
    assert_eq!(set(text), set("a b"));
    assert_eq!(set(text).to_string(), "a b");
}

/// > The scope value […] case-sensitive strings (RFC 6749 §3.3)
#[test]
fn scopes_are_case_sensitive() {
    assert!(!set("mcp:read").contains("MCP:read"));
    assert!(!set("mcp:read").is_subset(&set("mcp:READ")));
}

#[test]
fn sets_are_joined_and_cut_as_sets() {
    let (one, other) = (set("a b"), set("b c"));
    assert_eq!(one.union(&other), set("a b c"));
    assert_eq!(one.intersection(&other), set("b"));
    assert_eq!(one.difference(&other), set("a"));
    assert!(set("b").is_subset(&one) && !one.is_subset(&other));
    assert!(set("").is_empty() && set("").is_subset(&one));
}

#[test]
fn a_set_is_one_text_on_the_wire() {
    assert_eq!(serde_json::to_value(set("b a")).unwrap(), "a b");
    assert_eq!(serde_json::from_str::<ScopeSet>("\"b a\"").unwrap(), set("a b"));
    assert!(serde_json::from_str::<ScopeSet>("\"\\u0001\"").is_err());
}

#[test]
fn four_scopes_are_about_the_user() {
    assert_eq!(Scope::identity(), set("openid profile email offline_access"));
}
