//! A provider's own script inside the broker's page, for providers whose login needs their SDK.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A script for the broker's page to run. It draws into the element `provider`, and posts a credential back by filling in and
/// sending the form `credential`, whose fields reach the provider as [`Reply::Form`](crate::Reply::Form).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Script {
    /// The name of one of the provider's [assets](crate::Provider::assets), a JavaScript module.
    pub asset: String,
    /// What the script reads as JSON from the element `provider-settings`; never a secret.
    pub settings: Value,
    /// The fields of the form `credential`, all hidden.
    pub fields: Vec<String>,
    /// The origins that the page's content policy must allow.
    pub origins: ScriptOrigins,
    /// Whether the script opens popups and waits to hear from them.
    pub popups: bool,
    /// What went wrong at the last try, in a sentence for the user.
    pub problem: Option<String>,
}

/// Other origins that a [`Script`] needs, such as `https://identitytoolkit.googleapis.com`; the broker's own is always there.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScriptOrigins {
    /// Where it loads more scripts from.
    pub script: Vec<String>,
    /// Where it sends requests to.
    pub connect: Vec<String>,
    /// What it shows in frames.
    pub frame: Vec<String>,
}

/// A file that the broker serves for a provider.
#[derive(Debug, Clone)]
pub struct ScriptAsset {
    /// Its name, such as `firebase.js`.
    pub name: &'static str,
    /// Its media type.
    pub media_type: &'static str,
    /// Its bytes.
    pub body: Cow<'static, [u8]>,
}
