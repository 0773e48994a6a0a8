use serde_json::json;
use vestibule_client::{CallError, CallToolResult};

use crate::world::{Twist, World, no_arguments};

fn text(result: &CallToolResult) -> &str {
    &result.content[0].as_text().unwrap().text
}

#[tokio::test]
async fn without_a_login_a_call_says_how_to_log_in() {
    let world = World::good().await;
    let error = world
        .client()
        .call(&world.server, "echo", &no_arguments())
        .await
        .unwrap_err();
    assert!(
        error
            .to_string()
            .contains(&format!("vestibule login {}", world.server)),
        "{error}"
    );
}

#[tokio::test]
async fn an_open_tool_needs_no_login() {
    let world = World::with([Twist::OpenToAll]).await;
    world
        .client()
        .call(&world.server, "public", &no_arguments())
        .await
        .unwrap();
    let error = world
        .client()
        .call(&world.server, "echo", &no_arguments())
        .await
        .unwrap_err();
    assert!(matches!(error, CallError::NotLoggedIn { .. }), "{error}");
}

#[tokio::test]
async fn a_logged_in_person_lists_and_calls_tools() {
    let world = World::good().await;
    world.log_in().await.unwrap();
    let tools = world.client().tools(&world.server).await.unwrap();
    assert_eq!(
        tools.iter().map(|tool| tool.name.as_ref()).collect::<Vec<_>>(),
        ["echo", "write", "public", "broken"]
    );
    let arguments = json!({"a": 1}).as_object().unwrap().clone();
    let result = world
        .client()
        .call(&world.server, "echo", &arguments)
        .await
        .unwrap();
    assert_eq!(text(&result), r#"{"a":1}"#);
}

#[tokio::test]
async fn a_tool_that_fails_is_an_answer_and_an_unknown_one_is_not() {
    let world = World::good().await;
    world.log_in().await.unwrap();
    let result = world
        .client()
        .call(&world.server, "broken", &no_arguments())
        .await
        .unwrap();
    assert_eq!(result.is_error, Some(true));
    let error = world
        .client()
        .call(&world.server, "nothing", &no_arguments())
        .await
        .unwrap_err();
    assert!(error.to_string().ends_with("no tool nothing[2J"), "{error}");
}

#[tokio::test]
async fn a_call_that_takes_more_scopes_steps_up_once_with_the_union() {
    let world = World::good().await;
    world.log_in().await.unwrap();
    world
        .client()
        .call(&world.server, "write", &no_arguments())
        .await
        .unwrap();
    assert_eq!(
        world.visitor.asked("scope").unwrap(),
        "mcp:read mcp:write offline_access"
    );
    assert_eq!(world.visitor.opened().len(), 2);
    let messages = world.visitor.messages();
    assert!(
        messages.iter().any(|message| message.contains("mcp:write")),
        "{messages:?}"
    );

    world
        .client()
        .call(&world.server, "write", &no_arguments())
        .await
        .unwrap();
    assert_eq!(world.visitor.opened().len(), 2, "the new scope is kept");
}

#[tokio::test]
async fn a_step_up_registers_no_second_client() {
    let world = World::good().await;
    world.log_in().await.unwrap();
    let before = world.visitor.asked("client_id");
    world
        .client()
        .call(&world.server, "write", &no_arguments())
        .await
        .unwrap();
    assert_eq!(world.visitor.asked("client_id"), before);
}

#[tokio::test]
async fn a_step_up_that_changes_nothing_is_not_repeated() {
    for twists in [vec![Twist::ScopesNeverEnough], vec![Twist::NoMoreScopes]] {
        let world = World::with(twists.clone()).await;
        world.log_in().await.unwrap();
        let error = world
            .client()
            .call(&world.server, "write", &no_arguments())
            .await
            .unwrap_err();
        assert!(
            matches!(error, CallError::InsufficientScope { .. }),
            "{twists:?}: {error}"
        );
        assert_eq!(world.visitor.opened().len(), 2, "{twists:?}");
    }
}

#[tokio::test]
async fn a_denied_step_up_keeps_the_login() {
    let world = World::good().await;
    world.log_in().await.unwrap();
    world.ledger.add(Twist::Denial);
    let error = world
        .client()
        .call(&world.server, "write", &no_arguments())
        .await
        .unwrap_err();
    assert!(error.to_string().contains("access_denied"), "{error}");
    world
        .client()
        .call(&world.server, "echo", &no_arguments())
        .await
        .unwrap();
}

#[tokio::test]
async fn a_step_up_at_another_issuer_is_not_made() {
    let world = World::good().await;
    world.log_in().await.unwrap();
    world.ledger.add(Twist::IssuerWithPath);
    let error = world
        .client()
        .call(&world.server, "write", &no_arguments())
        .await
        .unwrap_err();
    assert!(matches!(error, CallError::IssuerChanged { .. }), "{error}");
    assert_eq!(world.visitor.opened().len(), 1);
}

#[tokio::test]
async fn a_refusal_that_no_scope_would_change_asks_nobody() {
    let world = World::with([Twist::BareForbidden]).await;
    world.log_in().await.unwrap();
    let error = world
        .client()
        .call(&world.server, "echo", &no_arguments())
        .await
        .unwrap_err();
    assert!(matches!(error, CallError::Forbidden { .. }), "{error}");
    assert_eq!(world.visitor.opened().len(), 1);
}
