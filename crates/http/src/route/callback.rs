//! `/oauth/callback/{provider}`: back from the identity provider.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;
use url::form_urlencoded::byte_serialize;
use vestibule_broker::{Broker, Browser};
use vestibule_protocol::Params;

use crate::extract::{Submission, Visit};
use crate::failure::PageFailure;
use crate::pages::Pages;

pub(crate) async fn get(
    State(broker): State<Arc<Broker>>,
    State(pages): State<Arc<Pages>>,
    Path(provider): Path<String>,
    Visit { browser, params }: Visit,
) -> Result<Response, PageFailure> {
    complete(&broker, &pages, &provider, &params, &browser).await
}

/// `response_mode=form_post`
/// ([OAuth 2.0 Form Post Response Mode](https://openid.net/specs/oauth-v2-form-post-response-mode-1_0.html)).
///
/// The form comes from the provider's site, so the browser keeps our `SameSite=Lax` cookies back; it sends them with the
/// GET that this is turned into.
pub(crate) async fn post(
    State(broker): State<Arc<Broker>>,
    State(pages): State<Arc<Pages>>,
    Path(provider): Path<String>,
    Submission { browser, params }: Submission,
) -> Result<Response, PageFailure> {
    if browser.binding.is_none() {
        let provider: String = byte_serialize(provider.as_bytes()).collect();
        return Ok(pages.asked_again(&format!("/oauth/callback/{provider}"), &params));
    }
    complete(&broker, &pages, &provider, &params, &browser).await
}

/// Goes on with what the provider sent. While the provider is away, the walk stands where it stood, and its page leads there
/// again.
async fn complete(
    broker: &Broker,
    pages: &Pages,
    provider: &str,
    params: &Params,
    browser: &Browser,
) -> Result<Response, PageFailure> {
    match broker.complete_callback(provider, params, browser).await {
        Ok(turn) => Ok(pages.turn(turn)),
        Err(error) => {
            let ticket = params.one("state").ok().flatten().unwrap_or_default();
            Err(PageFailure::from(error).with_another_try(|| pages.interaction_path(ticket)))
        }
    }
}
