//! What can be told before the first login.

use vestibule_protocol::Timestamp;
use vestibule_provider::{Examination, Finding};

use crate::api::{Admin, AdminError, ApiError, Project};
use crate::token::{LEEWAY, Verifier};
use crate::{Authority, Backend, FirebaseProvider, Mode};

/// The uid of nobody.
const NOBODY: &str = "vestibule-doctor";

pub(crate) async fn examine(provider: &FirebaseProvider, examination: &Examination) -> Vec<Finding> {
    let mut findings = Vec::new();
    let settings = provider.settings();
    if let Backend::Emulator(host) = &settings.backend {
        findings.push(Finding::warning(
            "Firebase emulator",
            format!(
                "the emulator at {} is believed, whose tokens nobody signs",
                host.origin()
            ),
            "unset FIREBASE_AUTH_EMULATOR_HOST (or remove emulator_host) to use the real project",
        ));
    }
    match provider.api().project().await {
        Ok(project) => {
            findings.push(Finding::good("API key", "Firebase accepts it"));
            if matches!(settings.mode, Mode::Page { .. }) {
                findings.push(authorized_domain(&project, provider));
            }
        }
        Err(error) => findings.push(refused(error)),
    }
    if let Verifier::Signed { keys, .. } = provider.verifier() {
        match keys.fetch().await {
            Ok(fetched) => {
                let detail = format!("{} keys to check ID tokens with", fetched.count);
                findings.push(Finding::good("Google's keys", detail));
                findings.extend(fetched.date.map(|date| clock(examination.now, date)));
            }
            Err(cause) => findings.push(Finding::bad(
                "Google's keys",
                cause,
                "let this machine reach https://www.googleapis.com",
            )),
        }
    }
    if let Some(admin) = provider.admin() {
        findings.extend(service_account(admin, settings.project.as_str(), examination.now).await);
    }
    findings
}

/// Looks up a user whom nobody has: whoever may learn that there is none may look up the others.
async fn service_account(admin: &Admin, project: &str, now: Timestamp) -> Vec<Finding> {
    const WHAT: &str = "Service account";
    let mut findings = Vec::new();
    let who = match admin.authority() {
        Authority::ServiceAccount(account) => {
            if account.project() != project {
                findings.push(Finding::warning(
                    WHAT,
                    format!("{} is of the project {}", account.email(), account.project()),
                    format!("use a service account of {project}, if this is a mistake"),
                ));
            }
            account.email()
        }
        Authority::EmulatorOwner => "everybody",
    };
    findings.push(match admin.account(NOBODY, now).await {
        Ok(_) => Finding::good(WHAT, format!("{who} may look users up")),
        Err(AdminError::Refused { cause, remedy }) => Finding::bad(WHAT, cause, remedy),
        Err(AdminError::Unavailable(cause)) => Finding::bad(
            WHAT,
            cause,
            "let this machine reach https://oauth2.googleapis.com and https://identitytoolkit.googleapis.com",
        ),
    });
    findings
}

fn refused(error: ApiError) -> Finding {
    match error {
        ApiError::Refused(refusal) => Finding::bad(
            "API key",
            format!("Firebase refuses it: {refusal}"),
            refusal
                .remedy()
                .unwrap_or("copy the Web API Key from Project settings in the console to api_key"),
        ),
        ApiError::Unavailable(cause) => Finding::bad(
            "API key",
            cause,
            "let this machine reach https://identitytoolkit.googleapis.com",
        ),
    }
}

/// The SDK signs in by links and popups only from the project's authorized domains.
fn authorized_domain(project: &Project, provider: &FirebaseProvider) -> Finding {
    let host = provider.settings().broker.host();
    let within = |domain: &String| {
        let parent = host.strip_suffix(domain.as_str());
        host == domain || parent.is_some_and(|rest| rest.ends_with('.'))
    };
    if project.authorized_domains.iter().any(within) {
        return Finding::good("Authorized domain", format!("{host} is among the project's"));
    }
    Finding::bad(
        "Authorized domain",
        format!("{host} is not among the project's authorized domains; links and popups will fail"),
        format!("add {host} in the console under Authentication, Settings, Authorized domains"),
    )
}

fn clock(ours: Timestamp, theirs: Timestamp) -> Finding {
    let apart = ours.since(theirs).max(theirs.since(ours));
    let detail = format!("{} s from Google's", apart.as_secs());
    if apart < LEEWAY {
        Finding::good("Clock", detail)
    } else {
        Finding::bad("Clock", detail, "set this machine's clock, by NTP for example")
    }
}
