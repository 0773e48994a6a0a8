//! What the broker keeps of a login at a provider, and how it learns that the login is over.
//!
//! Every login of a provider that can be asked again, or that tells of logouts by itself, is a record of its own: a browser's
//! login and any number of sessions stand on it. They share one refresh token, which the provider replaces each time it is
//! used, so it is asked about in one place and by one replica at a time.
//!
//! Whoever ends a login marks it first and looks for its sessions then; whoever opens a session on it opens first and looks at
//! the mark then. One of the two sees the other, whichever comes first.

mod again;
mod ask;
mod end;
mod farewell;
mod keep;
mod logout_token;
mod standing;

pub use logout_token::LogoutTokenError;

pub(crate) use again::Room;
pub(crate) use standing::Vouching;
