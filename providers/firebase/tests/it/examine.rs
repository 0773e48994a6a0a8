//! What can be told before the first login.

use serde_json::json;
use url::Url;
use vestibule_protocol::{Issuer, Timestamp};
use vestibule_provider::{Examination, Finding, Provider, Verdict};
use vestibule_provider_firebase::Mode;

use crate::google::{KEYS, PROJECT};
use crate::project::Project;

pub(crate) async fn findings(project: &Project) -> Vec<Finding> {
    let examination = Examination {
        now: Timestamp::from_secs(1_900_000_000),
        callback_url: Url::parse("http://localhost:3009/oauth/callback/firebase").expect("a URL"),
    };
    project.provider().examine(&examination).await
}

pub(crate) fn finding<'a>(findings: &'a [Finding], what: &str) -> &'a Finding {
    let found = findings.iter().find(|finding| finding.what == what);
    found.unwrap_or_else(|| panic!("{what} is not among {findings:?}"))
}

pub(crate) async fn start() -> Project {
    let project = Project::start().await;
    let domains = json!({"projectId": "123", "authorizedDomains": ["localhost", "example.com"]});
    project.google.answers(PROJECT, 200, &domains);
    let keys = json!({"keys": [project.key.jwk()]}).to_string();
    let date = [("date", "Sun, 17 Mar 2030 17:46:41 GMT")];
    project.google.answers_with(KEYS, 200, &date, keys);
    project
}

#[tokio::test]
async fn a_project_as_it_should_be_is_all_green() {
    let project = start().await;
    let findings = findings(&project).await;
    assert_eq!(findings.len(), 4, "{findings:?}");
    assert!(
        findings.iter().all(|finding| finding.verdict == Verdict::Good),
        "{findings:?}"
    );
}

#[tokio::test]
async fn a_wrong_key_is_named() {
    let project = start().await;
    project
        .google
        .refuses(PROJECT, "API key not valid. Please pass a valid API key.");
    let findings = findings(&project).await;
    let found = finding(&findings, "API key");
    assert_eq!(found.verdict, Verdict::Bad);
    assert!(
        found
            .remedy
            .as_deref()
            .is_some_and(|remedy| remedy.contains("Web API Key"))
    );
}

#[tokio::test]
async fn a_broker_that_is_no_authorized_domain_is_named() {
    for (broker, verdict) in [
        ("https://auth.example.org", Verdict::Bad),
        ("https://notexample.com", Verdict::Bad),
        ("https://auth.example.com", Verdict::Good),
        ("https://example.com", Verdict::Good),
    ] {
        let mut project = start().await;
        project.settings.broker = Issuer::parse(broker).expect("an issuer");
        let findings = findings(&project).await;
        assert_eq!(
            finding(&findings, "Authorized domain").verdict,
            verdict,
            "{broker}"
        );
    }
}

#[tokio::test]
async fn forms_of_the_broker_s_own_need_no_authorized_domain() {
    let mut project = start().await;
    project.settings.mode = Mode::Server;
    let findings = findings(&project).await;
    assert!(!findings.iter().any(|finding| finding.what == "Authorized domain"));
}

#[tokio::test]
async fn a_clock_that_is_an_hour_off_is_named() {
    let project = start().await;
    let keys = json!({"keys": [project.key.jwk()]}).to_string();
    let date = [("date", "Sun, 17 Mar 2030 18:46:41 GMT")];
    project.google.answers_with(KEYS, 200, &date, keys);
    let findings = findings(&project).await;
    assert_eq!(finding(&findings, "Clock").verdict, Verdict::Bad);
}

#[tokio::test]
async fn keys_out_of_reach_are_named() {
    let project = start().await;
    project.google.answers(KEYS, 500, &json!({}));
    let findings = findings(&project).await;
    assert_eq!(finding(&findings, "Google's keys").verdict, Verdict::Bad);
}
