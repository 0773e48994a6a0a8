//! Whole flows against real parts: the built program, a person at a browser, and third parties.
//!
//! This crate owns the drivers that tests speak through, and nothing that the program runs on. It
//! knows the program by its command line and its wire alone, so it must never depend on another
//! crate of the workspace: a test that passes here passes for a stranger.
//!
//! - [`Program`]: the built program, on free ports, ended on drop.
//! - [`Replicas`]: several of it behind one address, with a load on them.
//! - [`Flow`]: one walk of the authorization code grant, a step a line.
//! - [`Browser`] and [`Page`]: what a person without JavaScript sees and sends.
//! - [`Recording`]: a request of a real client, byte for byte; [`DocumentHost`]: where clients' documents are.
//! - [`User`]: a person at a terminal, whose browser opens by itself.
//! - [`Supabase`]: a stand-in for a Supabase project, where people sign in.
//! - [`Collector`]: a collector of OpenTelemetry, and [`DeafCollector`], which takes everything and says nothing.
//! - [`ThirdParty`]: an unmodified client of somebody else's, and what it found.
//! - [`Upstream`]: a real identity provider of somebody else's, started on a free port: [`OidcProvider`], [`Glewlwyd`],
//!   [`Canaille`], [`FirebaseEmulator`], and [`Mock`], which lies.
//!
//! To add a third party: pin it in `clients/`, write a script that prints one `ok - …` line for each
//! thing shown, and list those lines in a test of `it/`.
#![expect(
    clippy::panic,
    clippy::expect_used,
    clippy::missing_panics_doc,
    clippy::print_stderr,
    reason = "a driver of tests fails loudly, on the line that found the fault"
)]

mod browser;
mod collector;
mod document_host;
mod flow;
mod page;
mod program;
mod recording;
mod replicas;
mod supabase;
mod third_party;
mod upstream;
mod user;
mod wire;

pub use browser::{Answer, Browser};
pub use collector::{Collector, DeafCollector, attribute};
pub use document_host::DocumentHost;
pub use flow::{Callback, Client, Flow, Tokens, Visit};
pub use page::{Form, Page};
pub use program::{Ports, Program};
pub use recording::Recording;
pub use replicas::{HandClock, Kept, Ledger, Load, Outcome, Replicas, isolated, run};
pub use supabase::{ClientMethod, Lie, Person, Signing, Social, Supabase, Trouble};
pub use third_party::{Report, ThirdParty};
pub use upstream::{
    Canaille, Failure, FirebaseEmulator, Glewlwyd, Mock, OidcProvider, OidcSettings, Upstream,
    provider_section,
};
pub use user::User;
pub use wire::wait_for;
