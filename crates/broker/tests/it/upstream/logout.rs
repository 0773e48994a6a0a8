//! Logouts: those that a provider tells of, and those that a person asks for.

use std::time::Duration;

use vestibule_broker::store::UpstreamLogins as _;
use vestibule_broker::{
    AccountError, AfterLogout, EndpointError as _, Interaction, LogoutTokenError, TokenError, WalkError,
};
use vestibule_protocol::{OAuthErrorCode, ProviderId, Subject};
use vestibule_provider::{LogoutNotice, Once, ProviderError, Whose};

use super::standing::{Scene, press, provider, try_press};
use crate::fixture::{NOW, World, params, redemption, replaced};
use crate::puppet::{Puppet, kept_login};
use crate::walk::person::{Person, request};

/// A login that is begun so much after a logout was begun after it.
const TICK: Duration = Duration::from_millis(1);

/// Tokens read `sid <sid>`, `sub <sub>` or `user <subject>`, followed by a name of their own.
fn telling(mut puppet: Puppet) -> Puppet {
    puppet.notices = Box::new(|token| {
        let mut words = token.split(' ');
        let whose = match (words.next(), words.next()) {
            (Some("sid"), Some(sid)) => Whose::Login { sid: sid.to_owned() },
            (Some("user"), Some(subject)) => Whose::User(Subject::parse(subject).unwrap()),
            (Some("sub"), Some(sub)) => Whose::Called { sub: sub.to_owned() },
            _ => return Err(ProviderError::Rejected("not one of ours".to_owned())),
        };
        let once = Once {
            key: token.to_owned(),
            expires_at: NOW + Duration::from_secs(120),
        };
        Ok(LogoutNotice { whose, once })
    });
    puppet
}

/// Each user's login has the user's name as its `sid`, and the provider calls the user `<name>'s sub`.
pub(super) fn named_logins(id: &'static str) -> Puppet {
    let capabilities = provider(id).capabilities;
    let mut puppet = Puppet::buttons(id, &["zoe", "yan"], move |who| {
        let mut login = kept_login(id, who, Some(who), "first");
        if let Some(upstream) = &mut login.upstream {
            upstream.sub = Some(format!("sub-of-{who}"));
        }
        login
    });
    puppet.capabilities = capabilities;
    telling(puppet)
}

pub(super) async fn tell(world: &World, provider: &str, token: &str) -> Result<(), LogoutTokenError> {
    world
        .broker
        .back_channel_logout(provider, &params(&[("logout_token", token)]))
        .await
}

pub(super) async fn scene() -> Scene {
    Scene::with(named_logins("acme"), |_| {}).await
}

#[tokio::test]
async fn a_logout_of_one_login_ends_what_stands_on_it_and_nothing_else() {
    let scene = scene().await;
    let (mut zoe, mut yan) = (Person::default(), Person::default());
    let hers = scene.connect(&mut zoe, "zoe").await;
    let his = scene.connect(&mut yan, "yan").await;
    tell(&scene.world, "acme", "sid zoe").await.unwrap();
    assert!(scene.world.is_revoked(&hers).await);
    assert!(matches!(
        scene.refresh(&hers).await,
        Err(TokenError::RefreshTokenUnknown)
    ));
    assert!(!scene.world.is_revoked(&his).await);
    scene.refresh(&his).await.expect("tokens");

    // Her browser is logged out as well, his is not.
    assert!(matches!(
        scene.world.broker.account(zoe.browser()).await,
        Err(AccountError::NotLoggedIn)
    ));
    let walk = zoe.authorize(&scene.world, &request()).await;
    assert!(matches!(
        zoe.sees(&scene.world, &walk).await.unwrap(),
        Interaction::Ask { .. }
    ));
    scene
        .world
        .broker
        .account(yan.browser())
        .await
        .expect("an account");
}

#[tokio::test]
async fn a_logout_of_a_user_ends_all_that_user_s_logins() {
    let scene = scene().await;
    let (mut here, mut there, mut yan) = (Person::default(), Person::default(), Person::default());
    let first = scene.connect(&mut here, "zoe").await;
    let second = scene.connect(&mut there, "zoe").await;
    let his = scene.connect(&mut yan, "yan").await;
    tell(&scene.world, "acme", "user acme:zoe").await.unwrap();
    assert!(scene.world.is_revoked(&first).await);
    assert!(scene.world.is_revoked(&second).await);
    assert!(!scene.world.is_revoked(&his).await);
}

