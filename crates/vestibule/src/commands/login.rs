//! `vestibule login`: by a person, or by a service without one.

use std::path::{Path, PathBuf};
use std::{env, fs};

use anyhow::{Context as _, bail};
use clap::Args;
use vestibule_client::{
    Binding, ClientCredential, Enrolment, Entrance, Handoff, IdToken, IdentityProvider, KnownClient, Login,
    LoginRequest, McpUrl, UnattendedLogin,
};
use vestibule_protocol::{ClientId, ScopeSet, Secret};

use super::client::{client, note};
use super::output::say;

/// `vestibule login`.
#[derive(Debug, Args)]
pub struct LoginArgs {
    /// The MCP server, for example http://localhost:3001/mcp
    #[arg(value_name = "MCP_URL")]
    server: McpUrl,
    /// Print the address to open, and ask for the code that its last page shows
    #[arg(long)]
    no_browser: bool,
    /// The scopes to ask for, separated by spaces [default: those that the server suggests]
    #[arg(long, value_name = "SCOPES")]
    scope: Option<ScopeSet>,
    /// Insist on tokens that are bound to a key (DPoP) [default: where both servers say that they take them]
    #[arg(long)]
    dpop: bool,
    #[command(flatten)]
    client: ClientArgs,
    #[command(flatten)]
    unattended: UnattendedArgs,
}

/// The client, as the MCP server's authorization server knows it.
#[derive(Debug, Args)]
#[expect(clippy::struct_field_names, reason = "they are the flags' own names")]
struct ClientArgs {
    /// The id under which the authorization server knows this client [default: register]
    #[arg(long, value_name = "ID")]
    client_id: Option<ClientId>,
    /// The environment variable that holds the client's secret
    #[arg(long, value_name = "NAME", requires = "client_id")]
    client_secret_env: Option<String>,
    /// The file that holds the client's secret
    #[arg(
        long,
        value_name = "FILE",
        requires = "client_id",
        conflicts_with = "client_secret_env"
    )]
    client_secret_file: Option<PathBuf>,
    /// The file that holds the client's private key, for private_key_jwt: PKCS#8 in PEM, closed to others. It is read
    /// again for each token request
    #[arg(
        long,
        value_name = "FILE",
        requires = "client_id",
        conflicts_with_all = ["client_secret_env", "client_secret_file"]
    )]
    client_key_file: Option<PathBuf>,
    /// The name of that key (kid), where the authorization server knows several
    #[arg(long, value_name = "KID", requires = "client_key_file")]
    client_key_id: Option<String>,
}

/// Who comes in without a person.
#[derive(Debug, Args)]
struct UnattendedArgs {
    /// Log in as the client itself, for nobody else: a service with an id, and a secret or a key
    #[arg(long, requires = "client_id", conflicts_with = "no_browser")]
    client_credentials: bool,
    /// Log in as the workload for which its platform keeps a token (a JWT for the authorization server alone) in this
    /// file. It is read again whenever a new access token is needed
    #[arg(
        long,
        value_name = "FILE",
        conflicts_with_all = ["no_browser", "client_credentials"]
    )]
    workload_token_file: Option<PathBuf>,
    /// Log in for the user of an enterprise's identity provider, with the ID token that it issued into this file
    #[arg(
        long,
        value_name = "FILE",
        group = "id_token",
        requires_all = ["idp_issuer", "idp_client_id", "client_id"],
        conflicts_with_all = ["no_browser", "client_credentials", "workload_token_file"]
    )]
    id_token_file: Option<PathBuf>,
    /// The same with an environment variable, which is good for this login alone
    #[arg(
        long,
        value_name = "NAME",
        group = "id_token",
        requires_all = ["idp_issuer", "idp_client_id", "client_id"],
        conflicts_with_all = ["no_browser", "client_credentials", "workload_token_file"]
    )]
    id_token_env: Option<String>,
    /// The enterprise's identity provider
    #[arg(long, value_name = "ISSUER", requires = "id_token")]
    idp_issuer: Option<String>,
    /// The id under which the identity provider knows this client
    #[arg(long, value_name = "ID", requires = "id_token")]
    idp_client_id: Option<ClientId>,
    /// The environment variable that holds the client's secret there
    #[arg(long, value_name = "NAME", requires = "id_token")]
    idp_client_secret_env: Option<String>,
    /// The file that holds the client's secret there
    #[arg(
        long,
        value_name = "FILE",
        requires = "id_token",
        conflicts_with = "idp_client_secret_env"
    )]
    idp_client_secret_file: Option<PathBuf>,
    /// The file that holds the client's private key there
    #[arg(
        long,
        value_name = "FILE",
        requires = "id_token",
        conflicts_with_all = ["idp_client_secret_env", "idp_client_secret_file"]
    )]
    idp_client_key_file: Option<PathBuf>,
    /// The name of that key (kid)
    #[arg(long, value_name = "KID", requires = "idp_client_key_file")]
    idp_client_key_id: Option<String>,
}

