//! The grant `token-exchange` ([RFC 8693](https://www.rfc-editor.org/rfc/rfc8693)): an MCP server that calls another one for its user.
//!
//! Nobody is asked, so the operator decides: which server, to which others, with which scopes. The token that comes of it belongs to
//! the session of the token that was shown and lives no longer than that, so that what ends the one ends the other, and an
//! exchange is no way to stay.

use vestibule_jose::AccessTokenClaims;
use vestibule_protocol::{Actor, ClientId, GrantType, ResourceUri, Scope, ScopeSet, Secret, Timestamp};

use super::{Claim, TokenError};
use crate::record::Session;
use crate::settings::{ClientRule, Resource};
use crate::verified::LiveToken;
use crate::{Broker, Client, client_auth::Caller};

/// How many may act one for the other.
const LONGEST_CHAIN: usize = 4;

/// What was shown, and what may come of it.
pub(super) struct Exchange {
    /// The client that exchanges.
    pub(super) client: ClientId,
    pub(super) session: Session,
    /// The server that is to be called.
    pub(super) target: Vec<ResourceUri>,
    /// Everything that may be done there.
    pub(super) scopes: ScopeSet,
    pub(super) actor: Actor,
    /// When the token that was shown ends.
    pub(super) ends_at: Timestamp,
}

/// What the caller asks for.
pub(super) struct Presented {
    pub(super) subject_token: Secret,
    /// The servers that are to be called, as `resource` and `audience` name them.
    pub(super) targets: Vec<String>,
}

impl Broker {
    /// Judges the token that is shown, and finds what the caller may have for it.
    pub(super) async fn find_exchanged(
        &self,
        caller: &Caller,
        presented: Presented,
        now: Timestamp,
    ) -> Result<Claim, TokenError> {
        let client = &caller.client;
        // A name that anybody can say acts for nobody.
        if !caller.proven || !client.allows_grant(GrantType::TokenExchange) {
            return Err(TokenError::GrantNotAllowed(GrantType::TokenExchange));
        }
        let [target] = presented.targets.as_slice() else {
            return Err(TokenError::OneTarget);
        };
        let live = self
            .find_live_token(presented.subject_token.expose(), now)
            .await?
            .filter(|live| live.claims.cnf.is_none())
            .ok_or(TokenError::SubjectTokenUnknown)?;
        self.check_recipient(client, &live)?;
        let LiveToken { claims, session } = live;
        let actor = Actor {
            sub: client.id().to_string(),
            act: claims.act.clone().map(Box::new),
        };
        if actor.chain() > LONGEST_CHAIN {
            return Err(TokenError::ChainTooLong);
        }
        let (rule, resource) = self.find_rule(client, target)?;
        if !resource.admits(&session.identity.provider) {
            return Err(TokenError::ExchangeNotAllowed);
        }
        let scopes = self.exchangeable(client, rule, resource, &session, &claims);
        Ok(Claim::Exchange(Box::new(Exchange {
            client: client.id().clone(),
            target: vec![resource.uri.clone()],
            scopes,
            actor,
            ends_at: claims.exp,
            session,
        })))
    }

    /// Only a token that was sent to the caller itself is its to exchange: one that it came by is not.
    fn check_recipient(&self, client: &Client, live: &LiveToken) -> Result<(), TokenError> {
        let mut resources = self.settings.resources.iter();
        let own = resources.any(|resource| {
            client.introspects(&resource.uri) && live.claims.aud.contains(resource.uri.as_str())
        });
        if own {
            Ok(())
        } else {
            Err(TokenError::SubjectTokenOfAnother)
        }
    }

    fn find_rule(&self, client: &Client, target: &str) -> Result<(&ClientRule, &Resource), TokenError> {
        let mut rules = self.settings.grants.token_exchange.iter();
        let rule = rules.find(|rule| rule.client == *client.id() && rule.resource.is_spelt(target));
        let rule = rule.ok_or(TokenError::ExchangeNotAllowed)?;
        let resource = self.settings.resources.find(&rule.resource);
        Ok((rule, resource.ok_or(TokenError::ResourceGone)?))
    }

    /// What whoever the token is about may have at the target: of policy, if it is a user; of what the operator lets a client do
    /// by itself, if it is one; and nothing if it is a workload, whose rules go by assertions and not by tokens.
    fn subjects_own(&self, session: &Session, client: &Client, target: &Resource) -> ScopeSet {
        let identity = &session.identity;
        if identity.subject.is_client() {
            self.settings.grants.own_scopes(&session.client_id, target)
        } else if self.settings.grants.names_workloads_of(&identity.provider) {
            ScopeSet::default()
        } else {
            self.settings.policy.allowed(identity, client.id(), target)
        }
    }

    /// What the rule, policy and the client's own limits have in common. An exchange widens nothing: a scope that the server of
    /// the shown token knows by the same name has to stand in that token, and where the user was asked about the target, in what
    /// they granted.
    fn exchangeable(
        &self,
        client: &Client,
        rule: &ClientRule,
        target: &Resource,
        session: &Session,
        shown: &AccessTokenClaims,
    ) -> ScopeSet {
        let known_there: ScopeSet = self
            .settings
            .resources
            .iter()
            .filter(|resource| shown.aud.contains(resource.uri.as_str()))
            .flat_map(Resource::known_scopes)
            .collect();
        let asked_about = session.resources.iter().any(|uri| uri.same_resource(&target.uri));
        let allowed = self.subjects_own(session, client, target);
        let within = |scope: &&Scope| {
            let name = scope.as_str();
            (!known_there.contains(name) || shown.scope.contains(name))
                && (!asked_about || session.scopes.contains(name))
        };
        let allowed: ScopeSet = allowed
            .intersection(&rule.scopes)
            .iter()
            .filter(within)
            .cloned()
            .collect();
        match client.scopes() {
            Some(own) => allowed.intersection(own),
            None => allowed,
        }
    }
}