#[tokio::test]
async fn a_logout_of_whom_the_provider_calls_otherwise_ends_all_that_user_s_logins() {
    let scene = scene().await;
    let (mut here, mut there, mut yan) = (Person::default(), Person::default(), Person::default());
    let first = scene.connect(&mut here, "zoe").await;
    let second = scene.connect(&mut there, "zoe").await;
    let his = scene.connect(&mut yan, "yan").await;
    tell(&scene.world, "acme", "sub sub-of-zoe").await.unwrap();
    assert!(scene.world.is_revoked(&first).await);
    assert!(scene.world.is_revoked(&second).await);
    assert!(!scene.world.is_revoked(&his).await);
}

#[tokio::test]
async fn a_logout_that_overtakes_its_login_turns_the_login_away() {
    for token in ["sid zoe", "sub sub-of-zoe", "user acme:zoe"] {
        let scene = scene().await;
        let mut zoe = Person::default();
        let walk = zoe.authorize(&scene.world, &request()).await;
        scene.world.advance(TICK);
        tell(&scene.world, "acme", token).await.unwrap();
        scene.world.advance(TICK);
        let refused = try_press(&scene.world, &zoe, &walk, "zoe").await;
        assert!(
            matches!(refused, Err(WalkError::Provider(ProviderError::Denied(_)))),
            "{token}: {refused:?}"
        );
        assert!(scene.world.broker.account(zoe.browser()).await.is_err());
        let left = scene
            .world
            .store
            .upstreams_of_user(&Subject::parse("acme:zoe").unwrap(), scene.world.now())
            .await
            .unwrap();
        assert!(left.is_empty(), "{token}: {left:?}");
        // Somebody else is none of its business, and whoever begins after it is let in.
        let mut yan = Person::default();
        scene.connect(&mut yan, "yan").await;
        scene.connect(&mut zoe, "zoe").await;
    }
}

#[tokio::test]
async fn a_logout_of_another_provider_turns_no_login_away() {
    let providers: Vec<std::sync::Arc<dyn vestibule_provider::Provider>> = vec![
        std::sync::Arc::new(named_logins("acme")),
        std::sync::Arc::new(named_logins("umbrella")),
    ];
    let world = World::with_providers(providers, |_| {}).await;
    let mut zoe = Person::default();
    let pairs = replaced(&request(), "idp_hint", "acme");
    let walk = zoe.authorize(&world, &pairs).await;
    tell(&world, "umbrella", "sid zoe").await.unwrap();
    press(&world, &mut zoe, &walk, "zoe").await;
}

#[tokio::test]
async fn a_provider_can_log_out_nobody_of_another_provider() {
    let providers: Vec<std::sync::Arc<dyn vestibule_provider::Provider>> = vec![
        std::sync::Arc::new(named_logins("acme")),
        std::sync::Arc::new(named_logins("umbrella")),
    ];
    let world = World::with_providers(providers, |_| {}).await;
    let mut zoe = Person::default();
    let pairs = replaced(&request(), "idp_hint", "acme");
    let walk = zoe.authorize(&world, &pairs).await;
    press(&world, &mut zoe, &walk, "zoe").await;
    let refused = tell(&world, "umbrella", "user acme:zoe").await;
    assert!(
        matches!(refused, Err(LogoutTokenError::ForeignUser)),
        "{refused:?}"
    );
    tell(&world, "umbrella", "sid zoe").await.unwrap();
    world
        .broker
        .account(zoe.browser())
        .await
        .expect("still logged in");
    tell(&world, "acme", "sid zoe").await.unwrap();
    assert!(world.broker.account(zoe.browser()).await.is_err());
}

#[tokio::test]
async fn a_logout_token_counts_once() {
    let scene = scene().await;
    tell(&scene.world, "acme", "sid zoe").await.unwrap();
    scene.world.advance(TICK);
    let tokens = scene.connect(&mut Person::default(), "zoe").await;
    for wait in [0, 120, 300] {
        scene.world.advance(Duration::from_secs(wait / 2));
        let again = tell(&scene.world, "acme", "sid zoe").await.expect_err("a replay");
        assert!(matches!(again, LogoutTokenError::Replayed), "{again}");
        assert_eq!(again.code(), OAuthErrorCode::InvalidRequest);
    }
    assert!(!scene.world.is_revoked(&tokens).await);
}

