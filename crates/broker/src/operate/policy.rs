//! Policy, as an operator asks about it.

use std::sync::Arc;

use vestibule_protocol::{ClientId, ProviderId, ResourceUri, Scope, ScopeSet, Subject, Timestamp};
use vestibule_provider::Identity;
use vestibule_telemetry::{AdminAction, AdminTarget, Operator};

use super::record;
use crate::Broker;
use crate::settings::{Explanation, Resource};
use crate::store::StoreError;

/// Who is asked about, and what for.
#[derive(Debug, Clone)]
pub struct PolicyQuestion {
    /// The user.
    pub user: Subject,
    /// A verified address of the user, groups and roles, in place of those that the provider told of last.
    pub email: Option<String>,
    /// See `email`.
    pub groups: Option<Vec<String>>,
    /// See `email`.
    pub roles: Option<Vec<String>>,
    /// The client through which the user comes.
    pub client: ClientId,
    /// The resource; every one when absent.
    pub resource: Option<ResourceUri>,
    /// The scopes; all of the resource when absent.
    pub scopes: Option<ScopeSet>,
}

/// What policy says.
#[derive(Debug)]
pub struct PolicyAnswer<'a> {
    /// The resource.
    pub resource: &'a Resource,
    /// The scope.
    pub scope: Scope,
    /// Why the user cannot have it whatever the rules say.
    pub barred: Option<Barred>,
    /// What the rules say.
    pub explanation: Explanation<'a>,
}

/// What stands before the rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Barred {
    /// The resource has no such scope.
    UnknownScope,
    /// The resource does not admit users of the provider.
    Provider,
    /// The client may not ask for the scope.
    Client,
}

impl PolicyAnswer<'_> {
    /// Whether the user may let the client have the scope.
    pub fn is_given(&self) -> bool {
        self.barred.is_none() && !self.explanation.given.is_empty()
    }
}

/// Somebody of whom policy is asked.
#[derive(Debug, Clone)]
pub struct KnownUser {
    /// What is known of the user.
    pub identity: Identity,
    /// When the session was opened from which it is known; nothing if the user has none.
    pub seen_at: Option<Timestamp>,
}

impl Broker {
    /// What is known of the user whom the question is about: as at the login of the newest live session, and as the question says
    /// otherwise. Nobody is known whose provider there is not.
    ///
    /// # Errors
    /// [`StoreError`] when the store does not answer.
    pub async fn known_user(
        &self,
        by: &Operator,
        question: &PolicyQuestion,
    ) -> Result<Option<KnownUser>, StoreError> {
        let target = AdminTarget {
            subject: Some(&question.user),
            client: Some(&question.client),
            resource: question.resource.as_ref(),
            sid: None,
        };
        record(by, AdminAction::ExplainPolicy, target);
        let (mut identity, seen_at) = match self.last_login(&question.user).await? {
            Some((identity, opened_at)) => (identity, Some(opened_at)),
            None => match self.stranger(&question.user) {
                Some(identity) => (identity, None),
                None => return Ok(None),
            },
        };
        if let Some(email) = &question.email {
            identity.email = Some(email.clone());
            identity.email_verified = true;
        }
        if let Some(groups) = &question.groups {
            identity.groups.clone_from(groups);
        }
        if let Some(roles) = &question.roles {
            identity.roles.clone_from(roles);
        }
        Ok(Some(KnownUser { identity, seen_at }))
    }

    /// Says for each scope whether the user may let the client have it, and why.
    pub fn explain_policy<'a>(
        &'a self,
        user: &'a KnownUser,
        question: &'a PolicyQuestion,
    ) -> Vec<PolicyAnswer<'a>> {
        let meant = |resource: &&Resource| {
            let named = question.resource.as_ref();
            named.is_none_or(|uri| uri.same_resource(&resource.uri))
        };
        let mut answers = Vec::new();
        for resource in self.settings.resources.iter().filter(meant) {
            let scopes = question.scopes.clone().unwrap_or_else(|| resource.known_scopes());
            for scope in scopes {
                answers.push(PolicyAnswer {
                    resource,
                    barred: self.barred(&user.identity, &question.client, resource, &scope),
                    explanation: self.explain(user, question, resource, &scope),
                    scope,
                });
            }
        }
        answers
    }

    /// Rules for users say nothing of a client that acts for itself, which is nobody but itself.
    fn explain<'a>(
        &'a self,
        user: &'a KnownUser,
        question: &'a PolicyQuestion,
        resource: &'a Resource,
        scope: &Scope,
    ) -> Explanation<'a> {
        let subject = &user.identity.subject;
        let client = &question.client;
        if !subject.is_client() {
            let policy = &self.settings.policy;
            policy.explain(&user.identity, client, resource, scope)
        } else if subject.upstream() == client.as_str() {
            self.settings.grants.explain_own(client, resource, scope)
        } else {
            Explanation {
                given: Vec::new(),
                missed: Vec::new(),
            }
        }
    }

    fn barred(
        &self,
        identity: &Identity,
        client: &ClientId,
        resource: &Resource,
        scope: &Scope,
    ) -> Option<Barred> {
        let client = self.configured_clients.find(client);
        let may_ask = client.is_none_or(|client| {
            client
                .scopes()
                .is_none_or(|scopes| scopes.contains(scope.as_str()))
        });
        if !resource.known_scopes().contains(scope.as_str()) {
            Some(Barred::UnknownScope)
        } else if !resource.admits(&identity.provider) {
            Some(Barred::Provider)
        } else if !may_ask {
            Some(Barred::Client)
        } else {
            None
        }
    }

    async fn last_login(&self, user: &Subject) -> Result<Option<(Identity, Timestamp)>, StoreError> {
        let sessions = self.store.sessions_of_user(user, self.now()).await?;
        let newest = sessions.into_iter().max_by_key(|session| session.opened_at);
        Ok(newest.map(|session| (Arc::unwrap_or_clone(session.identity), session.opened_at)))
    }

    /// A user of whom no more is known than the name; nobody if there is no such provider.
    fn stranger(&self, user: &Subject) -> Option<Identity> {
        if user.is_client() {
            return Some(Identity::of(&ProviderId::of_clients(), user.clone(), self.now()));
        }
        let provider = self.providers.iter().find(|provider| user.is_of(provider.id()))?;
        Some(Identity::of(provider.id(), user.clone(), self.now()))
    }
}
