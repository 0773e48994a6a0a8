use vestibule_provider_clerk::ClerkSettings;

use super::super::tests::{nothing, read};
use super::super::{ProviderConfig, ProviderKind};
use crate::service::registry;

const ALL: &str = r#"
[providers.people]
kind = "clerk"
publishable_key = "pk_test_ZXhhbXBsZS5hY2NvdW50cy5kZXYk"
client_id = "an id"
client_secret = "hush"
"#;

fn clerk(provider: &ProviderConfig) -> &ClerkSettings {
    match &provider.kind {
        ProviderKind::Clerk(settings) => settings,
        other => panic!("another kind: {other:?}"),
    }
}

#[test]
fn the_publishable_key_and_the_oauth_application_are_enough() {
    let (provider, filled) = read(ALL, &nothing).unwrap();
    assert_eq!(provider.name, "Clerk");
    assert!(filled.is_empty(), "{filled:?}");
    assert_eq!(clerk(&provider).api.as_str(), ClerkSettings::API);
    registry::build(&provider).unwrap();
}

#[test]
fn the_variables_of_clerk_fill_what_is_missing_with_the_prefixes_of_front_ends() {
    for prefix in ["", "NEXT_PUBLIC_", "VITE_"] {
        let public = format!("{prefix}CLERK_PUBLISHABLE_KEY");
        let env = |name: &str| {
            let value = match name {
                "CLERK_OAUTH_CLIENT_ID" => "an id",
                "CLERK_OAUTH_CLIENT_SECRET" => "hush",
                "CLERK_SECRET_KEY" => "sk_test_hush",
                "CLERK_API_URL" => "https://api.example.com",
                name if name == public => "pk_test_ZXhhbXBsZS5hY2NvdW50cy5kZXYk",
                _ => return None,
            };
            Some(value.to_owned())
        };
        let (provider, filled) = read("[providers.people]\nkind = \"clerk\"\n", &env).unwrap();
        assert_eq!(clerk(&provider).api.as_str(), "https://api.example.com");
        assert!(clerk(&provider).secret_key.is_some());
        assert_eq!(filled.len(), 5, "{filled:?}");
        assert!(
            filled[0].contains(&format!("variable {prefix}CLERK_PUBLISHABLE_KEY:")),
            "{filled:?}"
        );
        assert!(!filled.concat().contains("hush"), "{filled:?}");
    }
}

#[test]
fn a_frontend_api_goes_before_the_publishable_key_and_keeps_the_environment_s_out() {
    let text = ALL.replace(
        "publishable_key = \"pk_test_ZXhhbXBsZS5hY2NvdW50cy5kZXYk\"",
        "frontend_api = \"clerk.example.com\"",
    );
    let env = |name: &str| (name == "CLERK_PUBLISHABLE_KEY").then(|| "pk_test_x".to_owned());
    let (provider, filled) = read(&text, &env).unwrap();
    assert_eq!(
        clerk(&provider).frontend_api.as_ref().unwrap().as_str(),
        "https://clerk.example.com"
    );
    assert!(filled.is_empty(), "{filled:?}");
}

#[test]
fn what_contradicts_itself_is_refused_and_says_what_to_change() {
    for (from, to, mistake) in [
        ("pk_test_ZXhh", "pk_test_!", "is not a publishable key"),
        ("pk_test_ZXhh", "sk_test_", "is the secret key"),
        ("client_id = \"an id\"", "", "CLERK_OAUTH_CLIENT_ID"),
        (
            "kind",
            "secret_key = \"pk_test_hush\"\nkind",
            "is not a secret key",
        ),
        (
            "kind",
            "api_url = \"https://api.clerk.com/v1\"\nkind",
            "without a path",
        ),
        (
            "kind",
            "frontend_api = \"http://example.com\"\nkind",
            "is not the whole name of a host",
        ),
        (
            "publishable_key",
            "publishable_kee",
            "did you mean `publishable_key`?",
        ),
    ] {
        let text = ALL.replace(from, to);
        assert_ne!(text, ALL, "{from}");
        let said = read(&text, &nothing)
            .err()
            .unwrap_or_else(|| panic!("{to} was taken"));
        assert!(said.contains(mistake), "{to}: {said}");
        assert!(!said.contains("hush"), "{said}");
    }
}
