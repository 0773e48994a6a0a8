//! The authorization endpoint, as far as one comes without a person.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::header;
use url::Url;
use vestibule_protocol::{CodeChallenge, CodeVerifier};

use super::profile::Slash;
use super::registration::{FIRST_PORT, KnownClient};
use super::report::Steps;
use super::server::ServerDocument;
use super::{Profile, Target, admitted};
use crate::ForeignText;
use crate::http::{Answer, Http};

const AUTHORIZE: &str = "authorization";
const RULE: &str = "RFC 6749 §4.1.1, RFC 8707 §2";
/// Another port than the one that was registered.
const SECOND_PORT: u16 = 60_001;
/// Where no client wants its code.
const STRANGER: &str = "https://stranger.example/callback";

/// Sends authorization requests.
pub(super) struct Asker<'a> {
    pub(super) http: &'a Http,
    pub(super) document: &'a ServerDocument,
    pub(super) target: &'a Target,
    pub(super) profile: &'a Profile,
    pub(super) client: &'a KnownClient,
    pub(super) random: &'a (dyn Fn() -> [u8; 32] + Sync),
}

/// Where a request led.
enum Outcome {
    /// To a page, or on to a login.
    Page(String),
    /// Back to the client with an error.
    Refused(String),
    /// To an error page.
    Stopped(String),
    /// To a place that the client never named.
    Stranger,
}

/// What a request leaves out.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Pkce {
    Sent,
    LeftOut,
}

impl Asker<'_> {
    pub(super) async fn look(&self, steps: &mut Steps) {
        let endpoint = self.document.authorization_endpoint.as_deref();
        let Some(endpoint) = admitted(self.target.reach, "authorization_endpoint", endpoint) else {
            steps.red(
                AUTHORIZE,
                RULE,
                "there is no authorization endpoint with https",
                "Name it in the metadata.",
            );
            return;
        };
        let first = self.profile.redirect_to(FIRST_PORT);
        match self.ask(&endpoint, &first, Pkce::Sent).await {
            Outcome::Page(seen) => steps.green(AUTHORIZE, RULE, seen),
            Outcome::Refused(seen) | Outcome::Stopped(seen) => {
                steps.red(
                    AUTHORIZE,
                    RULE,
                    seen,
                    format!(
                        "{} asks so, with redirect_uri {first}: let it come to the login.",
                        self.profile.title
                    ),
                );
                return;
            }
            Outcome::Stranger => steps.red(
                AUTHORIZE,
                RULE,
                "the browser is sent to a stranger",
                "Send it nowhere else.",
            ),
        }
        if self.profile.has_ports() {
            self.look_at_ports(&endpoint, steps).await;
        }
        self.look_at_strangers(&endpoint, steps).await;
        self.look_at_pkce(&endpoint, &first, steps).await;
    }

    async fn look_at_ports(&self, endpoint: &Url, steps: &mut Steps) {
        const PORTS: &str = "loopback ports";
        const RULE: &str = "RFC 8252 §7.3";
        let second = self.profile.redirect_to(SECOND_PORT);
        match self.ask(endpoint, &second, Pkce::Sent).await {
            Outcome::Page(_) => steps.green(PORTS, RULE, "any port will do"),
            Outcome::Refused(seen) | Outcome::Stopped(seen) => steps.red(
                PORTS,
                RULE,
                seen,
                format!("Leave the port out when comparing: the next run of the client comes with {second}."),
            ),
            Outcome::Stranger => steps.red(
                PORTS,
                RULE,
                "the browser is sent to a stranger",
                "Send it nowhere else.",
            ),
        }
    }

    async fn look_at_strangers(&self, endpoint: &Url, steps: &mut Steps) {
        const STRANGERS: &str = "foreign redirect URI";
        const RULE: &str = "RFC 9700 §2.1, RFC 6749 §3.1.2.4";
        match self.ask(endpoint, STRANGER, Pkce::Sent).await {
            Outcome::Stopped(_) => steps.green(STRANGERS, RULE, "it is refused on a page"),
            Outcome::Page(seen) => steps.red(
                STRANGERS,
                RULE,
                format!("it is let in: {seen}"),
                "Compare redirect URIs as strings, before anything else: codes go to whoever asks.",
            ),
            Outcome::Refused(_) | Outcome::Stranger => steps.red(
                STRANGERS,
                RULE,
                "the browser is sent to a redirect URI that nobody registered",
                "Tell the person on a page: an open redirector helps whoever fishes for passwords.",
            ),
        }
    }

    async fn look_at_pkce(&self, endpoint: &Url, redirect_uri: &str, steps: &mut Steps) {
        const PKCE: &str = "request without pkce";
        const RULE: &str = "OAuth 2.1 §4.1.1, RFC 9700 §2.1.1";
        match self.ask(endpoint, redirect_uri, Pkce::LeftOut).await {
            Outcome::Refused(_) | Outcome::Stopped(_) => steps.green(PKCE, RULE, "it is refused"),
            Outcome::Page(_) | Outcome::Stranger => steps.yellow(
                PKCE,
                RULE,
                "it is let in",
                "Require code_challenge: a stolen code is good without it.",
            ),
        }
    }

    async fn ask(&self, endpoint: &Url, redirect_uri: &str, pkce: Pkce) -> Outcome {
        let url = self.request(endpoint, redirect_uri, pkce);
        match self
            .http
            .visit(&url, (header::ACCEPT, "text/html,*/*;q=0.8"))
            .await
        {
            Ok(answer) => outcome(&answer, endpoint, redirect_uri),
            Err(error) => Outcome::Stopped(error.to_string()),
        }
    }

    fn request(&self, endpoint: &Url, redirect_uri: &str, pkce: Pkce) -> Url {
        let mut url = endpoint.clone();
        {
            let mut query = url.query_pairs_mut();
            query
                .append_pair("response_type", "code")
                .append_pair("client_id", &self.client.client_id)
                .append_pair("redirect_uri", redirect_uri)
                .append_pair("state", &URL_SAFE_NO_PAD.encode((self.random)()));
            if pkce == Pkce::Sent {
                let verifier = CodeVerifier::from_random(&(self.random)());
                query
                    .append_pair("code_challenge", CodeChallenge::of(&verifier).as_str())
                    .append_pair("code_challenge_method", "S256");
            }
            if let Some(resource) = &self.target.resource {
                let text = resource.as_str();
                let slash = self.profile.slash == Slash::Added && !text.ends_with('/');
                query.append_pair("resource", &format!("{text}{}", if slash { "/" } else { "" }));
            }
            if let Some(scope) = &self.target.scope {
                query.append_pair("scope", scope);
            }
        }
        url
    }
}

