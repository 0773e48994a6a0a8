//! What the operator may write.

use vestibule_provider_supabase::{
    MetadataPath, MetadataPathError, Method, ProjectUrl, ProjectUrlError, PublishableKey, PublishableKeyError,
};

#[test]
fn nothing_that_users_write_can_authorize() {
    for text in ["user_metadata", "user_metadata.roles"] {
        assert_eq!(text.parse::<MetadataPath>(), Err(MetadataPathError::UserMetadata));
    }
    for text in [
        "",
        "roles",
        "app_metadata",
        "app_metadata.",
        "app_metadata.a..b",
        "role",
        "app_metadataroles",
    ] {
        assert_eq!(
            text.parse::<MetadataPath>(),
            Err(MetadataPathError::Elsewhere),
            "{text}"
        );
    }
    assert!("app_metadata.roles".parse::<MetadataPath>().is_ok());
}

#[test]
fn a_method_is_a_known_word_or_a_providers_name() {
    for text in [
        "",
        "email",
        "phone",
        "anonymous_users",
        "Google",
        "a b",
        "x&y",
        "https://x",
    ] {
        assert!(text.parse::<Method>().is_err(), "{text}");
    }
    for text in ["password", "code", "google", "linkedin_oidc", "custom:intranet"] {
        assert_eq!(text.parse::<Method>().unwrap().to_string(), text);
    }
}

#[test]
fn a_secret_key_is_refused_and_never_shown() {
    // {"role":"service_role"} and {"role":"anon"}, as the legacy keys have them.
    let service = "eyJhbGciOiJIUzI1NiJ9.eyJyb2xlIjoic2VydmljZV9yb2xlIn0.c2ln";
    let anon = "eyJhbGciOiJIUzI1NiJ9.eyJyb2xlIjoiYW5vbiJ9.c2ln";
    for text in [service, "sb_secret_abc"] {
        let error = text.parse::<PublishableKey>().unwrap_err();
        assert_eq!(error, PublishableKeyError::Secret);
        assert!(!error.to_string().contains("abc"));
    }
    for text in ["", "sb publishable", "sb_publishable_\n", "…"] {
        assert_eq!(
            text.parse::<PublishableKey>(),
            Err(PublishableKeyError::NotAKey),
            "{text}"
        );
    }
    for text in [anon, "sb_publishable_abc"] {
        assert_eq!(text.parse::<PublishableKey>().unwrap().to_string(), text);
    }
}

#[test]
fn a_url_that_leads_elsewhere_is_answered_with_what_to_write() {
    let error = "https://x.supabase.co/auth/v1/"
        .parse::<ProjectUrl>()
        .unwrap_err();
    assert_eq!(error, ProjectUrlError::TooFar("https://x.supabase.co".to_owned()));
    for (text, error) in [
        ("x.supabase.co", ProjectUrlError::NotAUrl),
        ("ftp://x.supabase.co", ProjectUrlError::NotAUrl),
        ("https://x.supabase.co?a=b", ProjectUrlError::ExtraParts),
        ("https://me:pw@x.supabase.co", ProjectUrlError::ExtraParts),
        ("http://x.supabase.co", ProjectUrlError::NotHttps),
    ] {
        assert_eq!(text.parse::<ProjectUrl>(), Err(error), "{text}");
    }
    for (text, issuer) in [
        ("https://x.supabase.co", "https://x.supabase.co/auth/v1"),
        ("https://x.supabase.co/", "https://x.supabase.co/auth/v1"),
        (
            "https://example.com/supabase/",
            "https://example.com/supabase/auth/v1",
        ),
        ("http://127.0.0.1:54321", "http://127.0.0.1:54321/auth/v1"),
    ] {
        assert_eq!(
            text.parse::<ProjectUrl>().unwrap().issuer().unwrap().as_str(),
            issuer
        );
    }
}
