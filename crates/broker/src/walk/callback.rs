//! Back from the provider.

use std::collections::BTreeMap;

use vestibule_protocol::{OAuthErrorCode, Params};
use vestibule_provider::{ProviderError, Reply};

use super::WalkError;
use crate::authorize::Refusal;
use crate::record::{Pending, Stage};
use crate::{Broker, Browser, Turn};

impl Broker {
    /// Takes what a provider's redirect brought back. The walk is found by `state`, in the browser that began it.
    ///
    /// # Errors
    /// [`WalkError`].
    pub async fn complete_callback(
        &self,
        provider: &str,
        params: &Params,
        browser: &Browser,
    ) -> Result<Turn, WalkError> {
        let state = params.one("state").ok().flatten().ok_or(WalkError::Expired)?;
        let walk = self.find_walk(state, browser).await?;
        let Stage::LoggingIn(leg) = &walk.authorization.stage else {
            return Err(WalkError::Stale);
        };
        if leg.provider.as_str() != provider || !matches!(leg.pending, Pending::Away(_)) {
            return Err(WalkError::Stale);
        }
        let mut fields = BTreeMap::new();
        for (name, value) in params.iter() {
            // A parameter that stands twice has no one meaning.
            if fields.insert(name.to_owned(), value.to_owned()).is_some() {
                return Err(ProviderError::Rejected(format!("the callback carries {name} twice")).into());
            }
        }
        match self.complete_login(&walk, leg, Reply::Callback(fields)).await {
            Ok(begun) => self.go_on(&walk, begun, browser).await,
            Err(WalkError::Provider(ProviderError::Denied(_))) => {
                self.take(&walk).await?;
                let refusal = Refusal::new(
                    OAuthErrorCode::AccessDenied,
                    "The login was denied at the identity provider.",
                );
                let person = self.person_in(browser).await?;
                self.refuse_walk(&walk, refusal, person.as_ref()).await
            }
            Err(error) => Err(error),
        }
    }
}
