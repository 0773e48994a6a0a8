//! The emulator: believed on this machine alone, and then only its own kind of token.

use serde_json::{Value, json};
use vestibule_protocol::Issuer;
use vestibule_provider::{Provider, ProviderError};
use vestibule_provider_firebase::{Backend, EmulatorHost, EmulatorHostError, FirebaseProvider};

use crate::key::{Key, unsigned};
use crate::project::{claims, login, provider, settings, tokens, with};

fn emulator() -> Backend {
    // Nobody listens there: no test of a refusal gets as far as a call.
    Backend::Emulator("127.0.0.1:9".parse().expect("an emulator"))
}

fn token(claims: &Value) -> String {
    format!("{}.", unsigned(&json!({"alg": "none", "typ": "JWT"}), claims))
}

async fn complete(token: &str) -> ProviderError {
    let step = provider(settings(emulator()))
        .complete(&login(), tokens(token))
        .await;
    step.expect_err("nobody exchanges the refresh token")
}

#[test]
fn an_emulator_on_another_machine_is_refused() {
    for host in [
        "10.0.0.1:9099",
        "emulator.example.com:9099",
        "0.0.0.0:9099",
        "[::]:9099",
        "localhost.example.com:8080",
    ] {
        let refused = host.parse::<EmulatorHost>();
        assert_eq!(refused, Err(EmulatorHostError::NotLoopback), "{host}");
    }
    for host in [
        "",
        "localhost",
        "http://127.0.0.1:9099",
        "127.0.0.1:9099/x",
        "a@127.0.0.1:9099",
        "127.1:9099",
        "127.0.0.1:9099?a",
    ] {
        let refused = host.parse::<EmulatorHost>();
        assert_eq!(refused, Err(EmulatorHostError::NotHostAndPort), "{host}");
    }
    for host in ["127.0.0.1:9099", "localhost:9099", "[::1]:9099", "127.8.0.1:1"] {
        assert_eq!(
            host.parse::<EmulatorHost>().expect(host).origin(),
            format!("http://{host}")
        );
    }
}

#[test]
fn a_broker_that_others_can_reach_does_not_believe_the_emulator() {
    for broker in ["https://auth.example.com", "https://10.0.0.1"] {
        let mut settings = settings(emulator());
        settings.broker = Issuer::parse(broker).expect("an issuer");
        let id = "firebase".parse().expect("a provider's id");
        let refused = FirebaseProvider::new(id, "Example".to_owned(), settings);
        assert!(
            matches!(refused, Err(ProviderError::Misconfigured(_))),
            "{refused:?}"
        );
    }
}

#[tokio::test]
async fn an_emulator_s_token_is_believed_only_in_its_own_form() {
    let signed = Key::new("key-1").sign(&claims());
    let bare = unsigned(&json!({"alg": "none", "typ": "JWT"}), &claims());
    let other = |header: Value| format!("{}.", unsigned(&header, &claims()));
    for refused in [
        signed,
        bare.clone(),
        format!("{bare}.c2ln"),
        format!("{bare}.."),
        other(json!({"alg": "None", "typ": "JWT"})),
        other(json!({"alg": "RS256", "typ": "JWT"})),
        other(json!({"alg": "none", "typ": "at+jwt"})),
        other(json!({"typ": "JWT"})),
        format!("{}.", "a".repeat(20_000)),
    ] {
        assert!(
            matches!(complete(&refused).await, ProviderError::Rejected(_)),
            "{refused:.40}"
        );
    }
    let believed = complete(&token(&claims())).await;
    assert!(matches!(believed, ProviderError::Unavailable(_)), "{believed:?}");
}

#[tokio::test]
async fn every_other_rule_holds_for_the_emulator_too() {
    for claims in [
        with("aud", "other-project"),
        with("iss", "https://securetoken.google.com/other-project"),
        with("sub", ""),
        with("exp", 1),
        with("iat", 4_000_000_000_u64),
        with("auth_time", 1),
        with("firebase/tenant", "tenant-a"),
    ] {
        let refused = complete(&token(&claims)).await;
        assert!(
            matches!(refused, ProviderError::Rejected(_)),
            "{claims}: {refused:?}"
        );
    }
}

#[tokio::test]
async fn an_unsigned_token_is_nothing_without_the_emulator() {
    let project = crate::project::Project::start().await;
    project.refusal_of(&token(&claims())).await;
}
