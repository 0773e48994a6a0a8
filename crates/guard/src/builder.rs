use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use thiserror::Error;
use vestibule_jose::dpop::algorithm_names;
use vestibule_protocol::{Issuer, ProtectedResourceMetadata, ResourceUri, ScopeSet, resource_metadata_url};

use crate::clock::{Clock, SystemClock};
use crate::cors::Origins;
use crate::documents::Documents;
use crate::dpop::{DpopPolicy, PublicUrl, Unbound};
use crate::fetch::{Fetch, FetchError};
use crate::guard::{Guard, Inner};
use crate::introspection::{Introspection, IntrospectionPolicy};
use crate::issuer_metadata::IssuerMetadata;
use crate::keys::{Keys, KeysPlace};
use crate::mcp_session::McpSessions;
use crate::offline::Offline;
use crate::scope_rules::{ScopeRules, without_offline_access};
use crate::status::{StatusLists, StatusPolicy};
use crate::verification::{Accepts, Verification};

/// The most verified tokens that are remembered, unless the builder is told otherwise.
const TOKENS: usize = 10_000;

/// The most MCP sessions that are kept apart, unless the builder is told otherwise.
const MCP_SESSIONS: usize = 10_000;

/// The largest body of an MCP request, unless the builder is told otherwise: what rmcp reads, too.
const MAX_BODY_BYTES: usize = 4 * 1024 * 1024;

/// How far the issuer's clock may be off, unless the builder is told otherwise.
const LEEWAY: Duration = Duration::from_secs(60);

/// Gathers what a [`Guard`] is to do.
#[derive(Clone)]
pub struct GuardBuilder {
    resource: ResourceUri,
    issuer: Issuer,
    name: Option<String>,
    scopes_supported: ScopeSet,
    initial_scopes: Option<ScopeSet>,
    required_scopes: ScopeSet,
    rules: ScopeRules,
    origins: Origins,
    mirror_issuer: bool,
    jwks_uri: Option<String>,
    introspection: Option<IntrospectionPolicy>,
    status: StatusPolicy,
    dpop: DpopPolicy,
    stripped_prefix: String,
    leeway: Duration,
    max_body_bytes: usize,
    tokens: usize,
    mcp_sessions: usize,
    fetch: Option<Arc<dyn Fetch>>,
    clock: Arc<dyn Clock>,
}

