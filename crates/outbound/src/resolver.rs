//! Names that resolve to allowed addresses only. What this hands out is what is connected to, so that a name cannot change its
//! mind in between.

use std::net::SocketAddr;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use thiserror::Error;

use crate::{Reach, is_public};

/// The resolver of a client of this reach.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Resolver(pub(crate) Reach);

/// A name all of whose addresses are left out.
#[derive(Debug, Error)]
#[error("the name resolves to no public address")]
pub(crate) struct NotPublic;

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let reach = self.0;
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let allowed: Vec<SocketAddr> = found
                .filter(|address| reach == Reach::Private || is_public(address.ip()))
                .collect();
            if allowed.is_empty() {
                return Err(NotPublic.into());
            }
            let addresses: Addrs = Box::new(allowed.into_iter());
            Ok(addresses)
        })
    }
}
