//! The authorization endpoint ([RFC 6749 §4.1.1](https://www.rfc-editor.org/rfc/rfc6749#section-4.1.1)): every check in
//! one visible order, then a walk begins.

pub(crate) mod checks;
mod error;
mod pushed;
mod trust;

use std::sync::Arc;

use vestibule_protocol::{
    AuthorizationResponse, ClientId, OAuthErrorCode, Params, ProviderId, RawAuthorizeRequest, RedirectUri,
};

pub use error::{AuthorizeError, UntrustedRequest};
pub use pushed::PushError;
pub(crate) use pushed::USUAL_LIFETIME as PUSHED_REQUEST_LIFETIME;

pub(crate) use error::Refusal;

use crate::client_documents::FirstReading;
use crate::record::{Redirection, ReplyTo, ValidRequest};
use crate::{Broker, Browser, Client, ClientRedirect, Turn};

impl Broker {
    /// Takes an authorization request and says where the browser goes.
    ///
    /// # Errors
    /// [`AuthorizeError::Page`] while the redirect URI is not trusted, [`AuthorizeError::Redirect`] from there on; the
    /// others when a part of the broker fails.
    pub async fn authorize(&self, params: &Params, browser: &Browser) -> Result<Turn, AuthorizeError> {
        // Whatever fails here is shown to a person: nothing is sent to an address that nobody vouched for.
        let client = self.check_client(params, browser).await?;
        let pushed = self.pushed_params(params, &client).await?;
        let must_push = pushed::check_pushed(&client, pushed.as_ref());
        let params = pushed.as_ref().unwrap_or(params);
        let redirect = checks::check_redirect_uri(params, &client)?;

        // From here on the client itself is told.
        let checked = must_push.and_then(|()| self.check_request(params, &client, redirect.clone()));
        match checked {
            Ok(checked) => self.begin_walk(checked, &client, browser).await,
            Err(refusal) => {
                let state = params.one("state").ok().flatten().map(str::to_owned);
                let person = self.person_in(browser).await?;
                let away = self
                    .turn_away(&redirect.0, &client, state, refusal, person.as_ref())
                    .await?;
                Err(AuthorizeError::Redirect(away))
            }
        }
    }

    async fn check_client(&self, params: &Params, browser: &Browser) -> Result<Arc<Client>, AuthorizeError> {
        let id = params
            .one("client_id")
            .map_err(|duplicate| UntrustedRequest::Duplicate(duplicate.0))?;
        let id = id
            .and_then(|id| ClientId::parse(id).ok())
            .ok_or(UntrustedRequest::ClientIdMissing)?;
        let client = self
            .admit_client(&id, FirstReading::From(browser.address))
            .await?
            .ok_or(UntrustedRequest::ClientUnknown)?;
        if client.is_blocked() {
            return Err(UntrustedRequest::ClientBlocked.into());
        }
        Ok(client)
    }

    fn check_request(
        &self,
        params: &Params,
        client: &Client,
        (redirect_uri, redirect_uri_given): (RedirectUri, bool),
    ) -> Result<CheckedRequest, Refusal> {
        let raw = RawAuthorizeRequest::parse(params).map_err(|duplicate| {
            Refusal::new(
                OAuthErrorCode::InvalidRequest,
                format!("{duplicate}. Send it once."),
            )
        })?;
        checks::check_request_object(&raw)?;
        checks::check_response_type(&raw)?;
        checks::check_response_mode(&raw)?;
        checks::check_grant(client)?;
        let code_challenge = checks::check_pkce(&raw)?;
        let dpop_jkt = checks::check_dpop_jkt(&raw)?;
        let resources = checks::check_resources(&raw.resource, &self.settings().resources)?;
        let scopes = checks::check_scope(&raw, client, &resources)?;
        let asking = checks::check_prompt(&raw)?;
        let provider = checks::hinted_provider(&raw);
        let redirection = Redirection {
            redirect_uri,
            redirect_uri_given,
            state: raw.state,
            code_challenge,
            dpop_jkt,
            nonce: raw.nonce,
        };
        Ok(CheckedRequest {
            silent: asking.never,
            provider,
            redirection: redirection.clone(),
            request: ValidRequest {
                client_id: client.id().clone(),
                reply_to: ReplyTo::Client(redirection),
                resources: resources
                    .into_iter()
                    .map(|resource| resource.uri.clone())
                    .collect(),
                scopes,
                login_hint: raw.login_hint,
                force_login: asking.login,
                force_consent: asking.consent,
                max_age: asking.max_age,
            },
        })
    }

    /// The redirect that tells the client of a refusal that the person decided, with `iss` as on success
    /// ([RFC 9207 §2](https://www.rfc-editor.org/rfc/rfc9207#section-2)).
    pub(crate) fn refuse(
        &self,
        redirect_uri: &RedirectUri,
        client: &Client,
        state: Option<String>,
        refusal: Refusal,
    ) -> ClientRedirect {
        let response = AuthorizationResponse::Error {
            error: refusal.code,
            description: Some(refusal.description),
            uri: self.error_uri(refusal.code),
            state,
            iss: self.settings().issuer.clone(),
        };
        ClientRedirect::new(redirect_uri, client.name().to_owned(), &response)
    }
}

/// A request that passed every check, and what it says about the walk.
pub(crate) struct CheckedRequest {
    pub(crate) request: ValidRequest,
    /// Where its answer goes.
    pub(crate) redirection: Redirection,
    /// Nobody may be asked (`prompt=none`).
    pub(crate) silent: bool,
    /// The provider that the client would like.
    pub(crate) provider: Option<ProviderId>,
}
