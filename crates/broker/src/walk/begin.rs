//! The first step: nobody is asked who need not be.

use std::sync::Arc;
use std::time::Duration;

use vestibule_protocol::{OAuthErrorCode, ProviderId, Secret};
use vestibule_telemetry::TraceContext;

use super::Walk;
use super::finish::Standpoint;
use super::leg::Begun;
use crate::authorize::{AuthorizeError, CheckedRequest, Refusal};
use crate::record::{Authorization, BrowserLogin, Stage, ValidRequest};
use crate::store::StoreError;
use crate::upstream::Vouching;
use crate::{Broker, Browser, Client, CookieChange, Digest, Next, Turn, WalkError};

/// A walk that is about to begin.
pub(super) struct Outset {
    pub(super) ticket: Secret,
    pub(super) request: ValidRequest,
    pub(super) client: Arc<Client>,
    /// The provider that the client would like.
    pub(super) provider: Option<ProviderId>,
    pub(super) stage: Stage,
}

impl Broker {
    /// Begins a walk: straight to the client where login and consent are given already, else to a page or a provider.
    pub(crate) async fn begin_walk(
        &self,
        checked: CheckedRequest,
        client: &Arc<Client>,
        browser: &Browser,
    ) -> Result<Turn, AuthorizeError> {
        let CheckedRequest {
            request,
            redirection,
            silent,
            provider,
        } = checked;
        let judged = match self.usable_login(&request, browser).await? {
            _ if self.admitted(&request).is_empty() => Err(nobody_admitted()),
            Some(BrowserLogin {
                identity, upstream, ..
            }) => match self.judge(&request, client, identity).await? {
                Standpoint::Granted { identity, scopes } => {
                    return Ok(Turn::to(
                        self.issue_code(&request, &redirection, client, *identity, upstream, scopes)
                            .await?,
                    ));
                }
                Standpoint::Refused(refusal) => Err(refusal),
                Standpoint::Ask(_) if silent => Err(Refusal::new(
                    OAuthErrorCode::ConsentRequired,
                    "The user has to be asked for consent.",
                )),
                Standpoint::Ask(stage) => Ok(stage),
            },
            None if silent => Err(Refusal::new(
                OAuthErrorCode::LoginRequired,
                "The user has to log in.",
            )),
            None => Ok(Stage::Choosing),
        };
        let stage = match judged {
            Ok(stage) => stage,
            Err(refusal) => {
                let person = self.person_in(browser).await?;
                let away = self
                    .turn_away(
                        &redirection.redirect_uri,
                        client,
                        redirection.state,
                        refusal,
                        person.as_ref(),
                    )
                    .await?;
                return Err(AuthorizeError::Redirect(away));
            }
        };
        let outset = Outset {
            ticket: self.entropy.secret(),
            request,
            client: Arc::clone(client),
            provider,
            stage,
        };
        Ok(self.set_out(outset, browser).await?)
    }

    /// Files a walk and says where the browser goes first.
    pub(super) async fn set_out(&self, outset: Outset, browser: &Browser) -> Result<Turn, WalkError> {
        let mut cookies = Vec::new();
        let binding = browser.binding.clone().unwrap_or_else(|| {
            let fresh = self.entropy.secret();
            cookies.push(CookieChange::SetBinding(fresh.clone()));
            fresh
        });
        let choosing = outset.stage == Stage::Choosing;
        let provider = outset.provider.clone();
        let mut walk = self.new_walk(outset, &binding);
        let admitted = &walk.authorization.request;
        let named = self
            .hinted(admitted, provider.as_ref())
            .or_else(|| self.only_admitted(admitted));
        let next = match named.filter(|_| choosing) {
            None => Next::Interact {
                ticket: walk.ticket.clone(),
            },
            Some(provider) => match self.start_login(&walk, provider.as_ref()).await? {
                Begun::Pending { stage, next } => {
                    walk.authorization.stage = stage;
                    next
                }
                Begun::Done { login, begun_at } => {
                    self.file(&walk).await?;
                    let mut turn = self.log_in(&walk, *login, begun_at, browser).await?;
                    turn.cookies.extend(cookies);
                    return Ok(turn);
                }
            },
        };
        self.file(&walk).await?;
        Ok(Turn { next, cookies })
    }

    /// The browser's login, if the request can do with it.
    pub(super) async fn usable_login(
        &self,
        request: &ValidRequest,
        browser: &Browser,
    ) -> Result<Option<BrowserLogin>, StoreError> {
        let Some(cookie) = browser.login.as_ref().filter(|_| !request.force_login) else {
            return Ok(None);
        };
        let now = self.now();
        let login = self
            .store
            .find_browser_login(Digest::of(cookie.expose()), now)
            .await?;
        let fits = |login: &BrowserLogin| {
            let age = now.since(login.identity.auth_time);
            let young = request
                .max_age
                .is_none_or(|most| age <= Duration::from_secs(most));
            young && self.admits(request, &login.identity.provider)
        };
        let Some(login) = login.filter(fits) else {
            return Ok(None);
        };
        let stands = match &login.upstream {
            None => true,
            Some(upstream) => match self.look_at_upstream(upstream).await? {
                Vouching::Stands { .. } => true,
                Vouching::Over | Vouching::Unanswered => false,
            },
        };
        Ok(stands.then_some(login))
    }

    fn new_walk(&self, outset: Outset, binding: &Secret) -> Walk {
        let authorization = Authorization {
            request: outset.request,
            browser: Digest::of(binding.expose()),
            stage: outset.stage,
            step: 0,
            expires_at: self.now() + self.settings().lifetimes.authorization,
            trace: TraceContext::current(),
        };
        Walk {
            key: Digest::of(outset.ticket.expose()),
            ticket: outset.ticket,
            authorization,
            client: outset.client,
        }
    }

    async fn file(&self, walk: &Walk) -> Result<(), StoreError> {
        self.store
            .begin_authorization(walk.key, walk.authorization.clone())
            .await
    }
}

/// What is answered where the MCP servers that are asked for have no identity provider in common.
pub(super) fn nobody_admitted() -> Refusal {
    Refusal::new(
        OAuthErrorCode::InvalidTarget,
        "No identity provider is good for all of these MCP servers. Ask for them one at a time.",
    )
}
