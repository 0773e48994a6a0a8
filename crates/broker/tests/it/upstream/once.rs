//! Credentials without a nonce are good once; and whom a provider may vouch for.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;
use vestibule_broker::WalkError;
use vestibule_provider::{Login, Once, ProviderError};

use crate::fixture::{NOW, World};
use crate::puppet::{Puppet, user};
use crate::walk::person::{Person, request};

fn once_only() -> Puppet {
    Puppet::buttons("acme", &["zoe", "zoe again"], |who| Login {
        once: Some(Once {
            key: format!("the token of {}", who.split(' ').next().unwrap()),
            expires_at: NOW + Duration::from_secs(3600),
        }),
        ..Login::of(user("acme", "zoe"))
    })
}

async fn press(world: &World, person: &Person, walk: &str, who: &str) -> Result<(), WalkError> {
    let fields = [("alternative".to_owned(), vestibule_protocol::Secret::new(who))];
    let turn = world.broker.submit_login(walk, person.browser(), fields.into());
    turn.await.map(drop)
}

#[tokio::test]
async fn a_credential_that_was_used_is_refused_in_every_later_walk() {
    let world = World::with_providers(vec![Arc::new(once_only())], |_| {}).await;
    let mut zoe = Person::default();
    let walk = zoe.authorize(&world, &request()).await;
    press(&world, &zoe, &walk, "zoe").await.unwrap();
    // Verifiers bear clocks that differ, so a little beyond its own expiry too.
    for wait in [0, 3599, 100] {
        world.advance(Duration::from_secs(wait));
        let mut mallory = Person::default();
        let walk = mallory.authorize(&world, &request()).await;
        let refused = press(&world, &mallory, &walk, "zoe again").await;
        assert!(
            matches!(refused, Err(WalkError::Provider(ProviderError::Rejected(_)))),
            "{refused:?}"
        );
        assert!(world.broker.account(mallory.browser()).await.is_err());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_64_walks_with_one_credential_one_goes_on() {
    let world = Arc::new(World::with_providers(vec![Arc::new(once_only())], |_| {}).await);
    let mut callers = JoinSet::new();
    for _ in 0..64 {
        let world = world.clone();
        callers.spawn(async move {
            let mut person = Person::default();
            let walk = person.authorize(&world, &request()).await;
            press(&world, &person, &walk, "zoe").await.is_ok()
        });
    }
    let let_in = callers.join_all().await.into_iter().filter(|good| *good).count();
    assert_eq!(let_in, 1);
}

#[tokio::test]
async fn a_provider_cannot_vouch_for_another_s_user() {
    let puppet = Puppet::buttons("acme", &["zoe"], |_| Login::of(user("umbrella", "zoe")));
    let world = World::with_providers(vec![Arc::new(puppet)], |_| {}).await;
    let mut zoe = Person::default();
    let walk = zoe.authorize(&world, &request()).await;
    let refused = press(&world, &zoe, &walk, "zoe").await;
    assert!(
        matches!(refused, Err(WalkError::Provider(ProviderError::Misconfigured(_)))),
        "{refused:?}"
    );
}
