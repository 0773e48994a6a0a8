//! The Firebase Authentication emulator, which Google makes.

use reqwest::Method;
use serde_json::{Value, json};

use super::server::{Failure, Server};
use crate::browser::{Answer, parse};
use crate::wire::client;

/// The project that it serves.
const PROJECT: &str = "demo-project";

/// A running emulator without users, whose users may have a second factor.
#[derive(Debug)]
pub struct FirebaseEmulator {
    server: Server,
}

impl FirebaseEmulator {
    /// Starts one.
    pub fn start() -> Self {
        let server = Server::node("firebase.mjs", |port, _| json!({"port": port}));
        let emulator = Self { server };
        let factors = json!({"mfa": {"state": "ENABLED", "enabledProviders": ["PHONE_SMS"]}});
        emulator.call(
            Method::PATCH,
            &format!("v2/projects/{PROJECT}/config?updateMask=mfa"),
            &factors,
        );
        emulator
    }

    /// Its address.
    pub fn origin(&self) -> String {
        self.server.origin()
    }

    /// Its host and port, as `FIREBASE_AUTH_EMULATOR_HOST` has them.
    pub fn host(&self) -> String {
        self.origin().trim_start_matches("http://").to_owned()
    }

    /// The table of a provider that believes it.
    pub fn provider(&self, more: &str) -> String {
        format!(
            "[providers.firebase]\nkind = \"firebase\"\nproject_id = \"{PROJECT}\"\napi_key = \"a-key\"\n\
             emulator_host = \"{}\"\n{more}\n",
            self.host()
        )
    }

    /// Adds a user, as the project's own server does.
    pub fn add(&self, id: &str, email: &str, password: &str) -> &Self {
        self.add_with(id, email, password, &json!({}))
    }

    /// Adds a user with more members.
    pub fn add_with(&self, id: &str, email: &str, password: &str, more: &Value) -> &Self {
        let mut user = json!({"localId": id, "email": email, "password": password, "emailVerified": true});
        if let (Some(user), Some(more)) = (user.as_object_mut(), more.as_object()) {
            user.extend(more.clone());
        }
        self.call(Method::POST, &format!("v1/projects/{PROJECT}/accounts"), &user);
        self
    }

    /// Changes a user.
    pub fn change(&self, id: &str, members: &Value) {
        let mut user = json!({"localId": id});
        if let (Some(user), Some(members)) = (user.as_object_mut(), members.as_object()) {
            user.extend(members.clone());
        }
        self.call(
            Method::POST,
            &format!("v1/projects/{PROJECT}/accounts:update"),
            &user,
        );
    }

    /// Deletes a user.
    pub fn remove(&self, id: &str) {
        let user = json!({"localId": id});
        self.call(
            Method::POST,
            &format!("v1/projects/{PROJECT}/accounts:delete"),
            &user,
        );
    }

    /// The tokens of a user who signs in somewhere else than at the broker.
    pub fn sign_in(&self, email: &str, password: &str) -> Value {
        let body = json!({"email": email, "password": password, "returnSecureToken": true});
        self.call(Method::POST, "v1/accounts:signInWithPassword?key=a-key", &body)
    }

    /// Makes requests to paths that begin so fail from now on.
    pub fn fail(&self, path: &str, failure: Failure) {
        self.server.fail(path, failure);
    }

    /// Answers everywhere again.
    pub fn mend(&self) {
        self.server.tell("mend");
    }

    /// Ends it, as an outage does.
    pub fn kill(&mut self) {
        self.server.kill();
    }

    fn call(&self, method: Method, path: &str, body: &Value) -> Value {
        let url = format!("{}/identitytoolkit.googleapis.com/{path}", self.origin());
        let mut request = client().request(method, &url).json(body);
        // What administers has no key.
        if !path.contains("key=") {
            request = request.bearer_auth("owner");
        }
        let answer = Answer::of(request, parse(&url));
        assert_eq!(answer.status(), 200, "{path}: {}", answer.body());
        answer.json()
    }
}
