//! Users listed in the operator's configuration, with a name and a password.
//!
//! For one machine, a demo or a small team: the password is asked on the broker's own page. This crate knows nothing of the
//! broker, of HTTP or of a store.

mod password;
mod provider;
mod user;

pub use password::{Password, PasswordError, hash_password};
pub use provider::LocalProvider;
pub use user::LocalUser;
