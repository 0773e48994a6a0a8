//! Consent: the user decides, or becomes somebody else first.

use vestibule_protocol::{OAuthErrorCode, RedirectClass, ScopeSet};
use vestibule_provider::Identity;
use vestibule_telemetry::AuditEvent;

use super::{Walk, WalkError};
use crate::authorize::Refusal;
use crate::record::{ConsentKey, Redirection, ReplyTo, Stage, UpstreamId, ValidRequest};
use crate::{Broker, Browser, Client, CookieChange, DeviceOutcome, Digest, Next, Turn};

/// What the user decided.
#[derive(Debug)]
pub enum Decision {
    /// The client may have these of the scopes asked for.
    Approve {
        /// The scopes that were left ticked.
        scopes: ScopeSet,
    },
    /// The client may have nothing.
    Deny,
}

/// Who is asked, and for what.
pub(super) struct Asked {
    pub(super) identity: Identity,
    pub(super) upstream: Option<UpstreamId>,
    /// What is asked.
    pub(super) scopes: ScopeSet,
    /// What the user agreed to before, and is granted beside it.
    pub(super) agreed: ScopeSet,
}

impl Broker {
    /// Takes the user's decision.
    ///
    /// # Errors
    /// [`WalkError`].
    pub async fn decide(
        &self,
        ticket: &str,
        browser: &Browser,
        decision: Decision,
    ) -> Result<Turn, WalkError> {
        let walk = self.find_walk(ticket, browser).await?;
        let Asked {
            identity,
            upstream,
            scopes: offered,
            agreed,
        } = self.consenting(&walk, browser).await?;
        let request = &walk.authorization.request;
        let Decision::Approve { scopes } = decision else {
            self.take(&walk).await?;
            AuditEvent::Denied {
                actor: &identity.subject,
                client: walk.client.id(),
            }
            .record();
            let refusal = Refusal::new(OAuthErrorCode::AccessDenied, "The user denied the request.");
            return Ok(Turn::to(match &request.reply_to {
                ReplyTo::Client(Redirection {
                    redirect_uri, state, ..
                }) => Next::Client(self.refuse(redirect_uri, &walk.client, state.clone(), refusal)),
                ReplyTo::Device { user_code } => {
                    self.deny_device(&walk, user_code, DeviceOutcome::Denied).await?
                }
            }));
        };
        let chosen = chosen(&offered, &scopes);
        let of_resources = self.resource_scopes(request);
        let offered_something = !offered.intersection(&of_resources).is_empty();
        if chosen.is_empty() || (offered_something && chosen.intersection(&of_resources).is_empty()) {
            return Err(WalkError::NothingChosen);
        }
        // What was agreed to before may have been taken back since the page was made.
        let agreed = self.agreed(request, &walk.client, &identity, &agreed).await?;
        let granted = self.granted(request, &identity, &chosen.union(&agreed));
        self.take(&walk).await?;
        self.remember_consent(request, &walk.client, &identity, &granted)
            .await?;
        Ok(Turn::to(self.grant(&walk, identity, upstream, granted).await?))
    }

    /// Logs the browser out and begins the login anew.
    ///
    /// # Errors
    /// [`WalkError`].
    pub async fn switch_user(&self, ticket: &str, browser: &Browser) -> Result<Turn, WalkError> {
        let mut walk = self.find_walk(ticket, browser).await?;
        if let Some(login) = &browser.login {
            self.store.end_browser_login(Digest::of(login.expose())).await?;
        }
        walk.authorization.request.force_login = true;
        let mut turn = if let Some(provider) = self.only_admitted(&walk.authorization.request) {
            let begun = self.start_login(&walk, provider.as_ref()).await?;
            self.go_on(&walk, begun, &Browser::default()).await?
        } else {
            self.advance(&walk, Stage::Choosing).await?;
            Turn::to(Next::Interact {
                ticket: walk.ticket.clone(),
            })
        };
        if !turn
            .cookies
            .iter()
            .any(|change| matches!(change, CookieChange::SetLogin { .. }))
        {
            turn.cookies.push(CookieChange::ClearLogin);
        }
        Ok(turn)
    }

    /// Who is asked, and for what: only the browser in which that very user is logged in may answer.
    pub(super) async fn consenting(&self, walk: &Walk, browser: &Browser) -> Result<Asked, WalkError> {
        let Stage::Consenting {
            identity,
            scopes,
            agreed,
        } = &walk.authorization.stage
        else {
            return Err(WalkError::Stale);
        };
        let cookie = browser.login.as_ref().ok_or(WalkError::OtherBrowser)?;
        match self.find_login(cookie).await? {
            Some(login) if login.identity.subject == identity.subject => Ok(Asked {
                identity: identity.as_ref().clone(),
                upstream: login.upstream,
                scopes: scopes.difference(agreed),
                agreed: agreed.clone(),
            }),
            Some(_) => Err(WalkError::OtherUser),
            None => Err(WalkError::Expired),
        }
    }

    /// Whether a consent may be remembered: only where the redirect proves who the client is. Anybody on the user's machine
    /// can listen on a loopback port or claim a scheme ([RFC 8252 §8.6](https://www.rfc-editor.org/rfc/rfc8252#section-8.6)), and a
    /// device is anybody's.
    pub(super) fn remembers(request: &ValidRequest) -> bool {
        match &request.reply_to {
            ReplyTo::Client(redirection) => redirection.redirect_uri.class() == RedirectClass::Https,
            ReplyTo::Device { .. } => false,
        }
    }

    async fn remember_consent(
        &self,
        request: &ValidRequest,
        client: &Client,
        identity: &Identity,
        granted: &ScopeSet,
    ) -> Result<(), WalkError> {
        if !Self::remembers(request) {
            return Ok(());
        }
        for key in consent_keys(request, client, identity) {
            self.store.grant_consent(key, granted.clone()).await?;
        }
        Ok(())
    }
}

/// What a consent of this user to this request is filed under.
pub(super) fn consent_keys(request: &ValidRequest, client: &Client, identity: &Identity) -> Vec<ConsentKey> {
    let resources = request.resources.iter();
    resources
        .map(|resource| client.consent_key(&identity.subject, resource))
        .collect()
}

/// What the user left ticked, with `openid`, which is no choice: without it the client's request means something else.
fn chosen(offered: &ScopeSet, ticked: &ScopeSet) -> ScopeSet {
    offered
        .iter()
        .filter(|scope| {
            ticked.contains(scope.as_str()) || scope.as_str() == vestibule_protocol::Scope::OPENID
        })
        .cloned()
        .collect()
}
