//! What the consent page says, and what comes of the answer.

use vestibule_broker::settings::{Resources, Rule};
use vestibule_broker::{AnswerPlace, Decision, Interaction, Next, Origin, WalkError};
use vestibule_protocol::RedirectClass;

use super::person::{Person, answer, code, param, request, ticket, web_request, world, world_with};
use crate::fixture::{APP, FILES, NOTES, redirect, replaced, resource, scopes};

fn texts(scopes: &[vestibule_broker::ScopeView]) -> Vec<&str> {
    scopes.iter().map(|scope| scope.scope.as_str()).collect()
}

#[tokio::test]
async fn the_page_says_who_asks_for_what_where_and_as_whom() {
    let world = world().await;
    let mut alice = Person::default();
    let pairs = replaced(
        &request(),
        "scope",
        "mcp:read mcp:write openid email offline_access",
    );
    let walk = alice.authorize(&world, &pairs).await;
    alice.log_in(&world, &walk, "alice").await;
    let view = alice.consent_page(&world, &walk).await;
    assert_eq!(view.client.id, APP);
    assert_eq!(view.client.origin, Origin::Operator);
    let loopback = AnswerPlace::Redirect {
        host: "127.0.0.1".to_owned(),
        class: RedirectClass::Loopback,
    };
    assert_eq!(view.client.answer, loopback);
    assert_eq!(
        (view.user.as_str(), view.user_detail.as_deref()),
        ("alice", Some("alice@example.org"))
    );
    assert_eq!(view.resources.len(), 1);
    assert_eq!(view.resources[0].name, "Notes");
    assert_eq!(texts(&view.resources[0].scopes), ["mcp:read", "mcp:write"]);
    assert_eq!(
        texts(&view.identity_scopes),
        ["email", "offline_access", "openid"]
    );
    assert!(!view.remembers);
}

#[tokio::test]
async fn a_user_with_fewer_scopes_is_asked_for_those_alone_and_told_what_is_withheld() {
    let world = world().await;
    let mut bob = Person::default();
    let walk = bob.authorize(&world, &request()).await;
    bob.log_in(&world, &walk, "bob").await;
    let view = bob.consent_page(&world, &walk).await;
    assert_eq!(texts(&view.resources[0].scopes), ["mcp:read"]);
    assert_eq!(view.withheld, ["Do mcp:write."]);
}

#[tokio::test]
async fn a_forged_form_cannot_grant_more_than_was_offered() {
    let world = world().await;
    let mut bob = Person::default();
    let walk = bob.authorize(&world, &request()).await;
    bob.log_in(&world, &walk, "bob").await;
    let code = bob
        .approve(&world, &walk, "mcp:read mcp:write mcp:admin offline_access")
        .await;
    let pairs = replaced(
        &crate::fixture::redemption(&code),
        "redirect_uri",
        crate::fixture::LOOPBACK,
    );
    let tokens = world.token(&pairs).await.unwrap();
    assert_eq!(tokens.scope, scopes("mcp:read"));
}

#[tokio::test]
async fn fewer_scopes_can_be_chosen_but_not_none() {
    let world = world().await;
    let mut alice = Person::default();
    let walk = alice.authorize(&world, &request()).await;
    alice.log_in(&world, &walk, "alice").await;
    for nothing in ["", "files:read", "openid"] {
        let decision = Decision::Approve {
            scopes: scopes(nothing),
        };
        let result = alice.decide(&world, &walk, decision).await;
        assert!(
            matches!(result, Err(WalkError::NothingChosen)),
            "{nothing}: {result:?}"
        );
    }
    let code = alice.approve(&world, &walk, "mcp:read").await;
    let pairs = replaced(
        &crate::fixture::redemption(&code),
        "redirect_uri",
        crate::fixture::LOOPBACK,
    );
    assert_eq!(world.token(&pairs).await.unwrap().scope, scopes("mcp:read"));
}

#[tokio::test]
async fn openid_is_no_choice() {
    let world = world().await;
    let mut alice = Person::default();
    let walk = alice
        .authorize(&world, &replaced(&request(), "scope", "mcp:read openid profile"))
        .await;
    alice.log_in(&world, &walk, "alice").await;
    let code = alice.approve(&world, &walk, "mcp:read").await;
    let pairs = replaced(
        &crate::fixture::redemption(&code),
        "redirect_uri",
        crate::fixture::LOOPBACK,
    );
    let tokens = world.token(&pairs).await.unwrap();
    assert_eq!(tokens.scope, scopes("mcp:read openid"));
    assert!(tokens.id_token.is_some());
}

#[tokio::test]
async fn consent_is_remembered_for_https_redirects_only() {
    let world = world().await;
    let mut alice = Person::default();
    alice.connect(&world, &request(), "alice").await;
    let walk = alice.authorize(&world, &request()).await;
    assert!(matches!(
        alice.sees(&world, &walk).await.unwrap(),
        Interaction::Consent(_)
    ));

    alice.forget_login();
    alice.connect(&world, &web_request(), "alice").await;
    code(alice.try_authorize(&world, &web_request()).await.unwrap());
    // What was remembered for the web server does not serve the loopback one.
    let walk = alice.authorize(&world, &request()).await;
    assert!(matches!(
        alice.sees(&world, &walk).await.unwrap(),
        Interaction::Consent(_)
    ));
}

