//! Logouts that a client begins
//! ([RP-Initiated Logout](https://openid.net/specs/openid-connect-rpinitiated-1_0.html)).

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use vestibule_broker::{AfterLogout, ClientAddress, LoggedOut, Logout, LogoutError, LogoutQuestion, WayBack};
use vestibule_protocol::{Secret, TokenResponse};
use vestibule_provider::{Capabilities, Login};

use crate::fixture::{AFTER_LOGOUT, APP, WEB, World, params};
use crate::puppet::{Puppet, kept_login};
use crate::walk::person::{Person, request, world};

const ELSEWHERE: &str = "https://evil.example/bye";

/// Somebody who is logged in, and the ID token that [`APP`] has of the login.
async fn signed_in(world: &World, name: &str) -> (Person, String) {
    let mut person = Person::default();
    let tokens = person.connect(world, &openid(), name).await;
    (person, id_token(&tokens))
}

fn openid() -> Vec<(&'static str, &'static str)> {
    crate::fixture::replaced(&request(), "scope", "mcp:read openid")
}

fn id_token(tokens: &TokenResponse) -> String {
    tokens.id_token.clone().expect("an ID token")
}

async fn begin(world: &World, person: &mut Person, pairs: &[(&str, &str)]) -> Result<Logout, LogoutError> {
    let logout = world
        .broker
        .begin_logout(person.browser(), &params(pairs))
        .await?;
    Ok(match logout {
        Logout::Done(mut left) => {
            person.keep(std::mem::take(&mut left.cookies));
            Logout::Done(left)
        }
        asked @ Logout::Ask(_) => asked,
    })
}

async fn done(world: &World, person: &mut Person, pairs: &[(&str, &str)]) -> LoggedOut {
    match begin(world, person, pairs).await {
        Ok(Logout::Done(left)) => left,
        other => panic!("the person was asked, or refused: {other:?}"),
    }
}

async fn asked(world: &World, person: &mut Person, pairs: &[(&str, &str)]) -> LogoutQuestion {
    match begin(world, person, pairs).await {
        Ok(Logout::Ask(question)) => *question,
        other => panic!("nobody was asked: {other:?}"),
    }
}

async fn is_signed_in(world: &World, person: &Person) -> bool {
    world.broker.account(person.browser()).await.is_ok()
}

fn back(left: &LoggedOut) -> &WayBack {
    match &left.next {
        AfterLogout::Client(back) => back,
        other => panic!("the client gets nobody back: {other:?}"),
    }
}

#[tokio::test]
async fn an_address_that_was_not_registered_leads_nowhere() {
    let world = world().await;
    let (mut alice, hint) = signed_in(&world, "alice").await;
    for uri in [
        ELSEWHERE,
        "https://app.example/bye",
        "https://app.example/bye?kept=1&more=1",
        "https://app.example/bye?kept=1#f",
        "https://APP.example/bye?kept=1",
        "https://app.example:443/bye?kept=1",
        "https://app.example/bye/../bye?kept=1",
        // A redirect URI is not an address to go to after a logout.
        crate::fixture::CALLBACK,
        "javascript:alert(1)",
        "//evil.example",
    ] {
        for pairs in [
            vec![
                ("id_token_hint", hint.as_str()),
                ("post_logout_redirect_uri", uri),
            ],
            vec![("client_id", APP), ("post_logout_redirect_uri", uri)],
        ] {
            for person in [&mut alice, &mut Person::default()] {
                let refused = begin(&world, person, &pairs).await;
                assert!(
                    matches!(refused, Err(LogoutError::NotRegistered)),
                    "{uri}: {refused:?}"
                );
            }
        }
    }
    assert!(is_signed_in(&world, &alice).await);
}

#[tokio::test]
async fn an_address_without_a_client_or_of_an_unknown_one_leads_nowhere() {
    let world = world().await;
    let mut nobody = Person::default();
    let uri = ("post_logout_redirect_uri", AFTER_LOGOUT);
    for pairs in [vec![uri], vec![uri, ("id_token_hint", "not.a.token")]] {
        let refused = begin(&world, &mut nobody, &pairs).await;
        assert!(matches!(refused, Err(LogoutError::NoClient)), "{refused:?}");
    }
    for id in ["nobody", "no such id\n"] {
        let refused = begin(&world, &mut nobody, &[uri, ("client_id", id)]).await;
        assert!(matches!(refused, Err(LogoutError::UnknownClient)), "{refused:?}");
    }
    let twice = begin(&world, &mut nobody, &[uri, uri]).await;
    assert!(matches!(twice, Err(LogoutError::Duplicate(_))), "{twice:?}");
}

