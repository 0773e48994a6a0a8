//! An authorization in progress: from the first request to the code.

use serde::{Deserialize, Serialize};
use url::Url;
use vestibule_keyring::SealedBox;
use vestibule_protocol::{
    ClientId, CodeChallenge, KeyThumbprint, ProviderId, RedirectUri, ResourceUri, ScopeSet, Timestamp,
    UserCode,
};
use vestibule_provider::{Form, Identity, Script};
use vestibule_telemetry::TraceContext;

use crate::Digest;

/// One walk through login and consent, bound to one browser.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Authorization {
    /// What the client asked for, after every check.
    pub request: ValidRequest,
    /// The browser that began the walk: the digest of its cookie.
    pub browser: Digest,
    /// How far the walk has come.
    pub stage: Stage,
    /// Counts the steps, so that two tabs cannot take the same one.
    pub step: u64,
    /// When the walk is over, finished or not.
    pub expires_at: Timestamp,
    /// Where the attempt is traced.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace: Option<TraceContext>,
}

/// An authorization request that passed every check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ValidRequest {
    /// The client.
    pub client_id: ClientId,
    /// Where the answer goes.
    #[serde(flatten)]
    pub reply_to: ReplyTo,
    /// The resources that the tokens are for, in their configured form; never empty.
    pub resources: Vec<ResourceUri>,
    /// The scopes asked for, known ones only; never empty.
    pub scopes: ScopeSet,
    /// Whom the client expects to log in.
    pub login_hint: Option<String>,
    /// The user must log in again, whatever login the browser holds.
    pub force_login: bool,
    /// The user must be asked for consent, whatever was remembered.
    pub force_consent: bool,
    /// The login may be at most this many seconds old.
    pub max_age: Option<u64>,
}

/// Where the answer to an authorization request goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum ReplyTo {
    /// To the client, by a redirect of the browser.
    Client(Redirection),
    /// To a device that waits for it.
    Device {
        /// The code that the device shows.
        user_code: UserCode,
    },
}

/// The way back to the client, and what its code is bound to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Redirection {
    /// The redirect URI, as the client presented it.
    pub redirect_uri: RedirectUri,
    /// Whether the request named it, so that the token request must name it too.
    pub redirect_uri_given: bool,
    /// The client's `state`, given back byte for byte.
    pub state: Option<String>,
    /// The PKCE challenge.
    pub code_challenge: CodeChallenge,
    /// The DPoP key that the code will be bound to, where the client named one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dpop_jkt: Option<KeyThumbprint>,
    /// The OpenID Connect `nonce`.
    pub nonce: Option<String>,
}

/// How far an authorization has come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "at")]
pub enum Stage {
    /// The user picks a provider.
    Choosing,
    /// The user is with the provider, or before its form.
    LoggingIn(Box<UpstreamLeg>),
    /// The user is known and is asked for consent.
    Consenting {
        /// Who logged in.
        identity: Box<Identity>,
        /// The scopes that policy lets this user have; never empty.
        scopes: ScopeSet,
        /// Those of them that the user agreed to before, and is not asked for again.
        #[serde(default)]
        agreed: ScopeSet,
    },
}

/// The login's own state towards the provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UpstreamLeg {
    /// The provider.
    pub provider: ProviderId,
    /// When this login was begun.
    pub begun_at: Timestamp,
    /// The `nonce` sent upstream.
    pub nonce: String,
    /// The PKCE verifier and the provider's own state, sealed.
    pub sealed: SealedBox,
    /// What the user is doing.
    pub pending: Pending,
    /// The account that the user named last in this login: the digest of its name.
    #[serde(default)]
    pub account: Option<Digest>,
}

/// What the user does while a login is under way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pending {
    /// The user is before a form that the provider asks for.
    Form(Form),
    /// The user is before a page in which the provider's own script runs.
    Script(Box<Script>),
    /// The user was sent to the provider.
    Away(Url),
}
