//! A person with a browser, who walks.

use std::collections::BTreeMap;
use std::sync::Arc;

use vestibule_broker::settings::Settings;
use vestibule_broker::{
    AuthorizeError, Browser, ClientAddress, ClientRedirect, ConsentView, CookieChange, Decision, Interaction,
    Next, Turn, WalkError,
};
use vestibule_protocol::{ProviderId, Secret, TokenResponse};
use vestibule_provider::Provider;
use vestibule_provider_local::{LocalProvider, LocalUser, Password};

use crate::fixture::{APP, CALLBACK, LOOPBACK, World, params, replaced, scopes};

pub(crate) const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// Users of the provider `local`, their passwords, and what they may do.
const USERS: [(&str, &str, &str); 3] = [
    ("alice", "password of alice", "mcp:read mcp:write files:read"),
    ("bob", "password of bob", "mcp:read"),
    ("carol", "password of carol", ""),
];

pub(crate) fn local(id: &str) -> Arc<dyn Provider> {
    let user = |(name, password, allowed): &(&str, &str, &str)| LocalUser {
        username: (*name).to_owned(),
        password: Password::plain(Secret::new(*password)),
        name: None,
        email: Some(format!("{name}@example.org")),
        groups: Vec::new(),
        roles: Vec::new(),
        scopes: scopes(allowed),
    };
    let users = USERS.iter().map(user).collect();
    Arc::new(LocalProvider::new(ProviderId::parse(id).unwrap(), id.to_owned(), users).unwrap())
}

pub(crate) async fn world() -> World {
    world_with(|_| {}).await
}

pub(crate) async fn world_with(change: impl FnOnce(&mut Settings)) -> World {
    World::with_providers(vec![local("local")], change).await
}

/// The request of a well-behaved client at [`LOOPBACK`].
pub(crate) fn request() -> Vec<(&'static str, &'static str)> {
    vec![
        ("client_id", APP),
        ("redirect_uri", LOOPBACK),
        ("response_type", "code"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
        ("scope", "mcp:read mcp:write"),
        ("state", "the state"),
    ]
}

/// The same request, whose answer goes to a web server.
pub(crate) fn web_request() -> Vec<(&'static str, &'static str)> {
    replaced(&request(), "redirect_uri", CALLBACK)
}

pub(crate) fn without<'a>(pairs: &[(&'a str, &'a str)], name: &str) -> Vec<(&'a str, &'a str)> {
    pairs.iter().filter(|(key, _)| *key != name).copied().collect()
}

/// One browser: its cookies.
#[derive(Default)]
pub(crate) struct Person {
    browser: Browser,
}

impl Person {
    pub(crate) fn browser(&self) -> &Browser {
        &self.browser
    }

    /// A browser with the same cookies.
    pub(crate) fn twin(&self) -> Self {
        Self {
            browser: Browser {
                binding: self.browser.binding.clone(),
                login: self.browser.login.clone(),
                last_provider: self.browser.last_provider.clone(),
                way_back: self.browser.way_back.clone(),
                devices: self.browser.devices.clone(),
                address: self.browser.address,
            },
        }
    }

    pub(crate) fn move_to(&mut self, address: ClientAddress) {
        self.browser.address = address;
    }

    pub(crate) fn forget_login(&mut self) {
        self.browser.login = None;
    }

    pub(crate) fn forget_binding(&mut self) {
        self.browser.binding = None;
    }

    /// Keeps the cookies and goes on.
    pub(crate) fn take(&mut self, turn: Turn) -> Next {
        self.keep(turn.cookies);
        turn.next
    }

    /// Keeps the cookies.
    pub(crate) fn keep(&mut self, cookies: Vec<CookieChange>) {
        for change in cookies {
            match change {
                CookieChange::SetBinding(value) => self.browser.binding = Some(value),
                CookieChange::SetLogin { value, .. } => self.browser.login = Some(value),
                CookieChange::ClearLogin => self.browser.login = None,
                CookieChange::SetProvider(id) => self.browser.last_provider = Some(id),
                CookieChange::SetWayBack { value, .. } => self.browser.way_back = Some(value),
                CookieChange::ClearWayBack => self.browser.way_back = None,
                CookieChange::SetDevices(marks) => self.browser.devices = Some(marks),
            }
        }
    }

