//! What can be told before the first login.

use serde_json::json;
use url::Url;
use vestibule_provider::{Examination, Finding, Provider as _, Verdict};

use crate::world::{CALLBACK, Canned, NOW, World};

async fn examine(world: &World) -> Vec<Finding> {
    world
        .party
        .examine(&Examination {
            now: NOW,
            callback_url: Url::parse(CALLBACK).unwrap(),
        })
        .await
}

fn of<'f>(findings: &'f [Finding], what: &str) -> &'f Finding {
    findings
        .iter()
        .find(|finding| finding.what == what)
        .unwrap_or_else(|| panic!("{what} was not looked at"))
}

/// A world that refuses a code that it never issued, as a provider does.
async fn world() -> World {
    let world = World::new().await;
    world.provider.change(|behaviour| {
        behaviour
            .instead
            .insert("/token", Canned::new(400, r#"{"error": "invalid_grant"}"#));
        let document = Canned::new(200, behaviour.metadata.to_string())
            .with_header("date", "Fri, 15 Jan 2027 08:00:10 GMT");
        behaviour
            .instead
            .insert("/.well-known/openid-configuration", document);
    });
    world
}

#[tokio::test]
async fn a_provider_that_is_set_up_well_is_found_good() {
    let findings = examine(&world().await).await;
    for what in [
        "discovery",
        "signing keys",
        "clock",
        "PKCE",
        "client authentication",
    ] {
        assert_eq!(of(&findings, what).verdict, Verdict::Good, "{what}: {findings:?}");
    }
    assert!(
        of(&findings, "callback")
            .remedy
            .as_ref()
            .unwrap()
            .contains(CALLBACK)
    );
}

#[tokio::test]
async fn a_wrong_secret_is_found_by_trying_it() {
    let world = world().await;
    world.provider.change(|behaviour| {
        behaviour
            .instead
            .insert("/token", Canned::new(401, r#"{"error": "invalid_client"}"#));
    });
    let findings = examine(&world).await;
    assert_eq!(of(&findings, "client authentication").verdict, Verdict::Bad);
    let [tried] = world.provider.seen("/token").try_into().unwrap();
    assert_eq!(tried.form["grant_type"], "authorization_code");
}

#[tokio::test]
async fn a_clock_that_is_off_is_found() {
    let world = world().await;
    world.provider.change(|behaviour| {
        let document = Canned::new(200, behaviour.metadata.to_string())
            .with_header("date", "Fri, 15 Jan 2027 09:00:00 GMT");
        behaviour
            .instead
            .insert("/.well-known/openid-configuration", document);
    });
    let findings = examine(&world).await;
    let clock = of(&findings, "clock");
    assert_eq!(clock.verdict, Verdict::Bad);
    assert!(clock.detail.contains("3600 seconds behind"), "{clock:?}");
}

#[tokio::test]
async fn keys_and_algorithms_that_do_not_fit_are_found() {
    let unfit = world().await;
    unfit.provider.change(|behaviour| behaviour.keys.clear());
    assert_eq!(of(&examine(&unfit).await, "signing keys").verdict, Verdict::Bad);
    let symmetric = world().await;
    symmetric.provider.change(|behaviour| {
        behaviour.instead.clear();
        behaviour.metadata["id_token_signing_alg_values_supported"] = json!(["HS256"]);
    });
    let findings = examine(&symmetric).await;
    assert!(
        of(&findings, "signing keys").detail.contains("HS256"),
        "{findings:?}"
    );
}

#[tokio::test]
async fn a_provider_that_is_away_is_found_and_nothing_else_is_guessed() {
    let world = world().await;
    world.provider.change(|behaviour| {
        behaviour
            .instead
            .insert("/.well-known/openid-configuration", Canned::new(503, ""));
    });
    let findings = examine(&world).await;
    assert_eq!(findings.len(), 1, "{findings:?}");
    assert_eq!(findings[0].verdict, Verdict::Bad);
}
