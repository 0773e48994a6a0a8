use std::path::{Path, PathBuf};

use url::Url;
use vestibule_protocol::{ScopeSet, Secret};

use super::{Client, Login, LoginError, login::proof_key};
use crate::{
    Binding, Interaction, KnownClient, McpUrl, TokenError,
    discovery::{AuthorizationServer, Discovery},
    reach::Reach,
    registration::ClientIdentity,
    store::{Account, Enterprise, Entry, Unattended, Way},
    token::{Errand, Issue, TokenEndpoint},
    token_file,
};

/// What a service says about a login that takes no person.
#[derive(Debug, Clone)]
pub struct UnattendedLogin {
    /// Who comes in.
    pub entrance: Entrance,
    /// The scopes to ask for; without them, those that the server suggests.
    pub scope: Option<ScopeSet>,
    /// Whether the tokens are to be bound to a key.
    pub binding: Binding,
}

/// Who comes in where no person is.
#[derive(Debug, Clone)]
pub enum Entrance {
    /// A client as itself, for nobody else (MCP's extension for client credentials).
    Itself(KnownClient),
    /// A workload, with what its platform says of it (MCP's workload identity federation).
    Workload {
        /// The file in which the platform puts its word, and a new one in time.
        token_file: PathBuf,
        /// The client that it is, where the authorization server knows it as one.
        client: Option<KnownClient>,
    },
    /// A client for a user of an enterprise's (MCP's enterprise-managed authorization).
    Enterprise {
        /// The client, as the MCP server's authorization server knows it.
        client: KnownClient,
        /// Who says for which user it comes.
        identity_provider: IdentityProvider,
        /// What the identity provider gave the client when the user signed in there.
        id_token: IdToken,
    },
}

/// An enterprise's identity provider.
#[derive(Debug, Clone)]
pub struct IdentityProvider {
    /// Its issuer.
    pub issuer: String,
    /// The client, as the identity provider knows it.
    pub client: KnownClient,
}

/// An ID token of an identity provider's.
#[derive(Debug, Clone)]
pub enum IdToken {
    /// The file in which it stands, where a new one may stand the next time.
    File(PathBuf),
    /// For this login alone.
    Given(Secret),
}

impl<I: Interaction> Client<I> {
    /// Logs in at `server` without a person.
    ///
    /// # Errors
    /// Each names the step that failed and what to change.
    pub async fn login_unattended(
        &self,
        server: &McpUrl,
        login: &UnattendedLogin,
    ) -> Result<Login, LoginError> {
        let discovery = Discovery::of(&self.http, server).await?;
        let known = |client| ClientIdentity::known(&discovery.server, client);
        let (client, way) = match &login.entrance {
            Entrance::Itself(client) => (Some(known(client)?), Unattended::Itself),
            Entrance::Workload { token_file, client } => {
                let token_file = absolute(token_file);
                (
                    client.as_ref().map(known).transpose()?,
                    Unattended::Workload { token_file },
                )
            }
            Entrance::Enterprise {
                client,
                identity_provider,
                id_token,
            } => {
                let enterprise = self.enterprise(identity_provider, id_token).await?;
                (Some(known(client)?), Unattended::Enterprise(Box::new(enterprise)))
            }
        };
        let account = Account {
            client,
            proof_key: proof_key(&discovery, login.binding)?,
            ..Account::at(server, &discovery, Way::Unattended(way.clone()))
        };
        let scope = discovery.own_scope(login.scope.as_ref());
        let renewable = !matches!(
            &login.entrance,
            Entrance::Enterprise {
                id_token: IdToken::Given(_),
                ..
            }
        );
        let entry = self.enter(account, &way, &scope).await?;
        Ok(Login::of(entry, renewable))
    }

    /// Gets tokens and keeps them.
    pub(super) async fn enter(
        &self,
        account: Account,
        way: &Unattended,
        scope: &ScopeSet,
    ) -> Result<Entry, LoginError> {
        match self.ask(&account, way, scope).await? {
            Issue::Issued(tokens) => self.keep(account, tokens).await,
            Issue::Refused(refusal) => Err(TokenError::Refused(refusal).into()),
        }
    }

    /// Asks for tokens, with whatever there is now to show for them.
    pub(super) async fn ask(
        &self,
        account: &Account,
        way: &Unattended,
        scope: &ScopeSet,
    ) -> Result<Issue, TokenError> {
        let prover = self.prover(account)?;
        let endpoint = self.token_endpoint(account, prover.as_ref());
        let resource = &account.resource;
        match way {
            Unattended::Itself => endpoint.client_credentials(resource, scope).await,
            Unattended::Workload { token_file } => {
                let token = token_file::read(token_file)?;
                let what = format!("the token in {}", token_file.display());
                token_file::check_audience(&token, &what, &account.issuer)?;
                endpoint.jwt_bearer(&token, resource, scope).await
            }
            Unattended::Enterprise(enterprise) => {
                let errand = Errand {
                    audience: &account.issuer,
                    resource,
                    scope,
                };
                let id_jag = self.vouch(enterprise, &errand).await?;
                endpoint.jwt_bearer(&id_jag, resource, scope).await
            }
        }
    }

    /// Has the identity provider say for which user the client comes.
    async fn vouch(&self, enterprise: &Enterprise, errand: &Errand<'_>) -> Result<Secret, TokenError> {
        let id_token = match (&enterprise.id_token_file, &enterprise.id_token) {
            (Some(file), _) => token_file::read(file)?,
            (None, Some(given)) => given.clone(),
            (None, None) => return Err(TokenError::IdTokenNotKept),
        };
        token_file::check_issuer(&id_token, "the ID token", &enterprise.issuer)?;
        let endpoint = TokenEndpoint {
            http: &self.http,
            host: self.host.as_ref(),
            url: &enterprise.token_endpoint,
            issuer: &enterprise.issuer,
            client: Some(&enterprise.client),
            prover: None,
        };
        endpoint.exchange(&id_token, errand).await
    }

    async fn enterprise(
        &self,
        provider: &IdentityProvider,
        id_token: &IdToken,
    ) -> Result<Enterprise, LoginError> {
        // The person names it, so it may be where the person says.
        let reach = Url::parse(&provider.issuer).map_or(Reach::Internet, |url| Reach::from(&url));
        let server = AuthorizationServer::find(&self.http, &provider.issuer, reach).await?;
        let (id_token_file, id_token) = match id_token {
            IdToken::File(file) => (Some(absolute(file)), None),
            IdToken::Given(token) => (None, Some(token.clone())),
        };
        Ok(Enterprise {
            client: ClientIdentity::known(&server, &provider.client)?,
            issuer: server.issuer.to_string(),
            token_endpoint: server.token_endpoint,
            id_token_file,
            id_token,
        })
    }
}

/// It is opened again for each renewal, from wherever the client runs then.
fn absolute(file: &Path) -> PathBuf {
    std::path::absolute(file).unwrap_or_else(|_| file.to_owned())
}
