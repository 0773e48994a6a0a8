//! One login, from its beginning to an identity.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use url::Url;
use vestibule_protocol::{Secret, Timestamp};

use crate::{Form, Identity, Script, UpstreamSession};

/// What the broker tells a provider about the login under way.
#[derive(Debug)]
pub struct LoginContext {
    /// The moment of the call.
    pub now: Timestamp,
    /// When this login was begun: what a credential without a nonce must not be older than.
    pub begun_at: Timestamp,
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
    /// Run the provider's own script in the broker's page.
    Run(Box<Script>, Sealed),
    /// The user is known.
    Done(Box<Login>),
}

/// A login that a provider vouches for.
#[derive(Debug)]
pub struct Login {
    /// Who it is.
    pub identity: Identity,
    /// What the provider needs to recognise this login later, if it can.
    pub upstream: Option<UpstreamSession>,
    /// A credential that carries no nonce of ours, and so is good once only.
    pub once: Option<Once>,
}

impl Login {
    /// A login of which the provider keeps nothing.
    pub fn of(identity: Identity) -> Self {
        Self {
            identity,
            upstream: None,
            once: None,
        }
    }
}

/// Something that is good once: the broker remembers it, and refuses it when it comes again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Once {
    /// What tells it apart from every other: a token's issuer and `jti`, or a digest of the whole token.
    pub key: String,
    /// When it stops being good by itself.
    pub expires_at: Timestamp,
}

/// What came back from the browser.
#[derive(Debug)]
pub enum Reply {
    /// The parameters of the callback.
    Callback(BTreeMap<String, String>),
    /// The fields of a form that the provider asked for, or that its script filled in.
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
