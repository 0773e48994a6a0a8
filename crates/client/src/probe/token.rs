//! The token endpoint and the keys, as far as one comes without a code.

use http::HeaderMap;
use serde::Deserialize;
use serde_json::Value;

use super::registration::{FIRST_PORT, KnownClient};
use super::report::Steps;
use super::server::ServerDocument;
use super::{Target, admitted};
use crate::ForeignText;
use crate::form::Form;
use crate::http::Http;

const TOKEN: &str = "token";
const RULE: &str = "RFC 6749 §5.2";

#[derive(Deserialize)]
struct Refused {
    error: String,
}

#[derive(Deserialize)]
struct KeySet {
    keys: Vec<Value>,
}

/// Redeems a code that nobody issued.
pub(super) async fn look(
    http: &Http,
    document: &ServerDocument,
    target: &Target,
    client: &KnownClient,
    steps: &mut Steps,
) {
    let endpoint = admitted(target.reach, "token_endpoint", document.token_endpoint.as_deref());
    let Some(endpoint) = endpoint else {
        steps.red(
            TOKEN,
            RULE,
            "there is no token endpoint with https",
            "Name it in the metadata.",
        );
        return;
    };
    let mut form = Form::default();
    form.add("grant_type", "authorization_code")
        .add("code", "a-code-that-nobody-issued")
        .add("redirect_uri", &format!("http://127.0.0.1:{FIRST_PORT}/callback"))
        .add("code_verifier", &"v".repeat(43))
        .add("client_id", &client.client_id);
    if let Some(resource) = &target.resource {
        form.add("resource", resource.as_str());
    }
    let answer = match http.post_form(&endpoint, HeaderMap::new(), form).await {
        Ok(answer) => answer,
        Err(error) => {
            steps.red(
                TOKEN,
                RULE,
                error.to_string(),
                "Answer an unknown code with 400 and JSON.",
            );
            return;
        }
    };
    let status = answer.status.as_u16();
    let refused = answer
        .json::<Refused>("error of RFC 6749")
        .ok()
        .filter(|_| answer.is_json());
    match refused {
        Some(refused) if matches!(status, 400 | 401) => {
            let code = ForeignText::line(&refused.error);
            steps.green(
                TOKEN,
                RULE,
                format!("an unknown code is refused: {status} {code}"),
            );
        }
        Some(_) if answer.status.is_success() => steps.red(
            TOKEN,
            RULE,
            "an unknown code is answered with success",
            "Refuse it with 400 and invalid_grant.",
        ),
        Some(refused) => steps.red(
            TOKEN,
            RULE,
            format!(
                "an unknown code is answered {status} {}",
                ForeignText::line(&refused.error)
            ),
            "Answer it with 400: on another status clients try again, or give up.",
        ),
        None => steps.red(
            TOKEN,
            RULE,
            format!("an unknown code is answered {status}, without a JSON error"),
            "Answer with 400 and {\"error\": \"invalid_grant\"}: clients read nothing else.",
        ),
    }
}

/// Reads the keys, where tokens can be verified with them.
pub(super) async fn look_at_keys(
    http: &Http,
    document: &ServerDocument,
    reach: crate::reach::Reach,
    steps: &mut Steps,
) {
    const KEYS: &str = "keys";
    const RULE: &str = "RFC 7517 §5";
    const REMEDY: &str = "Serve a JWK Set there, or leave jwks_uri out.";
    let Some(named) = document.jwks_uri.as_deref() else {
        return;
    };
    let Some(place) = admitted(reach, "jwks_uri", Some(named)) else {
        steps.red(KEYS, RULE, "jwks_uri is no https URL", REMEDY);
        return;
    };
    let set = match http.get(&place).await {
        Ok(answer) if answer.status.is_success() => answer.json::<KeySet>("key set (RFC 7517)"),
        Ok(answer) => {
            steps.red(
                KEYS,
                RULE,
                format!("{place} answers {}", answer.status.as_u16()),
                REMEDY,
            );
            return;
        }
        Err(error) => Err(error),
    };
    match set {
        Ok(set) if !set.keys.is_empty() => {
            steps.green(KEYS, RULE, format!("{} at {place}", set.keys.len()));
        }
        Ok(_) => steps.red(KEYS, RULE, format!("{place} has no key"), REMEDY),
        Err(error) => steps.red(KEYS, RULE, error.to_string(), REMEDY),
    }
}
