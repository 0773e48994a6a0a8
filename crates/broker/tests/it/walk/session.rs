//! One walk, one browser, one user.

use std::time::Duration;

use vestibule_broker::settings::Policy;
use vestibule_broker::{Decision, Interaction, WalkError};

use super::person::{
    Person, answer, code, param, refusal, request, ticket, web_request, without, world, world_with,
};
use crate::fixture::{ISSUER, NOTES, replaced, scopes};

#[tokio::test]
async fn the_walk_ends_in_a_code_that_is_good_for_tokens() {
    let world = world().await;
    let mut alice = Person::default();
    let tokens = alice.connect(&world, &request(), "alice").await;
    let claims = world.read(&tokens.access_token).await;
    assert_eq!(claims.sub.as_str(), "local:alice");
    assert_eq!(claims.aud.iter().collect::<Vec<_>>(), [NOTES]);
    assert_eq!(tokens.scope, scopes("mcp:read mcp:write"));
}

#[tokio::test]
async fn the_answer_carries_code_state_and_iss() {
    let world = world().await;
    let mut alice = Person::default();
    let walk = alice.authorize(&world, &request()).await;
    alice.log_in(&world, &walk, "alice").await;
    let decision = Decision::Approve {
        scopes: scopes("mcp:read"),
    };
    let redirect = answer(alice.decide(&world, &walk, decision).await.unwrap());
    assert_eq!(param(&redirect, "state").as_deref(), Some("the state"));
    assert_eq!(param(&redirect, "iss").as_deref(), Some(ISSUER));
    assert!(!redirect.is_error);
}

#[tokio::test]
async fn a_client_without_state_is_answered_without_state() {
    let world = world().await;
    let mut alice = Person::default();
    let walk = alice.authorize(&world, &without(&request(), "state")).await;
    alice.log_in(&world, &walk, "alice").await;
    let redirect = answer(alice.decide(&world, &walk, Decision::Deny).await.unwrap());
    assert_eq!(param(&redirect, "state"), None);
    assert_eq!(param(&redirect, "error").as_deref(), Some("access_denied"));
}

#[tokio::test]
async fn another_browser_cannot_go_on_with_a_walk() {
    let world = world().await;
    let mut attacker = Person::default();
    let walk = attacker.authorize(&world, &request()).await;
    let mut victim = Person::default();
    assert!(matches!(
        victim.sees(&world, &walk).await,
        Err(WalkError::OtherBrowser)
    ));
    let tried = victim
        .try_log_in(&world, &walk, "alice", "password of alice")
        .await;
    assert!(matches!(tried, Err(WalkError::OtherBrowser)));
    // Not even one that began a walk of its own.
    victim.authorize(&world, &request()).await;
    let tried = victim
        .try_log_in(&world, &walk, "alice", "password of alice")
        .await;
    assert!(matches!(tried, Err(WalkError::OtherBrowser)));
}

#[tokio::test]
async fn a_planted_binding_cookie_opens_nothing_after_the_login() {
    let world = world().await;
    let mut attacker = Person::default();
    let walk = attacker.authorize(&world, &request()).await;
    let mut victim = attacker.twin();
    victim.log_in(&world, &walk, "alice").await;
    let decide = |decision| async { world.broker.decide(&walk, attacker.browser(), decision).await };
    assert!(matches!(
        attacker.sees(&world, &walk).await,
        Err(WalkError::OtherBrowser)
    ));
    let approval = Decision::Approve {
        scopes: scopes("mcp:read"),
    };
    assert!(matches!(decide(approval).await, Err(WalkError::OtherBrowser)));
    assert!(matches!(
        decide(Decision::Deny).await,
        Err(WalkError::OtherBrowser)
    ));
    victim.approve(&world, &walk, "mcp:read").await;
}

