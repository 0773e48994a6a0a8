//! The identity providers that the operator chose.

use std::sync::Arc;

use vestibule_protocol::ProviderId;
use vestibule_provider::{Provider, ScriptAsset};

use crate::Broker;

/// The providers, in the order of the configuration.
#[derive(Clone)]
pub(crate) struct Providers(Vec<Arc<dyn Provider>>);

impl Providers {
    /// The given providers.
    pub(crate) fn new(all: Vec<Arc<dyn Provider>>) -> Self {
        Self(all)
    }

    /// All of them.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Arc<dyn Provider>> {
        self.0.iter()
    }

    /// The provider of this id.
    pub(crate) fn find(&self, id: &ProviderId) -> Option<&Arc<dyn Provider>> {
        self.0.iter().find(|provider| provider.id() == id)
    }
}

impl Broker {
    /// The files that the providers' scripts need, each with the provider whose it is.
    pub fn script_assets(&self) -> Vec<(ProviderId, ScriptAsset)> {
        let assets = self.providers.iter().flat_map(|provider| {
            let of = |asset| (provider.id().clone(), asset);
            provider.assets().into_iter().map(of)
        });
        assets.collect()
    }
}
