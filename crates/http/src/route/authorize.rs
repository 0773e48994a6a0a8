//! `/oauth/authorize`: where a client sends the browser
//! ([RFC 6749 §3.1](https://www.rfc-editor.org/rfc/rfc6749#section-3.1): GET, and POST as well).

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use vestibule_broker::{AuthorizeError, Broker, Browser};
use vestibule_protocol::Params;

use crate::extract::{Submission, Visit};
use crate::failure::{Fault, PageFailure};
use crate::pages::Pages;

pub(crate) async fn get(
    State(broker): State<Arc<Broker>>,
    State(pages): State<Arc<Pages>>,
    Visit { browser, params }: Visit,
) -> Result<Response, PageFailure> {
    begin(&broker, &pages, &browser, &params).await
}

/// The form comes from the client's site, so the browser keeps our `SameSite=Lax` cookies back. Without them this would look
/// like a new browser, whose cookie would undo the walks in other tabs: the GET that it is turned into brings them along.
pub(crate) async fn post(
    State(broker): State<Arc<Broker>>,
    State(pages): State<Arc<Pages>>,
    Submission { browser, params }: Submission,
) -> Result<Response, PageFailure> {
    if browser.binding.is_none() {
        return Ok(pages.asked_again("/oauth/authorize", &params));
    }
    begin(&broker, &pages, &browser, &params).await
}

async fn begin(
    broker: &Broker,
    pages: &Pages,
    browser: &Browser,
    params: &Params,
) -> Result<Response, PageFailure> {
    match broker.authorize(params, browser).await {
        Ok(turn) => Ok(pages.turn(turn)),
        Err(AuthorizeError::Redirect(redirect)) => Ok(pages.to_client(&redirect)),
        Err(AuthorizeError::Page(untrusted)) => Err(untrusted.into()),
        Err(AuthorizeError::Walk(error)) => {
            Err(PageFailure::from(error).with_another_try(|| pages.address("/oauth/authorize", params)))
        }
        Err(AuthorizeError::Store(error)) => Err(Fault::from(error).into()),
    }
}
