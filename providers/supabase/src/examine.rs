//! What can be told of a project before the first login.

use vestibule_provider::{Examination, Finding, ProviderError};

use crate::Method;
use crate::api::{Api, ApiError, ProjectSettings};
use crate::settings::NativeSettings;

const ALLOW_LIST: &str = "redirect allow-list";
const KEYS: &str = "signing keys";
const WAYS: &str = "ways to sign in";

/// Looks at a project that the broker speaks to through its own API.
pub(crate) async fn native(settings: &NativeSettings, api: &Api, examination: &Examination) -> Vec<Finding> {
    let project = match api.settings().await {
        Ok(project) => project,
        Err(error) => return vec![unreachable(&error)],
    };
    let mut findings = vec![Finding::good(
        "project",
        "answers at its url, and accepts the publishable key",
    )];
    let methods = Method::offered(&project, settings.methods.as_deref());
    findings.extend(ways(settings, &project, &methods));
    findings.push(addresses(&project));
    findings.push(keys(settings, api).await);
    if methods.iter().any(|method| matches!(method, Method::Social(_))) {
        findings.push(allow_list(examination));
    }
    findings
}

fn unreachable(error: &ApiError) -> Finding {
    let remedy = match error {
        ApiError::Unavailable(_) => "check url, and that this machine may call it",
        ApiError::Refused(_) | ApiError::Strange(_) | ApiError::Misconfigured(_) => {
            "copy url from Project Settings > Data API, and publishable_key from Project Settings > API Keys"
        }
    };
    Finding::bad("project", error.to_string(), remedy)
}

fn ways(settings: &NativeSettings, project: &ProjectSettings, methods: &[Method]) -> Vec<Finding> {
    let mut findings = Vec::new();
    let names: Vec<String> = methods.iter().map(ToString::to_string).collect();
    if methods.is_empty() {
        findings.push(Finding::bad(
            WAYS,
            "the project offers none that providers allows",
            "enable one under Authentication > Sign In / Providers",
        ));
    } else {
        findings.push(Finding::good(WAYS, names.join(", ")));
    }
    let closed = settings
        .methods
        .iter()
        .flatten()
        .filter(|method| !method.is_open(project));
    findings.extend(closed.map(|method| {
        Finding::warning(
            WAYS,
            format!("\"{method}\" stands in providers, but the project has it switched off"),
            "enable it under Authentication > Sign In / Providers, or leave it out of providers",
        )
    }));
    findings
}

fn addresses(project: &ProjectSettings) -> Finding {
    const WHAT: &str = "email addresses";
    if project.mailer_autoconfirm {
        Finding::warning(
            WHAT,
            "count as confirmed without a proof, so none of them counts as verified here",
            "enable “Confirm email” under Authentication > Sign In / Providers > Email if [policy] goes by email",
        )
    } else {
        Finding::good(WHAT, "are confirmed by their owners")
    }
}

async fn keys(settings: &NativeSettings, api: &Api) -> Finding {
    match api.keys().await {
        Ok(keys) if keys.published == 0 && settings.jwt_secret.is_some() => Finding::warning(
            KEYS,
            "the project publishes none; its tokens (HS256) are verified with jwt_secret, with which anybody could make them",
            "move to an asymmetric key under Project Settings > JWT Keys, then remove jwt_secret",
        ),
        Ok(keys) if keys.published == 0 => Finding::warning(
            KEYS,
            "the project publishes none; each token (HS256) is confirmed by a call to the project",
            "move to an asymmetric key under Project Settings > JWT Keys",
        ),
        Ok(keys) if keys.verifying.is_empty() => Finding::bad(
            KEYS,
            "the project publishes keys, but none of ES256 or RS256",
            "add a key of ES256 (ECC P-256) under Project Settings > JWT Keys",
        ),
        Ok(keys) => Finding::good(KEYS, format!("the project publishes {}", keys.published)),
        Err(error) => Finding::bad(
            KEYS,
            ProviderError::from(error).to_string(),
            "check that <url>/auth/v1/.well-known/jwks.json answers",
        ),
    }
}

fn allow_list(examination: &Examination) -> Finding {
    Finding::warning(
        ALLOW_LIST,
        "cannot be read from here; a callback that is not in it silently lands on the project's Site URL",
        format!(
            "add this line under Authentication > URL Configuration > Redirect URLs, with its star: {}",
            allowed(examination)
        ),
    )
}

/// The line for the allow-list. The star stands for the query, in which the broker's `state` comes back; it matches anything
/// but dots and slashes.
fn allowed(examination: &Examination) -> String {
    format!("{}*", examination.callback_url)
}
