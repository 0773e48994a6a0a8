//! Still standing? What a refresh does when the provider's word has grown old.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::task::JoinSet;
use vestibule_broker::store::UpstreamLogins as _;
use vestibule_broker::{EndpointError as _, Interaction, TokenError};
use vestibule_protocol::{OAuthErrorCode, Subject};
use vestibule_provider::{Provider, ProviderError, Sealed, Standing, UpstreamSession};
use vestibule_provider_local::{LocalProvider, LocalUser, Password};

use super::standing::{INTERVAL, OUTAGE, Scene, provider};
use crate::fixture::{World, parts, scopes, secrets, settings};
use crate::walk::person::{Person, local, request};

const MINUTE: Duration = Duration::from_secs(60);

fn away(_: &UpstreamSession) -> Result<Standing, ProviderError> {
    Err(ProviderError::Unavailable("no route".to_owned()))
}

fn gone() -> Standing {
    Standing::Gone("disabled".to_owned())
}

#[tokio::test]
async fn a_user_who_is_gone_loses_the_session_and_its_tokens() {
    let scene = Scene::new().await;
    let tokens = scene.connect(&mut Person::default(), "zoe").await;
    scene.world.advance(INTERVAL);
    scene.provider.says(|_| Ok(gone()));
    let refused = scene.refresh(&tokens).await.expect_err("no tokens");
    assert!(matches!(refused, TokenError::UserGone), "{refused}");
    assert_eq!(refused.code(), OAuthErrorCode::InvalidGrant);
    assert!(scene.world.session_of(&tokens).await.is_none());
    assert!(scene.world.is_revoked(&tokens).await);
}

#[tokio::test]
async fn who_is_gone_loses_every_session_on_that_login_and_nobody_else_s() {
    let scene = Scene::new().await;
    let (mut zoe, mut elsewhere, mut yan) = (Person::default(), Person::default(), Person::default());
    let first = scene.connect(&mut zoe, "zoe").await;
    let second = scene.connect_again(&mut zoe).await;
    let third = scene.connect(&mut elsewhere, "zoe").await;
    let other = scene.connect(&mut yan, "yan").await;
    scene.world.advance(INTERVAL);
    scene.provider.says(|_| Ok(gone()));
    assert!(scene.refresh(&first).await.is_err());
    assert!(scene.world.is_revoked(&second).await, "the same login");
    assert!(!scene.world.is_revoked(&third).await, "another login of hers");
    assert!(!scene.world.is_revoked(&other).await);
    // The browser's login stood on the same one.
    let walk = zoe.authorize(&scene.world, &request()).await;
    assert!(matches!(
        zoe.sees(&scene.world, &walk).await.unwrap(),
        Interaction::Ask { .. }
    ));
}

#[tokio::test]
async fn within_the_interval_the_provider_is_left_alone() {
    let scene = Scene::new().await;
    let mut tokens = scene.connect(&mut Person::default(), "zoe").await;
    scene.provider.says(|_| Ok(gone()));
    for _ in 0..14 {
        scene.world.advance(MINUTE);
        tokens = scene.refresh(&tokens).await.expect("tokens");
    }
    assert_eq!(scene.provider.rechecked(), 0);
}

