//! After the login: policy, remembered consent, and at last the code.

use std::sync::Arc;

use vestibule_protocol::{AuthorizationResponse, OAuthErrorCode, RedirectClass, Scope, ScopeSet, Subject};
use vestibule_provider::Identity;
use vestibule_telemetry::{AuditEvent, LoginFailure, TraceContext, note_session};

use super::consent::consent_keys;
use super::{Walk, WalkError};
use crate::authorize::Refusal;
use crate::record::{BrowserLogin, CodeGrant, Redirection, ReplyTo, Stage, UpstreamId, ValidRequest};
use crate::settings::Resource;
use crate::store::{StoreError, Taken};
use crate::{Broker, Client, ClientRedirect, DeviceOutcome, Digest, Next, Turn};

/// Where a user stands towards a request.
pub(super) enum Standpoint {
    /// Everything that the user may grant was granted before.
    Granted {
        identity: Box<Identity>,
        scopes: ScopeSet,
    },
    /// The user has to be asked.
    Ask(Stage),
    /// Policy gives the user nothing of what was asked for.
    Refused(Refusal),
}

impl Broker {
    /// Says where the user stands: what policy allows, and whether it was agreed to before.
    pub(super) async fn judge(
        &self,
        request: &ValidRequest,
        client: &Client,
        identity: Identity,
    ) -> Result<Standpoint, StoreError> {
        let of_resources = self.resource_scopes(request);
        let allowed = request.scopes.intersection(&self.may_have(request, &identity));
        let wanted_something = !request.scopes.intersection(&of_resources).is_empty();
        if allowed.is_empty() || (wanted_something && allowed.intersection(&of_resources).is_empty()) {
            AuditEvent::LoginFailed {
                provider: &identity.provider,
                client: client.id(),
                cause: LoginFailure::NotAllowed,
            }
            .record();
            return Ok(Standpoint::Refused(Refusal::new(
                OAuthErrorCode::AccessDenied,
                format!(
                    "This user may not have any of the scopes asked for ({}). Ask for others, or log in as somebody else.",
                    request.scopes.intersection(&of_resources)
                ),
            )));
        }
        let remembered = Self::remembers(request) && !request.force_consent && !client.is_blocked();
        let agreed = if remembered {
            self.agreed(request, client, &identity, &allowed).await?
        } else {
            ScopeSet::default()
        };
        if agreed == allowed {
            return Ok(Standpoint::Granted {
                scopes: self.granted(request, &identity, &allowed),
                identity: Box::new(identity),
            });
        }
        Ok(Standpoint::Ask(Stage::Consenting {
            identity: Box::new(identity),
            scopes: allowed,
            agreed,
        }))
    }

    /// Those of `scopes` that the user agreed to before, at every resource that the request names.
    pub(super) async fn agreed(
        &self,
        request: &ValidRequest,
        client: &Client,
        identity: &Identity,
        scopes: &ScopeSet,
    ) -> Result<ScopeSet, StoreError> {
        let mut agreed = scopes.clone();
        for key in consent_keys(request, client, identity) {
            agreed = agreed.intersection(&self.store.find_consent(&key).await?);
        }
        Ok(agreed)
    }

    /// What a user who agrees to `scopes` grants: with the narrower ones that come with them, as far as policy goes.
    pub(super) fn granted(&self, request: &ValidRequest, identity: &Identity, scopes: &ScopeSet) -> ScopeSet {
        let resources = &self.settings().resources;
        request
            .resources
            .iter()
            .filter_map(|uri| resources.find(uri))
            .fold(scopes.clone(), |all, resource| {
                all.union(&resource.with_implied(scopes))
            })
            .intersection(&self.may_have(request, identity))
    }

    /// Goes on as the user who has just logged in.
    pub(super) async fn after_login(&self, walk: &Walk, login: BrowserLogin) -> Result<Turn, WalkError> {
        let BrowserLogin {
            identity, upstream, ..
        } = login;
        let request = &walk.authorization.request;
        let person = identity.subject.clone();
        match self.judge(request, &walk.client, identity).await? {
            Standpoint::Granted { identity, scopes } => {
                self.take(walk).await?;
                Ok(Turn::to(self.grant(walk, *identity, upstream, scopes).await?))
            }
            Standpoint::Ask(stage) => {
                self.advance(walk, stage).await?;
                Ok(Turn::to(Next::Interact {
                    ticket: walk.ticket.clone(),
                }))
            }
            Standpoint::Refused(refusal) => {
                self.take(walk).await?;
                self.refuse_walk(walk, refusal, Some(&person)).await
            }
        }
    }