fn outcome(answer: &Answer, endpoint: &Url, redirect_uri: &str) -> Outcome {
    let status = answer.status;
    if status.is_success() {
        return Outcome::Page("a page for a person".to_owned());
    }
    if !status.is_redirection() {
        return Outcome::Stopped(format!("a page with the status {}", status.as_u16()));
    }
    let location = answer.header(&header::LOCATION).unwrap_or_default();
    let Ok(location) = endpoint.join(location) else {
        return Outcome::Stopped("a redirect to nowhere".to_owned());
    };
    let to_client = Url::parse(redirect_uri).is_ok_and(|uri| {
        (uri.scheme(), uri.host(), uri.path()) == (location.scheme(), location.host(), location.path())
    });
    if to_client && redirect_uri == STRANGER {
        return Outcome::Stranger;
    }
    let told = |name: &str| {
        let mut pairs = location.query_pairs();
        pairs
            .find(|(key, _)| key == name)
            .map(|(_, value)| ForeignText::line(&value).to_string())
    };
    match (to_client, told("error")) {
        (true, Some(code)) => Outcome::Refused(match told("error_description") {
            Some(text) => format!("an error for the client, {code}: {text}"),
            None => format!("an error for the client, {code}"),
        }),
        (true, None) => Outcome::Refused("the client is answered though nobody logged in".to_owned()),
        (false, _) => Outcome::Page(format!(
            "on to {}",
            ForeignText::line(location.host_str().unwrap_or("another page"))
        )),
    }
}
