//! Which providers a request may be answered with, and in which order they are offered.

use std::sync::Arc;

use vestibule_protocol::{ProviderId, Subject};
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

    /// The provider to which the client's hints lead, if its users may come: the one that `idp_hint` names, the one whose user
    /// `login_hint` is by a subject of ours, or the one to which the operator gave the domain of its address.
    pub(super) fn hinted(
        &self,
        request: &ValidRequest,
        idp_hint: Option<&ProviderId>,
    ) -> Option<&Arc<dyn Provider>> {
        let by_name = idp_hint.and_then(|id| self.providers.find(id));
        let hint = request.login_hint.as_deref();
        let by_subject = || self.provider_of(&Subject::parse(hint?).ok()?);
        let by_domain = || {
            let (_, domain) = hint?.rsplit_once('@')?;
            let id = self.settings().login_domains.get(&domain.to_ascii_lowercase())?;
            self.providers.find(id)
        };
        let admitted = |provider: &&Arc<dyn Provider>| self.admits(request, provider.id());
        by_name
            .filter(admitted)
            .or_else(|| by_subject().filter(admitted))
            .or_else(|| by_domain().filter(admitted))
    }

    /// The `login_hint` as this provider understands it: a subject of ours is nobody's name there.
    pub(super) fn hint_for(&self, request: &ValidRequest, provider: &ProviderId) -> Option<String> {
        let hint = request.login_hint.as_deref()?;
        match Subject::parse(hint) {
            Ok(subject) if subject.is_of(provider) => Some(subject.upstream().to_owned()),
            Ok(subject) if self.provider_of(&subject).is_some() => None,
            Ok(_) | Err(_) => Some(hint.to_owned()),
        }
    }

    fn provider_of(&self, subject: &Subject) -> Option<&Arc<dyn Provider>> {
        self.providers
            .iter()
            .find(|provider| subject.is_of(provider.id()))
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
