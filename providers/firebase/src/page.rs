//! The sign-in page with Firebase's SDK.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde_json::{Value, json};
use vestibule_protocol::Secret;
use vestibule_provider::{
    LoginContext, LoginStep, ProviderError, Script, ScriptAsset, ScriptOrigins, Sealed,
};

use crate::{Backend, FirebaseSettings, Recaptcha, Way};

/// The page's script, made by `scripts/firebase-page` from `web/`.
const SCRIPT: &[u8] = include_bytes!("../assets/firebase.js");
const ASSET: &str = "firebase.js";

const ID_TOKEN: &str = "id_token";
const REFRESH_TOKEN: &str = "refresh_token";

pub(crate) fn assets() -> Vec<ScriptAsset> {
    vec![ScriptAsset {
        name: ASSET,
        media_type: "text/javascript; charset=utf-8",
        body: Cow::Borrowed(SCRIPT),
    }]
}

/// The step that shows the page.
pub(crate) fn show(
    settings: &FirebaseSettings,
    ways: &[Way],
    recaptcha: Recaptcha,
    login: &LoginContext,
    problem: Option<String>,
) -> LoginStep {
    let script = Script {
        asset: ASSET.to_owned(),
        settings: for_script(settings, ways, recaptcha, login),
        fields: vec![ID_TOKEN.to_owned(), REFRESH_TOKEN.to_owned()],
        origins: origins(settings, ways, recaptcha),
        popups: popups(ways).next().is_some(),
        problem,
    };
    LoginStep::Run(Box::new(script), Sealed::default())
}

/// The two tokens that the script sends.
pub(crate) fn read(mut fields: BTreeMap<String, Secret>) -> Result<(Secret, Secret), ProviderError> {
    let mut take = |name: &str| {
        fields
            .remove(name)
            .filter(|value| !value.is_empty())
            .ok_or_else(|| ProviderError::Rejected(format!("the page sent no {name}")))
    };
    Ok((take(ID_TOKEN)?, take(REFRESH_TOKEN)?))
}

fn for_script(
    settings: &FirebaseSettings,
    ways: &[Way],
    recaptcha: Recaptcha,
    login: &LoginContext,
) -> Value {
    let emulator = match &settings.backend {
        Backend::Emulator(host) => Some(host.origin()),
        Backend::Google | Backend::At(_) => None,
    };
    let popups: Vec<Value> = popups(ways)
        .map(|popup| json!({"id": popup.id(), "name": popup.name()}))
        .collect();
    json!({
        "projectId": settings.project.as_str(),
        "apiKey": settings.api_key,
        "authDomain": settings.auth_domain.as_str(),
        "tenantId": settings.tenant,
        // The emulator sends its text messages to its log, and asks nobody for proof of being a person.
        "textMessages": recaptcha == Recaptcha::Allowed || emulator.is_some(),
        "emulator": emulator,
        "password": ways.contains(&Way::Password),
        "emailLink": ways.contains(&Way::EmailLink),
        "popups": popups,
        "loginHint": login.login_hint,
        "forceLogin": login.force_login,
    })
}

fn origins(settings: &FirebaseSettings, ways: &[Way], recaptcha: Recaptcha) -> ScriptOrigins {
    let mut origins = ScriptOrigins::default();
    let mut handler = format!("https://{}", settings.auth_domain.as_str());
    if let Backend::Emulator(host) = &settings.backend {
        origins.connect.push(host.origin());
        handler = host.origin();
    } else {
        origins
            .connect
            .push("https://identitytoolkit.googleapis.com".to_owned());
        origins
            .connect
            .push("https://securetoken.googleapis.com".to_owned());
    }
    if popups(ways).next().is_some() {
        origins.script.push("https://apis.google.com".to_owned());
        origins.frame.push(handler);
    }
    if recaptcha == Recaptcha::Allowed {
        let google = "https://www.google.com".to_owned();
        origins
            .script
            .extend([google.clone(), "https://www.gstatic.com".to_owned()]);
        origins.connect.push(google.clone());
        origins
            .frame
            .extend([google, "https://recaptcha.google.com".to_owned()]);
    }
    origins
}

fn popups(ways: &[Way]) -> impl Iterator<Item = &crate::Popup> {
    ways.iter().filter_map(|way| match way {
        Way::Popup(popup) => Some(popup),
        Way::Password | Way::EmailLink => None,
    })
}