#[tokio::test]
async fn the_provider_is_asked_once_in_each_interval_however_many_sessions_there_are() {
    let scene = Scene::new().await;
    let mut zoe = Person::default();
    let mut all = vec![scene.connect(&mut zoe, "zoe").await];
    for _ in 0..3 {
        all.push(scene.connect_again(&mut zoe).await);
    }
    for round in 1..=3 {
        scene.world.advance(INTERVAL);
        for tokens in &mut all {
            *tokens = scene.refresh(tokens).await.expect("tokens");
        }
        assert_eq!(scene.provider.rechecked(), round);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_64_refreshes_on_one_login_one_asks_the_provider() {
    let scene = Arc::new(Scene::new().await);
    let mut zoe = Person::default();
    let mut all = vec![scene.connect(&mut zoe, "zoe").await];
    for _ in 1..64 {
        all.push(scene.connect_again(&mut zoe).await);
    }
    // The provider takes each refresh token once, as many do.
    let spent = Arc::new(AtomicUsize::new(0));
    let counted = spent.clone();
    scene.provider.says(move |upstream| {
        let expected = match counted.fetch_add(1, Ordering::SeqCst) {
            0 => "first".to_owned(),
            earlier => format!("token {earlier}"),
        };
        if upstream.kept.expose() != expected.as_bytes() {
            return Ok(Standing::Gone("a refresh token was used twice".to_owned()));
        }
        Ok(Standing::Good(UpstreamSession {
            kept: Sealed::new(format!("token {}", counted.load(Ordering::SeqCst))),
            ..upstream.clone()
        }))
    });
    for round in 1..=2 {
        scene.world.advance(INTERVAL);
        let mut callers = JoinSet::new();
        for tokens in all.drain(..) {
            let scene = scene.clone();
            callers.spawn(async move { scene.refresh(&tokens).await });
        }
        for refreshed in callers.join_all().await {
            all.push(refreshed.expect("tokens"));
        }
        assert_eq!(spent.load(Ordering::SeqCst), round);
    }
}

#[tokio::test]
async fn an_outage_keeps_the_session_up_to_its_limit_and_refuses_it_then() {
    let scene = Scene::new().await;
    let mut tokens = scene.connect(&mut Person::default(), "zoe").await;
    scene.provider.says(away);
    scene.world.advance(INTERVAL);
    tokens = scene.refresh(&tokens).await.expect("an outage is no revocation");
    scene.world.advance(OUTAGE.checked_sub(MINUTE).unwrap());
    tokens = scene.refresh(&tokens).await.expect("still within the limit");
    scene.world.advance(MINUTE);
    let refused = scene.refresh(&tokens).await.expect_err("no tokens");
    assert!(matches!(refused, TokenError::ProviderAway), "{refused}");
    assert_eq!(refused.code(), OAuthErrorCode::TemporarilyUnavailable);
    assert!(
        scene.world.session_of(&tokens).await.is_some(),
        "the session is kept"
    );

    // The very same token is good when the provider is back.
    scene
        .provider
        .says(|upstream| Ok(Standing::Good(upstream.clone())));
    scene.world.advance(MINUTE);
    scene.refresh(&tokens).await.expect("tokens");
}

#[tokio::test]
async fn during_an_outage_the_provider_is_not_asked_at_every_refresh() {
    let scene = Scene::new().await;
    let mut tokens = scene.connect(&mut Person::default(), "zoe").await;
    scene.provider.says(away);
    scene.world.advance(INTERVAL);
    for _ in 0..5 {
        tokens = scene.refresh(&tokens).await.expect("tokens");
    }
    assert_eq!(scene.provider.rechecked(), 1);
    scene.world.advance(MINUTE);
    scene.refresh(&tokens).await.expect("tokens");
    assert_eq!(scene.provider.rechecked(), 2);
}

#[tokio::test]
async fn what_is_no_plain_word_of_the_provider_is_no_revocation() {
    let scene = Scene::new().await;
    let mut tokens = scene.connect(&mut Person::default(), "zoe").await;
    for error in [
        ProviderError::Rejected as fn(String) -> ProviderError,
        ProviderError::Denied,
        ProviderError::Misconfigured,
    ] {
        scene.provider.says(move |_| Err(error("hm".to_owned())));
        scene.world.advance(INTERVAL);
        tokens = scene.refresh(&tokens).await.expect("tokens");
    }
    scene.provider.says(|_| Ok(Standing::Unknown));
    scene.world.advance(INTERVAL);
    scene.refresh(&tokens).await.expect("tokens");
}

#[tokio::test]
async fn an_answer_about_somebody_else_ends_the_session() {
    let scene = Scene::new().await;
    let tokens = scene.connect(&mut Person::default(), "zoe").await;
    scene.provider.says(|upstream| {
        Ok(Standing::Good(UpstreamSession {
            subject: Subject::parse("acme:mallory").unwrap(),
            ..upstream.clone()
        }))
    });
    scene.world.advance(INTERVAL);
    assert!(matches!(scene.refresh(&tokens).await, Err(TokenError::UserGone)));
}

#[tokio::test]
async fn what_the_provider_keeps_is_replaced_and_never_stored_in_clear() {
    let scene = Scene::new().await;
    let tokens = scene.connect(&mut Person::default(), "zoe").await;
    scene.provider.says(|upstream| {
        assert_eq!(upstream.kept.expose(), b"first");
        Ok(Standing::Good(UpstreamSession {
            kept: Sealed::new("second"),
            ..upstream.clone()
        }))
    });
    scene.world.advance(INTERVAL);
    let tokens = scene.refresh(&tokens).await.expect("tokens");
    let logins = scene
        .world
        .store
        .upstreams_of_user(&Subject::parse("acme:zoe").unwrap(), scene.world.now())
        .await
        .unwrap();
    let stored = serde_json::to_string(&logins).unwrap();
    assert!(
        !stored.contains("second") && !stored.contains("first"),
        "{stored}"
    );
    scene.provider.says(|upstream| {
        assert_eq!(upstream.kept.expose(), b"second");
        Ok(Standing::Good(upstream.clone()))
    });
    scene.world.advance(INTERVAL);
    scene.refresh(&tokens).await.expect("tokens");
}

#[tokio::test]
async fn what_was_kept_of_one_login_opens_under_no_other() {
    let scene = Scene::new().await;
    let tokens = scene.connect(&mut Person::default(), "zoe").await;
    scene.connect(&mut Person::default(), "yan").await;
    let now = scene.world.now();
    let of = |name: &str| Subject::parse(&format!("acme:{name}")).unwrap();
    let store = &scene.world.store;
    let mut hers = store.upstreams_of_user(&of("zoe"), now).await.unwrap().remove(0);
    let his = store.upstreams_of_user(&of("yan"), now).await.unwrap().remove(0);
    hers.state = his.state;
    store.put_upstream(hers).await.unwrap();
    scene.world.advance(INTERVAL);
    scene
        .refresh(&tokens)
        .await
        .expect("an outage, as far as can be told");
    assert_eq!(scene.provider.rechecked(), 0, "nobody was asked with his token");
}

#[tokio::test]
async fn a_browser_s_login_is_looked_at_again_before_it_is_reused() {
    let scene = Scene::new().await;
    let mut zoe = Person::default();
    scene.connect(&mut zoe, "zoe").await;
    scene.world.advance(INTERVAL);
    scene.provider.says(|_| Ok(gone()));
    let walk = zoe.authorize(&scene.world, &request()).await;
    assert!(matches!(
        zoe.sees(&scene.world, &walk).await.unwrap(),
        Interaction::Ask { .. }
    ));
}

#[tokio::test]
async fn when_the_operator_takes_the_provider_away_its_users_sessions_end() {
    let scene = Scene::new().await;
    let tokens = scene.connect(&mut Person::default(), "zoe").await;
    scene.world.advance(INTERVAL);
    let other: Vec<Arc<dyn Provider>> = vec![Arc::new(provider("umbrella"))];
    let after = restarted(&scene.world, other).await;
    let token = tokens.refresh_token.as_deref().unwrap();
    assert!(matches!(after.refresh(token).await, Err(TokenError::UserGone)));
}

#[tokio::test]
async fn a_local_user_who_was_taken_out_of_the_configuration_can_no_longer_refresh() {
    let world = World::with_providers(vec![local("local")], |_| {}).await;
    let tokens = Person::default().connect(&world, &request(), "alice").await;
    let bob = LocalUser {
        username: "bob".to_owned(),
        password: Password::plain(vestibule_protocol::Secret::new("x")),
        name: None,
        email: None,
        groups: Vec::new(),
        roles: Vec::new(),
        scopes: scopes("mcp:read"),
    };
    let id = vestibule_protocol::ProviderId::parse("local").unwrap();
    let without_alice = LocalProvider::new(id, "local".to_owned(), vec![bob]).unwrap();
    world.advance(INTERVAL);
    let after = restarted(&world, vec![Arc::new(without_alice)]).await;
    let token = tokens.refresh_token.as_deref().unwrap();
    assert!(matches!(after.refresh(token).await, Err(TokenError::UserGone)));
    assert!(after.is_revoked(&tokens).await);
}

/// The same store and clock, under a broker with other providers.
async fn restarted(world: &World, providers: Vec<Arc<dyn Provider>>) -> World {
    let parts = vestibule_broker::Parts {
        providers,
        ..parts(&world.store, &world.clock, secrets("one", &[]), 3)
    };
    let broker = vestibule_broker::Broker::open(settings(), parts).await.unwrap();
    World {
        broker: Arc::new(broker),
        store: world.store.clone(),
        clock: world.clock.clone(),
    }
}
