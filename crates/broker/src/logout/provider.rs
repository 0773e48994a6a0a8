//! Leaving the provider with the browser, where the operator wants it so.

use std::time::Duration;

use url::Url;
use vestibule_protocol::Secret;
use vestibule_provider::Leaving;

use crate::record::BrowserLogin;
use crate::store::StoreError;
use crate::{Broker, Digest};

/// How long a provider may take to say where the browser goes.
const LONGEST: Duration = Duration::from_secs(5);

impl Broker {
    /// The name of the provider that a logout leaves too, for the page that asks.
    pub(crate) fn leaves_too(&self, login: &BrowserLogin) -> Option<String> {
        let provider = self.providers.find(&login.identity.provider)?;
        let wanted = !self.settings.quiet_logout.contains(provider.id());
        (wanted && provider.capabilities().logout).then(|| provider.display_name().to_owned())
    }

    /// Finds the login of a cookie, if the login at the provider on which it stands does.
    pub(crate) async fn find_login(&self, cookie: &Secret) -> Result<Option<BrowserLogin>, StoreError> {
        let cookie = Digest::of(cookie.expose());
        let Some(login) = self.store.find_browser_login(cookie, self.now()).await? else {
            return Ok(None);
        };
        Ok(self.stands(login.upstream.as_ref()).await?.then_some(login))
    }

    /// Where the provider logs the browser out. A provider that cannot say keeps nobody from leaving here.
    pub(super) async fn onward(&self, login: &BrowserLogin) -> Option<Url> {
        self.leaves_too(login)?;
        let provider = self.providers.find(&login.identity.provider)?;
        let upstream = match &login.upstream {
            None => None,
            Some(id) => self.open_upstream(id).await,
        };
        let leaving = Leaving {
            upstream,
            return_to: self.logout_url(),
            state: self.entropy.name(),
        };
        match tokio::time::timeout(LONGEST, provider.logout(&leaving)).await {
            Ok(Ok(url)) => url,
            Ok(Err(error)) => {
                tracing::warn!(provider = %provider.id(), %error, "the provider's own logout cannot be had");
                None
            }
            Err(_) => {
                tracing::warn!(provider = %provider.id(), "the provider took too long to say where to log out");
                None
            }
        }
    }

    /// Where a provider sends the browser back to after a logout.
    pub(crate) fn logout_url(&self) -> Url {
        let mut url = self.settings.issuer.url().clone();
        url.set_path(&format!("{}/oauth/logout", self.settings.issuer.path()));
        url
    }
}
