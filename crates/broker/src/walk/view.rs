//! What the page of a walk shows.

use url::Url;
use vestibule_protocol::{ProviderId, RedirectClass, Scope, ScopeSet, UserCode};
use vestibule_provider::{Form, Provider, Script};

use super::consent::Asked;
use super::{Walk, WalkError};
use crate::client::ClientOrigin;
use crate::record::{Pending, Redirection, ReplyTo, Stage};
use crate::settings::{Resource, ScopeText};
use crate::{Broker, Browser, Client};

/// What the user has to do now.
#[derive(Debug)]
pub enum Interaction {
    /// Pick a provider.
    Choose {
        /// Who asks.
        client: ClientView,
        /// What there is to pick from.
        providers: Vec<ProviderView>,
    },
    /// Fill in the provider's form.
    Ask {
        /// Who asks.
        client: ClientView,
        /// Whose form it is.
        provider: ProviderView,
        /// The form.
        form: Form,
        /// Whether there are other providers to go back to.
        others: bool,
    },
    /// Log in with the provider's own script.
    Run {
        /// Who asks.
        client: ClientView,
        /// Whose script it is.
        provider: ProviderView,
        /// The script.
        script: Box<Script>,
        /// Whether there are other providers to go back to.
        others: bool,
    },
    /// Agree or deny.
    Consent(Box<ConsentView>),
    /// Go to the provider.
    Upstream(Url),
}

/// A client, as a person needs to see it.
#[derive(Debug, Clone)]
pub struct ClientView {
    /// What it calls itself; nobody has checked that.
    pub name: String,
    /// Its id.
    pub id: String,
    /// Where it came from.
    pub origin: Origin,
    /// The host of the document by which it is known, in the form of the DNS.
    pub document_host: Option<String>,
    /// Where the answer goes.
    pub answer: AnswerPlace,
}

/// Where the answer to a client goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AnswerPlace {
    /// A redirect takes it there.
    Redirect {
        /// A host, or the scheme of an app; empty when the code is shown.
        host: String,
        /// What kind of place that is.
        class: RedirectClass,
    },
    /// It waits at a device.
    Device {
        /// The code that the device shows.
        user_code: UserCode,
    },
}

/// Where a client came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// The operator wrote it down.
    Operator,
    /// It registered itself.
    ItselfRegistered,
    /// It is known by a document.
    Document,
}

/// A provider, as a person needs to see it.
#[derive(Debug, Clone)]
pub struct ProviderView {
    /// Its id.
    pub id: ProviderId,
    /// What it is called.
    pub name: String,
}

/// Everything that the consent page says.
#[derive(Debug, Clone)]
pub struct ConsentView {
    /// Who asks.
    pub client: ClientView,
    /// As whom one is logged in.
    pub user: String,
    /// The user's address or short name, where it says more.
    pub user_detail: Option<String>,
    /// Where one logged in.
    pub provider: ProviderView,
    /// What the client wants to use.
    pub resources: Vec<ResourceView>,
    /// What the client wants to know about the user.
    pub identity_scopes: Vec<ScopeView>,
    /// What the user agreed to before.
    pub agreed: Vec<String>,
    /// Scopes that the client asked for and that policy does not give this user.
    pub withheld: Vec<String>,
    /// Whether the answer will be remembered.
    pub remembers: bool,
}

/// One MCP server on the consent page.
#[derive(Debug, Clone)]
pub struct ResourceView {
    /// What it is called.
    pub name: String,
    /// Where it is.
    pub uri: String,
    /// What the client wants to do there.
    pub scopes: Vec<ScopeView>,
}

/// One scope on the consent page.
#[derive(Debug, Clone)]
pub struct ScopeView {
    /// The scope.
    pub scope: Scope,
    /// What it means, in a plain sentence.
    pub text: String,
    /// What the narrower scopes mean that come with it.
    pub includes: Vec<String>,
    /// It is no choice.
    pub required: bool,
}

impl Broker {
    /// Says what the page of this ticket shows.
    ///
    /// # Errors
    /// [`WalkError`].
    pub async fn interaction(&self, ticket: &str, browser: &Browser) -> Result<Interaction, WalkError> {
        let walk = self.find_walk(ticket, browser).await?;
        let client = client_view(&walk);
        let request = &walk.authorization.request;
        let others = self.only_admitted(request).is_none();
        let choice = |client| Interaction::Choose {
            client,
            providers: self
                .offered(request, browser)
                .into_iter()
                .map(|provider| provider_view(provider.as_ref()))
                .collect(),
        };
        match &walk.authorization.stage {
            Stage::Choosing => Ok(choice(client)),
            Stage::LoggingIn(leg) => match &leg.pending {
                // Who comes back without an answer may have taken the wrong way.
                Pending::Away(_) if others => Ok(choice(client)),
                Pending::Away(url) => Ok(Interaction::Upstream(url.clone())),
                Pending::Form(form) => Ok(Interaction::Ask {
                    client,
                    provider: self.named(&leg.provider),
                    form: form.clone(),
                    others,
                }),
                Pending::Script(script) => Ok(Interaction::Run {
                    client,
                    provider: self.named(&leg.provider),
                    script: script.clone(),
                    others,
                }),
            },
            Stage::Consenting { .. } => Ok(Interaction::Consent(Box::new(
                self.consent_view(&walk, browser).await?,
            ))),
        }
    }

