//! The ways to sign in at a project.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

use crate::api::ProjectSettings;

/// One way to sign in.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Method {
    /// An email address and a password.
    Password,
    /// A one-time code, sent by email.
    Code,
    /// A social provider, by Supabase's name for it, such as `google` or `custom:intranet`.
    Social(String),
}

/// A text that names no way to sign in.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error(
    "\"{0}\" is no way to sign in; write \"password\", \"code\", or a provider as Supabase names it, such as \"google\""
)]
pub struct MethodError(String);

/// The entries of `external` in a project's settings that are no social providers.
const NOT_SOCIAL: [&str; 3] = ["anonymous_users", "email", "phone"];

impl FromStr for Method {
    type Err = MethodError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "password" => Ok(Self::Password),
            "code" => Ok(Self::Code),
            _ if is_social_name(text) => Ok(Self::Social(text.to_owned())),
            _ => Err(MethodError(text.to_owned())),
        }
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Password => "password",
            Self::Code => "code",
            Self::Social(name) => name,
        })
    }
}

impl Method {
    /// The ways to sign in that a project offers; of these, the operator's choice in the operator's order, where there is one.
    pub(crate) fn offered(project: &ProjectSettings, chosen: Option<&[Self]>) -> Vec<Self> {
        let all = || {
            let social = project.external.keys().map(|name| Self::Social(name.clone()));
            [Self::Password, Self::Code].into_iter().chain(social).collect()
        };
        let mut methods: Vec<Self> = Vec::new();
        for method in chosen.map_or_else(all, <[Self]>::to_vec) {
            if method.is_open(project) && !methods.contains(&method) {
                methods.push(method);
            }
        }
        methods
    }

    /// Whether the project lets users sign in this way. Custom providers are not listed in its settings.
    pub(crate) fn is_open(&self, project: &ProjectSettings) -> bool {
        match self {
            Self::Password | Self::Code => project.is_on("email"),
            Self::Social(name) if name.starts_with("custom:") => true,
            Self::Social(name) => is_social_name(name) && project.is_on(name),
        }
    }

    /// Whether it can make somebody sign in again who has signed in there before.
    pub(crate) fn asks_again(&self) -> bool {
        match self {
            Self::Password | Self::Code => true,
            Self::Social(name) => prompt(name).is_some(),
        }
    }

    /// The text of the button that leads this way from another.
    pub(crate) fn button(&self) -> String {
        match self {
            Self::Password => "Use a password".to_owned(),
            Self::Code | Self::Social(_) => self.label(),
        }
    }

    /// The text of the button that signs in this way.
    pub(crate) fn label(&self) -> String {
        match self {
            Self::Password => "Sign in".to_owned(),
            Self::Code => "Email me a code".to_owned(),
            Self::Social(name) => format!("Continue with {}", social_label(name)),
        }
    }
}

/// What makes a social provider ask again: Supabase hands on to it whatever it does not know itself.
pub(crate) fn prompt(name: &str) -> Option<(&'static str, &'static str)> {
    match name {
        "google" | "github" => Some(("prompt", "select_account")),
        "azure" | "keycloak" => Some(("prompt", "login")),
        "discord" => Some(("prompt", "consent")),
        "facebook" => Some(("auth_type", "reauthenticate")),
        "spotify" => Some(("show_dialog", "true")),
        "twitch" => Some(("force_verify", "true")),
        _ if name.starts_with("custom:") => Some(("prompt", "login")),
        _ => None,
    }
}

fn is_social_name(text: &str) -> bool {
    let plain =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'_' | b'-' | b':');
    (2..=64).contains(&text.len()) && text.bytes().all(plain) && !NOT_SOCIAL.contains(&text)
}

/// What people call a social provider.
fn social_label(name: &str) -> String {
    let known = match name {
        "azure" => "Microsoft",
        "github" => "GitHub",
        "gitlab" => "GitLab",
        "linkedin" | "linkedin_oidc" => "LinkedIn",
        "slack" | "slack_oidc" => "Slack",
        "twitter" | "x" => "X",
        "workos" => "WorkOS",
        _ => {
            let bare = name.strip_prefix("custom:").unwrap_or(name);
            let mut letters = bare.chars();
            let first = letters.next().map(|letter| letter.to_ascii_uppercase());
            return first.into_iter().chain(letters).collect();
        }
    };
    known.to_owned()
}
