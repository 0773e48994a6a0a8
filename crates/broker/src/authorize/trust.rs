//! Which errors go to the redirect URI by themselves.

use vestibule_protocol::{RedirectClass, RedirectUri, Subject};

use super::Refusal;
use crate::store::StoreError;
use crate::{Broker, Browser, Client, ClientOrigin, ClientRedirect, Departure};

impl Broker {
    /// The way back to the client with a refusal that no person decided. `person` is whoever is logged in.
    ///
    /// > The authorization server SHOULD only automatically redirect the user agent if it trusts the redirect URI. If the
    /// > URI is not trusted, the authorization server MAY inform the user and rely on the user to make the correct decision.
    /// > ([RFC 9700 §4.11.2](https://www.rfc-editor.org/rfc/rfc9700#section-4.11.2))
    ///
    /// Otherwise whoever registers a client could have every link to this service lead to a site of theirs.
    pub(crate) async fn turn_away(
        &self,
        redirect_uri: &RedirectUri,
        client: &Client,
        state: Option<String>,
        refusal: Refusal,
        person: Option<&Subject>,
    ) -> Result<ClientRedirect, StoreError> {
        let departure = if self.trusts(redirect_uri, client, person).await? {
            Departure::AtOnce
        } else {
            Departure::WhenAsked {
                code: refusal.code,
                reason: refusal.description.clone(),
                host: redirect_uri.display_host(),
            }
        };
        let redirect = self.refuse(redirect_uri, client, state, refusal);
        Ok(ClientRedirect {
            departure,
            ..redirect
        })
    }

    /// Who is logged in in this browser.
    pub(crate) async fn person_in(&self, browser: &Browser) -> Result<Option<Subject>, StoreError> {
        let Some(cookie) = &browser.login else {
            return Ok(None);
        };
        let login = self.find_login(cookie).await?;
        Ok(login.map(|login| login.identity.subject))
    }

    /// Whether the browser may be sent there unasked: the operator wrote the client down, the way does not leave this
    /// computer, or this person has let the client in before.
    pub(crate) async fn trusts(
        &self,
        redirect_uri: &RedirectUri,
        client: &Client,
        person: Option<&Subject>,
    ) -> Result<bool, StoreError> {
        if client.origin() == ClientOrigin::Configured {
            return Ok(true);
        }
        match redirect_uri.class() {
            RedirectClass::Loopback => return Ok(true),
            RedirectClass::PrivateUse | RedirectClass::PlainHttp | RedirectClass::OutOfBand => {
                return Ok(false);
            }
            RedirectClass::Https => {}
        }
        let Some(person) = person else {
            return Ok(false);
        };
        for resource in self.settings().resources.iter() {
            let key = client.consent_key(person, &resource.uri);
            if !self.store.find_consent(&key).await?.is_empty() {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
