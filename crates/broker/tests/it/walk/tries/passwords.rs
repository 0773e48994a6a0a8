//! Passwords, by account, by address and by browser.

use super::*;

fn at(world: &World, address: &str) -> ClientAddress {
    world.broker.locate(address.parse().unwrap())
}

/// A browser somewhere, before a login form.
async fn browser_at(world: &World, address: &str) -> (Person, String) {
    let mut person = Person::default();
    person.move_to(at(world, address));
    let walk = person.authorize(world, &request()).await;
    (person, walk)
}

async fn guess(world: &World, person: &mut Person, walk: &str, name: &str) -> Result<Next, WalkError> {
    person.try_log_in(world, walk, name, "wrong").await
}

#[tokio::test]
async fn the_owner_logs_in_while_a_stranger_guesses_a_thousand_times() {
    let world = crate::walk::person::world().await;
    let mut owner = Person::default();
    owner.connect(&world, &request(), "alice").await;
    let (mut stranger, walk) = browser_at(&world, "192.0.2.66").await;
    let mut judged = 0;
    for guessed in 0..1_000 {
        judged += usize::from(guess(&world, &mut stranger, &walk, "alice").await.is_ok());
        if guessed % 100 == 99 {
            owner.forget_login();
            let own = owner.authorize(&world, &request()).await;
            owner.log_in(&world, &own, "alice").await;
        }
    }
    assert_eq!(judged, 10, "the owner's logins gave the stranger no more guesses");
    // Another browser of the owner has to wait as strangers do.
    let (mut new, walk) = browser_at(&world, "192.0.2.67").await;
    let stopped = new.try_log_in(&world, &walk, "alice", "password of alice").await;
    assert!(matches!(stopped, Err(WalkError::TooManyTries(_))), "{stopped:?}");
}

#[tokio::test]
async fn a_browser_that_is_known_to_one_account_is_a_stranger_to_others() {
    let world = crate::walk::person::world().await;
    let mut bob = Person::default();
    bob.connect(&world, &replaced(&request(), "scope", "mcp:read"), "bob")
        .await;
    let (mut stranger, walk) = browser_at(&world, "192.0.2.66").await;
    for _ in 0..10 {
        guess(&world, &mut stranger, &walk, "alice").await.unwrap();
    }
    bob.forget_login();
    let walk = bob.authorize(&world, &request()).await;
    let stopped = guess(&world, &mut bob, &walk, "alice").await;
    assert!(matches!(stopped, Err(WalkError::TooManyTries(_))), "{stopped:?}");
    bob.log_in(&world, &walk, "bob").await;
}

#[tokio::test]
async fn a_known_browser_guesses_no_more_than_a_stranger() {
    let world = crate::walk::person::world().await;
    let mut thief = Person::default();
    thief.connect(&world, &request(), "alice").await;
    thief.forget_login();
    let walk = thief.authorize(&world, &request()).await;
    for _ in 0..10 {
        guess(&world, &mut thief, &walk, "alice").await.unwrap();
    }
    let stopped = thief
        .try_log_in(&world, &walk, "alice", "password of alice")
        .await;
    assert!(matches!(stopped, Err(WalkError::TooManyTries(_))), "{stopped:?}");
    // Whoever has not stolen the cookie is not held up by it.
    let (mut new, walk) = browser_at(&world, "192.0.2.67").await;
    new.log_in(&world, &walk, "alice").await;
}

#[tokio::test]
async fn limits_do_not_tell_who_exists() {
    let world = crate::walk::person::world().await;
    let mut told = Vec::new();
    for (name, address) in [("alice", "192.0.2.1"), ("nobody", "192.0.2.2")] {
        let (mut stranger, walk) = browser_at(&world, address).await;
        let mut outcomes = Vec::new();
        for _ in 0..12 {
            outcomes.push(match guess(&world, &mut stranger, &walk, name).await {
                Ok(_) => "asked again".to_owned(),
                Err(error) => format!("{error} {error:?}"),
            });
        }
        told.push(outcomes);
    }
    assert_eq!(told[0], told[1]);
    assert_eq!(
        told[0].iter().filter(|outcome| *outcome == "asked again").count(),
        10
    );
}

#[tokio::test]
async fn nobody_tries_one_password_on_every_account() {
    let world = crate::walk::person::world().await;
    let (mut sprayer, walk) = browser_at(&world, "2001:db8::1").await;
    let mut judged = 0;
    for number in 0..100 {
        judged += usize::from(
            guess(&world, &mut sprayer, &walk, &format!("user-{number}"))
                .await
                .is_ok(),
        );
    }
    assert_eq!(judged, 50);
    // His network, from another of its addresses, is stopped; others are not.
    let (mut neighbour, walk) = browser_at(&world, "2001:db8::ffff").await;
    match guess(&world, &mut neighbour, &walk, "user-200").await {
        Err(WalkError::TooManyTries(limited)) => assert_eq!(limited.rule, LimitRule::LoginAddress),
        other => panic!("{other:?}"),
    }
    let (mut other, walk) = browser_at(&world, "2001:db8:0:1::1").await;
    other.log_in(&world, &walk, "alice").await;
}

#[tokio::test]
async fn logins_that_succeed_are_not_counted_against_their_address() {
    let world = crate::walk::person::world().await;
    for _ in 0..60 {
        let (mut colleague, walk) = browser_at(&world, "192.0.2.1").await;
        colleague.log_in(&world, &walk, "alice").await;
    }
}

#[tokio::test]
async fn guesses_at_many_accounts_at_once_are_counted_all() {
    let world = crate::walk::person::world().await;
    let (person, walk) = browser_at(&world, "192.0.2.1").await;
    let tasks: Vec<_> = (0..64)
        .map(|number| {
            let (broker, twin, walk) = (world.broker.clone(), person.twin(), walk.clone());
            tokio::spawn(async move {
                let field = |name: &str, value: String| (name.to_owned(), Secret::new(value));
                let fields = [
                    field("username", format!("user-{number}")),
                    field("password", "wrong".to_owned()),
                ];
                let _ = broker
                    .submit_login(&walk, twin.browser(), BTreeMap::from(fields))
                    .await;
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    let report = world.broker.describe_limits();
    let address = report
        .iter()
        .find(|report| report.rule == LimitRule::LoginAddress)
        .unwrap();
    assert_eq!((address.allowed, address.allowed + address.limited), (50, 64));
}

#[tokio::test]
async fn a_script_s_word_makes_no_browser_known_to_an_account_that_was_only_named() {
    let script = || Script {
        asset: "acme.js".to_owned(),
        settings: serde_json::json!({}),
        fields: vec!["id_token".to_owned()],
        origins: ScriptOrigins::default(),
        popups: false,
        problem: None,
    };
    let provider = Puppet::new(
        "acme",
        move |_| {
            Ok(LoginStep::Ask(
                form(&[FieldKind::Email, FieldKind::Password]),
                Sealed::default(),
            ))
        },
        move |_, reply| match reply {
            Reply::Form(fields) if fields.contains_key("id_token") => Ok(done("acme", "mallory")),
            _ => Ok(LoginStep::Run(Box::new(script()), Sealed::default())),
        },
    );
    let world = World::with_providers(vec![provider], |_| {}).await;
    let (mut person, walk) = walk(&world).await;
    post(&world, &mut person, &walk, &SEND).await.unwrap();
    post(&world, &mut person, &walk, &[("id_token", "of mallory")])
        .await
        .unwrap();
    assert!(person.browser().login.is_some());
    assert!(person.browser().devices.is_none());
}
