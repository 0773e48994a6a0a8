//! Where a law is tried.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use vestibule_provider::{LoginStep, Provider, Reply};

use crate::{Shape, Upstream};

/// Makes the provider that a law is tried on. Every law gets a bench and an [`Upstream`] of its own.
#[async_trait]
pub trait Bench: Send + Sync {
    /// How the upstream looks that the provider expects.
    fn shape(&self) -> Shape {
        Shape::plain()
    }

    /// The provider, as [`sample::CLIENT_ID`](crate::sample::CLIENT_ID) with
    /// [`sample::CLIENT_SECRET`](crate::sample::CLIENT_SECRET) at this upstream.
    async fn provider(&self, upstream: &Upstream) -> Arc<dyn Provider>;

    /// What comes back when the user logs in at the upstream.
    fn log_in(&self, upstream: &Upstream, step: &LoginStep) -> Reply {
        Reply::Callback(callback(upstream, step))
    }
}

fn callback(upstream: &Upstream, step: &LoginStep) -> BTreeMap<String, String> {
    match step {
        LoginStep::Redirect(url, _) => upstream.allow(url),
        other => panic!("not a redirect, so the bench has to say how the user logs in: {other:?}"),
    }
}
