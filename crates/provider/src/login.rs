//! One login, from its beginning to an identity.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use url::Url;
use vestibule_protocol::{Secret, Timestamp};

use crate::{Form, Identity, UpstreamSession};

/// What the broker tells a provider about the login under way.
#[derive(Debug)]
pub struct LoginContext {
    /// The moment of the call.
    pub now: Timestamp,
    /// Where the provider sends the browser back to.
    pub callback_url: Url,
    /// The `state` to send upstream. The broker checks it when the browser comes back.
    pub state: String,
    /// The `nonce` to send upstream and to find in the ID token.
    pub nonce: String,
    /// The PKCE verifier of the upstream leg.
    pub pkce_verifier: Secret,
    /// Whom the client expects to log in.
    pub login_hint: Option<String>,
    /// Whether the user must prove who they are again, whatever session the provider holds.
    pub force_login: bool,
    /// The provider's own state, as its last step left it.
    pub kept: Option<Sealed>,
}

/// What comes next in a login.
#[derive(Debug)]
pub enum LoginStep {
    /// Send the browser there.
    Redirect(Url, Sealed),
    /// Ask the user.
    Ask(Form, Sealed),
    /// The user is known.
    Done(Box<Identity>, Option<UpstreamSession>),
}

/// What came back from the browser.
#[derive(Debug)]
pub enum Reply {
    /// The parameters of the callback.
    Callback(BTreeMap<String, String>),
    /// The fields of a form that the provider asked for.
    Form(BTreeMap<String, Secret>),
}

/// A provider's own state: opaque to the broker, which encrypts it before any store sees it.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sealed(Vec<u8>);

impl Sealed {
    /// Wraps a provider's state.
    pub fn new(bytes: impl Into<Vec<u8>>) -> Self {
        Self(bytes.into())
    }

    /// The state, for the provider that made it and for the broker that encrypts it.
    pub fn expose(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sealed(…)")
    }
}
