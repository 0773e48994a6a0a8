//! The authorization server's metadata.

use http::header;
use serde::Deserialize;
use url::Url;
use vestibule_protocol::Scope;

use super::Profile;
use super::profile::Refresh;
use super::report::Steps;
use crate::ForeignText;
use crate::discovery::{ServerIssuer, server_metadata_places};
use crate::http::Http;
use crate::reach::Reach;

const METADATA: &str = "server metadata";
const METADATA_RULE: &str = "RFC 8414 §3, OpenID Connect Discovery §4";

/// What an authorization server says of itself, unjudged.
#[derive(Debug, Deserialize)]
pub(super) struct ServerDocument {
    pub(super) issuer: String,
    pub(super) authorization_endpoint: Option<String>,
    pub(super) token_endpoint: Option<String>,
    pub(super) registration_endpoint: Option<String>,
    pub(super) jwks_uri: Option<String>,
    #[serde(default)]
    pub(super) client_id_metadata_document_supported: bool,
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
    #[serde(default)]
    code_challenge_methods_supported: Vec<String>,
    #[serde(default)]
    grant_types_supported: Vec<String>,
    #[serde(default)]
    pub(super) token_endpoint_auth_methods_supported: Vec<String>,
    #[serde(default)]
    scopes_supported: Vec<String>,
}

/// Goes by every place where clients look.
pub(super) async fn look(http: &Http, name: &str, reach: Reach, steps: &mut Steps) -> Option<ServerDocument> {
    const ISSUER: &str = "issuer";
    let issuer = match ServerIssuer::parse(name) {
        Ok(issuer) => issuer,
        Err(error) => {
            steps.red(
                ISSUER,
                "RFC 8414 §2",
                format!("the authorization server \"{}\" {error}", ForeignText::line(name)),
                "An issuer is an https URL without query and fragment.",
            );
            return None;
        }
    };
    let mut first = None;
    for place in server_metadata_places(&issuer) {
        let Ok(place) = reach.admit("authorization server", &place) else {
            continue;
        };
        let document = read(http, &place, steps).await;
        first = first.or(document.map(|document| (place, document)));
    }
    let Some((place, document)) = first else {
        steps.red(
            METADATA,
            METADATA_RULE,
            format!("{issuer} publishes no metadata"),
            "Serve it at /.well-known/oauth-authorization-server.",
        );
        return None;
    };
    if document.issuer != issuer.as_str() {
        steps.red(
            ISSUER,
            "RFC 8414 §3.3",
            format!(
                "{place} is of the issuer \"{}\"",
                ForeignText::line(&document.issuer)
            ),
            format!("Clients compare byte for byte: it has to say {issuer}."),
        );
        return None;
    }
    if issuer.as_str() == issuer.bare().as_str() {
        steps.green(ISSUER, "RFC 8414 §3.3", issuer.to_string());
    } else {
        steps.yellow(
            ISSUER,
            "RFC 8414 §3.3",
            format!("{issuer} ends with a slash"),
            "Some clients drop it before they compare; an issuer without one suits all.",
        );
    }
    Some(document)
}

/// Reads one place as a script in a browser would; each has to have the document, or to answer a clean 404.
async fn read(http: &Http, place: &Url, steps: &mut Steps) -> Option<ServerDocument> {
    let answer = match http
        .visit(place, (header::ORIGIN, "https://inspector.example"))
        .await
    {
        Ok(answer) => answer,
        Err(error) => {
            steps.red(
                METADATA,
                METADATA_RULE,
                error.to_string(),
                "Answer with JSON, or 404.",
            );
            return None;
        }
    };
    match answer.status.as_u16() {
        200 => {}
        404 => return None,
        status => {
            steps.red(
                METADATA,
                METADATA_RULE,
                format!("{place} answers {status}"),
                "Metadata is public: answer with JSON, or 404 where there is none. Claude stops at a 401.",
            );
            return None;
        }
    }
    let document = match answer.json("metadata of an authorization server (RFC 8414)") {
        Ok(document) => document,
        Err(error) => {
            steps.red(
                METADATA,
                METADATA_RULE,
                error.to_string(),
                "Answer with JSON, or 404.",
            );
            return None;
        }
    };
    if answer.header(&header::ACCESS_CONTROL_ALLOW_ORIGIN).is_some() {
        steps.green(METADATA, METADATA_RULE, place.to_string());
    } else {
        steps.yellow(
            METADATA,
            "Fetch, CORS protocol",
            format!("{place} cannot be read by scripts"),
            "Send Access-Control-Allow-Origin: *. MCP Inspector and other clients run in a browser.",
        );
    }
    Some(document)
}

