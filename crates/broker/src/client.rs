//! A client, however it came to be known.

use vestibule_protocol::{
    AuthMethod, ClientId, GrantType, RedirectUri, ResourceUri, ScopeSet, Subject, ValidMetadata,
};

use crate::Digest;
use crate::client_auth::ClientKeys;
use crate::client_documents::edition;
use crate::guesses::is_guessable;
use crate::record::{ClientDocument, ConsentKey, RegisteredClient, Standing};
use crate::settings::{ConfiguredClient, DpopBinding};

/// A client that may ask for tokens: one that the operator wrote down, one that registered itself, or one that is known by the
/// document at its address.
#[derive(Debug, Clone)]
pub struct Client {
    id: ClientId,
    name: Option<String>,
    home_page: Option<String>,
    origin: ClientOrigin,
    auth_method: AuthMethod,
    secret: Option<Digest>,
    /// Whether the secret could be found by trying.
    guessable: bool,
    keys: Option<ClientKeys>,
    /// What consent to it stands on, beside its id, where that can change under an id that stays.
    edition: Option<Digest>,
    redirect_uris: Vec<RedirectUri>,
    post_logout_redirect_uris: Vec<RedirectUri>,
    must_push: bool,
    dpop: DpopBinding,
    grant_types: Vec<GrantType>,
    scopes: Option<ScopeSet>,
    introspects: Vec<ResourceUri>,
    blocked: bool,
}

/// How a client came to be known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClientOrigin {
    /// The operator wrote it down.
    Configured,
    /// It registered itself; nobody vouches for its name.
    Registered,
    /// It is known by the document at its address; the host of that address vouches for it.
    Document,
}

impl Client {
    /// The client id.
    pub fn id(&self) -> &ClientId {
        &self.id
    }

    /// What to call it on a page: its name, or else its id.
    pub fn name(&self) -> &str {
        self.name.as_deref().unwrap_or(self.id.as_str())
    }

    /// Its own name, if it has one.
    pub fn own_name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// The address of its home page, as it says itself.
    pub fn home_page(&self) -> Option<&str> {
        self.home_page.as_deref()
    }

    /// How it came to be known.
    pub fn origin(&self) -> ClientOrigin {
        self.origin
    }

    /// The host that vouches for it: that of the document by which it is known.
    pub fn document_host(&self) -> Option<String> {
        let url = (self.origin == ClientOrigin::Document).then(|| url::Url::parse(self.id.as_str()).ok());
        url.flatten()?.host_str().map(str::to_owned)
    }

    /// Where codes may be sent.
    pub fn redirect_uris(&self) -> &[RedirectUri] {
        &self.redirect_uris
    }

    /// The address to which it wants browsers back after a logout, if it registered this very one.
    pub(crate) fn post_logout_uri(&self, text: &str) -> Option<RedirectUri> {
        let mut registered = self.post_logout_redirect_uris.iter();
        registered.find(|uri| uri.as_str() == text).cloned()
    }

    /// Whether its authorization requests have to be pushed.
    pub(crate) fn must_push(&self) -> bool {
        self.must_push
    }

    /// Whether its tokens have to be bound to a key.
    pub(crate) fn dpop(&self) -> DpopBinding {
        self.dpop
    }

    /// Whether it authenticates with nothing, so that anybody can call itself by its id.
    pub(crate) fn is_public(&self) -> bool {
        self.auth_method == AuthMethod::None
    }

    /// The grants that it may use.
    pub fn grant_types(&self) -> &[GrantType] {
        &self.grant_types
    }

    /// Whether it may use this grant.
    pub fn allows_grant(&self, grant: GrantType) -> bool {
        self.grant_types.contains(&grant)
    }

    /// The scopes that it may ask for; all when absent.
    pub fn scopes(&self) -> Option<&ScopeSet> {
        self.scopes.as_ref()
    }

    /// Whether an operator has shut it out.
    pub fn is_blocked(&self) -> bool {
        self.blocked
    }

    /// What it has to show, lest it be nobody.
    pub(crate) fn auth_method(&self) -> AuthMethod {
        self.auth_method
    }