    /// Tells the client of a walk that ended without the person's decision.
    pub(super) async fn refuse_walk(
        &self,
        walk: &Walk,
        refusal: Refusal,
        person: Option<&Subject>,
    ) -> Result<Turn, WalkError> {
        Ok(Turn::to(match &walk.authorization.request.reply_to {
            ReplyTo::Client(Redirection {
                redirect_uri, state, ..
            }) => Next::Client(
                self.turn_away(redirect_uri, &walk.client, state.clone(), refusal, person)
                    .await?,
            ),
            ReplyTo::Device { user_code } => {
                let outcome = DeviceOutcome::Refused(refusal.description);
                self.deny_device(walk, user_code, outcome).await?
            }
        }))
    }

    /// Gives what was granted to whom it was asked for.
    pub(super) async fn grant(
        &self,
        walk: &Walk,
        identity: Identity,
        upstream: Option<UpstreamId>,
        scopes: ScopeSet,
    ) -> Result<Next, WalkError> {
        let request = &walk.authorization.request;
        match &request.reply_to {
            ReplyTo::Client(redirection) => Ok(self
                .issue_code(request, redirection, &walk.client, identity, upstream, scopes)
                .await?),
            ReplyTo::Device { user_code } => {
                self.approve_device(walk, user_code, identity, upstream, scopes)
                    .await
            }
        }
    }

    /// Ends the walk, for one caller only.
    pub(super) async fn take(&self, walk: &Walk) -> Result<(), WalkError> {
        match self
            .store
            .take_authorization(walk.key, walk.authorization.step, self.now())
            .await?
        {
            Taken::Taken(_) => Ok(()),
            Taken::Stale => Err(WalkError::Stale),
            Taken::Unknown => Err(WalkError::Expired),
        }
    }

    /// Issues the code and sends it on its way.
    pub(super) async fn issue_code(
        &self,
        request: &ValidRequest,
        redirection: &Redirection,
        client: &Client,
        identity: Identity,
        upstream: Option<UpstreamId>,
        scopes: ScopeSet,
    ) -> Result<Next, StoreError> {
        let lifetimes = &self.settings().lifetimes;
        let shown = redirection.redirect_uri.class() == RedirectClass::OutOfBand;
        let lives = if shown {
            lifetimes.shown_code
        } else {
            lifetimes.code
        };
        let code = self.entropy.secret();
        let session = self.entropy.session_id();
        note_session(&session);
        AuditEvent::Consent {
            actor: &identity.subject,
            client: client.id(),
            resources: &request.resources,
            scopes: &scopes,
            sid: &session,
        }
        .record();
        let grant = CodeGrant {
            session,
            client_id: request.client_id.clone(),
            redirect_uri: redirection.redirect_uri.clone(),
            redirect_uri_given: redirection.redirect_uri_given,
            code_challenge: redirection.code_challenge.clone(),
            dpop_jkt: redirection.dpop_jkt,
            resources: request.resources.clone(),
            scopes,
            identity: Arc::new(identity),
            upstream,
            nonce: redirection.nonce.clone(),
            expires_at: self.now() + lives,
            trace: TraceContext::current(),
        };
        self.store.issue_code(Digest::of(code.expose()), grant).await?;
        if shown {
            return Ok(Next::ShowCode {
                code,
                client_name: client.name().to_owned(),
            });
        }
        let response = AuthorizationResponse::Code {
            code,
            state: redirection.state.clone(),
            iss: self.settings().issuer.clone(),
        };
        Ok(Next::Client(ClientRedirect::new(
            &redirection.redirect_uri,
            client.name().to_owned(),
            &response,
        )))
    }

    /// The scopes of the request's resources.
    pub(super) fn resource_scopes(&self, request: &ValidRequest) -> ScopeSet {
        let resources = &self.settings().resources;
        request
            .resources
            .iter()
            .filter_map(|uri| resources.find(uri))
            .flat_map(Resource::known_scopes)
            .collect()
    }

    /// What the user may let the client have at the request's resources.
    fn may_have(&self, request: &ValidRequest, identity: &Identity) -> ScopeSet {
        let settings = self.settings();
        let resources = request
            .resources
            .iter()
            .filter_map(|uri| settings.resources.find(uri));
        let (mut given, mut denied) = (Scope::identity(), ScopeSet::default());
        for resource in resources {
            let allowed = settings.policy.allowed(identity, &request.client_id, resource);
            // A token for several servers carries each scope to all of them: one that is given at this server and known at
            // another has to be given there too.
            denied = denied.union(&resource.known_scopes().difference(&allowed));
            given = given.union(&allowed);
        }
        given.difference(&denied)
    }
}
