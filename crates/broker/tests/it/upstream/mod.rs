//! What the broker keeps of a login at a provider, and how it learns that the login is over.

mod logout;
mod once;
mod recheck;
mod several;
mod standing;
