//! The first step: nobody is asked who need not be.

use std::sync::Arc;
use std::time::Duration;

use vestibule_protocol::{OAuthErrorCode, Secret};
use vestibule_telemetry::TraceContext;

use super::Walk;
use super::finish::Standpoint;
use super::leg::Begun;
use crate::authorize::{AuthorizeError, CheckedRequest, Refusal};
use crate::record::{Authorization, BrowserLogin, Stage, ValidRequest};
use crate::upstream::Vouching;
use crate::{Broker, Browser, Client, CookieChange, Digest, Next, Turn};

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
            silent,
            provider,
        } = checked;
        let judged = match self.usable_login(&request, browser).await? {
            _ if self.admitted(&request).is_empty() => Err(Refusal::new(
                OAuthErrorCode::InvalidTarget,
                "No identity provider is good for all of these MCP servers. Ask for them one at a time.",
            )),
            Some(BrowserLogin {
                identity, upstream, ..
            }) => match self.judge(&request, client, identity).await? {
                Standpoint::Granted { identity, scopes } => {
                    return Ok(Turn::to(
                        self.issue_code(&request, client, *identity, upstream, scopes)
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
                        &request.redirect_uri,
                        client,
                        request.state,
                        refusal,
                        person.as_ref(),
                    )
                    .await?;
                return Err(AuthorizeError::Redirect(away));
            }
        };

        let mut cookies = Vec::new();
        let binding = browser.binding.clone().unwrap_or_else(|| {
            let fresh = self.entropy.secret();
            cookies.push(CookieChange::SetBinding(fresh.clone()));
            fresh
        });
        let choosing = stage == Stage::Choosing;
        let mut walk = self.new_walk(request, client, &binding, stage);
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
    async fn usable_login(
        &self,
        request: &ValidRequest,
        browser: &Browser,
    ) -> Result<Option<BrowserLogin>, AuthorizeError> {
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

    fn new_walk(&self, request: ValidRequest, client: &Arc<Client>, binding: &Secret, stage: Stage) -> Walk {
        let ticket = self.entropy.secret();
        let authorization = Authorization {
            request,
            browser: Digest::of(binding.expose()),
            stage,
            step: 0,
            expires_at: self.now() + self.settings().lifetimes.authorization,
            trace: TraceContext::current(),
        };
        Walk {
            key: Digest::of(ticket.expose()),
            ticket,
            authorization,
            client: Arc::clone(client),
        }
    }

    async fn file(&self, walk: &Walk) -> Result<(), AuthorizeError> {
        Ok(self
            .store
            .begin_authorization(walk.key, walk.authorization.clone())
            .await?)
    }
}
