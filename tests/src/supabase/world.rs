//! All that a project knows.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use super::calls::Trouble;
use super::error::ApiError;
use super::key::{Signer, Signing};
use super::lie::Lie;
use super::oauth::{Authorization, OAuthClient};
use super::person::Person;
use super::session::Session;

pub(super) const PUBLISHABLE_KEY: &str = "sb_publishable_stand_in_for_tests";

/// What the social provider makes of a person who comes.
#[derive(Debug, Clone)]
pub enum Social {
    /// It knows them by this address.
    SignsIn(String),
    /// The person says no.
    Denies,
    /// The project has the wrong secret for it.
    Fails,
}

/// A browser that is away with a social provider, and the code that it will bring back.
#[derive(Debug)]
pub(super) struct Flow {
    pub(super) id: String,
    pub(super) challenge: String,
    pub(super) redirect_to: String,
    pub(super) code: String,
    /// Who came back.
    pub(super) user: Option<String>,
}

/// A factor that was asked for.
#[derive(Debug)]
pub(super) struct Challenge {
    pub(super) id: String,
    pub(super) factor: String,
    pub(super) verified: bool,
}

#[derive(Debug)]
pub(super) struct World {
    pub(super) base: String,
    pub(super) signing: Signing,
    pub(super) signer: Signer,
    pub(super) site_url: String,
    pub(super) allow_list: Vec<String>,
    pub(super) external: BTreeMap<String, bool>,
    pub(super) mailer_autoconfirm: bool,
    pub(super) people: Vec<Person>,
    pub(super) sessions: Vec<Session>,
    pub(super) flows: Vec<Flow>,
    pub(super) challenges: Vec<Challenge>,
    pub(super) codes: BTreeMap<String, String>,
    pub(super) social: Social,
    pub(super) oauth_client: Option<OAuthClient>,
    pub(super) authorizations: Vec<Authorization>,
    pub(super) lie: Option<Lie>,
    pub(super) troubles: Vec<(String, Trouble)>,
    pub(super) calls: Vec<String>,
}

impl World {
    pub(super) fn new(address: SocketAddr, signing: Signing) -> Self {
        let mut world = Self {
            base: format!("http://{address}/auth/v1"),
            signing,
            signer: Signer::generate(),
            site_url: "https://site.example".to_owned(),
            allow_list: Vec::new(),
            external: BTreeMap::new(),
            mailer_autoconfirm: false,
            people: Vec::new(),
            sessions: Vec::new(),
            flows: Vec::new(),
            challenges: Vec::new(),
            codes: BTreeMap::new(),
            social: Social::Denies,
            oauth_client: None,
            authorizations: Vec::new(),
            lie: None,
            troubles: Vec::new(),
            calls: Vec::new(),
        };
        world.offer(&["email", "google", "github"]);
        world
    }

    pub(super) fn offer(&mut self, ways: &[&str]) {
        let known = [
            "anonymous_users",
            "apple",
            "azure",
            "email",
            "github",
            "google",
            "phone",
        ];
        self.external = known
            .iter()
            .map(|name| ((*name).to_owned(), ways.contains(name)))
            .collect();
    }

    pub(super) fn add(&mut self, person: Person) -> String {
        let id = person.id.clone();
        self.people.push(person);
        id
    }

    pub(super) fn change(&mut self, email: &str, change: impl FnOnce(Person) -> Person) {
        let at = self.people.iter().position(|person| person.email == email);
        let person = self
            .people
            .remove(at.expect("somebody of this address has signed up"));
        self.people.push(change(person));
    }

    pub(super) fn person(&self, email: &str) -> Option<&Person> {
        self.people
            .iter()
            .find(|person| person.email.eq_ignore_ascii_case(email))
    }

    pub(super) fn person_by_id(&self, id: &str) -> Result<&Person, ApiError> {
        let found = self
            .people
            .iter()
            .find(|person| person.id == id && !person.deleted);
        found.ok_or(ApiError::new(
            403,
            "user_not_found",
            "User from sub claim in JWT does not exist",
        ))
    }

    pub(super) fn sessions_of(&self, email: &str) -> Vec<&Session> {
        let id = self
            .person(email)
            .map(|person| person.id.clone())
            .unwrap_or_default();
        self.sessions
            .iter()
            .filter(|session| session.user == id)
            .collect()
    }

    pub(super) fn end_sessions(&mut self, email: &str) {
        let id = self
            .person(email)
            .map(|person| person.id.clone())
            .unwrap_or_default();
        self.sessions.retain(|session| session.user != id);
    }

    pub(super) fn expire_sessions(&mut self, email: &str) {
        let id = self
            .person(email)
            .map(|person| person.id.clone())
            .unwrap_or_default();
        for session in self.sessions.iter_mut().filter(|session| session.user == id) {
            session.expired = true;
        }
    }

    pub(super) fn sent_code(&self, email: &str) -> Option<String> {
        self.codes.get(email).cloned()
    }
}

/// A random id in the form of a UUID.
pub(super) fn uuid() -> String {
    let bits: u128 = rand::random();
    let hex = format!("{bits:032x}");
    let groups = [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]];
    groups.join("-")
}

/// Six random digits.
pub(super) fn six_digits() -> String {
    format!("{:06}", rand::random_range(0..1_000_000))
}
