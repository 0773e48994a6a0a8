//! Servers that lie, stall or send the client astray. None of them gets a code redeemed or a token kept.

use vestibule_client::McpUrl;

use crate::world::{Twist, World, dynamic};

/// Logs in, and checks that nothing was redeemed or kept.
async fn refused(twists: impl IntoIterator<Item = Twist>) -> String {
    refused_in(&World::with(twists).await).await
}

async fn refused_in(world: &World) -> String {
    let sentence = world.failed_login().await;
    assert!(world.ledger.requests("token").is_empty(), "{sentence}");
    assert!(world.file().is_none(), "{sentence}");
    sentence
}

#[tokio::test]
async fn metadata_of_another_issuer_must_not_be_used() {
    let sentence = refused([Twist::ForeignIssuer]).await;
    assert!(
        sentence.contains("is of the issuer \"https://bank.example\""),
        "{sentence}"
    );
}

#[tokio::test]
async fn issuers_are_compared_byte_for_byte() {
    let sentence = refused([Twist::SlashedIssuer]).await;
    assert!(sentence.contains("it is not used"), "{sentence}");
}

#[tokio::test]
async fn metadata_of_another_resource_must_not_be_used() {
    let sentence = refused([Twist::ForeignResource]).await;
    assert!(
        sentence.contains("is for \"https://bank.example/mcp\""),
        "{sentence}"
    );
}

#[tokio::test]
async fn metadata_of_the_whole_host_must_not_be_used_where_the_challenge_names_them() {
    let sentence = refused([Twist::HostMetadata]).await;
    assert!(
        sentence.contains("/.well-known/oauth-protected-resource is for"),
        "{sentence}"
    );
}

#[tokio::test]
async fn metadata_of_another_resource_must_not_be_used_at_the_root_of_the_host() {
    let sentence = refused([Twist::HostMetadata, Twist::NoChallenge, Twist::ForeignResource]).await;
    assert!(
        sentence.contains("is for \"https://bank.example/mcp\""),
        "{sentence}"
    );
}

#[tokio::test]
async fn without_s256_the_client_refuses_to_proceed() {
    for twist in [Twist::NoPkce, Twist::PlainPkce] {
        let sentence = refused([twist]).await;
        assert!(
            sentence.contains("code_challenge_methods_supported"),
            "{sentence}"
        );
    }
}

#[tokio::test]
async fn an_answer_with_another_state_is_dropped() {
    let sentence = refused([Twist::OtherState]).await;
    assert!(sentence.contains("another login"), "{sentence}");
}

#[tokio::test]
async fn an_answer_that_repeats_a_parameter_is_dropped() {
    let sentence = refused([Twist::TwoStates]).await;
    assert!(sentence.contains("malformed"), "{sentence}");
}

#[tokio::test]
async fn an_answer_without_the_promised_iss_is_dropped() {
    let sentence = refused([Twist::NoIss]).await;
    assert!(sentence.contains("names no issuer"), "{sentence}");
}

#[tokio::test]
async fn an_answer_of_another_issuer_is_dropped() {
    let sentence = refused([Twist::OtherIss]).await;
    assert!(
        sentence.contains("names the issuer \"https://bank.example\""),
        "{sentence}"
    );
}

#[tokio::test]
async fn an_error_of_another_issuer_is_not_shown() {
    let sentence = refused([Twist::OtherIss, Twist::Denial]).await;
    assert!(!sentence.contains("not today"), "{sentence}");
}

#[tokio::test]
async fn a_denial_is_told_without_its_escape_sequences() {
    let sentence = refused([Twist::Denial]).await;
    assert!(
        sentence.ends_with("refused the login: access_denied: not today[31m"),
        "{sentence}"
    );
}

#[tokio::test]
async fn an_answer_without_a_code_does_not_end_the_wait() {
    let sentence = refused_in(&World::with([Twist::NoCode]).await.in_a_hurry()).await;
    assert!(sentence.contains("nobody finished the login"), "{sentence}");
}

