//! Whole flows against the built program, and third parties that know nothing of it.

#![expect(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test fails loudly, on the line that found the fault"
)]

mod auth0;
mod chooser;
mod clerk;
mod client;
mod compose;
mod conformance;
mod deploy;
mod firebase;
mod layers;
mod leaving;
mod life;
mod limits;
mod logins;
mod observability;
mod on_redis;
mod openapi;
mod openid;
mod operators;
mod pages;
mod provider_failures;
mod replay;
mod replicas;
mod rotation;
mod sdks;
mod services;
mod specs;
mod supabase;
mod telemetry;
mod up;
mod upstreams;
mod walk;
