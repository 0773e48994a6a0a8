//! Several providers: which are offered, in which order, and to whom.

use std::sync::Arc;

use vestibule_broker::settings::{Policy, Resources, Rule, Settings};
use vestibule_broker::{Interaction, Next, WalkError};
use vestibule_protocol::ProviderId;
use vestibule_provider::{Identity, Login, LoginStep, Provider, Sealed};

use super::standing::press;
use crate::fixture::{NOTES, World, replaced, resource, scopes};
use crate::puppet::{Puppet, done, user};
use crate::walk::person::{Person, param, request};

pub(super) fn providers(ids: &[&'static str]) -> Vec<Arc<dyn Provider>> {
    ids.iter()
        .map(|id| {
            let id = *id;
            let puppet = Puppet::buttons(id, &["zoe"], move |who| Login::of(user(id, who)));
            Arc::new(puppet) as Arc<dyn Provider>
        })
        .collect()
}

/// Of these resources, the first one admits these providers alone.
pub(super) fn restrict(settings: &mut Settings, uri: &str, ids: &[&str]) {
    let changed = settings.resources.iter().cloned().map(|mut known| {
        if known.uri == resource(uri) {
            known.providers = Some(ids.iter().map(|id| ProviderId::parse(id).unwrap()).collect());
        }
        known
    });
    settings.resources = Resources::new(changed.collect(), Some(&resource(NOTES)));
}

pub(super) async fn offered(world: &World, person: &Person, walk: &str) -> Vec<String> {
    match person.sees(world, walk).await.unwrap() {
        Interaction::Choose { providers, .. } => {
            providers.iter().map(|provider| provider.id.to_string()).collect()
        }
        other => panic!("no choice but {other:?}"),
    }
}

pub(super) async fn choose(
    world: &World,
    person: &mut Person,
    walk: &str,
    id: &str,
) -> Result<Next, WalkError> {
    let turn = world.broker.choose_provider(walk, person.browser(), id).await?;
    Ok(person.take(turn))
}

#[tokio::test]
async fn the_provider_that_was_used_last_is_offered_first() {
    let world = World::with_providers(providers(&["acme", "umbrella", "initech"]), |_| {}).await;
    let mut zoe = Person::default();
    let walk = zoe.authorize(&world, &request()).await;
    assert_eq!(
        offered(&world, &zoe, &walk).await,
        ["acme", "umbrella", "initech"]
    );
    choose(&world, &mut zoe, &walk, "initech").await.unwrap();
    press(&world, &mut zoe, &walk, "zoe").await;
    zoe.forget_login();
    let walk = zoe.authorize(&world, &request()).await;
    assert_eq!(
        offered(&world, &zoe, &walk).await,
        ["initech", "acme", "umbrella"]
    );
}

#[tokio::test]
async fn who_took_the_wrong_way_goes_back_and_takes_another() {
    let world = World::with_providers(providers(&["acme", "umbrella"]), |_| {}).await;
    let mut zoe = Person::default();
    let walk = zoe.authorize(&world, &request()).await;
    choose(&world, &mut zoe, &walk, "acme").await.unwrap();
    assert!(matches!(
        zoe.sees(&world, &walk).await.unwrap(),
        Interaction::Ask { others: true, .. }
    ));
    let turn = world.broker.choose_again(&walk, zoe.browser()).await.unwrap();
    zoe.take(turn);
    assert_eq!(offered(&world, &zoe, &walk).await, ["acme", "umbrella"]);
    choose(&world, &mut zoe, &walk, "umbrella").await.unwrap();
    press(&world, &mut zoe, &walk, "zoe").await;
    assert_eq!(
        zoe.consent_page(&world, &walk).await.provider.id.as_str(),
        "umbrella"
    );
    let late = world.broker.choose_again(&walk, zoe.browser()).await;
    assert!(matches!(late, Err(WalkError::Stale)), "{late:?}");
}

#[tokio::test]
async fn who_comes_back_from_a_provider_without_an_answer_may_choose_again() {
    let away = |id: &'static str| {
        let url: url::Url = format!("https://{id}.example/").parse().unwrap();
        Puppet::new(
            id,
            move |_| Ok(LoginStep::Redirect(url.clone(), Sealed::default())),
            move |_, _| Ok(done(id, "zoe")),
        )
    };
    let all: Vec<Arc<dyn Provider>> = vec![away("acme"), away("umbrella")];
    let world = World::with_providers(all, |_| {}).await;
    let mut zoe = Person::default();
    let walk = zoe.authorize(&world, &request()).await;
    choose(&world, &mut zoe, &walk, "acme").await.unwrap();
    assert_eq!(offered(&world, &zoe, &walk).await, ["acme", "umbrella"]);
    choose(&world, &mut zoe, &walk, "umbrella").await.unwrap();
    // The answer of the one that was left behind comes too late.
    let pairs = crate::fixture::params(&[("state", walk.as_str())]);
    let late = world
        .broker
        .complete_callback("acme", &pairs, zoe.browser())
        .await;
    assert!(matches!(late, Err(WalkError::Stale)), "{late:?}");
    let turn = world.broker.complete_callback("umbrella", &pairs, zoe.browser());
    zoe.take(turn.await.unwrap());
    assert_eq!(
        zoe.consent_page(&world, &walk).await.provider.id.as_str(),
        "umbrella"
    );
}

