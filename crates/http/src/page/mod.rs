//! The pages: server-rendered, readable on a phone, and without scripts but for the one that a provider brings.
//!
//! A page is a struct of what it shows and a template under `templates/`. To add one: a struct here, a template that
//! extends `frame.html`, and a sample in the tests, which render every page.

mod account;
mod chooser;
mod consent;
mod device;
mod frame;
mod leaving;
mod login;
mod problem;
mod script;
#[cfg(test)]
mod tests;
mod text;

pub(crate) use account::{AccountPage, LoggedOutAccountPage, SessionLine};
pub(crate) use chooser::{Choice, ChooserPage};
pub(crate) use consent::{Asking, ConsentPage, ResourceScopes, ScopeLine};
pub(crate) use device::{DeviceDonePage, DevicePage};
pub(crate) use frame::{Asset, Frame};
pub(crate) use leaving::{ClosingPage, CodePage, Onward, SignOutPage, SignedOutPage, TurnedAwayPage};
pub(crate) use login::LoginPage;
pub(crate) use problem::ProblemPage;
pub(crate) use script::ScriptPage;
pub(crate) use text::{initial, shown};
