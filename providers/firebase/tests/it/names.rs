//! What the operator may write.

use vestibule_provider_firebase::{AuthDomain, ClaimName, Mode, ProjectId, Recaptcha, Way};

#[test]
fn a_claim_with_a_fixed_meaning_gives_no_roles() {
    for name in [
        "sub",
        "email",
        "firebase",
        "email_verified",
        "iss",
        "aud",
        "user_id",
        "name",
        "",
    ] {
        assert!(name.parse::<ClaimName>().is_err(), "{name}");
    }
    assert_eq!(
        "https://example.com/roles"
            .parse::<ClaimName>()
            .expect("a name")
            .as_str(),
        "https://example.com/roles"
    );
}

#[test]
fn a_project_is_named_by_its_id() {
    for name in [
        "",
        "123456",
        "My-App",
        "my_app",
        "my app",
        "my-app/x",
        "https://my-app",
    ] {
        assert!(name.parse::<ProjectId>().is_err(), "{name}");
    }
    for name in ["demo-x", "my-app-1a2b3", "example.com:old-app"] {
        assert_eq!(name.parse::<ProjectId>().expect("an id").as_str(), name);
    }
}

#[test]
fn an_auth_domain_is_a_host_alone() {
    for name in [
        "",
        "https://x.firebaseapp.com",
        "x.firebaseapp.com/",
        "localhost",
        "x..com",
        "x.com:443",
        "x.com; script-src *",
    ] {
        assert!(name.parse::<AuthDomain>().is_err(), "{name}");
    }
    assert!("login.example.com".parse::<AuthDomain>().is_ok());
}

#[test]
fn an_unknown_way_to_sign_in_is_refused() {
    for name in [
        "",
        "phone",
        "anonymous",
        "custom",
        "google",
        "oidc.",
        "saml.a b",
        "example.com",
    ] {
        assert!(name.parse::<Way>().is_err(), "{name}");
    }
}

#[test]
fn a_page_accepts_what_its_ways_lead_to() {
    let ways = ["password", "emailLink", "github.com", "saml.acme"].map(|way| way.parse().expect("a way"));
    let mode = Mode::Page {
        ways: ways.to_vec(),
        recaptcha: Recaptcha::Stopped,
    };
    assert_eq!(mode.sign_in_providers(), ["password", "github.com", "saml.acme"]);
    assert_eq!(Mode::Server.sign_in_providers(), ["password"]);
}
