//! What the broker keeps of a login at a provider, and how it learns that the login is over.

mod admitted;
mod hints;
mod interrupted;
mod logout;
mod once;
mod recheck;
mod several;
mod standing;
