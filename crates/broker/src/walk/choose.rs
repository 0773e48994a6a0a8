//! Which providers a request may be answered with, and in which order they are offered.

use std::sync::Arc;

use vestibule_protocol::ProviderId;
use vestibule_provider::Provider;

use crate::record::ValidRequest;
use crate::{Broker, Browser};

impl Broker {
    /// Whether users of this provider may come to everything that the request asks for.
    pub(super) fn admits(&self, request: &ValidRequest, provider: &ProviderId) -> bool {
        let resources = &self.settings().resources;
        request
            .resources
            .iter()
            .filter_map(|uri| resources.find(uri))
            .all(|resource| resource.admits(provider))
    }

    /// The providers whose users may come, in the order of the configuration.
    pub(super) fn admitted(&self, request: &ValidRequest) -> Vec<&Arc<dyn Provider>> {
        self.providers
            .iter()
            .filter(|provider| self.admits(request, provider.id()))
            .collect()
    }

    /// The provider, if there is no choice.
    pub(super) fn only_admitted(&self, request: &ValidRequest) -> Option<&Arc<dyn Provider>> {
        match self.admitted(request).as_slice() {
            [only] => Some(*only),
            _ => None,
        }
    }

    /// The providers to choose from: the one that this browser used last stands first.
    pub(super) fn offered(&self, request: &ValidRequest, browser: &Browser) -> Vec<&Arc<dyn Provider>> {
        let mut offered = self.admitted(request);
        // Stable, so that the others keep their order.
        offered.sort_by_key(|provider| browser.last_provider.as_ref() != Some(provider.id()));
        offered
    }
}
