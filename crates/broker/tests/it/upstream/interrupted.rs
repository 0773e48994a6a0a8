//! Endings that were interrupted, by a store that failed or a process that died.

use std::sync::Arc;
use std::time::Duration;

use vestibule_broker::store::UpstreamLogins as _;
use vestibule_broker::{LogoutTokenError, TokenError};
use vestibule_protocol::Subject;

use super::logout::{named_logins, scene, tell};
use super::standing::{INTERVAL, Scene};
use crate::faulty::Faulty;
use crate::fixture::{World, parts, secrets, settings};
use crate::walk::person::Person;

#[tokio::test]
async fn an_ending_that_was_interrupted_is_carried_out_when_the_token_comes_again() {
    for token in ["sid zoe", "sub sub-of-zoe", "user acme:zoe"] {
        let scene = scene().await;
        let tokens = scene.connect(&mut Person::default(), "zoe").await;
        interrupt(&scene).await;
        assert!(!scene.world.is_revoked(&tokens).await);
        tell(&scene.world, "acme", token).await.unwrap();
        assert!(scene.world.is_revoked(&tokens).await, "{token}");
    }
}

#[tokio::test]
async fn an_ending_that_was_interrupted_is_carried_out_when_one_of_its_sessions_is_looked_at() {
    let scene = scene().await;
    let mut zoe = Person::default();
    let first = scene.connect(&mut zoe, "zoe").await;
    let second = scene.connect_again(&mut zoe).await;
    interrupt(&scene).await;
    scene.world.advance(INTERVAL);
    assert!(matches!(scene.refresh(&first).await, Err(TokenError::UserGone)));
    assert!(scene.world.is_revoked(&first).await);
    assert!(scene.world.is_revoked(&second).await);
}

/// Does what an ending does before it fails: the login is marked, and its sessions live.
async fn interrupt(scene: &Scene) {
    let (store, now) = (&scene.world.store, scene.world.now());
    let zoe = Subject::parse("acme:zoe").unwrap();
    for login in store.upstreams_of_user(&zoe, now).await.unwrap() {
        store.end_upstream(&login.id, now).await.unwrap();
    }
}

/// The same scene through another replica, whose store fails at one verb.
async fn through_a_faulty_store(scene: &Scene) -> (World, Arc<Faulty>) {
    let (store, clock) = (&scene.world.store, &scene.world.clock);
    let faulty = Faulty::over(store);
    let parts = vestibule_broker::Parts {
        store: faulty.clone(),
        providers: vec![Arc::new(named_logins("acme"))],
        ..parts(store, clock, secrets("one", &[]), 7)
    };
    let broker = vestibule_broker::Broker::open(settings(), parts).await.unwrap();
    let world = World {
        broker: Arc::new(broker),
        store: store.clone(),
        clock: clock.clone(),
    };
    (world, faulty)
}

/// What an ending asks of the store, wherever it may fail.
const VERBS: [&str; 8] = [
    "recall",
    "remember",
    "upstreams_called",
    "find_upstream",
    "end_upstream",
    "sessions_of_user",
    "set_status",
    "end_session",
];

#[tokio::test]
async fn a_logout_that_fails_half_way_is_not_used_up() {
    for verb in VERBS {
        let scene = scene().await;
        let tokens = scene.connect(&mut Person::default(), "zoe").await;
        let (world, faulty) = through_a_faulty_store(&scene).await;
        faulty.fail_at(verb);
        let failed = tell(&world, "acme", "sid zoe").await;
        assert!(
            matches!(failed, Err(LogoutTokenError::Store(_))),
            "{verb}: {failed:?}"
        );
        faulty.mend();
        tell(&world, "acme", "sid zoe").await.expect(verb);
        assert!(scene.world.is_revoked(&tokens).await, "{verb}");
        assert!(scene.world.session_of(&tokens).await.is_none(), "{verb}");
        let again = tell(&world, "acme", "sid zoe").await;
        assert!(
            matches!(again, Err(LogoutTokenError::Replayed)),
            "{verb}: {again:?}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_logout_that_fails_is_tried_again_though_nobody_tells_again() {
    for verb in VERBS.into_iter().filter(|verb| *verb != "recall") {
        let scene = scene().await;
        let tokens = scene.connect(&mut Person::default(), "zoe").await;
        let (world, faulty) = through_a_faulty_store(&scene).await;
        faulty.fail_at(verb);
        tell(&world, "acme", "sid zoe").await.expect_err(verb);
        tokio::time::sleep(Duration::from_secs(10)).await;
        faulty.mend();
        tokio::time::sleep(Duration::from_secs(60)).await;
        assert!(scene.world.is_revoked(&tokens).await, "{verb}");
        assert!(scene.world.session_of(&tokens).await.is_none(), "{verb}");
    }
}