/// Why a guard cannot be built.
#[derive(Debug, Error)]
pub enum BuildError {
    /// A call is open to callers without a token, and needs scopes.
    #[error("`{0}` is open to callers without a token, and yet needs scopes: take one of them away")]
    OpenAndRestricted(String),
    /// The HTTP client cannot be set up.
    #[error("the HTTP client cannot be set up")]
    Fetch(#[source] FetchError),
    /// What is said to be taken off the path is no beginning of one.
    #[error("`{0}` is no beginning of a path: write the part that the proxy takes off, such as `/team`")]
    NoPrefix(String),
    /// The secret that nonces are made with is too short.
    #[error("the secret that DPoP nonces are made with is too short: it has to have at least {0} bytes")]
    ShortNonceSecret(usize),
    /// The machine gives no random bytes.
    #[error("there is no randomness to make a key of")]
    NoRandomness,
    /// There is no HTTP client: the feature `reqwest` is off, and none was given.
    #[error("there is no HTTP client: give one to the builder, or turn on the feature `reqwest`")]
    NoFetch,
    /// The metadata cannot be written.
    #[error("the protected-resource metadata cannot be written")]
    Metadata(#[source] serde_json::Error),
}

impl GuardBuilder {
    pub(crate) fn new(resource: ResourceUri, issuer: Issuer) -> Self {
        Self {
            resource,
            issuer,
            name: None,
            scopes_supported: ScopeSet::default(),
            initial_scopes: None,
            required_scopes: ScopeSet::default(),
            rules: ScopeRules::default(),
            origins: Origins::Any,
            mirror_issuer: false,
            jwks_uri: None,
            introspection: None,
            status: StatusPolicy::default(),
            dpop: DpopPolicy::default(),
            stripped_prefix: String::new(),
            leeway: LEEWAY,
            max_body_bytes: MAX_BODY_BYTES,
            tokens: TOKENS,
            mcp_sessions: MCP_SESSIONS,
            fetch: None,
            clock: Arc::new(SystemClock),
        }
    }

    /// Names the server for people, in its metadata.
    #[must_use]
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Lists every scope that the server knows, in its metadata; `offline_access` is not a server's to list.
    #[must_use]
    pub fn scopes_supported(mut self, scopes: ScopeSet) -> Self {
        self.scopes_supported = without_offline_access(scopes);
        self
    }

    /// Tells callers without a token to ask for these scopes at first; otherwise for all that the server knows.
    #[must_use]
    pub fn initial_scopes(mut self, scopes: ScopeSet) -> Self {
        self.initial_scopes = Some(without_offline_access(scopes));
        self
    }

    /// Needs these scopes of every token, whatever it is used for.
    #[must_use]
    pub fn required_scopes(mut self, scopes: ScopeSet) -> Self {
        self.required_scopes = scopes;
        self
    }

    /// Needs these scopes for a tool.
    #[must_use]
    pub fn tool(mut self, name: impl Into<String>, scopes: &ScopeSet) -> Self {
        self.rules.restrict_tool(name.into(), scopes);
        self
    }

    /// Needs these scopes for an MCP method, such as `resources/read`.
    #[must_use]
    pub fn method(mut self, name: impl Into<String>, scopes: &ScopeSet) -> Self {
        self.rules.restrict_method(name.into(), scopes);
        self
    }

    /// Lets callers without a token call a tool. Everything else still sends them to log in, `initialize` included.
    #[must_use]
    pub fn open_tool(mut self, name: impl Into<String>) -> Self {
        self.rules.open_tool(name.into());
        self
    }

    /// Lets callers without a token use an MCP method. A client that may `initialize` without one may never log in.
    #[must_use]
    pub fn open_method(mut self, name: impl Into<String>) -> Self {
        self.rules.open_method(name.into());
        self
    }

    /// Lets only web pages of these origins call, such as `https://app.example.com`; otherwise all may.
    #[must_use]
    pub fn allowed_origins<O: Into<String>>(mut self, origins: impl IntoIterator<Item = O>) -> Self {
        self.origins = Origins::Only(origins.into_iter().map(Into::into).collect());
        self
    }

    /// Serves the issuer's metadata under the server's own name as well, where clients of MCP 2025-03-26 look for it.
    #[must_use]
    pub fn mirror_issuer_metadata(mut self) -> Self {
        self.mirror_issuer = true;
        self
    }

    /// Takes the issuer's keys from this URL, and not from where its metadata says.
    #[must_use]
    pub fn jwks_uri(mut self, url: impl Into<String>) -> Self {
        self.jwks_uri = Some(url.into());
        self
    }

    /// Asks the issuer about each token instead of verifying it here.
    #[must_use]
    pub fn introspection(mut self, policy: IntrospectionPolicy) -> Self {
        self.introspection = Some(policy);
        self
    }

    /// Says how the issuer's status lists are followed.
    #[must_use]
    pub fn status_lists(mut self, policy: StatusPolicy) -> Self {
        self.status = policy;
        self
    }

    /// Says how tokens that are bound to a key are taken, and whether any others are.
    #[must_use]
    pub fn dpop(mut self, policy: DpopPolicy) -> Self {
        self.dpop = policy;
        self
    }

    /// Says which part of the path a proxy takes off before a request arrives here, such as `/team` where
    /// `https://mcp.example.com/team/mcp` arrives as `/mcp`. A proof names the URL that the client has called.
    #[must_use]
    pub fn stripped_prefix(mut self, prefix: impl Into<String>) -> Self {
        self.stripped_prefix = prefix.into();
        self
    }

    /// Allows the issuer's clock to be off by this much; 60 seconds otherwise.
    #[must_use]
    pub fn leeway(mut self, leeway: Duration) -> Self {
        self.leeway = leeway;
        self
    }

    /// Reads at most this much of a request's body, in bytes; 4 MiB otherwise.
    #[must_use]
    pub fn max_body_bytes(mut self, limit: usize) -> Self {
        self.max_body_bytes = limit;
        self
    }

    /// Remembers at most this many verified tokens; 10,000 otherwise.
    #[must_use]
    pub fn remembered_tokens(mut self, capacity: usize) -> Self {
        self.tokens = capacity;
        self
    }

    /// Keeps apart at most this many MCP sessions; 10,000 otherwise. The one unused for longest has to be opened anew.
    #[must_use]
    pub fn mcp_sessions(mut self, capacity: usize) -> Self {
        self.mcp_sessions = capacity;
        self
    }

    /// Sends requests to the issuer with this client.
    #[must_use]
    pub fn fetch(mut self, fetch: Arc<dyn Fetch>) -> Self {
        self.fetch = Some(fetch);
        self
    }

    /// Takes the time from this clock.
    #[must_use]
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// Builds the guard. Nothing is fetched yet.
    ///
    /// # Errors
    /// [`BuildError`] when the rules contradict each other, something is not what it has to be, or there is no HTTP client.
    pub fn build(self) -> Result<Guard, BuildError> {
        if let Some(name) = self.rules.contradiction() {
            return Err(BuildError::OpenAndRestricted(name.to_owned()));
        }
        if !self.stripped_prefix.is_empty() && !self.stripped_prefix.starts_with('/') {
            return Err(BuildError::NoPrefix(self.stripped_prefix));
        }
        let url = PublicUrl::new(&self.resource, &self.stripped_prefix);
        let dpop = self.dpop.open(&self.resource, url)?;
        let fetch = match &self.fetch {
            Some(fetch) => Arc::clone(fetch),
            None => default_fetch()?,
        };
        let metadata = Arc::new(IssuerMetadata::new(self.issuer.clone(), Arc::clone(&fetch)));
        let protected_resource = self.protected_resource().map_err(BuildError::Metadata)?;
        let mirrored = self.mirror_issuer.then(|| Arc::clone(&metadata));
        Ok(Guard::from_inner(Inner {
            documents: Documents::new(&self.resource, protected_resource, mirrored),
            resource_metadata: resource_metadata_url(&self.resource),
            initial_scopes: self
                .initial_scopes
                .clone()
                .unwrap_or_else(|| self.scopes_supported.clone()),
            verification: self.verification(&fetch, metadata),
            dpop,
            mcp_sessions: McpSessions::new(self.mcp_sessions),
            required_scopes: self.required_scopes,
            rules: self.rules,
            origins: self.origins,
            max_body_bytes: self.max_body_bytes,
            leeway: self.leeway,
            look_every: self.status.interval(),
            resource: self.resource,
            clock: self.clock,
        }))
    }

    fn verification(&self, fetch: &Arc<dyn Fetch>, metadata: Arc<IssuerMetadata>) -> Verification {
        let accepts = Accepts {
            issuer: self.issuer.clone(),
            resource: self.resource.clone(),
            leeway: self.leeway,
        };
        let fetch = Arc::clone(fetch);
        if let Some(policy) = self.introspection.clone() {
            let introspection = Introspection::new(policy, accepts, metadata, fetch, self.tokens);
            return Verification::Introspection(introspection);
        }
        let place = match &self.jwks_uri {
            Some(url) => KeysPlace::At(url.clone()),
            None => KeysPlace::Described(metadata),
        };
        let keys = Arc::new(Keys::new(place, Arc::clone(&fetch)));
        let clock = Arc::clone(&self.clock);
        let statuses = StatusLists::new(self.issuer.clone(), fetch, Arc::clone(&keys), clock, self.status);
        Verification::Offline(Offline::new(accepts, keys, statuses, self.tokens))
    }

    fn protected_resource(&self) -> Result<Bytes, serde_json::Error> {
        let resource = self.resource.clone();
        let mut metadata =
            ProtectedResourceMetadata::of(resource, self.issuer.clone(), &self.scopes_supported);
        metadata.resource_name.clone_from(&self.name);
        metadata.dpop_signing_alg_values_supported = algorithm_names().map(str::to_owned).collect();
        if self.dpop.unbound() == Unbound::Refused {
            metadata.dpop_bound_access_tokens_required = Some(true);
        }
        serde_json::to_vec(&metadata).map(Bytes::from)
    }
}

#[cfg(feature = "reqwest")]
fn default_fetch() -> Result<Arc<dyn Fetch>, BuildError> {
    let fetch = crate::fetch::ReqwestFetch::new().map_err(BuildError::Fetch)?;
    Ok(Arc::new(fetch))
}

#[cfg(not(feature = "reqwest"))]
fn default_fetch() -> Result<Arc<dyn Fetch>, BuildError> {
    Err(BuildError::NoFetch)
}
