//! What the page is told, and what its content policy has to allow.

use serde_json::json;
use vestibule_provider::{LoginStep, Provider, Script};
use vestibule_provider_firebase::{Backend, FirebaseSettings, Mode, Recaptcha};

use crate::project::{login, provider, settings};

async fn script(settings: FirebaseSettings) -> Script {
    match provider(settings).begin(&login()).await {
        Ok(LoginStep::Run(script, _)) => *script,
        other => panic!("no script: {other:?}"),
    }
}

fn offering(ways: &[&str], recaptcha: Recaptcha) -> FirebaseSettings {
    let ways = ways.iter().map(|way| way.parse().expect("a way")).collect();
    let mut settings = settings(Backend::Google);
    settings.mode = Mode::Page { ways, recaptcha };
    settings
}

const API: [&str; 2] = [
    "https://identitytoolkit.googleapis.com",
    "https://securetoken.googleapis.com",
];

#[tokio::test]
async fn a_page_without_popups_loads_nothing_from_elsewhere() {
    let script = script(offering(&["password", "email_link"], Recaptcha::Stopped)).await;
    assert_eq!(script.origins.script, [""; 0]);
    assert_eq!(script.origins.frame, [""; 0]);
    assert_eq!(script.origins.connect, API);
    assert!(!script.popups);
}

#[tokio::test]
async fn popups_need_google_s_script_and_the_project_s_handler() {
    let script = script(offering(&["google.com", "oidc.acme"], Recaptcha::Stopped)).await;
    assert_eq!(script.origins.script, ["https://apis.google.com"]);
    assert_eq!(script.origins.frame, ["https://demo-project.firebaseapp.com"]);
    assert_eq!(script.origins.connect, API);
    assert!(script.popups);
    let popups = json!([{"id": "google.com", "name": "Google"}, {"id": "oidc.acme", "name": "acme"}]);
    assert_eq!(script.settings["popups"], popups);
    assert_eq!(script.settings["password"], false);
}

#[tokio::test]
async fn recaptcha_is_allowed_only_on_purpose() {
    let script = script(offering(&["password"], Recaptcha::Allowed)).await;
    assert_eq!(
        script.origins.script,
        ["https://www.google.com", "https://www.gstatic.com"]
    );
    assert_eq!(
        script.origins.frame,
        ["https://www.google.com", "https://recaptcha.google.com"]
    );
    assert_eq!(script.settings["textMessages"], true);
}

#[tokio::test]
async fn the_page_is_told_what_the_sdk_needs_and_no_more() {
    let script = script(offering(&["password", "email_link"], Recaptcha::Stopped)).await;
    assert_eq!(
        script.settings,
        json!({
            "projectId": "demo-project",
            "apiKey": "public&key",
            "authDomain": "demo-project.firebaseapp.com",
            "tenantId": null,
            "emulator": null,
            "textMessages": false,
            "password": true,
            "emailLink": true,
            "popups": [],
            "loginHint": "ada@example.com",
            "forceLogin": false,
        })
    );
    assert_eq!(script.fields, ["id_token", "refresh_token"]);
    assert_eq!(script.problem, None);
}

#[tokio::test]
async fn the_script_is_one_of_the_assets() {
    let provider = provider(settings(Backend::Google));
    let asset = script(settings(Backend::Google)).await.asset;
    let assets = provider.assets();
    let found = assets
        .iter()
        .find(|found| found.name == asset)
        .expect("it is served");
    assert_eq!(found.media_type, "text/javascript; charset=utf-8");
}