#[tokio::test]
async fn a_remembered_consent_covers_no_more_than_was_agreed_to() {
    let world = world().await;
    let mut alice = Person::default();
    alice
        .connect(&world, &replaced(&web_request(), "scope", "mcp:read"), "alice")
        .await;
    let more = alice.authorize(&world, &web_request()).await;
    alice.consent_page(&world, &more).await;
    let elsewhere = replaced(
        &replaced(&web_request(), "scope", "files:read"),
        "resource",
        FILES,
    );
    let other = alice.authorize(&world, &elsewhere).await;
    alice.consent_page(&world, &other).await;
    let asked = alice
        .authorize(&world, &replaced(&web_request(), "prompt", "consent"))
        .await;
    alice.consent_page(&world, &asked).await;
}

#[tokio::test]
async fn one_user_s_consent_is_not_another_s() {
    let world = world().await;
    Person::default().connect(&world, &web_request(), "alice").await;
    let mut bob = Person::default();
    let walk = bob.authorize(&world, &web_request()).await;
    let next = bob.log_in(&world, &walk, "bob").await;
    assert_eq!(ticket(next), walk);
    bob.consent_page(&world, &walk).await;
}

#[tokio::test]
async fn denying_tells_the_client_and_remembers_nothing() {
    let world = world().await;
    let mut alice = Person::default();
    let walk = alice.authorize(&world, &web_request()).await;
    alice.log_in(&world, &walk, "alice").await;
    let redirect = answer(alice.decide(&world, &walk, Decision::Deny).await.unwrap());
    assert_eq!(param(&redirect, "error").as_deref(), Some("access_denied"));
    assert_eq!(param(&redirect, "code"), None);
    let walk = alice.authorize(&world, &web_request()).await;
    alice.consent_page(&world, &walk).await;
}

#[tokio::test]
async fn changing_the_user_logs_out_and_asks_for_a_password() {
    let world = world().await;
    let mut person = Person::default();
    let walk = person.authorize(&world, &request()).await;
    person.log_in(&world, &walk, "alice").await;
    let alice = person.twin();
    let turn = world.broker.switch_user(&walk, person.browser()).await.unwrap();
    assert_eq!(ticket(person.take(turn)), walk);
    assert!(person.browser().login.is_none());
    assert!(matches!(
        person.sees(&world, &walk).await.unwrap(),
        Interaction::Ask { .. }
    ));
    person.log_in(&world, &walk, "bob").await;
    assert_eq!(person.consent_page(&world, &walk).await.user, "bob");
    // The cookie of before the change opens nothing.
    let fresh = alice.twin().authorize(&world, &request()).await;
    assert!(matches!(
        alice.sees(&world, &fresh).await.unwrap(),
        Interaction::Ask { .. }
    ));
}

#[tokio::test]
async fn a_code_that_cannot_be_sent_is_shown() {
    let world = world_with(|settings| {
        settings.clients[0]
            .redirect_uris
            .push(redirect("urn:ietf:wg:oauth:2.0:oob"));
    })
    .await;
    let mut alice = Person::default();
    let pairs = replaced(&request(), "redirect_uri", "urn:ietf:wg:oauth:2.0:oob");
    let walk = alice.authorize(&world, &pairs).await;
    alice.log_in(&world, &walk, "alice").await;
    let decision = Decision::Approve {
        scopes: scopes("mcp:read"),
    };
    let Next::ShowCode { code, .. } = alice.decide(&world, &walk, decision).await.unwrap() else {
        panic!("the code is not shown");
    };
    world.advance(std::time::Duration::from_secs(599));
    let pairs = replaced(
        &crate::fixture::redemption(code.expose()),
        "redirect_uri",
        "urn:ietf:wg:oauth:2.0:oob",
    )
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .collect::<Vec<_>>();
    let pairs: Vec<(&str, &str)> = pairs
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    world.token(&pairs).await.unwrap();
}

#[tokio::test]
async fn several_resources_stand_on_one_page_and_in_one_token() {
    let world = world().await;
    let mut alice = Person::default();
    let mut pairs = replaced(&request(), "scope", "mcp:read files:read");
    pairs.extend([("resource", NOTES), ("resource", FILES)]);
    let walk = alice.authorize(&world, &pairs).await;
    alice.log_in(&world, &walk, "alice").await;
    assert_eq!(alice.consent_page(&world, &walk).await.resources.len(), 2);
    let code = alice.approve(&world, &walk, "mcp:read files:read").await;
    let redeem = replaced(
        &crate::fixture::redemption(&code),
        "redirect_uri",
        crate::fixture::LOOPBACK,
    );
    let tokens = world.token(&redeem).await.unwrap();
    let claims = world.read(&tokens.access_token).await;
    assert!(claims.aud.iter().any(|aud| aud == resource(NOTES).as_str()));
    assert!(claims.aud.iter().any(|aud| aud == resource(FILES).as_str()));
}

#[tokio::test]
async fn a_scope_that_one_server_gives_is_not_carried_to_another_that_does_not() {
    let world = world_with(|settings| {
        let mut all: Vec<_> = settings.resources.iter().cloned().collect();
        let written = all[0].scopes[1].clone();
        all[1].scopes.push(written);
        settings.resources = Resources::new(all, Some(&resource(NOTES)));
        settings.policy.rules.push(Rule {
            resource: Some(resource(NOTES)),
            scopes: scopes("mcp:read mcp:write"),
            ..Rule::default()
        });
    })
    .await;
    let both = [
        replaced(&request(), "scope", "mcp:read mcp:write"),
        vec![("resource", NOTES), ("resource", FILES)],
    ]
    .concat();
    for (pairs, expected) in [
        (both, vec!["mcp:read"]),
        (request(), vec!["mcp:read", "mcp:write"]),
    ] {
        let mut bob = Person::default();
        let walk = bob.authorize(&world, &pairs).await;
        bob.log_in(&world, &walk, "bob").await;
        let view = bob.consent_page(&world, &walk).await;
        assert_eq!(texts(&view.resources[0].scopes), expected);
    }
}