#[tokio::test]
async fn a_hint_of_another_client_is_refused() {
    let world = world().await;
    let (mut alice, hint) = signed_in(&world, "alice").await;
    let pairs = [("id_token_hint", hint.as_str()), ("client_id", WEB)];
    let refused = begin(&world, &mut alice, &pairs).await;
    assert!(matches!(refused, Err(LogoutError::ForeignHint)), "{refused:?}");
    assert!(is_signed_in(&world, &alice).await);
}

#[tokio::test]
async fn without_a_hint_of_whoever_is_signed_in_the_person_is_asked() {
    let world = world().await;
    let (mut alice, own) = signed_in(&world, "alice").await;
    let (_, of_bob) = signed_in(&world, "bob").await;
    let another_world = crate::walk::person::world_with(|settings| {
        settings.issuer = vestibule_protocol::Issuer::parse("https://other.example").unwrap();
    })
    .await;
    let (_, of_another_issuer) = signed_in(&another_world, "alice").await;
    let (head, tail) = own.rsplit_once('.').unwrap();
    let forged = format!("{head}.{}", tail.chars().rev().collect::<String>());
    let access = alice.connect(&world, &openid_again(), "alice").await.access_token;
    for hint in ["", "nonsense", &of_bob, &of_another_issuer, &forged, &access] {
        let pairs = [
            ("client_id", APP),
            ("id_token_hint", hint),
            ("post_logout_redirect_uri", AFTER_LOGOUT),
            ("state", "s"),
        ];
        let question = asked(&world, &mut alice, &pairs).await;
        assert_eq!(question.back.expect("a way back").uri(), AFTER_LOGOUT);
        assert!(is_signed_in(&world, &alice).await, "{hint}");
    }
}

/// The same request in a browser that is signed in, which has to log in again.
fn openid_again() -> Vec<(&'static str, &'static str)> {
    let mut pairs = openid();
    pairs.push(("prompt", "login"));
    pairs
}

#[tokio::test]
async fn whoever_says_yes_goes_back_to_the_client_with_its_state() {
    let world = world().await;
    let (mut alice, _) = signed_in(&world, "alice").await;
    let pairs = [
        ("client_id", APP),
        ("post_logout_redirect_uri", AFTER_LOGOUT),
        ("state", "a&b"),
    ];
    let question = asked(&world, &mut alice, &pairs).await;
    let forged = [&pairs[..], &[("form_token", "a guess")]].concat();
    let refused = world
        .broker
        .confirm_logout(alice.browser(), &params(&forged))
        .await;
    assert!(matches!(refused, Err(LogoutError::Account(_))), "{refused:?}");
    assert!(is_signed_in(&world, &alice).await);
    let said = [&pairs[..], &[("form_token", question.form_token.as_str())]].concat();
    let left = world
        .broker
        .confirm_logout(alice.browser(), &params(&said))
        .await
        .unwrap();
    assert_eq!(back(&left).location(), format!("{AFTER_LOGOUT}&state=a%26b"));
    assert_eq!(back(&left).leave(), vestibule_broker::Leave::AtOnce);
    assert!(!is_signed_in(&world, &alice).await);
}

#[tokio::test]
async fn the_page_s_form_cannot_name_another_address() {
    let world = world().await;
    let (mut alice, _) = signed_in(&world, "alice").await;
    let question = asked(&world, &mut alice, &[]).await;
    let pairs = [
        ("form_token", question.form_token.as_str()),
        ("client_id", APP),
        ("post_logout_redirect_uri", ELSEWHERE),
    ];
    let refused = world
        .broker
        .confirm_logout(alice.browser(), &params(&pairs))
        .await;
    assert!(matches!(refused, Err(LogoutError::NotRegistered)), "{refused:?}");
}

