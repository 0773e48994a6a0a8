use vestibule_protocol::Secret;
use vestibule_upstream_oidc::{FreshLogin, IssuerRule, LogoutStyle, ResponseMode, Upstream};

use super::{Credential, OidcSettings};
use crate::Preset;

fn upstream(preset: &str, issuer: &str) -> Upstream {
    settings(preset, issuer).into_upstream().unwrap()
}

fn settings(preset: &str, issuer: &str) -> OidcSettings {
    let secret = Credential::Secret(Secret::new("a secret"));
    OidcSettings::new(Preset::named(preset).unwrap(), issuer, "the client", secret)
}

#[test]
fn googles_other_name_counts_for_google_alone() {
    let google = upstream("google", "https://accounts.google.com");
    assert_eq!(
        google.issuer_rule,
        IssuerRule::AlsoCalled(vec!["accounts.google.com".to_owned()])
    );
    assert_eq!(google.fresh_login, FreshLogin::Asked("select_account".to_owned()));
    assert_eq!(
        upstream("google", "https://id.example.com").issuer_rule,
        IssuerRule::Exact
    );
}

#[test]
fn entras_tenants_are_chosen_by_name() {
    let mut settings = settings("entra", "https://login.microsoftonline.com/organizations/v2.0");
    settings.allowed_tenants = vec!["t1".to_owned()];
    let entra = settings.into_upstream().unwrap();
    assert_eq!(entra.issuer_rule, IssuerRule::OfTenant(vec!["t1".to_owned()]));
    assert!(entra.check().is_ok());
}

#[test]
fn oktas_document_is_asked_for_in_the_clients_name() {
    let okta = upstream("okta", "https://example.okta.com");
    assert_eq!(
        okta.discovery_query,
        [("client_id".to_owned(), "the client".to_owned())]
    );
}

#[test]
fn cognito_is_left_in_its_own_way_and_google_not_at_all() {
    assert_eq!(
        upstream("cognito", "https://cognito-idp.example.com/p").logout,
        LogoutStyle::LogoutUri
    );
    assert_eq!(
        upstream("google", "https://accounts.google.com").logout,
        LogoutStyle::None
    );
}

#[test]
fn apples_answer_is_posted() {
    assert_eq!(
        upstream("apple", "https://appleid.apple.com").response_mode,
        ResponseMode::FormPost
    );
}

#[test]
fn a_private_network_is_reached_only_on_purpose() {
    use vestibule_outbound::Reach;
    assert_eq!(upstream("generic", "https://10.0.0.1").reach, Reach::Public);
    assert_eq!(upstream("generic", "http://localhost:8080").reach, Reach::Private);
    let mut settings = settings("generic", "https://id.internal.example");
    settings.reach = Reach::Private;
    assert_eq!(settings.into_upstream().unwrap().reach, Reach::Private);
}