impl ServerDocument {
    /// Judges what the document says, as this client reads it.
    pub(super) fn judge(&self, profile: &Profile, steps: &mut Steps) {
        self.judge_pkce(steps);
        self.judge_way_in(profile, steps);
        if self.authorization_response_iss_parameter_supported {
            steps.green("iss", "RFC 9207 §3", "answers name their issuer");
        } else {
            steps.yellow(
                "iss",
                "RFC 9207 §3",
                "answers do not promise to name their issuer",
                "Send iss with every answer and set authorization_response_iss_parameter_supported.",
            );
        }
        self.judge_refresh(profile, steps);
    }

    fn judge_pkce(&self, steps: &mut Steps) {
        const PKCE: &str = "pkce";
        const RULE: &str = "MCP authorization, RFC 7636";
        if self
            .code_challenge_methods_supported
            .iter()
            .any(|method| method == "S256")
        {
            steps.green(PKCE, RULE, "S256");
        } else {
            steps.red(
                PKCE,
                RULE,
                "code_challenge_methods_supported has no S256",
                "Support PKCE and say so: clients must not go on without.",
            );
        }
    }

    fn judge_way_in(&self, profile: &Profile, steps: &mut Steps) {
        const WAY_IN: &str = "way in";
        const RULE: &str = "MCP authorization, client registration";
        let no_secret = self
            .token_endpoint_auth_methods_supported
            .iter()
            .any(|method| method == "none");
        let by_document = self.client_id_metadata_document_supported && no_secret;
        match (profile.document, &self.registration_endpoint) {
            (Some(document), _) if by_document => steps.green(WAY_IN, RULE, format!("by its document {document}")),
            (Some(_), Some(_)) => steps.yellow(
                WAY_IN,
                RULE,
                "by registration alone",
                "Support client ID metadata documents: client_id_metadata_document_supported, and none in \
                 token_endpoint_auth_methods_supported.",
            ),
            (None, Some(_)) => steps.green(WAY_IN, RULE, "by registration"),
            (_, None) => steps.red(
                WAY_IN,
                RULE,
                "neither by a metadata document nor by registration",
                "Support client ID metadata documents, or registration; or have each client written down by hand.",
            ),
        }
    }

    fn judge_refresh(&self, profile: &Profile, steps: &mut Steps) {
        const REFRESH: &str = "refresh";
        const RULE: &str = "RFC 8414 §2, MCP authorization";
        let offline = self
            .scopes_supported
            .iter()
            .any(|scope| scope == Scope::OFFLINE_ACCESS);
        let grant = self
            .grant_types_supported
            .iter()
            .any(|grant| grant == "refresh_token");
        if grant && (offline || profile.refresh == Refresh::Always) {
            steps.green(REFRESH, RULE, "refresh tokens are offered");
        } else if grant {
            steps.yellow(
                REFRESH,
                RULE,
                "offline_access is not among scopes_supported",
                "List it: this client refreshes only where it is, and asks for a login again otherwise.",
            );
        } else {
            steps.yellow(
                REFRESH,
                RULE,
                "refresh_token is not among grant_types_supported",
                "Issue refresh tokens and list the grant: otherwise people log in again with every access token.",
            );
        }
    }
}
