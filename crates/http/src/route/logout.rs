//! `/oauth/logout`: ends the browser's login, once the person has said so.
//!
//! Where the provider has a login of its own in the browser, and the operator does not say otherwise, the browser is sent on
//! there, and comes back here.
//!
//! The question protects from a link or picture on another site that would sign people out
//! ([OpenID Connect RP-Initiated Logout §2](https://openid.net/specs/openid-connect-rpinitiated-1_0.html#RPLogout)).

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use vestibule_broker::{AccountError, Broker, LoggedOut};

use crate::extract::{Submission, Visitor};
use crate::failure::PageFailure;
use crate::page::{SignOutPage, SignedOutPage};
use crate::pages::Pages;
use crate::respond::{page, see_other};

pub(crate) async fn get(
    State(broker): State<Arc<Broker>>,
    State(pages): State<Arc<Pages>>,
    Visitor(browser): Visitor,
) -> Result<Response, PageFailure> {
    match broker.account(&browser).await {
        Ok(account) => Ok(page(&SignOutPage {
            frame: &pages.frame,
            form_token: &account.form_token,
            provider: account.leaves_too.as_deref(),
        })),
        Err(AccountError::NotLoggedIn) => Ok(signed_out(&pages)),
        Err(error) => Err(error.into()),
    }
}

pub(crate) async fn post(
    State(broker): State<Arc<Broker>>,
    State(pages): State<Arc<Pages>>,
    Submission { browser, params }: Submission,
) -> Result<Response, PageFailure> {
    let token = params.one("form_token")?.unwrap_or_default();
    match broker.log_out(&browser, token).await {
        Ok(LoggedOut { cookie, onward }) => {
            let mut response = match onward {
                Some(provider) => see_other(provider.as_str()),
                None => signed_out(&pages),
            };
            pages.cookies.write(&[cookie], &mut response);
            Ok(response)
        }
        Err(AccountError::NotLoggedIn) => Ok(signed_out(&pages)),
        Err(error) => Err(error.into()),
    }
}

fn signed_out(pages: &Pages) -> Response {
    page(&SignedOutPage { frame: &pages.frame })
}