#[tokio::test]
async fn a_hint_of_whoever_is_signed_in_ends_the_login_at_once_however_old_it_is() {
    for age in [0, 60, 26 * 60 * 60] {
        let world = crate::walk::person::world_with(|settings| {
            settings.lifetimes.browser_login = Duration::from_secs(30 * 24 * 60 * 60);
        })
        .await;
        let (mut alice, hint) = signed_in(&world, "alice").await;
        world.advance(Duration::from_secs(age));
        let pairs = [
            ("id_token_hint", hint.as_str()),
            ("post_logout_redirect_uri", AFTER_LOGOUT),
        ];
        let left = done(&world, &mut alice, &pairs).await;
        assert_eq!(back(&left).location(), AFTER_LOGOUT);
        assert!(!is_signed_in(&world, &alice).await);
    }
}

#[tokio::test]
async fn a_client_that_nobody_vouches_for_gets_no_browser_back_unasked() {
    let world = world().await;
    let metadata = json!({
        "client_name": "Stranger",
        "redirect_uris": ["https://evil.example/callback"],
        "post_logout_redirect_uris": [ELSEWHERE],
        "token_endpoint_auth_method": "none",
    });
    let registered = world
        .broker
        .register(ClientAddress::default(), None, metadata.to_string().as_bytes())
        .await;
    let id = registered.expect("a registration").client_id.to_string();
    let pairs = [
        ("client_id", id.as_str()),
        ("post_logout_redirect_uri", ELSEWHERE),
    ];
    let left = done(&world, &mut Person::default(), &pairs).await;
    assert_eq!(back(&left).leave(), vestibule_broker::Leave::WhenAsked);
    let by = vestibule_broker::Operator::of_account(0);
    let id = vestibule_protocol::ClientId::parse(&id).unwrap();
    world.broker.block_client(&by, &id).await.unwrap();
    let refused = begin(&world, &mut Person::default(), &pairs).await;
    assert!(matches!(refused, Err(LogoutError::UnknownClient)), "{refused:?}");
}

#[tokio::test]
async fn the_way_back_to_the_client_leads_through_the_provider() {
    let (world, mut zoe) = at_a_provider_with_a_logout().await;
    let question = asked(&world, &mut zoe, &[]).await;
    let pairs = [
        ("client_id", APP),
        ("post_logout_redirect_uri", AFTER_LOGOUT),
        ("state", "s"),
        ("form_token", question.form_token.as_str()),
    ];
    let left = world
        .broker
        .confirm_logout(zoe.browser(), &params(&pairs))
        .await
        .unwrap();
    assert!(matches!(left.next, AfterLogout::Provider(_)), "{left:?}");
    zoe.keep(left.cookies);
    let came_back = zoe.twin();
    let left = done(&world, &mut zoe, &[("state", "the provider's")]).await;
    assert_eq!(back(&left).location(), format!("{AFTER_LOGOUT}&state=s"));
    // It counts once in a browser, for ten minutes, and nobody else's word passes for it.
    let again = done(&world, &mut zoe, &[]).await;
    assert!(matches!(again.next, AfterLogout::Stay), "{again:?}");
    for (kept, wait) in [(came_back, 601), (forger(), 0)] {
        world.advance(Duration::from_secs(wait));
        let mut person = kept;
        let left = done(&world, &mut person, &[]).await;
        assert!(matches!(left.next, AfterLogout::Stay), "{left:?}");
    }
}

fn forger() -> Person {
    let mut person = Person::default();
    person.keep(vec![vestibule_broker::CookieChange::SetWayBack {
        value: Secret::new(r#"{"client_id":"app","uri":"https://evil.example/bye"}"#),
        lasts: Duration::from_secs(60),
    }]);
    person
}

/// Zoe is signed in at a provider that has a logout of its own.
async fn at_a_provider_with_a_logout() -> (World, Person) {
    let mut puppet = Puppet::buttons("acme", &["zoe"], |who| -> Login {
        kept_login("acme", who, None, "first")
    });
    puppet.capabilities = Capabilities {
        logout: true,
        ..Capabilities::default()
    };
    let world = World::with_providers(vec![Arc::new(puppet)], |_| {}).await;
    let mut zoe = Person::default();
    let walk = zoe.authorize(&world, &request()).await;
    let fields = [("alternative".to_owned(), Secret::new("zoe"))];
    let turn = world
        .broker
        .submit_login(&walk, zoe.browser(), fields.into())
        .await;
    zoe.take(turn.expect("a login"));
    (world, zoe)
}