    pub(crate) async fn try_authorize(
        &mut self,
        world: &World,
        pairs: &[(&str, &str)],
    ) -> Result<Next, AuthorizeError> {
        let turn = world.broker.authorize(&params(pairs), &self.browser).await?;
        Ok(self.take(turn))
    }

    /// Begins a walk and comes to a page.
    pub(crate) async fn authorize(&mut self, world: &World, pairs: &[(&str, &str)]) -> String {
        ticket(self.try_authorize(world, pairs).await.expect("a walk"))
    }

    pub(crate) async fn try_log_in(
        &mut self,
        world: &World,
        ticket: &str,
        name: &str,
        password: &str,
    ) -> Result<Next, WalkError> {
        let field = |key: &str, value: &str| (key.to_owned(), Secret::new(value));
        let fields = BTreeMap::from([field("username", name), field("password", password)]);
        let turn = world.broker.submit_login(ticket, &self.browser, fields).await?;
        Ok(self.take(turn))
    }

    pub(crate) async fn log_in(&mut self, world: &World, ticket: &str, name: &str) -> Next {
        let password = format!("password of {name}");
        self.try_log_in(world, ticket, name, &password)
            .await
            .expect("a login")
    }

    pub(crate) async fn sees(&self, world: &World, ticket: &str) -> Result<Interaction, WalkError> {
        world.broker.interaction(ticket, &self.browser).await
    }

    pub(crate) async fn consent_page(&self, world: &World, ticket: &str) -> ConsentView {
        match self.sees(world, ticket).await.expect("a page") {
            Interaction::Consent(view) => *view,
            other => panic!("no consent page but {other:?}"),
        }
    }

    pub(crate) async fn decide(
        &mut self,
        world: &World,
        ticket: &str,
        decision: Decision,
    ) -> Result<Next, WalkError> {
        let turn = world.broker.decide(ticket, &self.browser, decision).await?;
        Ok(self.take(turn))
    }

    pub(crate) async fn approve(&mut self, world: &World, ticket: &str, allowed: &str) -> String {
        let decision = Decision::Approve {
            scopes: scopes(allowed),
        };
        code(self.decide(world, ticket, decision).await.expect("a code"))
    }

    /// The whole walk of one user, to the tokens.
    pub(crate) async fn connect(
        &mut self,
        world: &World,
        pairs: &[(&str, &str)],
        name: &str,
    ) -> TokenResponse {
        let ticket = self.authorize(world, pairs).await;
        self.log_in(world, &ticket, name).await;
        let asked = pairs
            .iter()
            .find(|(key, _)| *key == "scope")
            .map_or("mcp:read", |(_, value)| *value);
        let code = self.approve(world, &ticket, asked).await;
        let redirect = pairs
            .iter()
            .find(|(key, _)| *key == "redirect_uri")
            .map_or(CALLBACK, |(_, value)| *value);
        world
            .token(&replaced(
                &crate::fixture::redemption(&code),
                "redirect_uri",
                redirect,
            ))
            .await
            .expect("tokens")
    }
}

pub(crate) fn ticket(next: Next) -> String {
    match next {
        Next::Interact { ticket } => ticket.expose().to_owned(),
        other => panic!("no page but {other:?}"),
    }
}

pub(crate) fn answer(next: Next) -> ClientRedirect {
    match next {
        Next::Client(redirect) => redirect,
        other => panic!("no answer to the client but {other:?}"),
    }
}

/// A parameter of the answer.
pub(crate) fn param(redirect: &ClientRedirect, name: &str) -> Option<String> {
    let url = url::Url::parse(&redirect.location).expect("an address");
    url.query_pairs()
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.into_owned())
}

pub(crate) fn code(next: Next) -> String {
    param(&answer(next), "code").expect("a code")
}

/// The error that the client is sent.
pub(crate) fn refusal(result: Result<Next, AuthorizeError>) -> ClientRedirect {
    match result {
        Err(AuthorizeError::Redirect(redirect)) => redirect,
        other => panic!("the client was not told: {other:?}"),
    }
}
