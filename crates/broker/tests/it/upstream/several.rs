//! Several providers: which are offered, in which order, and to whom.

use std::sync::Arc;

use vestibule_broker::settings::{Policy, Resources, Rule, Settings};
use vestibule_broker::{Interaction, Next, TokenError, WalkError};
use vestibule_protocol::ProviderId;
use vestibule_provider::{Identity, Login, LoginStep, Provider, Sealed};

use super::standing::press;
use crate::fixture::{FILES, NOTES, World, parts, replaced, resource, scopes, secrets};
use crate::puppet::{Puppet, done, user};
use crate::walk::person::{Person, param, refusal, request, ticket};

fn providers(ids: &[&'static str]) -> Vec<Arc<dyn Provider>> {
    ids.iter()
        .map(|id| {
            let id = *id;
            let puppet = Puppet::buttons(id, &["zoe"], move |who| Login::of(user(id, who)));
            Arc::new(puppet) as Arc<dyn Provider>
        })
        .collect()
}

/// Of these resources, the first one admits these providers alone.
fn restrict(settings: &mut Settings, uri: &str, ids: &[&str]) {
    let changed = settings.resources.iter().cloned().map(|mut known| {
        if known.uri == resource(uri) {
            known.providers = Some(ids.iter().map(|id| ProviderId::parse(id).unwrap()).collect());
        }
        known
    });
    settings.resources = Resources::new(changed.collect(), Some(&resource(NOTES)));
}

async fn offered(world: &World, person: &Person, walk: &str) -> Vec<String> {
    match person.sees(world, walk).await.unwrap() {
        Interaction::Choose { providers, .. } => {
            providers.iter().map(|provider| provider.id.to_string()).collect()
        }
        other => panic!("no choice but {other:?}"),
    }
}

async fn choose(world: &World, person: &mut Person, walk: &str, id: &str) -> Result<Next, WalkError> {
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
async fn an_mcp_server_that_admits_one_provider_leads_straight_to_it() {
    let world = World::with_providers(providers(&["acme", "umbrella"]), |settings| {
        restrict(settings, NOTES, &["umbrella"]);
    })
    .await;
    let mut zoe = Person::default();
    for pairs in [request(), replaced(&request(), "idp_hint", "acme")] {
        let walk = zoe.authorize(&world, &pairs).await;
        match zoe.sees(&world, &walk).await.unwrap() {
            Interaction::Ask { provider, .. } => assert_eq!(provider.id.as_str(), "umbrella"),
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn a_provider_that_is_not_admitted_is_neither_offered_nor_taken() {
    let world = World::with_providers(providers(&["acme", "umbrella", "initech"]), |settings| {
        restrict(settings, NOTES, &["umbrella", "initech"]);
    })
    .await;
    let mut zoe = Person::default();
    let walk = zoe.authorize(&world, &request()).await;
    assert_eq!(offered(&world, &zoe, &walk).await, ["umbrella", "initech"]);
    let refused = choose(&world, &mut zoe, &walk, "acme").await;
    assert!(
        matches!(refused, Err(WalkError::ProviderNotAdmitted)),
        "{refused:?}"
    );
}

#[tokio::test]
async fn a_browser_s_login_of_a_provider_that_is_not_admitted_is_not_used() {
    let world = World::with_providers(providers(&["acme", "umbrella"]), |settings| {
        restrict(settings, FILES, &["umbrella"]);
    })
    .await;
    let mut zoe = Person::default();
    let walk = zoe.authorize(&world, &request()).await;
    choose(&world, &mut zoe, &walk, "acme").await.unwrap();
    press(&world, &mut zoe, &walk, "zoe").await;
    let files = replaced(&replaced(&request(), "resource", FILES), "scope", "files:read");
    let walk = zoe.authorize(&world, &files).await;
    match zoe.sees(&world, &walk).await.unwrap() {
        Interaction::Ask { provider, .. } => assert_eq!(provider.id.as_str(), "umbrella"),
        other => panic!("{other:?}"),
    }
    let silent = replaced(&files, "prompt", "none");
    let refused = refusal(zoe.try_authorize(&world, &silent).await);
    assert_eq!(param(&refused, "error").as_deref(), Some("login_required"));
}

#[tokio::test]
async fn switching_the_user_offers_only_whom_the_mcp_server_admits() {
    let world = World::with_providers(providers(&["acme", "umbrella"]), |settings| {
        restrict(settings, NOTES, &["umbrella"]);
    })
    .await;
    let mut zoe = Person::default();
    let walk = zoe.authorize(&world, &request()).await;
    press(&world, &mut zoe, &walk, "zoe").await;
    let turn = world.broker.switch_user(&walk, zoe.browser()).await.unwrap();
    let next = zoe.take(turn);
    match zoe.sees(&world, &ticket(next)).await.unwrap() {
        Interaction::Ask { provider, .. } => assert_eq!(provider.id.as_str(), "umbrella"),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn mcp_servers_without_a_provider_in_common_are_refused_to_the_client() {
    let world = World::with_providers(providers(&["acme", "umbrella"]), |settings| {
        restrict(settings, NOTES, &["umbrella"]);
        restrict(settings, FILES, &["acme"]);
    })
    .await;
    let mut both = request();
    both.extend([("resource", NOTES), ("resource", FILES)]);
    let refused = refusal(Person::default().try_authorize(&world, &both).await);
    assert_eq!(param(&refused, "error").as_deref(), Some("invalid_target"));
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

/// The same store and clock, where the operator has decided otherwise.
async fn restarted(world: &World, change: impl FnOnce(&mut Settings)) -> World {
    let mut settings = crate::fixture::settings();
    change(&mut settings);
    let parts = parts(&world.store, &world.clock, secrets("one", &[]), 3);
    let broker = vestibule_broker::Broker::open(settings, parts).await.unwrap();
    World {
        broker: Arc::new(broker),
        store: world.store.clone(),
        clock: world.clock.clone(),
    }
}

#[tokio::test]
async fn an_mcp_server_that_no_longer_admits_a_provider_gets_no_more_tokens_of_its_users() {
    let world = World::with_providers(Vec::new(), |_| {}).await;
    let code = world
        .issue_code(|grant| {
            grant.identity = user("acme", "zoe");
            grant.resources = vec![resource(NOTES), resource(FILES)];
            grant.scopes = scopes("mcp:read files:read offline_access");
        })
        .await;
    let tokens = world.redeem(&code).await.expect("tokens");
    let mut token = tokens.refresh_token.expect("a refresh token");

    let after = restarted(&world, |settings| restrict(settings, NOTES, &["umbrella"])).await;
    let named = after
        .token(&[
            ("grant_type", "refresh_token"),
            ("refresh_token", &token),
            ("client_id", crate::fixture::APP),
            ("resource", NOTES),
        ])
        .await;
    assert!(matches!(named, Err(TokenError::ResourceGone)), "{named:?}");
    let rest = after.refresh(&token).await.expect("tokens for the other server");
    let claims = after.read(&rest.access_token).await;
    assert!(
        claims.aud.contains(FILES) && !claims.aud.contains(NOTES),
        "{claims:?}"
    );
    assert_eq!(rest.scope, scopes("files:read offline_access"));
    token = rest.refresh_token.expect("a refresh token");

    let after = restarted(&world, |settings| {
        restrict(settings, NOTES, &["umbrella"]);
        restrict(settings, FILES, &["umbrella"]);
    })
    .await;
    let refused = after.refresh(&token).await;
    assert!(matches!(refused, Err(TokenError::ResourceGone)), "{refused:?}");

    // Nothing was taken from the session: who is admitted again goes on.
    let after = restarted(&world, |settings| restrict(settings, NOTES, &["acme"])).await;
    after.refresh(&token).await.expect("tokens");
}