#[tokio::test]
async fn a_person_who_never_comes_back_is_not_waited_for_forever() {
    let world = World::good().await.in_a_hurry();
    world.visitor.stay_away();
    let sentence = refused_in(&world).await;
    assert!(
        sentence.contains("nobody finished the login within 500ms"),
        "{sentence}"
    );
}

#[tokio::test]
async fn a_token_endpoint_that_redirects_takes_no_code_elsewhere() {
    let world = World::with([Twist::TokenRedirect]).await;
    let sentence = world.failed_login().await;
    assert!(sentence.contains("redirects to /elsewhere"), "{sentence}");
    assert!(world.ledger.requests("elsewhere").is_empty());
    assert!(world.file().is_none());
}

#[tokio::test]
async fn redirected_metadata_is_not_followed() {
    assert!(
        refused([Twist::RedirectedMetadata])
            .await
            .contains("redirects are not followed")
    );
}

#[tokio::test]
async fn a_huge_document_is_not_read_to_its_end() {
    assert!(
        refused([Twist::HugeMetadata])
            .await
            .contains("more than 262144 bytes")
    );
}

#[tokio::test]
async fn a_silent_server_is_not_waited_for_forever() {
    let world = World::with([Twist::SilentMetadata]).await.in_a_hurry();
    assert!(
        refused_in(&world)
            .await
            .contains("did not answer in full within 500ms")
    );
}

#[tokio::test]
async fn a_document_that_is_not_json_is_not_quoted() {
    let sentence = refused([Twist::HtmlMetadata]).await;
    assert!(
        sentence.contains("something else than the metadata of an authorization server"),
        "{sentence}"
    );
    assert!(!sentence.contains("very-secret"), "{sentence}");
}

#[tokio::test]
async fn an_endpoint_that_is_no_web_address_is_not_used() {
    let sentence = refused([Twist::FileTokenEndpoint]).await;
    assert!(
        sentence.contains("the token_endpoint \"file:///etc/passwd\""),
        "{sentence}"
    );
}

#[tokio::test]
async fn a_refused_registration_says_why() {
    let sentence = refused([Twist::RegistrationRefused]).await;
    assert!(
        sentence.ends_with("/register refused with invalid_redirect_uri: no[2Jthanks"),
        "{sentence}"
    );
}

#[tokio::test]
async fn a_server_that_registers_nobody_is_told_apart() {
    assert!(refused([Twist::NoRegistration]).await.contains("--client-id"));
}

#[tokio::test]
async fn an_address_that_is_no_endpoint_is_asked_about() {
    let sentence = refused([Twist::NoEndpoint]).await;
    assert!(
        sentence.contains("answered 404; is this the address of its MCP endpoint?"),
        "{sentence}"
    );
}

#[tokio::test]
async fn a_resource_without_an_authorization_server_says_so() {
    assert!(
        refused([Twist::NoAuthorizationServer])
            .await
            .contains("names no authorization server")
    );
}

#[tokio::test]
async fn a_token_of_a_type_that_is_not_understood_must_not_be_used() {
    let world = World::with([Twist::DpopToken]).await;
    let sentence = world.failed_login().await;
    assert!(
        sentence.contains("a token of type \"DPoP\", and Bearer was asked for"),
        "{sentence}"
    );
    assert!(world.file().is_none());
}

#[tokio::test]
async fn a_garbled_token_answer_is_not_quoted() {
    let world = World::with([Twist::TokenInClearText]).await;
    let error = world.log_in().await.unwrap_err();
    let sentence = format!("{error} {error:?}");
    for secret in world.ledger.secrets() {
        assert!(!sentence.contains(&secret), "{sentence}");
    }
}

#[tokio::test]
async fn a_server_that_is_not_there_is_named() {
    let world = World::good().await;
    let nowhere = McpUrl::parse("http://127.0.0.1:9/mcp").unwrap();
    let error = world.client().login(&nowhere, &dynamic()).await.unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("http://127.0.0.1:9/mcp could not be reached: "),
        "{error}"
    );
}
