//! What the operator writes down for one project.

use std::str::FromStr;

use serde_json::Value;
use thiserror::Error;
use vestibule_protocol::{Issuer, Secret};

use crate::{Method, ProjectUrl, PublishableKey};

/// A project whose own API the broker speaks.
#[derive(Debug, Clone)]
pub struct NativeSettings {
    /// The project's URL.
    pub url: ProjectUrl,
    /// The project's public key.
    pub publishable_key: PublishableKey,
    /// The `iss` of the project's tokens.
    pub issuer: Issuer,
    /// The ways to sign in, in order; those that the project has enabled, where there is no choice.
    pub methods: Option<Vec<Method>>,
    /// When a second factor is asked for.
    pub second_factor: SecondFactor,
    /// The secret of a project that still signs its tokens with HS256.
    pub jwt_secret: Option<Secret>,
    /// Where the user's groups stand.
    pub groups: Option<MetadataPath>,
    /// Where the user's roles stand.
    pub roles: Option<MetadataPath>,
    /// What becomes of the session at Supabase when the browser leaves.
    pub at_logout: AtLogout,
}

/// When a second factor is asked for: the authenticator assurance level that a login must reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SecondFactor {
    /// Never: `aal1` is enough for everybody.
    Never,
    /// Of users who have one, so that the broker is no way around it.
    #[default]
    WhereEnrolled,
    /// Of everybody: `aal2`. A user without a second factor does not get in.
    Always,
}

/// What becomes of the session at Supabase when the browser leaves the broker.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum AtLogout {
    /// It goes on, and with it the connected MCP clients, which the user did not leave.
    #[default]
    Keep,
    /// It ends. MCP clients that were connected by the same login end when they are next re-checked.
    End,
}

/// A place in a user's `app_metadata`, the part of a user that only the project's own servers can write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MetadataPath(Vec<String>);

/// A text that names no place in `app_metadata`.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum MetadataPathError {
    /// Users write their `user_metadata` themselves.
    #[error(
        "is in user_metadata, which users can edit themselves; authorize by app_metadata only, such as \"app_metadata.roles\""
    )]
    UserMetadata,
    /// It is somewhere else, or nowhere.
    #[error("does not begin with \"app_metadata.\"; write such as \"app_metadata.roles\"")]
    Elsewhere,
}

impl FromStr for MetadataPath {
    type Err = MetadataPathError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "user_metadata" || text.starts_with("user_metadata.") {
            return Err(MetadataPathError::UserMetadata);
        }
        let below = text
            .strip_prefix("app_metadata.")
            .ok_or(MetadataPathError::Elsewhere)?;
        let steps: Vec<String> = below.split('.').map(str::to_owned).collect();
        if steps.iter().any(String::is_empty) {
            return Err(MetadataPathError::Elsewhere);
        }
        Ok(Self(steps))
    }
}

impl MetadataPath {
    /// The texts that stand there: one, or a list. Anything else is nothing.
    pub(crate) fn texts_in(&self, app_metadata: &Value) -> Vec<String> {
        let mut found = app_metadata;
        for step in &self.0 {
            let Some(next) = found.get(step) else {
                return Vec::new();
            };
            found = next;
        }
        match found {
            Value::String(text) => vec![text.clone()],
            Value::Array(items) => {
                let texts = items.iter().filter_map(Value::as_str);
                texts.map(str::to_owned).collect()
            }
            _ => Vec::new(),
        }
    }
}