#[tokio::test]
async fn where_there_is_no_choice_nobody_goes_back_to_one() {
    let world = World::with_providers(providers(&["acme"]), |_| {}).await;
    let mut zoe = Person::default();
    let walk = zoe.authorize(&world, &request()).await;
    assert!(matches!(
        zoe.sees(&world, &walk).await.unwrap(),
        Interaction::Ask { others: false, .. }
    ));
    let refused = world.broker.choose_again(&walk, zoe.browser()).await;
    assert!(matches!(refused, Err(WalkError::Stale)), "{refused:?}");
}

#[tokio::test]
async fn one_address_at_two_providers_is_two_users() {
    let world = World::with_providers(providers(&["acme", "umbrella"]), |_| {}).await;
    let mut subjects = Vec::new();
    for id in ["acme", "umbrella"] {
        let mut zoe = Person::default();
        let walk = zoe.authorize(&world, &replaced(&request(), "idp_hint", id)).await;
        press(&world, &mut zoe, &walk, "zoe").await;
        let code = zoe.approve(&world, &walk, "mcp:read").await;
        let pairs = replaced(
            &crate::fixture::redemption(&code),
            "redirect_uri",
            crate::fixture::LOOPBACK,
        )
        .into_iter()
        .collect::<Vec<_>>();
        let tokens = world.token(&pairs).await.unwrap();
        let claims = world.read(&tokens.access_token).await;
        subjects.push(claims.sub.to_string());
        let account = world.broker.account(zoe.browser()).await.unwrap();
        assert_eq!(account.sessions.len(), 1, "each sees the own sessions alone");
    }
    assert_eq!(subjects, ["acme:zoe", "umbrella:zoe"]);
}

#[tokio::test]
async fn an_address_that_was_not_verified_fits_no_rule() {
    for (verified, allowed) in [(false, None), (true, Some("mcp:admin"))] {
        let puppet = Puppet::buttons("acme", &["zoe"], move |who| {
            Login::of(Identity {
                email: Some("zoe@boss.example".to_owned()),
                email_verified: verified,
                ..user("acme", who)
            })
        });
        let world = World::with_providers(vec![Arc::new(puppet)], |settings| {
            settings.policy = Policy {
                rules: vec![Rule {
                    email_domain: Some("boss.example".to_owned()),
                    scopes: scopes("mcp:admin"),
                    ..Rule::default()
                }],
            };
        })
        .await;
        let mut zoe = Person::default();
        let pairs = replaced(&request(), "scope", "mcp:admin");
        let walk = zoe.authorize(&world, &pairs).await;
        match (press(&world, &mut zoe, &walk, "zoe").await, allowed) {
            (Next::Client(redirect), None) => {
                assert_eq!(param(&redirect, "error").as_deref(), Some("access_denied"));
            }
            (Next::Interact { .. }, Some(scope)) => {
                let view = zoe.consent_page(&world, &walk).await;
                assert_eq!(view.resources[0].scopes[0].scope.as_str(), scope);
            }
            (other, _) => panic!("{verified}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn each_provider_says_whether_it_is_ready() {
    let mut down = Puppet::buttons("umbrella", &[], |who| Login::of(user("umbrella", who)));
    down.down = Some("no route to host");
    let mut all = providers(&["acme"]);
    all.push(Arc::new(down));
    let world = World::with_providers(all, |_| {}).await;
    let readiness = world.broker.check_providers().await;
    assert!(readiness.somebody_can_log_in());
    let [acme, umbrella] = readiness.providers.as_slice() else {
        panic!("{readiness:?}");
    };
    assert_eq!((acme.id.as_str(), &acme.obstacle), ("acme", &None));
    assert!(umbrella.obstacle.as_ref().unwrap().contains("no route to host"));
}