#[tokio::test]
async fn what_is_no_logout_token_ends_nothing() {
    let scene = scene().await;
    let tokens = scene.connect(&mut Person::default(), "zoe").await;
    let refused = tell(&scene.world, "acme", "nonsense").await;
    assert!(
        matches!(refused, Err(LogoutTokenError::Refused(_))),
        "{refused:?}"
    );
    let nobody = tell(&scene.world, "nobody", "sid zoe").await;
    assert!(matches!(nobody, Err(LogoutTokenError::UnknownProvider)));
    let missing = scene.world.broker.back_channel_logout("acme", &params(&[])).await;
    assert!(matches!(missing, Err(LogoutTokenError::Missing)));
    let twice = params(&[("logout_token", "sid zoe"), ("logout_token", "sid yan")]);
    let twice = scene.world.broker.back_channel_logout("acme", &twice).await;
    assert!(matches!(twice, Err(LogoutTokenError::Duplicate(_))));
    assert!(!scene.world.is_revoked(&tokens).await);
}

#[tokio::test]
async fn a_code_that_was_issued_before_the_logout_opens_no_session() {
    let scene = scene().await;
    let mut zoe = Person::default();
    let walk = zoe.authorize(&scene.world, &request()).await;
    press(&scene.world, &mut zoe, &walk, "zoe").await;
    let code = zoe.approve(&scene.world, &walk, "mcp:read").await;
    tell(&scene.world, "acme", "sid zoe").await.unwrap();
    let pairs = replaced(&redemption(&code), "redirect_uri", crate::fixture::LOOPBACK);
    let refused = scene.world.token(&pairs).await;
    assert!(matches!(refused, Err(TokenError::UserGone)), "{refused:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_redemptions_and_logouts_at_the_same_time_no_session_survives() {
    let scene = std::sync::Arc::new(scene().await);
    for round in 0..16 {
        scene.world.advance(TICK);
        let mut zoe = Person::default();
        let walk = zoe.authorize(&scene.world, &request()).await;
        press(&scene.world, &mut zoe, &walk, "zoe").await;
        let code = zoe.approve(&scene.world, &walk, "mcp:read").await;
        let (redeeming, telling) = (scene.clone(), scene.clone());
        let redeemed = tokio::spawn(async move {
            let pairs = replaced(&redemption(&code), "redirect_uri", crate::fixture::LOOPBACK);
            redeeming.world.token(&pairs).await
        });
        let told = tokio::spawn(async move {
            // The third word only tells one token from another.
            tell(&telling.world, "acme", &format!("sid zoe {round}")).await
        });
        told.await.unwrap().unwrap();
        if let Ok(tokens) = redeemed.await.unwrap() {
            assert!(scene.world.session_of(&tokens).await.is_none());
            assert!(scene.world.is_revoked(&tokens).await);
        }
    }
}

#[tokio::test]
async fn a_consent_page_is_over_when_its_user_has_logged_out() {
    let scene = scene().await;
    let mut zoe = Person::default();
    let walk = zoe.authorize(&scene.world, &request()).await;
    press(&scene.world, &mut zoe, &walk, "zoe").await;
    tell(&scene.world, "acme", "sid zoe").await.unwrap();
    assert!(matches!(
        zoe.sees(&scene.world, &walk).await,
        Err(WalkError::Expired)
    ));
}

async fn sign_out(scene: &Scene, zoe: &Person) -> AfterLogout {
    let account = scene.world.broker.account(zoe.browser()).await.unwrap();
    let said = params(&[("form_token", &account.form_token)]);
    let left = scene.world.broker.confirm_logout(zoe.browser(), &said).await;
    left.unwrap().next
}

#[tokio::test]
async fn signing_out_leads_on_to_the_provider_with_its_own_record() {
    let scene = scene().await;
    let mut zoe = Person::default();
    scene.connect(&mut zoe, "zoe").await;
    let account = scene.world.broker.account(zoe.browser()).await.unwrap();
    assert_eq!(account.leaves_too.as_deref(), Some("acme"));
    let AfterLogout::Provider(onward) = sign_out(&scene, &zoe).await else {
        panic!("the provider is left too");
    };
    let pairs: std::collections::BTreeMap<_, _> = onward.query_pairs().into_owned().collect();
    assert_eq!(pairs["hint"], "first");
    assert_eq!(pairs["back"], "https://auth.example/oauth/logout");
    assert!(!pairs["state"].is_empty());
}

#[tokio::test]
async fn where_the_operator_wants_it_so_signing_out_stays_here() {
    let scene = Scene::with(named_logins("acme"), |settings| {
        settings.quiet_logout.insert(ProviderId::parse("acme").unwrap());
    })
    .await;
    let mut zoe = Person::default();
    scene.connect(&mut zoe, "zoe").await;
    let account = scene.world.broker.account(zoe.browser()).await.unwrap();
    assert_eq!(account.leaves_too, None);
    assert!(matches!(sign_out(&scene, &zoe).await, AfterLogout::Stay));
}
