//! The client becomes known, and takes itself away again.

use serde::Deserialize;
use vestibule_protocol::Secret;

use super::report::Steps;
use super::server::ServerDocument;
use super::{Profile, Target, admitted};
use crate::http::Http;
use crate::refusal::Refusal;

const REGISTRATION: &str = "registration";
const RULE: &str = "RFC 7591 §3";

/// The port on which the client listened when it registered.
pub(super) const FIRST_PORT: u16 = 54_212;

/// A client as the server knows it.
#[derive(Debug, Deserialize)]
pub(super) struct KnownClient {
    pub(super) client_id: String,
    client_secret: Option<Secret>,
    registration_access_token: Option<Secret>,
    registration_client_uri: Option<String>,
}

/// By its document where the client has one and the server takes it, else by registration.
pub(super) async fn become_known(
    http: &Http,
    document: &ServerDocument,
    target: &Target,
    profile: &Profile,
    steps: &mut Steps,
) -> Option<KnownClient> {
    if let Some(url) = profile
        .document
        .filter(|_| document.client_id_metadata_document_supported)
    {
        return Some(KnownClient {
            client_id: url.to_owned(),
            client_secret: None,
            registration_access_token: None,
            registration_client_uri: None,
        });
    }
    let endpoint = document.registration_endpoint.as_deref()?;
    let Some(endpoint) = admitted(target.reach, "registration_endpoint", Some(endpoint)) else {
        steps.red(
            REGISTRATION,
            RULE,
            "the registration endpoint is no https URL",
            "Name it with https.",
        );
        return None;
    };
    let answer = http
        .post_json(&endpoint, "application/json", &profile.registration(FIRST_PORT))
        .await;
    let answer = match answer {
        Ok(answer) => answer,
        Err(error) => {
            steps.red(
                REGISTRATION,
                RULE,
                error.to_string(),
                "Answer a registration with 201 and JSON.",
            );
            return None;
        }
    };
    if !answer.status.is_success() {
        steps.red(
            REGISTRATION,
            RULE,
            format!("{} is refused: {}", profile.title, Refusal::read(&answer)),
            "Accept what it registers: several kinds of redirect URIs in one set, whatever application_type says.",
        );
        return None;
    }
    match answer.json::<KnownClient>("client registration (RFC 7591)") {
        Ok(client) => {
            client.judge(profile, steps);
            Some(client)
        }
        Err(error) => {
            steps.red(
                REGISTRATION,
                RULE,
                error.to_string(),
                "Answer with the client's metadata.",
            );
            None
        }
    }
}

impl KnownClient {
    fn judge(&self, profile: &Profile, steps: &mut Steps) {
        let secret = self.client_secret.is_some();
        if profile.name == "perplexity" && !secret {
            steps.red(
                REGISTRATION,
                RULE,
                "no client_secret in the answer",
                "Perplexity registers as public and wants a secret all the same: issue one for its redirect host.",
            );
        } else if profile.auth_method != "none" && !secret {
            steps.red(
                REGISTRATION,
                "RFC 7591 §3.2.1",
                format!("no client_secret in the answer to {}", profile.auth_method),
                "Issue a secret to clients that register for one.",
            );
        } else {
            steps.green(REGISTRATION, RULE, format!("{} is let in", profile.title));
        }
    }
}

/// Takes the registration away, where the server said how.
pub(super) async fn leave(http: &Http, target: &Target, client: &KnownClient, steps: &mut Steps) {
    let (Some(uri), Some(token)) = (&client.registration_client_uri, &client.registration_access_token)
    else {
        return;
    };
    let Some(uri) = admitted(target.reach, "registration_client_uri", Some(uri)) else {
        return;
    };
    match http.delete(&uri, token).await {
        Ok(answer) if answer.status.is_success() => {
            steps.green(
                REGISTRATION,
                "RFC 7592 §2.3",
                "the registration is taken away again",
            );
        }
        Ok(_) | Err(_) => steps.yellow(
            REGISTRATION,
            "RFC 7592 §2.3",
            "the registration could not be taken away again",
            "Let a client delete itself with its registration access token.",
        ),
    }
}
