//! How often a login may be tried.

mod passwords;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use vestibule_broker::{ClientAddress, Interaction, LimitRule, Next, WalkError};
use vestibule_protocol::Secret;
use vestibule_provider::{
    Alternative, Field, FieldKind, Form, LoginStep, Reply, Script, ScriptOrigins, Sealed,
};

use super::person::{Person, request};
use crate::fixture::{World, replaced};
use crate::puppet::{Puppet, done};

fn form(kinds: &[FieldKind]) -> Form {
    let field = |kind: &FieldKind| Field {
        name: name(*kind).to_owned(),
        label: "x".to_owned(),
        kind: *kind,
        value: String::new(),
    };
    Form {
        intro: None,
        account: None,
        fields: kinds.iter().map(field).collect(),
        submit: "Go on".to_owned(),
        alternatives: vec![Alternative {
            value: "send".to_owned(),
            label: "Send a code".to_owned(),
        }],
        problem: None,
    }
}

fn name(kind: FieldKind) -> &'static str {
    match kind {
        FieldKind::Username | FieldKind::Email => "email",
        FieldKind::Password => "password",
        FieldKind::OneTimeCode => "code",
    }
}

/// Asks for address and password; `send` and the right password lead to a form for the code alone, whatever was wrong.
fn provider() -> Arc<Puppet> {
    let password = || form(&[FieldKind::Email, FieldKind::Password]);
    Puppet::new(
        "acme",
        move |_| Ok(LoginStep::Ask(password(), Sealed::default())),
        move |_, reply| {
            let Reply::Form(fields) = reply else {
                panic!("a callback");
            };
            let value = |name| fields.get(name).map_or("", Secret::expose);
            if value("code") == "123456" {
                return Ok(done("acme", "zoe"));
            }
            let on_to_the_code = fields.contains_key("alternative")
                || value("password") == "right"
                || fields.contains_key("code");
            let next = if on_to_the_code {
                form(&[FieldKind::OneTimeCode])
            } else {
                password()
            };
            let problem = Some("Wrong.".to_owned());
            Ok(LoginStep::Ask(Form { problem, ..next }, Sealed::default()))
        },
    )
}

async fn post(
    world: &World,
    person: &mut Person,
    walk: &str,
    fields: &[(&str, &str)],
) -> Result<Next, WalkError> {
    let fields = fields
        .iter()
        .map(|(name, value)| ((*name).to_owned(), Secret::new(*value)));
    let turn = world
        .broker
        .submit_login(walk, person.browser(), fields.collect())
        .await?;
    Ok(person.take(turn))
}

/// Tries until it is stopped; how often it was let through.
async fn tries(world: &World, person: &mut Person, walk: &str, fields: &[(&str, &str)]) -> usize {
    for tried in 0..100 {
        match post(world, person, walk, fields).await {
            Ok(_) => {}
            Err(WalkError::TooManyTries(_)) => return tried,
            Err(other) => panic!("{other:?}"),
        }
    }
    100
}

async fn walk(world: &World) -> (Person, String) {
    let mut person = Person::default();
    let walk = person.authorize(world, &request()).await;
    (person, walk)
}

const SEND: [(&str, &str); 2] = [("email", "zoe@example.org"), ("alternative", "send")];

#[tokio::test]
async fn codes_cannot_be_guessed_for_ever_in_one_walk() {
    let world = World::with_providers(vec![provider()], |_| {}).await;
    let (mut person, walk) = walk(&world).await;
    // The account is not known to the broker: the provider alone knows whose code it asks for.
    post(&world, &mut person, &walk, &[("alternative", "send")])
        .await
        .unwrap();
    assert_eq!(tries(&world, &mut person, &walk, &[("code", "000000")]).await, 10);
    let right = post(&world, &mut person, &walk, &[("code", "123456")]).await;
    assert!(matches!(right, Err(WalkError::TooManyTries(_))), "{right:?}");
}

