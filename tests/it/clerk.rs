//! Clerk's routes and issuer on a real OpenID Provider.

use serde_json::json;
use vestibule_tests::{Flow, OidcProvider, Ports, Program, Upstream};

#[test]
fn a_user_of_the_application_calls_a_tool() {
    let ports = Ports::free();
    let upstream = OidcProvider::coming_back_to(&ports.callback("people"))
        .like_clerk()
        .start();
    let section = upstream
        .section("people", "")
        .replace("kind = \"oidc\"", "kind = \"clerk\"")
        .replace("issuer = ", "frontend_api = ");
    let program = Program::serve(ports, &section);
    let tokens = Flow::new(&program)
        .scope("mcp:read email")
        .register()
        .authorize()
        .log_in_at(&upstream, "alice", "any password")
        .approve()
        .redeem();
    assert_eq!(tokens.claims()["sub"], "people:alice");
    let called = tokens.call("tools/call", &json!({"name": "read_data", "arguments": {}}));
    assert_ne!(called.status(), 401, "{}", called.body());
    assert_eq!(tokens.refresh().claims()["sub"], "people:alice");
}