    async fn consent_view(&self, walk: &Walk, browser: &Browser) -> Result<ConsentView, WalkError> {
        let Asked {
            identity,
            scopes: asked,
            agreed,
            ..
        } = self.consenting(walk, browser).await?;
        let request = &walk.authorization.request;
        let user = identity.display_name().to_owned();
        let detail = identity.email.as_ref().or(identity.username.as_ref());
        Ok(ConsentView {
            client: client_view(walk),
            user_detail: detail.filter(|detail| **detail != user).cloned(),
            user,
            provider: self.named(&identity.provider),
            resources: self.resource_views(walk, &asked),
            identity_scopes: identity_views(&asked),
            agreed: self.texts_of(&agreed),
            withheld: self.texts_of(&request.scopes.difference(&asked.union(&agreed))),
            remembers: Self::remembers(request),
        })
    }

    fn resource_views(&self, walk: &Walk, asked: &ScopeSet) -> Vec<ResourceView> {
        let resources = &self.settings().resources;
        let named = walk
            .authorization
            .request
            .resources
            .iter()
            .filter_map(|uri| resources.find(uri));
        named
            .map(|resource| ResourceView {
                name: resource.name.clone(),
                uri: resource.uri.as_str().to_owned(),
                scopes: resource
                    .scopes
                    .iter()
                    .filter(|known| asked.contains(known.scope.as_str()))
                    .map(|known| ScopeView {
                        scope: known.scope.clone(),
                        text: known.text.clone(),
                        includes: included(resource, &known.scope),
                        required: false,
                    })
                    .collect(),
            })
            .collect()
    }

    fn texts_of(&self, scopes: &ScopeSet) -> Vec<String> {
        let known = || {
            self.settings()
                .resources
                .iter()
                .flat_map(|resource| resource.scopes.iter())
        };
        let text = |scope: &Scope| match known().find(|known| known.scope == *scope) {
            Some(known) => known.text.clone(),
            None => identity_text(scope).unwrap_or(scope.as_str()).to_owned(),
        };
        scopes.iter().map(text).collect()
    }

    fn named(&self, id: &ProviderId) -> ProviderView {
        let name = self
            .providers
            .find(id)
            .map_or(id.as_str(), |provider| provider.display_name());
        ProviderView {
            id: id.clone(),
            name: name.to_owned(),
        }
    }
}

fn client_view(walk: &Walk) -> ClientView {
    let client: &Client = &walk.client;
    ClientView {
        name: client.name().to_owned(),
        id: client.id().as_str().to_owned(),
        origin: match client.origin() {
            ClientOrigin::Configured => Origin::Operator,
            ClientOrigin::Registered => Origin::ItselfRegistered,
            ClientOrigin::Document => Origin::Document,
        },
        document_host: client.document_host(),
        answer: match &walk.authorization.request.reply_to {
            ReplyTo::Client(Redirection { redirect_uri, .. }) => AnswerPlace::Redirect {
                host: redirect_uri.display_host(),
                class: redirect_uri.class(),
            },
            ReplyTo::Device { user_code } => AnswerPlace::Device {
                user_code: user_code.clone(),
            },
        },
    }
}

fn provider_view(provider: &dyn Provider) -> ProviderView {
    ProviderView {
        id: provider.id().clone(),
        name: provider.display_name().to_owned(),
    }
}

/// What the narrower scopes mean that come with this one.
fn included(resource: &Resource, broad: &Scope) -> Vec<String> {
    let all = resource.with_implied(&[broad.clone()].into_iter().collect());
    let narrower = |known: &&ScopeText| known.scope != *broad && all.contains(known.scope.as_str());
    let narrower = resource.scopes.iter().filter(narrower);
    narrower.map(|known| known.text.clone()).collect()
}

fn identity_views(asked: &ScopeSet) -> Vec<ScopeView> {
    let view = |scope: &Scope| {
        Some(ScopeView {
            scope: scope.clone(),
            text: identity_text(scope)?.to_owned(),
            includes: Vec::new(),
            required: scope.as_str() == Scope::OPENID,
        })
    };
    asked.iter().filter_map(view).collect()
}

/// What a scope that is about the user means, in a plain sentence.
fn identity_text(scope: &Scope) -> Option<&'static str> {
    Some(match scope.as_str() {
        Scope::OPENID => "Know who you are here",
        Scope::PROFILE => "See your name and picture",
        Scope::EMAIL => "See your email address",
        Scope::OFFLINE_ACCESS => "Stay connected while you are away",
        _ => return None,
    })
}
