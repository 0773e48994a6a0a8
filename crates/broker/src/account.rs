//! A signed-in person's own sessions.

use subtle::ConstantTimeEq as _;
use thiserror::Error;
use vestibule_protocol::{ScopeSet, SessionId, Timestamp};
use vestibule_telemetry::EndCause;

use crate::record::BrowserLogin;
use crate::store::StoreError;
use crate::{Broker, Browser, Digest};

/// What the account page shows.
#[derive(Debug)]
pub struct Account {
    /// As whom one is logged in.
    pub user: String,
    /// The user's sessions, the last used first.
    pub sessions: Vec<OwnSession>,
    /// What the page's forms carry, so that only the page can send them.
    pub form_token: String,
    /// The provider that a logout leaves too, by its name.
    pub leaves_too: Option<String>,
}

/// One session of the person before the page.
#[derive(Debug)]
pub struct OwnSession {
    /// Its id.
    pub id: SessionId,
    /// What its client is called.
    pub client_name: String,
    /// What its MCP servers are called.
    pub resources: Vec<String>,
    /// What the client may do.
    pub scopes: ScopeSet,
    /// When it began.
    pub opened_at: Timestamp,
    /// When it was last used for a token.
    pub used_at: Timestamp,
}

/// Why the account page does nothing.
#[derive(Debug, Error)]
pub enum AccountError {
    /// Nobody is logged in.
    #[error("Nobody is signed in here. Connect an app first; signing in for it signs you in here too.")]
    NotLoggedIn,
    /// The form does not come from the page.
    #[error("This form did not come from your account page, or the page is old. Open the page again.")]
    ForeignForm,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Broker {
    /// The sessions of whoever is logged in.
    ///
    /// # Errors
    /// [`AccountError`].
    pub async fn account(&self, browser: &Browser) -> Result<Account, AccountError> {
        let (login, form_token) = self.logged_in(browser).await?;
        let mut sessions = Vec::new();
        for session in self
            .store
            .sessions_of_user(&login.identity.subject, self.now())
            .await?
        {
            let client = self.find_client(&session.client_id).await?;
            let resources = &self.settings().resources;
            sessions.push(OwnSession {
                client_name: client.map_or_else(
                    || session.client_id.to_string(),
                    |client| client.name().to_owned(),
                ),
                resources: session
                    .resources
                    .iter()
                    .map(|uri| {
                        resources
                            .find(uri)
                            .map_or_else(|| uri.to_string(), |known| known.name.clone())
                    })
                    .collect(),
                id: session.id,
                scopes: session.scopes,
                opened_at: session.opened_at,
                used_at: session.rotated_at,
            });
        }
        sessions.sort_by_key(|session| std::cmp::Reverse(session.used_at));
        Ok(Account {
            leaves_too: self.leaves_too(&login),
            user: login.identity.display_name().to_owned(),
            sessions,
            form_token,
        })
    }

    /// Ends one of the person's own sessions, and forgets the consent behind it: the client is not let in again unasked.
    /// Somebody else's stays.
    ///
    /// # Errors
    /// [`AccountError`].
    pub async fn end_own_session(
        &self,
        browser: &Browser,
        form_token: &str,
        id: &SessionId,
    ) -> Result<(), AccountError> {
        let login = self.judge_form(browser, form_token).await?;
        let subject = &login.identity.subject;
        let session = self.store.find_session(id, self.now()).await?;
        let Some(session) = session.filter(|session| session.identity.subject == *subject) else {
            return Ok(());
        };
        // The consent goes first: should the store fail in between, the person sees the session still and tries again.
        if let Some(client) = self.find_client(&session.client_id).await? {
            for resource in &session.resources {
                self.store
                    .revoke_consent(&client.consent_key(subject, resource))
                    .await?;
            }
        }
        self.end_session(id, EndCause::EndedByUser).await?;
        Ok(())
    }

    pub(crate) async fn judge_form(
        &self,
        browser: &Browser,
        form_token: &str,
    ) -> Result<BrowserLogin, AccountError> {
        let (login, expected) = self.logged_in(browser).await?;
        let same: bool = expected.as_bytes().ct_eq(form_token.as_bytes()).into();
        if same {
            Ok(login)
        } else {
            Err(AccountError::ForeignForm)
        }
    }

    pub(crate) async fn logged_in(&self, browser: &Browser) -> Result<(BrowserLogin, String), AccountError> {
        let cookie = browser.login.as_ref().ok_or(AccountError::NotLoggedIn)?;
        let login = self.find_login(cookie).await?.ok_or(AccountError::NotLoggedIn)?;
        // Derived from the cookie, which no other site can read.
        let form_token = Digest::of(&format!("account form of {}", cookie.expose())).to_string();
        Ok((login, form_token))
    }
}
