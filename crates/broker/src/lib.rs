//! The domain: clients, authorizations, logins, consent, sessions, grants, revocation, limits.
//!
//! Every use case is a method of [`Broker`] that a test can call without HTTP. The broker declares the narrow stores that it
//! needs ([`store`]) and is handed a [`Clock`] and an [`Entropy`]. It never knows axum, redis or any one provider.
//!
//! To add a grant: a file in `token/`, a variant of the request in `protocol`, an arm in `token/mod.rs`.
//! To add a record: a file in `record/`, a trait in `store/`, its laws in `store-testkit`.
//! To add a limit: a variant of [`LimitRule`], and what the compiler asks for then.

mod account;
mod authorize;
mod broker;
mod browser;
mod callback_url;
mod client;
mod client_auth;
mod client_documents;
mod clients;
mod clock;
mod device_authorization;
mod digest;
mod discovery;
mod documents;
mod end_session;
mod endpoint_error;
pub mod endpoints;
mod entropy;
mod first_use;
mod foreign_keys;
mod guesses;
mod introspect;
mod keys;
mod limits;
mod logout;
mod operate;
mod person;
mod proof;
mod provider_call;
mod providers;
mod ready;
pub mod record;
mod registration;
mod revoke;
pub mod settings;
mod status;
pub mod store;
mod token;
mod turn;
mod upstream;
mod userinfo;
mod verified;
mod walk;

pub use account::{Account, AccountError, OwnSession};
pub use authorize::{AuthorizeError, PushError, UntrustedRequest};
pub use broker::{Broker, MasterSecrets, OpenBrokerError, Parts};
pub use browser::{Browser, CookieChange};
pub use callback_url::callback_url;
pub use client::{Client, ClientOrigin};
pub use client_auth::{AssertionRefusal, AuthenticateError, ClientRefusal};
pub use client_documents::DocumentRefusal;
pub use clock::{Clock, ManualClock, SystemClock};
pub use device_authorization::DeviceAuthorizationError;
pub use digest::Digest;
pub use documents::{Document, Documents, FetchError, NoDocuments};
pub use endpoint_error::EndpointError;
pub use entropy::{Entropy, SystemEntropy};
pub use introspect::IntrospectError;
pub use keys::{KeyRotation, KeysAtRest, KeysError, PublishedKeys};
pub use limits::{ClientAddress, LimitError, LimitKey, LimitReach, LimitReport, LimitRule, Limited};
pub use logout::{AfterLogout, Leave, LoggedOut, Logout, LogoutError, LogoutQuestion, WayBack};
pub use operate::{
    Barred, ClientChange, ClientDetails, EndedSessions, KnownUser, PolicyAnswer, PolicyQuestion,
    SessionFilter,
};
pub use proof::ProofRefusal;
pub use ready::{ProviderReadiness, Readiness};
pub use registration::{ManageError, RegisterError};
pub use revoke::RevokeError;
pub use status::{PublishedStatusList, StatusError};
pub use token::TokenError;
pub use turn::{ClientRedirect, Departure, DeviceOutcome, Next, Turn};
pub use upstream::LogoutTokenError;
pub use userinfo::{ShownToken, UserInfoError};
pub use vestibule_telemetry::{EndCause, Operator};
pub use walk::{
    AnswerPlace, ClientView, ConsentView, Decision, Interaction, Origin, ProviderView, ResourceView,
    ScopeView, WalkError,
};
