//! What is kept, one file a record. Expiry is in the record and judged against the caller's `now`.

mod authorization;
mod browser_login;
mod client;
mod client_document;
mod code;
mod consent;
mod device;
mod pushed_request;
mod session;
mod stored_keys;
mod upstream;

pub use authorization::{Authorization, Pending, Redirection, ReplyTo, Stage, UpstreamLeg, ValidRequest};
pub use browser_login::BrowserLogin;
pub use client::{RegisteredClient, RegisteredSecret};
pub use client_document::{ClientDocument, ReadDocument, Standing};
pub use code::CodeGrant;
pub use consent::ConsentKey;
pub use device::{DeviceApproval, DeviceAuthorization};
pub use pushed_request::PushedRequest;
pub use session::{Generation, Session};
pub use stored_keys::StoredKeys;
pub use upstream::{Called, UpstreamId, UpstreamLogin, UpstreamState, Vouched};
