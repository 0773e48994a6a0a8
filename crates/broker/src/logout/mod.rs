//! Leaving: the browser's login ends, whoever asked for it, and the browser goes on: to the provider, where the operator wants it
//! so, and back to the client that sent it
//! ([OpenID Connect RP-Initiated Logout](https://openid.net/specs/openid-connect-rpinitiated-1_0.html)).
//!
//! The sessions of a browser's apps go on: each client revokes its own.

mod back;
mod error;
mod hint;
mod provider;
mod request;

use url::Url;
use vestibule_protocol::{Params, Subject};

pub use back::{Leave, WayBack};
pub use error::LogoutError;

use crate::record::BrowserLogin;
use crate::{AccountError, Broker, Browser, CookieChange, Digest};
use request::LogoutRequest;

/// What comes of a logout that was asked for.
#[derive(Debug)]
pub enum Logout {
    /// The person is asked first.
    Ask(Box<LogoutQuestion>),
    /// Nobody is logged in here any more.
    Done(LoggedOut),
}

/// What the page asks.
#[derive(Debug)]
pub struct LogoutQuestion {
    /// What the page's form carries, so that only the page can send it.
    pub form_token: String,
    /// The provider that a logout leaves too, by its name.
    pub leaves_too: Option<String>,
    /// The client that the browser goes back to.
    pub back: Option<WayBack>,
}

/// A browser that has left.
#[derive(Debug)]
pub struct LoggedOut {
    /// The cookies to set and to clear.
    pub cookies: Vec<CookieChange>,
    /// Where the browser goes.
    pub next: AfterLogout,
}

/// Where a browser goes that has left.
#[derive(Debug)]
pub enum AfterLogout {
    /// Nowhere.
    Stay,
    /// To the provider, so that it leaves there too.
    Provider(Url),
    /// Back to the client.
    Client(WayBack),
}

impl Broker {
    /// Takes a browser that wants to leave, perhaps because a client sent it.
    ///
    /// > The OP […] MUST ask the End-User whether to log out of the OP […] if an `id_token_hint` was not provided or if the
    /// > supplied ID Token does not belong to the current OP session with the RP and/or currently logged in End-User.
    /// > ([RP-Initiated Logout §2](https://openid.net/specs/openid-connect-rpinitiated-1_0.html#RPLogout))
    ///
    /// # Errors
    /// [`LogoutError`].
    pub async fn begin_logout(&self, browser: &Browser, params: &Params) -> Result<Logout, LogoutError> {
        let request = self.read_logout_request(params).await?;
        let (login, form_token) = match self.logged_in(browser).await {
            Ok(found) => found,
            Err(AccountError::NotLoggedIn) => {
                return Ok(Logout::Done(self.nobody_left(browser, request).await?));
            }
            Err(error) => return Err(error.into()),
        };
        if request.about.as_ref() == Some(&login.identity.subject) {
            let person = login.identity.subject.clone();
            let back = self.judge_way(request.back, Some(&person)).await?;
            return Ok(Logout::Done(self.leave(browser, &login, back).await?));
        }
        Ok(Logout::Ask(Box::new(LogoutQuestion {
            form_token,
            leaves_too: self.leaves_too(&login),
            back: request.back,
        })))
    }

    /// Logs the browser out, as the person has said on the page. The page named the place that the browser goes back to.
    ///
    /// # Errors
    /// [`LogoutError`].
    pub async fn confirm_logout(&self, browser: &Browser, params: &Params) -> Result<LoggedOut, LogoutError> {
        let request = self.read_logout_request(params).await?;
        let form_token = params.one("form_token")?.unwrap_or_default();
        match self.judge_form(browser, form_token).await {
            Ok(login) => {
                let back = request.back.map(WayBack::at_once);
                self.leave(browser, &login, back).await
            }
            Err(AccountError::NotLoggedIn) => self.nobody_left(browser, request).await,
            Err(error) => Err(error.into()),
        }
    }

    /// Nobody is logged in, perhaps because the browser comes back from the provider's own logout.
    async fn nobody_left(&self, browser: &Browser, request: LogoutRequest) -> Result<LoggedOut, LogoutError> {
        let kept = browser.way_back.as_ref();
        if let (None, Some(kept)) = (&request.back, kept) {
            let back = self.open_way_back(kept).await?;
            return Ok(LoggedOut {
                cookies: vec![CookieChange::ClearWayBack],
                next: back.map_or(AfterLogout::Stay, AfterLogout::Client),
            });
        }
        let back = self.judge_way(request.back, None).await?;
        Ok(LoggedOut {
            cookies: Vec::new(),
            next: back.map_or(AfterLogout::Stay, AfterLogout::Client),
        })
    }

    async fn leave(
        &self,
        browser: &Browser,
        login: &BrowserLogin,
        back: Option<WayBack>,
    ) -> Result<LoggedOut, LogoutError> {
        if let Some(cookie) = &browser.login {
            self.store.end_browser_login(Digest::of(cookie.expose())).await?;
        }
        let mut cookies = vec![CookieChange::ClearLogin];
        let next = match (self.onward(login).await, back) {
            (Some(provider), back) => {
                cookies.extend(back.and_then(|back| self.keep_way_back(&back)));
                AfterLogout::Provider(provider)
            }
            (None, Some(back)) => AfterLogout::Client(back),
            (None, None) => AfterLogout::Stay,
        };
        Ok(LoggedOut { cookies, next })
    }

    /// Says whether the browser may go back by itself: the operator wrote the client down, the way does not leave this computer, or
    /// this person has let the client in before.
    async fn judge_way(
        &self,
        back: Option<WayBack>,
        person: Option<&Subject>,
    ) -> Result<Option<WayBack>, LogoutError> {
        let Some(back) = back else {
            return Ok(None);
        };
        let trusted = self.trusts(&back.uri, &back.client, person).await?;
        Ok(Some(if trusted { back.at_once() } else { back }))
    }
}