#[tokio::test]
async fn a_login_cookie_from_before_the_login_is_replaced() {
    let world = world().await;
    let mut person = Person::default();
    person.connect(&world, &request(), "alice").await;
    let before = person.twin();
    let walk = person
        .authorize(&world, &replaced(&request(), "prompt", "login"))
        .await;
    person.log_in(&world, &walk, "alice").await;
    assert!(
        !before
            .browser()
            .login
            .as_ref()
            .unwrap()
            .matches(person.browser().login.as_ref().unwrap().expose())
    );
    let next = before.twin().try_authorize(&world, &request()).await.unwrap();
    assert!(matches!(
        before.sees(&world, &ticket(next)).await.unwrap(),
        Interaction::Ask { .. }
    ));
}

#[tokio::test]
async fn tabs_of_one_browser_walk_side_by_side() {
    let world = world().await;
    let mut alice = Person::default();
    let first = alice.authorize(&world, &request()).await;
    let second = alice.authorize(&world, &request()).await;
    assert_ne!(first, second);
    alice.log_in(&world, &second, "alice").await;
    alice.log_in(&world, &first, "alice").await;
    alice.approve(&world, &first, "mcp:read").await;
    alice.approve(&world, &second, "mcp:read").await;
}

#[tokio::test]
async fn somebody_else_in_another_tab_does_not_consent_for_the_first() {
    let world = world().await;
    let mut person = Person::default();
    let first = person.authorize(&world, &request()).await;
    let second = person.authorize(&world, &request()).await;
    person.log_in(&world, &first, "alice").await;
    person.log_in(&world, &second, "bob").await;
    let approval = Decision::Approve {
        scopes: scopes("mcp:read"),
    };
    assert!(matches!(
        person.decide(&world, &first, approval).await,
        Err(WalkError::OtherUser)
    ));
}

#[tokio::test]
async fn a_walk_expires() {
    let world = world().await;
    let mut alice = Person::default();
    let walk = alice.authorize(&world, &request()).await;
    world.advance(Duration::from_secs(599));
    alice.log_in(&world, &walk, "alice").await;
    world.advance(Duration::from_secs(1));
    assert!(matches!(alice.sees(&world, &walk).await, Err(WalkError::Expired)));
    let approval = Decision::Approve {
        scopes: scopes("mcp:read"),
    };
    assert!(matches!(
        alice.decide(&world, &walk, approval).await,
        Err(WalkError::Expired)
    ));
}

