//! Hints at who logs in.

use std::sync::Arc;

use vestibule_broker::Next;
use vestibule_protocol::ProviderId;
use vestibule_provider::{LoginStep, Provider, Sealed};

use super::several::{choose, offered, restrict};
use crate::fixture::{NOTES, World};
use crate::puppet::{Puppet, done};
use crate::walk::person::{Person, request};

/// A provider that puts the hint that it is given into the address that it sends browsers to.
fn far(id: &'static str) -> Arc<dyn Provider> {
    Puppet::new(
        id,
        move |login| {
            let hint = login.login_hint.as_deref().unwrap_or("none");
            let url = url::Url::parse_with_params(&format!("https://{id}.example/"), [("hint", hint)]);
            Ok(LoginStep::Redirect(url.unwrap(), Sealed::default()))
        },
        move |_, _| Ok(done(id, "zoe")),
    )
}

#[tokio::test]
async fn a_hint_at_who_logs_in_leads_straight_to_that_user_s_provider() {
    let world = World::with_providers(vec![far("acme"), far("umbrella")], |settings| {
        let umbrella = ProviderId::parse("umbrella").unwrap();
        settings.login_domains.insert("corp.example".to_owned(), umbrella);
    })
    .await;
    for (hint, goes_to) in [
        ("acme:zoe", Some("https://acme.example/?hint=zoe")),
        ("umbrella:a:b", Some("https://umbrella.example/?hint=a%3Ab")),
        (
            "zoe@CORP.example",
            Some("https://umbrella.example/?hint=zoe%40CORP.example"),
        ),
        ("zoe@sub.corp.example", None),
        ("zoe@corp.example.evil.example", None),
        ("corp.example", None),
        ("nobody:zoe", None),
        ("zoe", None),
    ] {
        let mut zoe = Person::default();
        let mut pairs = request();
        pairs.push(("login_hint", hint));
        let next = zoe.try_authorize(&world, &pairs).await.unwrap();
        match (next, goes_to) {
            (Next::Upstream(url), Some(expected)) => assert_eq!(url.as_str(), expected),
            (Next::Interact { ticket }, None) => {
                let offered = offered(&world, &zoe, ticket.expose()).await;
                assert_eq!(offered, ["acme", "umbrella"], "{hint}");
            }
            other => panic!("{hint}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn a_hint_names_nobody_to_another_provider_and_leads_to_none_that_is_not_admitted() {
    let world = World::with_providers(vec![far("acme"), far("umbrella"), far("initech")], |settings| {
        restrict(settings, NOTES, &["umbrella", "initech"]);
    })
    .await;
    let mut zoe = Person::default();
    let mut pairs = request();
    pairs.push(("login_hint", "acme:zoe"));
    let walk = zoe.authorize(&world, &pairs).await;
    let next = choose(&world, &mut zoe, &walk, "umbrella").await.unwrap();
    assert!(
        matches!(&next, Next::Upstream(url) if url.as_str() == "https://umbrella.example/?hint=none"),
        "{next:?}"
    );
}
