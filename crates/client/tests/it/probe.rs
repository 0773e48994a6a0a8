//! What a probe sees of servers that are not as they should be.

use vestibule_client::{Profile, Report, Verdict};

use crate::world::{Twist, World};

/// The steps that are not green, each with what was seen.
fn complaints(report: &Report, verdict: Verdict) -> Vec<(&'static str, &str)> {
    let bad = report.steps.iter().filter(|step| step.verdict == verdict);
    bad.map(|step| (step.step, step.seen.as_str())).collect()
}

#[tokio::test]
async fn each_fault_is_red_where_the_client_would_stop() {
    for (twist, step, seen) in [
        (Twist::NoEndpoint, "challenge", "answered 404"),
        (
            Twist::ForeignResource,
            "resource",
            "is for \"https://bank.example/mcp\"",
        ),
        (
            Twist::NoAuthorizationServer,
            "resource",
            "names no authorization server",
        ),
        (
            Twist::ForeignIssuer,
            "issuer",
            "is of the issuer \"https://bank.example\"",
        ),
        (Twist::SlashedIssuer, "issuer", "is of the issuer"),
        (Twist::NoPkce, "pkce", "has no S256"),
        (Twist::PlainPkce, "pkce", "has no S256"),
        (Twist::HugeMetadata, "server metadata", "more than"),
        (Twist::HtmlMetadata, "server metadata", "something else"),
        (Twist::RedirectedMetadata, "server metadata", "answers 3"),
        (Twist::NoRegistration, "way in", "neither by"),
        (Twist::RegistrationRefused, "registration", "is refused"),
    ] {
        let report = World::with([twist]).await.look_as("sdk-python").await;
        let red = complaints(&report, Verdict::Red);
        assert!(
            red.iter()
                .any(|(name, text)| *name == step && text.contains(seen)),
            "{twist:?}: {red:?}"
        );
        assert!(!report.usable);
        let told = report.steps.iter().filter(|step| step.verdict != Verdict::Green);
        assert!(told.into_iter().all(|step| step.remedy.is_some()), "{report:?}");
    }
}

#[tokio::test]
async fn an_issuer_that_ends_with_a_slash_is_looked_at_and_told_of() {
    let report = World::with([Twist::IssuerWithSlash])
        .await
        .look_as("sdk-python")
        .await;
    let yellow = complaints(&report, Verdict::Yellow);
    assert!(
        yellow
            .iter()
            .any(|(step, seen)| *step == "issuer" && seen.contains("ends with a slash")),
        "{yellow:?}"
    );
    let red = complaints(&report, Verdict::Red);
    assert!(red.iter().all(|(step, _)| *step != "issuer"), "{red:?}");
}

#[tokio::test]
async fn a_clients_own_needs_are_told_of() {
    // It registers as public and wants a secret all the same.
    let report = World::good().await.look_as("perplexity").await;
    let red = complaints(&report, Verdict::Red);
    assert!(
        red.contains(&("registration", "no client_secret in the answer")),
        "{red:?}"
    );
    // It has a document, and the server takes none.
    let report = World::good().await.look_as("codex").await;
    let yellow = complaints(&report, Verdict::Yellow);
    assert!(
        yellow.contains(&("way in", "by registration alone")),
        "{yellow:?}"
    );
}

#[tokio::test]
async fn nobody_is_logged_in_by_being_looked_at() {
    let world = World::good().await;
    // This server answers with a code before anybody has logged in, which is told and not taken up.
    let report = world.look_as("sdk-typescript").await;
    let red = complaints(&report, Verdict::Red);
    let answered = ("authorization", "the client is answered though nobody logged in");
    assert!(red.contains(&answered), "{red:?}");
    let redeemed = world.ledger.requests("token");
    assert!(
        redeemed
            .iter()
            .all(|request| request["code"] == "a-code-that-nobody-issued")
    );
}

#[tokio::test]
async fn every_client_has_a_name_that_finds_it() {
    for profile in Profile::all() {
        assert_eq!(profile.name.parse::<Profile>().as_ref(), Ok(profile));
    }
    assert!("netscape".parse::<Profile>().unwrap_err().contains("claude-code"));
}
