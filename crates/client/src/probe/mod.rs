//! A server's public face, looked at as a certain client looks at it.
//!
//! It works on any MCP server and any authorization server, logs nobody in and takes away again what it registered, where the
//! server lets it. To add a check: a [`Step`] in the file of the endpoint that it is about. To add a client: a [`Profile`].

mod authorize;
mod profile;
mod registration;
mod report;
mod resource;
mod server;
mod token;

use std::sync::Arc;
use std::time::Duration;

use url::Url;
use vestibule_protocol::ResourceUri;

use crate::discovery::ServerIssuer;
use crate::http::Http;
use crate::reach::Reach;
use crate::{Host, HttpError, Limits, McpUrl};
pub use profile::Profile;
use report::Steps;
pub use report::{Report, Step, Verdict};
use server::ServerDocument;

/// How long Claude's hosted clients wait for discovery, registration and tokens.
const PATIENCE: Duration = Duration::from_secs(10);

/// Looks at servers.
pub struct Probe {
    http: Http,
    host: Arc<dyn Host>,
}

/// What a client would ask tokens for.
struct Target {
    resource: Option<ResourceUri>,
    scope: Option<String>,
    reach: Reach,
}

impl Probe {
    /// A probe that waits no longer than the least patient of the clients.
    ///
    /// # Errors
    /// [`HttpError::Setup`] when the TLS library cannot be set up.
    pub fn new(host: impl Host) -> Result<Self, HttpError> {
        let limits = Limits {
            answer: PATIENCE,
            ..Limits::default()
        };
        Ok(Self {
            http: Http::new(limits)?,
            host: Arc::new(host),
        })
    }

    /// Looks at an MCP server and the authorization server that it names; or at an authorization server, if the address is one's
    /// issuer.
    pub async fn look(&self, address: &McpUrl, profile: &Profile) -> Report {
        let mut steps = Steps::default();
        let reach = Reach::of(address);
        if let Some(document) = self.as_issuer(address, reach).await {
            let target = Target {
                resource: None,
                scope: None,
                reach,
            };
            self.look_at_server(&document, &target, profile, &mut steps).await;
            return Report::new(address, profile, steps);
        }
        let Some(found) = resource::look(&self.http, address, reach, &mut steps).await else {
            return Report::new(address, profile, steps);
        };
        let target = Target {
            resource: Some(found.resource),
            scope: found.scope,
            reach,
        };
        if let Some(document) = server::look(&self.http, &found.issuer, reach, &mut steps).await {
            self.look_at_server(&document, &target, profile, &mut steps).await;
        }
        Report::new(address, profile, steps)
    }

    async fn look_at_server(
        &self,
        document: &ServerDocument,
        target: &Target,
        profile: &Profile,
        steps: &mut Steps,
    ) {
        document.judge(profile, steps);
        token::look_at_keys(&self.http, document, target.reach, steps).await;
        let Some(client) = registration::become_known(&self.http, document, target, profile, steps).await
        else {
            return;
        };
        let asker = authorize::Asker {
            http: &self.http,
            document,
            target,
            profile,
            client: &client,
            random: &|| self.host.random(),
        };
        asker.look(steps).await;
        token::look(&self.http, document, target, &client, steps).await;
        registration::leave(&self.http, target, &client, steps).await;
    }

    /// The metadata of an authorization server whose issuer the address is.
    async fn as_issuer(&self, address: &McpUrl, reach: Reach) -> Option<ServerDocument> {
        let issuer = ServerIssuer::parse(address.as_str()).ok()?;
        let mut unsaid = Steps::default();
        server::look(&self.http, issuer.as_str(), reach, &mut unsaid).await
    }
}

/// Reads the address that stands in a document, if a client may go there.
fn admitted(reach: Reach, field: &'static str, given: Option<&str>) -> Option<Url> {
    reach.admit(field, given?).ok()
}