/// Logs in at an MCP server and keeps the tokens.
///
/// # Errors
/// One sentence that says what to change.
pub(crate) async fn run(args: LoginArgs) -> anyhow::Result<()> {
    let binding = if args.dpop {
        Binding::Always
    } else {
        Binding::WherePossible
    };
    let known = args.client.known()?;
    let login = if let Some(entrance) = args.unattended.entrance(known.as_ref())? {
        let login = UnattendedLogin {
            entrance,
            scope: args.scope,
            binding,
        };
        client()?.login_unattended(&args.server, &login).await?
    } else {
        let request = LoginRequest {
            handoff: if args.no_browser {
                Handoff::CopiedCode
            } else {
                Handoff::Loopback
            },
            scope: args.scope,
            enrolment: known.map_or(Enrolment::Dynamic, Enrolment::Known),
            binding,
        };
        client()?.login(&args.server, &request).await?
    };
    tell(&args.server, &login);
    Ok(())
}

fn tell(server: &McpUrl, login: &Login) {
    let scope = if login.scope.is_empty() {
        "no scopes".to_owned()
    } else {
        login.scope.to_string()
    };
    say(&format!("Logged in at {server} with {scope} ({}).", login.issuer));
    if login.bound {
        note("The tokens are bound to a key that is kept beside them.");
    }
    if !login.renewable {
        note("There is no refresh token: when the access token expires, log in again.");
    }
}

impl ClientArgs {
    fn known(self) -> anyhow::Result<Option<KnownClient>> {
        let Some(id) = self.client_id else { return Ok(None) };
        let shown = Shown {
            secret_env: self.client_secret_env.as_deref(),
            secret_file: self.client_secret_file.as_deref(),
            key_file: self.client_key_file,
            key_id: self.client_key_id,
        };
        let credential = shown.credential()?;
        Ok(Some(KnownClient { id, credential }))
    }
}

impl UnattendedArgs {
    fn entrance(self, client: Option<&KnownClient>) -> anyhow::Result<Option<Entrance>> {
        if self.client_credentials
            && let Some(client) = client
        {
            if matches!(client.credential, ClientCredential::None) {
                bail!(
                    "--client-credentials takes what only the client has: add --client-secret-env, --client-secret-file or --client-key-file"
                );
            }
            return Ok(Some(Entrance::Itself(client.clone())));
        }
        if let Some(token_file) = self.workload_token_file {
            let client = client.cloned();
            return Ok(Some(Entrance::Workload { token_file, client }));
        }
        let id_token = match (self.id_token_file, &self.id_token_env) {
            (Some(file), _) => IdToken::File(file),
            (None, Some(variable)) => IdToken::Given(secret_from(variable)?),
            (None, None) => return Ok(None),
        };
        let (Some(client), Some(issuer), Some(id)) = (client, self.idp_issuer, self.idp_client_id) else {
            bail!("an ID token takes --idp-issuer, --idp-client-id and --client-id");
        };
        let shown = Shown {
            secret_env: self.idp_client_secret_env.as_deref(),
            secret_file: self.idp_client_secret_file.as_deref(),
            key_file: self.idp_client_key_file,
            key_id: self.idp_client_key_id,
        };
        let credential = shown.credential()?;
        Ok(Some(Entrance::Enterprise {
            client: client.clone(),
            identity_provider: IdentityProvider {
                issuer,
                client: KnownClient { id, credential },
            },
            id_token,
        }))
    }
}

/// Where what a client shows is to be found.
struct Shown<'a> {
    secret_env: Option<&'a str>,
    secret_file: Option<&'a Path>,
    key_file: Option<PathBuf>,
    key_id: Option<String>,
}

impl Shown<'_> {
    fn credential(self) -> anyhow::Result<ClientCredential> {
        Ok(match (self.secret_env, self.secret_file, self.key_file) {
            (Some(variable), _, _) => ClientCredential::Secret(secret_from(variable)?),
            (None, Some(file), _) => ClientCredential::Secret(secret_in(file)?),
            (None, None, Some(file)) => ClientCredential::Key {
                file,
                id: self.key_id,
            },
            (None, None, None) => ClientCredential::None,
        })
    }
}

fn secret_from(variable: &str) -> anyhow::Result<Secret> {
    let value =
        env::var_os(variable).with_context(|| format!("the environment has no variable {variable}"))?;
    let value = value.into_string().ok().filter(|value| !value.is_empty());
    value
        .map(Secret::from)
        .with_context(|| format!("the environment variable {variable} is empty or not text"))
}

fn secret_in(file: &Path) -> anyhow::Result<Secret> {
    let text = fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()))?;
    let line = text.trim_end_matches(['\n', '\r']);
    if line.is_empty() {
        bail!("{} is empty", file.display());
    }
    Ok(Secret::new(line))
}
