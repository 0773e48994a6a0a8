//! Clients that the operator wrote down.

use url::Url;
use vestibule_jose::foreign::KeySet;
use vestibule_protocol::{AuthMethod, ClientId, GrantType, RedirectUri, ResourceUri, ScopeSet, Secret};

use super::DpopBinding;

/// A pre-registered client.
#[derive(Debug)]
pub struct ConfiguredClient {
    /// The client id.
    pub id: ClientId,
    /// What the consent page calls it.
    pub name: Option<String>,
    /// The secret of a confidential client.
    pub secret: Option<Secret>,
    /// The public keys of a client that authenticates with one.
    pub keys: Option<ClientKeySettings>,
    /// How it authenticates; for a confidential client both secret methods are accepted when this says either.
    pub auth_method: AuthMethod,
    /// Where codes may be sent.
    pub redirect_uris: Vec<RedirectUri>,
    /// Where browsers may be sent after a logout.
    pub post_logout_redirect_uris: Vec<RedirectUri>,
    /// Whether its authorization requests have to be pushed.
    pub must_push: bool,
    /// Whether its tokens have to be bound to a key.
    pub dpop: DpopBinding,
    /// The grants that it may use.
    pub grant_types: Vec<GrantType>,
    /// The scopes that it may ask for; all when absent.
    pub scopes: Option<ScopeSet>,
    /// The resources whose tokens it may introspect, beside its own: it is their resource server.
    pub introspects: Vec<ResourceUri>,
}

/// Where a client's public keys are.
#[derive(Debug, Clone)]
pub enum ClientKeySettings {
    /// In the configuration.
    Here(KeySet),
    /// At an address, from which they are fetched.
    At(Url),
}
