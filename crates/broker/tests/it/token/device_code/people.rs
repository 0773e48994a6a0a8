//! The person who types the code.

use super::*;

#[tokio::test]
async fn a_code_that_no_device_shows_is_refused_whatever_it_looks_like() {
    let world = world().await;
    begin(&world).await;
    for typed in ["", "BCDF-GHJK", "AEIO-UAEI", "<script>", "BCDFGHJKL"] {
        let refused = enter(&world, &mut Person::default(), typed).await;
        assert!(matches!(refused, Err(WalkError::UserCode)), "{typed}");
    }
}

#[tokio::test]
async fn codes_are_typed_only_so_often_from_one_address() {
    let world = world().await;
    let device = begin(&world).await;
    let mut guesser = Person::default();
    guesser.move_to(world.broker.locate([203, 0, 113, 9].into()));
    for _ in 0..20 {
        let refused = enter(&world, &mut guesser, "BCDF-GHJK").await;
        assert!(matches!(refused, Err(WalkError::UserCode)));
    }
    let refused = enter(&world, &mut guesser, device.user_code.as_str()).await;
    assert!(matches!(refused, Err(WalkError::TooManyTries(_))));
    let mut neighbour = Person::default();
    neighbour.move_to(world.broker.locate([203, 0, 113, 10].into()));
    let next = enter(&world, &mut neighbour, device.user_code.as_str()).await;
    ticket(next.expect("a walk"));
}

#[tokio::test]
async fn a_user_who_may_have_nothing_lets_nothing_in() {
    let world = world().await;
    let device = begin(&world).await;
    let mut carol = Person::default();
    let walk = ticket(
        enter(&world, &mut carol, device.user_code.as_str())
            .await
            .unwrap(),
    );
    let next = carol.log_in(&world, &walk, "carol").await;
    assert!(matches!(
        next,
        Next::Device {
            outcome: DeviceOutcome::Refused(_),
            ..
        }
    ));
    assert!(matches!(
        poll(&world, &device).await,
        Err(TokenError::DeviceDenied)
    ));
}

#[tokio::test]
async fn a_device_is_never_let_in_unasked() {
    let world = world().await;
    let mut alice = Person::default();
    let pairs = replaced(&request(), "redirect_uri", crate::fixture::CALLBACK);
    alice.connect(&world, &pairs, "alice").await;
    for _ in 0..2 {
        let device = begin(&world).await;
        let next = enter(&world, &mut alice, device.user_code.as_str()).await;
        let walk = ticket(next.expect("a page"));
        let view = alice.consent_page(&world, &walk).await;
        let shown = AnswerPlace::Device {
            user_code: device.user_code.clone(),
        };
        assert_eq!(view.client.answer, shown);
        assert!(!view.remembers);
        assert!(matches!(
            poll(&world, &device).await,
            Err(TokenError::AuthorizationPending)
        ));
        alice.decide(&world, &walk, approval("mcp:read")).await.unwrap();
    }
}

#[tokio::test]
async fn a_code_that_was_entered_anew_leaves_the_first_walk_without_a_say() {
    let world = world().await;
    let device = begin(&world).await;
    let (mut bob, his) = arrive(&world, &device, "bob").await;
    let (mut alice, hers) = arrive(&world, &device, "alice").await;
    let late = bob.decide(&world, &his, approval("mcp:read")).await;
    assert!(matches!(late, Err(WalkError::Stale)));
    alice.decide(&world, &hers, approval("mcp:read")).await.unwrap();
    let tokens = poll(&world, &device).await.expect("tokens");
    assert_eq!(world.read(&tokens.access_token).await.sub.as_str(), "local:alice");
}
