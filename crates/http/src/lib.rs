//! The axum surface of the broker: routes, extractors, response types, pages and middleware.
//!
//! It decides nothing: a handler turns a request into one call of the [broker](vestibule_broker::Broker), and its answer
//! into a response whose headers cannot be forgotten. This crate never knows a store, one identity provider or the
//! program's configuration, and takes no address from a request's `Host`.
//!
//! To add an endpoint: a file in `route/`, a line in `router.rs`, a file in `failure/` that maps its error.
//! To add a page: see `page/`.

mod admit;
mod appearance;
mod caller;
mod correlation;
mod cors;
mod date;
mod explain;
mod extract;
mod failure;
mod leaving;
mod measure;
mod page;
mod pages;
mod respond;
mod route;
mod router;
mod same_origin;
mod scripts;
mod state;

pub use appearance::{Appearance, Colour, ColourError, Logo, LogoError};
pub use caller::{ForwardingHeader, TrustedProxies};
pub use leaving::Leaving;
pub use router::{health_router, metrics_router, router};
pub use state::AppState;
