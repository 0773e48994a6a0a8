//! More scopes than before: what is asked again, what is not, and what comes along.

use vestibule_broker::settings::{Policy, Resource, Resources, Rule, Settings};
use vestibule_broker::{Decision, Next, WalkError};
use vestibule_protocol::TokenResponse;

use super::person::{Person, request, web_request, world, world_with};
use crate::fixture::{APP, CALLBACK, NOTES, World, client_id, redemption, replaced, resource, scopes};

/// Alice at a web server that may read already.
async fn reader(world: &World) -> Person {
    let mut alice = Person::default();
    let reading = replaced(&web_request(), "scope", "mcp:read offline_access");
    alice.connect(world, &reading, "alice").await;
    alice
}

async fn redeem(world: &World, code: &str) -> TokenResponse {
    let pairs = replaced(&redemption(code), "redirect_uri", CALLBACK);
    world.token(&pairs).await.expect("tokens")
}

fn broad(settings: &mut Settings) {
    let mut notes: Resource = settings.resources.iter().next().expect("a resource").clone();
    let write = notes
        .scopes
        .iter_mut()
        .find(|known| known.scope.as_str() == "mcp:write");
    write.expect("a scope").implies = scopes("mcp:read");
    settings.resources = Resources::new(vec![notes], Some(&resource(NOTES)));
}

#[tokio::test]
async fn a_step_up_asks_for_the_new_scopes_alone_and_grants_them_beside_the_old() {
    let world = world().await;
    let mut alice = reader(&world).await;
    let more = replaced(
        &web_request(),
        "scope",
        "mcp:read mcp:write offline_access openid",
    );
    let walk = alice.authorize(&world, &more).await;
    let view = alice.consent_page(&world, &walk).await;
    let asked: Vec<&str> = view.resources[0]
        .scopes
        .iter()
        .map(|view| view.scope.as_str())
        .collect();
    assert_eq!(asked, ["mcp:write"]);
    assert_eq!(view.identity_scopes.len(), 1, "{view:?}");
    assert_eq!(view.agreed, ["Do mcp:read.", "Stay connected while you are away"]);
    assert_eq!(view.withheld, Vec::<String>::new());
    let code = alice.approve(&world, &walk, "mcp:write").await;
    let tokens = redeem(&world, &code).await;
    assert_eq!(tokens.scope, scopes("mcp:read mcp:write offline_access openid"));
}

#[tokio::test]
async fn whoever_agrees_to_nothing_new_is_not_taken_for_agreeing() {
    let world = world().await;
    let mut alice = reader(&world).await;
    let more = replaced(&web_request(), "scope", "mcp:read mcp:write");
    let walk = alice.authorize(&world, &more).await;
    for nothing in ["", "mcp:read", "mcp:admin"] {
        let decision = Decision::Approve {
            scopes: scopes(nothing),
        };
        let result = alice.decide(&world, &walk, decision).await;
        assert!(
            matches!(result, Err(WalkError::NothingChosen)),
            "{nothing}: {result:?}"
        );
    }
    let denied = alice.decide(&world, &walk, Decision::Deny).await.unwrap();
    assert!(matches!(denied, Next::Client(_)));
    // What was agreed to before still is.
    let reading = replaced(&web_request(), "scope", "mcp:read");
    assert!(matches!(
        alice.try_authorize(&world, &reading).await.unwrap(),
        Next::Client(_)
    ));
}

#[tokio::test]
async fn whoever_must_be_asked_is_asked_for_everything() {
    let world = world().await;
    let mut alice = reader(&world).await;
    let prompted = replaced(
        &replaced(&web_request(), "scope", "mcp:read mcp:write"),
        "prompt",
        "consent",
    );
    // A loopback redirect proves nothing, so nothing was remembered for it.
    let on_this_machine = replaced(&request(), "scope", "mcp:read mcp:write");
    for pairs in [prompted, on_this_machine] {
        let walk = alice.authorize(&world, &pairs).await;
        let view = alice.consent_page(&world, &walk).await;
        assert_eq!(view.resources[0].scopes.len(), 2);
        assert_eq!(view.agreed, Vec::<String>::new());
    }
}

#[tokio::test]
async fn a_broad_scope_is_granted_with_the_narrow_ones_and_the_page_says_so() {
    let world = world_with(broad).await;
    let mut alice = Person::default();
    let walk = alice
        .authorize(&world, &replaced(&web_request(), "scope", "mcp:write"))
        .await;
    alice.log_in(&world, &walk, "alice").await;
    let view = alice.consent_page(&world, &walk).await;
    assert_eq!(view.resources[0].scopes[0].includes, ["Do mcp:read."]);
    let code = alice.approve(&world, &walk, "mcp:write").await;
    assert_eq!(redeem(&world, &code).await.scope, scopes("mcp:read mcp:write"));
    // And so it is when the consent is remembered.
    let again = alice
        .try_authorize(&world, &replaced(&web_request(), "scope", "mcp:write"))
        .await
        .unwrap();
    let code = super::person::code(again);
    assert_eq!(redeem(&world, &code).await.scope, scopes("mcp:read mcp:write"));
}

#[tokio::test]
async fn a_narrow_scope_brings_no_broad_one() {
    let world = world_with(broad).await;
    let mut alice = Person::default();
    let tokens = alice
        .connect(&world, &replaced(&web_request(), "scope", "mcp:read"), "alice")
        .await;
    assert_eq!(tokens.scope, scopes("mcp:read"));
}

#[tokio::test]
async fn a_rule_for_a_client_gives_nothing_through_another() {
    let rule = |client: &str| Rule {
        client: Some(client_id(client)),
        scopes: scopes("mcp:admin"),
        ..Rule::default()
    };
    let wanted = replaced(&web_request(), "scope", "mcp:read mcp:admin");
    for (client, given) in [("another", "mcp:read"), (APP, "mcp:admin mcp:read")] {
        let world = world_with(|settings| {
            settings.policy = Policy {
                rules: vec![rule(client)],
            };
        })
        .await;
        let tokens = Person::default().connect(&world, &wanted, "alice").await;
        assert_eq!(tokens.scope, scopes(given), "{client}");
    }
}

/// Alice ends all of her sessions on the account page.
async fn take_back(world: &World, alice: &Person) {
    let account = world.broker.account(alice.browser()).await.unwrap();
    for session in &account.sessions {
        world
            .broker
            .end_own_session(alice.browser(), &account.form_token, &session.id)
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn whoever_takes_access_back_is_asked_again() {
    let world = world().await;
    let mut alice = reader(&world).await;
    take_back(&world, &alice).await;
    let reading = replaced(&web_request(), "scope", "mcp:read");
    let walk = alice.authorize(&world, &reading).await;
    let view = alice.consent_page(&world, &walk).await;
    assert_eq!(view.agreed, Vec::<String>::new());
}

#[tokio::test]
async fn what_was_taken_back_behind_the_page_is_not_granted_beside_the_new() {
    let world = world().await;
    let mut alice = reader(&world).await;
    let more = replaced(&web_request(), "scope", "mcp:read mcp:write");
    let walk = alice.authorize(&world, &more).await;
    assert_eq!(alice.consent_page(&world, &walk).await.agreed, ["Do mcp:read."]);
    take_back(&world, &alice).await;
    let code = alice.approve(&world, &walk, "mcp:write").await;
    assert_eq!(redeem(&world, &code).await.scope, scopes("mcp:write"));
}
