use vestibule_broker::settings::{IssuerKeys, IssuerNetwork};

use super::super::Purpose;
use super::super::tests::{SMALL, parse, problems};

fn corp(lines: &str) -> String {
    format!("{SMALL}\n[trusted_issuers.corp]\nkind = \"users\"\nprovider = \"local\"\n{lines}\n")
}

fn keys(lines: &str) -> IssuerKeys {
    let config = parse(&corp(lines), Purpose::Serve).unwrap_or_else(|problems| panic!("{problems}"));
    config.grants.trusted_issuers[0].keys.clone()
}

#[test]
fn keys_are_where_the_metadata_say_unless_the_operator_does() {
    let found = keys("issuer = \"https://corp.example\"");
    assert!(
        matches!(found, IssuerKeys::Published(_, IssuerNetwork::Public)),
        "{found:?}"
    );
    let named = keys("issuer = \"corp\"\njwks_uri = \"https://corp.example/jwks\"");
    assert!(
        matches!(named, IssuerKeys::At(_, IssuerNetwork::Public)),
        "{named:?}"
    );
    let near = "issuer = \"http://10.0.0.1\"\nallow_private_network = true";
    assert!(matches!(
        keys(near),
        IssuerKeys::Published(_, IssuerNetwork::AlsoPrivate)
    ));
}

#[test]
fn keys_are_not_read_from_where_anybody_could_put_them() {
    for (lines, told) in [
        ("issuer = \"corp\"", "is missing"),
        ("issuer = \"http://corp.example\"", "is missing"),
        ("issuer = \"urn:corp\"", "is missing"),
        (
            "issuer = \"urn:corp\"\nallow_private_network = true",
            "is missing",
        ),
        (
            "issuer = \"https://corp.example\"\njwks_uri = \"http://corp.example/jwks\"",
            "is not https",
        ),
    ] {
        let all = problems(&corp(lines));
        assert_eq!(all.len(), 1, "{lines}: {all:#?}");
        assert_eq!(all[0].key, "trusted_issuers.corp.jwks_uri", "{all:#?}");
        assert!(all[0].message.contains(told), "{all:#?}");
    }
}
