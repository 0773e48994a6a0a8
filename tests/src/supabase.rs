//! A stand-in for one Supabase project's Auth server, written from the rules of the real one.
//!
//! It is as strict as the real one where that matters to a client: a verifier that does not match, a code or refresh token that
//! was used, a redirect that nobody allowed, a banned user, a missing `apikey`. The official `@supabase/auth-js` accepts it in
//! every call that the broker makes; a test sees to that. It is no proof of how the real one behaves.
//!
//! To add an endpoint: a file named after it, a route in `routes.rs`, and a step in `upstreams/supabase.mjs`.
#![expect(
    clippy::indexing_slicing,
    reason = "a part of tests fails loudly, on the line that found the fault"
)]

mod authorize;
mod calls;
mod code;
mod consent;
mod error;
mod factors;
mod glob;
mod key;
mod lie;
mod mint;
mod oauth;
mod person;
mod routes;
mod session;
mod token;
mod user;
mod well_known;
mod world;

use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::task::AbortHandle;

use crate::wire::spawn;
use world::World;

pub use calls::Trouble;
pub use key::Signing;
pub use lie::Lie;
pub use oauth::ClientMethod;
pub use person::Person;
pub use world::Social;

/// A running stand-in, ended when it is dropped. It listens on this machine alone.
#[derive(Debug)]
pub struct Supabase {
    address: SocketAddr,
    shared: Shared,
    server: AbortHandle,
}

/// What the handlers share.
#[derive(Debug, Clone)]
struct Shared(Arc<Mutex<World>>);

impl Shared {
    fn world(&self) -> MutexGuard<'_, World> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Supabase {
    /// A project that signs its tokens with a published key (ES256).
    pub fn start() -> Self {
        Self::start_with(Signing::Es256)
    }

    /// A project that signs its tokens so.
    pub fn start_with(signing: Signing) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
        listener
            .set_nonblocking(true)
            .expect("a listener that waits for nobody");
        let address = listener.local_addr().expect("a bound listener has an address");
        let shared = Shared(Arc::new(Mutex::new(World::new(address, signing))));
        let router = routes::router(shared.clone());
        let server = spawn(async move {
            let listener = tokio::net::TcpListener::from_std(listener).expect("the listener is taken over");
            axum::serve(listener, router).await.expect("the stand-in serves");
        });
        Self {
            address,
            shared,
            server,
        }
    }

    /// The project's URL.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The key that clients send as `apikey`.
    pub fn publishable_key(&self) -> &'static str {
        world::PUBLISHABLE_KEY
    }

    /// The secret of a project that signs with HS256.
    pub fn jwt_secret(&self) -> &'static str {
        key::SECRET
    }

    /// Signs somebody up; answers their id.
    pub fn add(&self, person: Person) -> String {
        self.shared.world().add(person)
    }

    /// Changes somebody who signed up.
    pub fn change(&self, email: &str, change: impl FnOnce(Person) -> Person) {
        self.shared.world().change(email, change);
    }

    /// Ends somebody's sessions, as signing out everywhere does.
    pub fn end_sessions(&self, email: &str) {
        self.shared.world().end_sessions(email);
    }

    /// Lets somebody's sessions reach the end that the project sets them.
    pub fn expire_sessions(&self, email: &str) {
        self.shared.world().expire_sessions(email);
    }

    /// How many sessions somebody has.
    pub fn sessions(&self, email: &str) -> usize {
        self.shared.world().sessions_of(email).len()
    }

    /// The code that was last sent to somebody.
    pub fn sent_code(&self, email: &str) -> Option<String> {
        self.shared.world().sent_code(email)
    }

    /// Switches just these ways to sign in on, such as `email` and `google`.
    pub fn offer(&self, ways: &[&str]) {
        self.shared.world().offer(ways);
    }

    /// Confirms every address without a proof from now on.
    pub fn confirm_without_proof(&self) {
        self.shared.world().mailer_autoconfirm = true;
    }

    /// Allows redirects to what this pattern matches.
    pub fn allow_redirect(&self, pattern: &str) {
        self.shared.world().allow_list.push(pattern.to_owned());
    }

    /// What the social provider makes of the next person.
    pub fn social(&self, social: Social) {
        self.shared.world().social = social;
    }

    /// Switches the OAuth server on, with a client that comes back to this URI; answers its id and secret.
    pub fn register_oauth_client(&self, redirect_uri: &str) -> (String, String) {
        self.register_oauth_client_with(redirect_uri, ClientMethod::Basic)
    }

    /// The same with a client that proves who it is in this way.
    pub fn register_oauth_client_with(&self, redirect_uri: &str, method: ClientMethod) -> (String, String) {
        self.shared.world().register_oauth_client(redirect_uri, method)
    }

    /// Signs with a new key from now on, and publishes no other.
    pub fn rotate_key(&self) {
        self.shared.world().signer = key::Signer::generate();
    }

    /// Says this untruth in every access token from now on.
    pub fn lie(&self, lie: Lie) {
        self.shared.world().lie = Some(lie);
    }

    /// Says no untruth any more.
    pub fn tell_the_truth(&self) {
        self.shared.world().lie = None;
    }

    /// Fails so at this path, such as `/token`, from now on.
    pub fn fail(&self, path: &str, trouble: Trouble) {
        self.shared.world().troubles.push((path.to_owned(), trouble));
    }

    /// Fails no more.
    pub fn recover(&self) {
        self.shared.world().troubles.clear();
    }

    /// Answers nobody any more.
    pub fn stop(&self) {
        self.server.abort();
    }

    /// The calls so far, such as `POST /token?grant_type=password`, ids left out.
    pub fn calls(&self) -> Vec<String> {
        self.shared.world().calls.clone()
    }
}

impl Drop for Supabase {
    fn drop(&mut self) {
        self.server.abort();
    }
}