    /// Its public keys, if it has any.
    pub(crate) fn keys(&self) -> Option<&ClientKeys> {
        self.keys.as_ref()
    }

    /// What a consent to it is filed under.
    pub(crate) fn consent_key(&self, subject: &Subject, resource: &ResourceUri) -> ConsentKey {
        ConsentKey {
            subject: subject.clone(),
            client_id: self.id.clone(),
            resource: resource.clone(),
            edition: self.edition,
        }
    }

    /// The digest of its secret, if it has one.
    pub(crate) fn secret(&self) -> Option<&Digest> {
        self.secret.as_ref()
    }

    /// Whether its secret could be found by trying: the operator made it up. Those that are handed out are random.
    pub(crate) fn is_guessable(&self) -> bool {
        self.guessable
    }

    /// Whether it is the resource server of this resource.
    pub(crate) fn introspects(&self, resource: &ResourceUri) -> bool {
        self.introspects.iter().any(|own| own.same_resource(resource))
    }
}

impl From<&ConfiguredClient> for Client {
    fn from(configured: &ConfiguredClient) -> Self {
        Self {
            id: configured.id.clone(),
            name: configured.name.clone(),
            home_page: None,
            origin: ClientOrigin::Configured,
            auth_method: configured.auth_method,
            secret: configured
                .secret
                .as_ref()
                .map(|secret| Digest::of(secret.expose())),
            guessable: configured.secret.as_ref().is_some_and(is_guessable),
            keys: configured.keys.clone().map(ClientKeys::from),
            edition: None,
            redirect_uris: configured.redirect_uris.clone(),
            post_logout_redirect_uris: configured.post_logout_redirect_uris.clone(),
            must_push: configured.must_push,
            dpop: configured.dpop,
            grant_types: configured.grant_types.clone(),
            scopes: configured.scopes.clone(),
            introspects: configured.introspects.clone(),
            blocked: false,
        }
    }
}

impl From<RegisteredClient> for Client {
    fn from(registered: RegisteredClient) -> Self {
        let secret = registered.secret.map(|secret| secret.client_secret);
        Self {
            secret,
            blocked: registered.blocked,
            ..Self::described(registered.id, ClientOrigin::Registered, registered.metadata)
        }
    }
}

impl From<ClientDocument> for Client {
    fn from(document: ClientDocument) -> Self {
        let blocked = document.standing == Standing::Blocked;
        match document.read {
            Some(read) => Self {
                edition: Some(edition(&read.metadata)),
                blocked,
                ..Self::described(document.id, ClientOrigin::Document, read.metadata)
            },
            None => Self {
                blocked,
                ..Self::unread(document.id)
            },
        }
    }
}

impl Client {
    /// A client as its metadata describe it.
    fn described(id: ClientId, origin: ClientOrigin, metadata: ValidMetadata) -> Self {
        Self {
            id,
            origin,
            auth_method: metadata.token_endpoint_auth_method,
            secret: None,
            guessable: false,
            keys: ClientKeys::of(&metadata),
            edition: None,
            name: metadata.client_name,
            home_page: metadata.client_uri,
            redirect_uris: metadata.redirect_uris,
            post_logout_redirect_uris: metadata.post_logout_redirect_uris,
            must_push: metadata.require_pushed_authorization_requests,
            dpop: if metadata.dpop_bound_access_tokens {
                DpopBinding::Required
            } else {
                DpopBinding::AsProved
            },
            grant_types: metadata.grant_types,
            scopes: None,
            introspects: Vec::new(),
            blocked: false,
        }
    }

    /// A client of whose document nothing is known, and which may therefore do nothing.
    fn unread(id: ClientId) -> Self {
        Self {
            id,
            origin: ClientOrigin::Document,
            auth_method: AuthMethod::PrivateKeyJwt,
            secret: None,
            guessable: false,
            keys: None,
            edition: None,
            name: None,
            home_page: None,
            redirect_uris: Vec::new(),
            post_logout_redirect_uris: Vec::new(),
            must_push: false,
            dpop: DpopBinding::AsProved,
            grant_types: Vec::new(),
            scopes: None,
            introspects: Vec::new(),
            blocked: false,
        }
    }
}
