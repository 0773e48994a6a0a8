use std::os::unix::fs::PermissionsExt as _;

use reqwest::StatusCode;
use vestibule_client::{ClientCredential, Enrolment, Handoff, LoginRequest};
use vestibule_protocol::{ScopeSet, Secret};

use crate::world::{Twist, World, dynamic, known};

#[tokio::test]
async fn nobody_but_the_owner_can_read_a_login() {
    let world = World::good().await;
    world.log_in().await.unwrap();
    let mode = |path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(world.file().unwrap()), 0o600);
    assert_eq!(mode(world.folder()), 0o700);
}

#[tokio::test]
async fn a_login_asks_for_the_scope_of_the_challenge_and_a_refresh_token() {
    let world = World::good().await;
    let login = world.log_in().await.unwrap();
    assert_eq!(world.visitor.asked("scope").unwrap(), "mcp:read offline_access");
    assert_eq!(login.scope, ScopeSet::parse("mcp:read offline_access").unwrap());
    assert!(login.renewable);
    assert!(world.visitor.last_page().contains("You can close this tab"));
}

#[tokio::test]
async fn without_a_scope_in_the_challenge_a_login_asks_for_what_the_resource_offers() {
    for twist in [Twist::NoChallengedScope, Twist::NoChallenge, Twist::OpenToAll] {
        let world = World::with([twist]).await;
        world.log_in().await.unwrap();
        assert_eq!(
            world.visitor.asked("scope").unwrap(),
            "mcp:read mcp:write offline_access",
            "{twist:?}"
        );
    }
}

#[tokio::test]
async fn an_answer_is_taken_at_the_redirect_uri_alone() {
    let world = World::good().await;
    world.visitor.stray();
    world.log_in().await.unwrap();
    assert_eq!(world.visitor.strayed(), [StatusCode::NOT_FOUND; 2]);
}

/// [RFC 9728 §3.3](https://www.rfc-editor.org/rfc/rfc9728#section-3.3): what is looked up at the root of a host is the
/// host's.
#[tokio::test]
async fn metadata_at_the_root_may_be_of_the_whole_host() {
    let world = World::with([Twist::HostMetadata, Twist::NoChallenge]).await;
    world.log_in().await.unwrap();
    assert_eq!(world.visitor.asked("resource").unwrap(), world.ledger.origin());
}

/// As Auth0's issuers are; `iss` of the answer is compared with what was written.
#[tokio::test]
async fn an_issuer_that_ends_with_a_slash_is_taken_as_it_is_written() {
    let world = World::with([Twist::IssuerWithSlash]).await;
    world.log_in().await.unwrap();
    let kept = std::fs::read(world.file().unwrap()).unwrap();
    let kept: serde_json::Value = serde_json::from_slice(&kept).unwrap();
    assert_eq!(kept["issuer"], format!("{}/", world.ledger.origin()));
}

#[tokio::test]
async fn a_person_can_say_which_scopes() {
    let world = World::good().await;
    let scope = Some(ScopeSet::parse("mcp:write").unwrap());
    world
        .log_in_as(&LoginRequest { scope, ..dynamic() })
        .await
        .unwrap();
    assert_eq!(world.visitor.asked("scope").unwrap(), "mcp:write offline_access");
}

#[tokio::test]
async fn the_code_can_be_copied_by_hand() {
    let world = World::good().await;
    world
        .log_in_as(&LoginRequest {
            handoff: Handoff::CopiedCode,
            ..dynamic()
        })
        .await
        .unwrap();
    assert_eq!(
        world.visitor.asked("redirect_uri").unwrap(),
        "urn:ietf:wg:oauth:2.0:oob"
    );
    assert!(world.file().is_some());
}

#[tokio::test]
async fn an_issuer_with_a_path_is_found_in_all_its_forms() {
    let world = World::with([Twist::IssuerWithPath, Twist::OpenIdAppendedOnly]).await;
    world.log_in().await.unwrap();
    let tried: Vec<_> = world
        .ledger
        .requests("metadata")
        .into_iter()
        .map(|pairs| pairs["path"].clone())
        .collect();
    assert_eq!(
        tried,
        [
            "/.well-known/oauth-authorization-server/tenant",
            "/.well-known/openid-configuration/tenant",
            "/tenant/.well-known/openid-configuration",
        ]
    );
}

#[tokio::test]
async fn a_known_client_shows_its_secret_in_the_header_and_does_not_register() {
    let world = World::with([Twist::NoRegistration]).await;
    let secret = ClientCredential::Secret(Secret::new("p@ss word"));
    let enrolment = Enrolment::Known(known("known:client", secret));
    world
        .log_in_as(&LoginRequest {
            enrolment,
            ..dynamic()
        })
        .await
        .unwrap();
    let request = world.ledger.requests("token").pop().unwrap();
    // RFC 6749 §2.3.1: both halves are form-encoded before they are joined.
    assert_eq!(request["basic"], "known%3Aclient:p%40ss+word");
    assert!(!request.contains_key("client_secret"));
}

#[tokio::test]
async fn a_server_that_wants_secrets_gets_a_client_with_one() {
    let world = World::with([Twist::SecretsOnly]).await;
    world.log_in().await.unwrap();
    assert_eq!(
        world.ledger.requests("token").pop().unwrap()["client_secret"],
        "registered-secret"
    );
}

#[tokio::test]
async fn a_login_without_a_refresh_token_says_so() {
    let world = World::with([Twist::NoRefreshToken]).await;
    assert!(!world.log_in().await.unwrap().renewable);
}

#[tokio::test]
async fn a_login_says_to_both_endpoints_which_server_it_is_for() {
    let world = World::good().await;
    world.log_in().await.unwrap();
    let server = format!("{}/mcp", world.ledger.origin());
    assert_eq!(world.visitor.asked("resource").as_ref(), Some(&server));
    assert_eq!(world.ledger.requests("token")[0]["resource"], server);
}

#[tokio::test]
async fn a_registration_says_that_the_client_is_a_native_application() {
    let world = World::good().await;
    world.log_in().await.unwrap();
    for client in world.ledger.clients() {
        assert_eq!(client["application_type"], "native");
    }
    assert!(!world.ledger.clients().is_empty());
}