#[tokio::test]
async fn a_walk_is_finished_once() {
    let world = world().await;
    let mut alice = Person::default();
    let walk = alice.authorize(&world, &request()).await;
    alice.log_in(&world, &walk, "alice").await;
    alice.approve(&world, &walk, "mcp:read").await;
    let again = Decision::Approve {
        scopes: scopes("mcp:read"),
    };
    assert!(matches!(
        alice.decide(&world, &walk, again).await,
        Err(WalkError::Expired)
    ));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_approvals_at_once_one_is_answered() {
    let world = world().await;
    let mut alice = Person::default();
    let walk = alice.authorize(&world, &request()).await;
    alice.log_in(&world, &walk, "alice").await;
    let tasks: Vec<_> = (0..64)
        .map(|_| {
            let (broker, twin, walk) = (world.broker.clone(), alice.twin(), walk.clone());
            tokio::spawn(async move {
                let approval = Decision::Approve {
                    scopes: scopes("mcp:read"),
                };
                broker.decide(&walk, twin.browser(), approval).await.is_ok()
            })
        })
        .collect();
    let mut answered = 0;
    for task in tasks {
        answered += usize::from(task.await.unwrap());
    }
    assert_eq!(answered, 1);
}

#[tokio::test]
async fn a_wrong_password_asks_again_and_says_so() {
    let world = world().await;
    let mut alice = Person::default();
    let walk = alice.authorize(&world, &request()).await;
    let next = alice.try_log_in(&world, &walk, "alice", "wrong").await.unwrap();
    assert_eq!(ticket(next), walk);
    match alice.sees(&world, &walk).await.unwrap() {
        Interaction::Ask { form, .. } => assert!(form.problem.is_some()),
        other => panic!("{other:?}"),
    }
    alice.log_in(&world, &walk, "alice").await;
}

#[tokio::test]
async fn passwords_cannot_be_guessed_for_ever_and_the_owner_gets_in_again() {
    let world = world().await;
    let mut guesser = Person::default();
    let walk = guesser.authorize(&world, &request()).await;
    for _ in 0..10 {
        guesser.try_log_in(&world, &walk, "alice", "wrong").await.unwrap();
    }
    let stopped = guesser
        .try_log_in(&world, &walk, " ALICE ", "password of alice")
        .await;
    assert!(matches!(stopped, Err(WalkError::TooManyTries(_))), "{stopped:?}");
    let mut bob = Person::default();
    bob.connect(&world, &replaced(&request(), "scope", "mcp:read"), "bob")
        .await;
    world.advance(Duration::from_secs(6));
    guesser.log_in(&world, &walk, "alice").await;
}

#[tokio::test]
async fn a_browser_that_is_logged_in_is_asked_for_consent_at_once() {
    let world = world().await;
    let mut alice = Person::default();
    alice.connect(&world, &request(), "alice").await;
    let walk = alice.authorize(&world, &request()).await;
    assert_eq!(alice.consent_page(&world, &walk).await.user, "alice");
}

#[tokio::test]
async fn a_browser_login_ends_after_its_time() {
    let world = world().await;
    let mut alice = Person::default();
    alice.connect(&world, &request(), "alice").await;
    world.advance(Duration::from_secs(8 * 3600));
    let walk = alice.authorize(&world, &request()).await;
    assert!(matches!(
        alice.sees(&world, &walk).await.unwrap(),
        Interaction::Ask { .. }
    ));
}

#[tokio::test]
async fn prompt_login_and_max_age_ask_for_the_password_again() {
    let world = world().await;
    let mut alice = Person::default();
    alice.connect(&world, &request(), "alice").await;
    world.advance(Duration::from_secs(61));
    for (name, value) in [
        ("prompt", "login"),
        ("prompt", "select_account"),
        ("max_age", "60"),
        ("max_age", "0"),
    ] {
        let walk = alice.authorize(&world, &replaced(&request(), name, value)).await;
        assert!(
            matches!(alice.sees(&world, &walk).await.unwrap(), Interaction::Ask { .. }),
            "{name}={value}"
        );
    }
    let walk = alice
        .authorize(&world, &replaced(&request(), "max_age", "62"))
        .await;
    alice.consent_page(&world, &walk).await;
}

#[tokio::test]
async fn prompt_none_asks_nobody() {
    let world = world().await;
    let silent = replaced(&web_request(), "prompt", "none");
    let mut alice = Person::default();
    let refused = refusal(alice.try_authorize(&world, &silent).await);
    assert_eq!(param(&refused, "error").as_deref(), Some("login_required"));
    alice.connect(&world, &request(), "alice").await;
    let refused = refusal(alice.try_authorize(&world, &silent).await);
    assert_eq!(param(&refused, "error").as_deref(), Some("consent_required"));
    alice.forget_login();
    alice.connect(&world, &web_request(), "alice").await;
    code(alice.try_authorize(&world, &silent).await.unwrap());
}

#[tokio::test]
async fn a_browser_without_cookies_cannot_walk() {
    let world = world().await;
    let mut alice = Person::default();
    let walk = alice.authorize(&world, &request()).await;
    alice.forget_binding();
    assert!(matches!(
        alice.sees(&world, &walk).await,
        Err(WalkError::OtherBrowser)
    ));
}

#[tokio::test]
async fn policy_gives_nothing_to_whom_nothing_is_due() {
    let world = world_with(|settings| settings.policy = Policy::default()).await;
    let mut carol = Person::default();
    let walk = carol.authorize(&world, &request()).await;
    let redirect = answer(carol.log_in(&world, &walk, "carol").await);
    assert_eq!(param(&redirect, "error").as_deref(), Some("access_denied"));
    let again = refusal(carol.try_authorize(&world, &request()).await);
    assert_eq!(param(&again, "error").as_deref(), Some("access_denied"));
}
