//! The endpoints, a file each. A handler extracts, makes one call of the broker, and answers.

pub(crate) mod account;
pub(crate) mod asset;
pub(crate) mod authorize;
pub(crate) mod backchannel_logout;
pub(crate) mod callback;
pub(crate) mod device;
pub(crate) mod discovery;
pub(crate) mod health;
pub(crate) mod interaction;
pub(crate) mod introspect;
pub(crate) mod keys;
pub(crate) mod logout;
pub(crate) mod lost;
pub(crate) mod metrics;
pub(crate) mod par;
pub(crate) mod register;
pub(crate) mod revoke;
pub(crate) mod status;
pub(crate) mod token;
pub(crate) mod userinfo;
