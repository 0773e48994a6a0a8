//! What the servers of this world remember, and how it differs from a good one.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard};

use serde_json::{Value, json};
use vestibule_jose::foreign::{Jws, KeySet, Signature, SigningAlgorithm};
use vestibule_protocol::{KeyThumbprint, ScopeSet, Timestamp};

use super::Twist;

pub(super) type Pairs = BTreeMap<String, String>;

/// What the servers remember.
pub(crate) struct Ledger {
    pub(super) origin: String,
    pub(super) clock: Arc<Mutex<Timestamp>>,
    twists: Mutex<BTreeSet<Twist>>,
    book: Mutex<Book>,
}

#[derive(Default)]
pub(super) struct Book {
    pub(super) serial: u32,
    pub(super) clients: HashMap<String, Value>,
    pub(super) codes: HashMap<String, Pairs>,
    pub(super) access: HashMap<String, Granted>,
    pub(super) refresh: HashMap<String, Granted>,
    pub(super) requests: Vec<(String, Pairs)>,
    pub(super) proofs: Vec<String>,
    pub(super) client_key: Option<Value>,
    pub(super) assertions: BTreeSet<String>,
}

/// What a token is good for.
#[derive(Clone)]
pub(super) struct Granted {
    pub(super) scope: ScopeSet,
    /// The key that it is bound to.
    pub(super) key: Option<KeyThumbprint>,
}

impl Ledger {
    pub(super) fn new(origin: String, twists: BTreeSet<Twist>) -> Self {
        Self {
            origin,
            clock: Arc::new(Mutex::new(Timestamp::from_secs(1_800_000_000))),
            twists: Mutex::new(twists),
            book: Mutex::default(),
        }
    }

    pub(super) fn is(&self, twist: Twist) -> bool {
        self.twists.lock().unwrap().contains(&twist)
    }

    pub(super) fn twists(&self) -> BTreeSet<Twist> {
        self.twists.lock().unwrap().clone()
    }

    /// Where the servers are.
    pub(crate) fn origin(&self) -> &str {
        &self.origin
    }

    /// The metadata of the clients that registered.
    pub(crate) fn clients(&self) -> Vec<Value> {
        self.book().clients.values().cloned().collect()
    }

    /// From now on the world has this twist too.
    pub(crate) fn add(&self, twist: Twist) {
        self.twists.lock().unwrap().insert(twist);
    }

    pub(super) fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap()
    }

    /// What the servers believe the time to be.
    pub(super) fn now(&self) -> Timestamp {
        *self.clock.lock().unwrap()
    }

    /// The ids of the proofs that were shown, in their order.
    pub(crate) fn proofs(&self) -> Vec<String> {
        self.book().proofs.clone()
    }

    /// Notes a proof, and says whether it is a new one.
    pub(super) fn spend(&self, jti: String) -> bool {
        let mut book = self.book();
        let first = !book.proofs.contains(&jti);
        book.proofs.push(jti);
        first
    }

    /// Registers the key of the client called `robot`.
    pub(crate) fn register_key(&self, public: Value) {
        self.book().client_key = Some(public);
    }

    /// Insists that a client assertion is for the issuer alone, short, new each time, and signed with the registered key.
    pub(super) fn check_assertion(&self, assertion: &str) {
        let mut book = self.book();
        let key = KeySet::of(&[book.client_key.clone().unwrap()]);
        let jws = Jws::parse(assertion, &SigningAlgorithm::ASYMMETRIC).unwrap();
        assert!(jws.says_type(&["client-authentication+jwt"]));
        assert_eq!(key.judge(&jws), Signature::Good);
        let claims: Value = serde_json::from_slice(&jws.payload().unwrap()).unwrap();
        assert_eq!(claims["aud"], json!(self.issuer()), "{claims}");
        assert_eq!([&claims["iss"], &claims["sub"]], ["robot", "robot"]);
        let (now, lives) = (self.now().as_secs(), claims["exp"].as_i64().unwrap());
        assert!(now < lives && lives <= now + 60, "{claims}");
        let fresh = book.assertions.insert(claims["jti"].as_str().unwrap().to_owned());
        assert!(fresh, "{claims}");
    }

    /// Notes that a server was asked.
    pub(super) fn note(&self, endpoint: &str, request: Pairs) {
        self.book().requests.push((endpoint.to_owned(), request));
    }

    pub(super) fn issuer(&self) -> String {
        if self.is(Twist::IssuerWithPath) {
            format!("{}/tenant", self.origin)
        } else if self.is(Twist::IssuerWithSlash) {
            format!("{}/", self.origin)
        } else {
            self.origin.clone()
        }
    }

    /// All requests to `endpoint` so far, with their parameters.
    pub(crate) fn requests(&self, endpoint: &str) -> Vec<Pairs> {
        let book = self.book();
        book.requests
            .iter()
            .filter(|(name, _)| name == endpoint)
            .map(|(_, pairs)| pairs.clone())
            .collect()
    }

    /// The refreshes so far.
    pub(crate) fn refreshes(&self) -> usize {
        self.requests("token")
            .iter()
            .filter(|pairs| pairs["grant_type"] == "refresh_token")
            .count()
    }

    /// Access tokens are no longer good, as when their key has gone.
    pub(crate) fn forget_access_tokens(&self) {
        self.book().access.clear();
    }

    /// Every secret that went over the wire.
    pub(crate) fn secrets(&self) -> Vec<String> {
        let book = self.book();
        book.access
            .keys()
            .chain(book.refresh.keys())
            .chain(book.codes.keys())
            .cloned()
            .collect()
    }

    pub(super) fn granted(&self, token: &str) -> Option<Granted> {
        self.book()
            .access
            .get(token)
            .cloned()
            .filter(|_| !self.is(Twist::TokensNeverGood))
    }
}

impl Book {
    pub(super) fn next(&mut self, what: &str) -> String {
        self.serial += 1;
        format!("{what}-{}", self.serial)
    }
}