#[tokio::test]
async fn no_guess_goes_along_with_a_button() {
    let world = World::with_providers(vec![provider()], |_| {}).await;
    let (mut person, walk) = walk(&world).await;
    post(&world, &mut person, &walk, &SEND).await.unwrap();
    for guess in [
        [("code", "123456"), ("alternative", "send")],
        [("code", ""), ("alternative", "send")],
    ] {
        let next = post(&world, &mut person, &walk, &guess).await.unwrap();
        assert!(
            matches!(
                world.broker.interaction(&walk, person.browser()).await,
                Ok(Interaction::Ask { .. })
            ),
            "{next:?}"
        );
    }
}

#[tokio::test]
async fn codes_cannot_be_guessed_for_ever_in_walk_after_walk() {
    let world = World::with_providers(vec![provider()], |_| {}).await;
    let mut let_through = 0;
    for email in ["zoe@example.org", " ZOE@example.org", "zoe@Example.org "] {
        let (mut person, walk) = walk(&world).await;
        post(
            &world,
            &mut person,
            &walk,
            &[("email", email), ("alternative", "send")],
        )
        .await
        .unwrap();
        let_through += tries(&world, &mut person, &walk, &[("code", "000000")]).await;
    }
    assert_eq!(let_through, 10);
}

#[tokio::test]
async fn codes_that_are_guessed_at_once_are_counted_all() {
    let provider = provider();
    let world = World::with_providers(vec![provider.clone()], |_| {}).await;
    let (mut person, walk) = walk(&world).await;
    post(&world, &mut person, &walk, &SEND).await.unwrap();
    let tasks: Vec<_> = (0..64)
        .map(|_| {
            let (broker, twin, walk) = (world.broker.clone(), person.twin(), walk.clone());
            tokio::spawn(async move {
                let fields = BTreeMap::from([("code".to_owned(), Secret::new("000000"))]);
                let _ = broker.submit_login(&walk, twin.browser(), fields).await;
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(provider.completed(), 1 + 10);
}

#[tokio::test]
async fn asking_for_a_code_uses_up_no_password() {
    let world = World::with_providers(vec![provider()], |_| {}).await;
    for _ in 0..8 {
        let (mut person, walk) = walk(&world).await;
        post(&world, &mut person, &walk, &SEND).await.unwrap();
    }
    let (mut person, walk) = walk(&world).await;
    let wrong = [("email", "zoe@example.org"), ("password", "wrong")];
    assert_eq!(tries(&world, &mut person, &walk, &wrong).await, 10);
}

#[tokio::test]
async fn nobody_is_sent_codes_for_ever() {
    let world = World::with_providers(vec![provider()], |_| {}).await;
    let mut sent = 0;
    for _ in 0..20 {
        let (mut person, walk) = walk(&world).await;
        sent += usize::from(post(&world, &mut person, &walk, &SEND).await.is_ok());
    }
    assert_eq!(sent, 10);
}

#[tokio::test]
async fn who_has_shown_a_code_starts_anew() {
    let world = World::with_providers(vec![provider()], |_| {}).await;
    for _ in 0..4 {
        let (mut person, walk) = walk(&world).await;
        post(&world, &mut person, &walk, &SEND).await.unwrap();
        for _ in 0..5 {
            post(&world, &mut person, &walk, &[("code", "000000")])
                .await
                .unwrap();
        }
        post(&world, &mut person, &walk, &[("code", "123456")])
            .await
            .unwrap();
        world.advance(Duration::from_secs(1));
    }
}

#[tokio::test]
async fn codes_are_counted_against_the_account_that_the_provider_names() {
    let ask = || Form {
        account: Some("account of zoe".to_owned()),
        ..form(&[FieldKind::OneTimeCode])
    };
    let provider = Puppet::new(
        "acme",
        move |_| Ok(LoginStep::Ask(ask(), Sealed::default())),
        move |_, _| Ok(LoginStep::Ask(ask(), Sealed::default())),
    );
    let world = World::with_providers(vec![provider], |_| {}).await;
    let mut let_through = 0;
    for _ in 0..3 {
        let (mut person, walk) = walk(&world).await;
        let_through += tries(&world, &mut person, &walk, &[("code", "000000")]).await;
    }
    assert_eq!(let_through, 10);
}
