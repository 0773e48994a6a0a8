//! What an upstream remembers.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::key::{self, Key};
use super::{Endpoint, Failure, Lie, Person, Shape};
use crate::sample::CLIENT_SECRET;

/// Codes, tokens, keys, and how things are to go wrong.
pub(super) struct Register {
    pub(super) person: Person,
    pub(super) lie: Option<Lie>,
    pub(super) failures: BTreeMap<Endpoint, Failure>,
    pub(super) calls: BTreeMap<Endpoint, usize>,
    pub(super) pushed: BTreeMap<String, BTreeMap<String, String>>,
    /// Every credential that was handed out.
    pub(super) issued: Vec<String>,
    codes: BTreeMap<String, BTreeMap<String, String>>,
    refresh_tokens: BTreeMap<String, String>,
    access_tokens: BTreeMap<String, String>,
    key: Key,
    /// A key of the same kind that is never published.
    foreign: Option<Key>,
    keys_made: usize,
    shape: Shape,
    issuer: String,
}

impl Register {
    pub(super) fn new(shape: &Shape, issuer: &str) -> Self {
        Self {
            person: Person::default(),
            lie: None,
            failures: BTreeMap::new(),
            calls: BTreeMap::new(),
            pushed: BTreeMap::new(),
            issued: Vec::new(),
            codes: BTreeMap::new(),
            refresh_tokens: BTreeMap::new(),
            access_tokens: BTreeMap::new(),
            key: Key::generate(shape.algorithm, "key-1"),
            foreign: None,
            keys_made: 1,
            shape: shape.clone(),
            issuer: issuer.to_owned(),
        }
    }

    /// The key that signs, and is published.
    pub(super) fn key(&self) -> &Key {
        &self.key
    }

    pub(super) fn rotate(&mut self) {
        self.keys_made += 1;
        let id = format!("key-{}", self.keys_made);
        self.key = Key::generate(self.shape.algorithm, &id);
    }

    /// A credential that a text can be searched for.
    fn mint(&mut self, kind: &str) -> String {
        let credential = format!("{kind}-{}", key::random());
        self.issued.push(credential.clone());
        credential
    }

    pub(super) fn issue_code(&mut self, request: BTreeMap<String, String>) -> String {
        let code = self.mint("code");
        self.codes.insert(code.clone(), request);
        code
    }

    /// The request that a code belongs to. A code is good once.
    pub(super) fn take_code(&mut self, code: &str) -> Option<BTreeMap<String, String>> {
        self.codes.remove(code)
    }

    pub(super) fn issue_tokens(&mut self) -> (String, String) {
        let subject = self.person.subject.clone();
        let (access, refresh) = (self.issue_access_token(), self.mint("refresh"));
        self.access_tokens.insert(access.clone(), subject.clone());
        self.refresh_tokens.insert(refresh.clone(), subject);
        (access, refresh)
    }

    fn issue_access_token(&mut self) -> String {
        if self.shape.access_token.is_empty() {
            return self.mint("access");
        }
        let claims = super::claims::of_access(&self.issuer, &self.person, &self.shape);
        let token = self.key.sign(self.key.id(), "at+jwt", &claims);
        self.issued.push(token.clone());
        token
    }

    /// Whether a refresh token is good. It is good once.
    pub(super) fn take_refresh_token(&mut self, token: &str) -> bool {
        self.refresh_tokens.remove(token).is_some() && self.person.enabled
    }

    /// Takes a token that was signed for the access token of the user's session, whatever is wrong with it.
    pub(super) fn remember_access_token(&mut self, token: &str) {
        let subject = self.person.subject.clone();
        self.access_tokens.insert(token.to_owned(), subject);
    }

    pub(super) fn knows_access_token(&self, token: &str) -> bool {
        self.access_tokens.contains_key(token)
    }

    pub(super) fn push(&mut self, request: BTreeMap<String, String>) -> String {
        let handle = format!("urn:ietf:params:oauth:request_uri:{}", key::random());
        self.pushed.insert(handle.clone(), request);
        handle
    }

    /// Signs claims, or does not, as the lie has it.
    pub(super) fn sign(&mut self, typ: &str, mut claims: Map<String, Value>) -> String {
        let kid = self.key.id().to_owned();
        let token = match self.lie {
            Some(Lie::UnknownKey) => self.foreign().sign("key-of-nobody", typ, &claims),
            Some(Lie::ForeignKey) => self.foreign().sign(&kid, typ, &claims),
            Some(Lie::ChangedSignature) => {
                let token = self.key.sign(&kid, typ, &claims);
                let (signed, signature) = token.rsplit_once('.').expect("a JWT has dots");
                let changed: String = signature.chars().rev().collect();
                format!("{signed}.{changed}")
            }
            Some(Lie::ChangedClaims) => {
                let token = self.key.sign(&kid, typ, &claims);
                let (_, signature) = token.rsplit_once('.').expect("a JWT has dots");
                claims.insert("sub".to_owned(), Value::from("root"));
                let other = self.key.sign(&kid, typ, &claims);
                let (signed, _) = other.rsplit_once('.').expect("a JWT has dots");
                format!("{signed}.{signature}")
            }
            Some(Lie::NoSignature) => key::unsigned(typ, &claims),
            Some(Lie::PublicKeyAsSecret) => self.key.mac(typ, &claims),
            Some(Lie::ClientSecretAsKey) => self.key.mac_with(CLIENT_SECRET.as_bytes(), typ, &claims),
            Some(Lie::NotAToken) => format!("token-{}", key::random()),
            _ => self.key.sign(&kid, typ, &claims),
        };
        self.issued.push(token.clone());
        token
    }

    fn foreign(&mut self) -> &Key {
        let algorithm = self.shape.algorithm;
        self.foreign
            .get_or_insert_with(|| Key::generate(algorithm, "key-of-nobody"))
    }
}
