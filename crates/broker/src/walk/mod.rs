//! A walk: from a checked request through login and consent to the code, one step a request.
//!
//! A walk is filed under the digest of its ticket, which stands in the pages' address, and is bound to the browser that
//! began it by a cookie. Each step names the one before it, so that two tabs cannot take the same step.

mod arrival;
mod begin;
mod callback;
mod choose;
mod consent;
mod device;
mod error;
mod finish;
mod leg;
mod login;
mod reply;
mod tries;
mod view;

use std::sync::Arc;

use vestibule_protocol::{GrantType, Secret};

pub use consent::Decision;
pub use error::WalkError;
pub use view::{
    AnswerPlace, ClientView, ConsentView, Interaction, Origin, ProviderView, ResourceView, ScopeView,
};

pub(crate) use device::digest_of;

use crate::record::{Authorization, Redirection, ReplyTo, Stage, ValidRequest};
use crate::store::Advance;
use crate::{Broker, Browser, Client, Digest};

/// A walk under way, found by its ticket in the browser that began it.
struct Walk {
    ticket: Secret,
    key: Digest,
    authorization: Authorization,
    client: Arc<Client>,
}

impl Broker {
    /// Finds the walk of a ticket, in the browser that began it and in no other.
    async fn find_walk(&self, ticket: &str, browser: &Browser) -> Result<Walk, WalkError> {
        let key = Digest::of(ticket);
        let authorization = self
            .store
            .find_authorization(key, self.now())
            .await?
            .ok_or(WalkError::Expired)?;
        if let Some(trace) = authorization.trace {
            trace.join();
        }
        let bound = browser
            .binding
            .as_ref()
            .is_some_and(|cookie| authorization.browser.matches(cookie.expose()));
        if !bound {
            return Err(WalkError::OtherBrowser);
        }
        let client = self
            .find_client(&authorization.request.client_id)
            .await?
            .ok_or(WalkError::ClientGone)?;
        if client.is_blocked() || !still_leads_to(&client, &authorization.request) {
            return Err(WalkError::ClientGone);
        }
        Ok(Walk {
            ticket: Secret::new(ticket),
            key,
            authorization,
            client,
        })
    }

    /// Moves the walk on to `stage`, unless another tab did.
    async fn advance(&self, walk: &Walk, stage: Stage) -> Result<(), WalkError> {
        let mut next = walk.authorization.clone();
        next.step += 1;
        next.stage = stage;
        match self
            .store
            .advance_authorization(walk.key, next, self.now())
            .await?
        {
            Advance::Advanced => Ok(()),
            Advance::Stale => Err(WalkError::Stale),
            Advance::Unknown => Err(WalkError::Expired),
        }
    }
}

/// Whether the client, whose document may have changed meanwhile, still has the redirect URI of the request, or still may ask from a
/// device.
fn still_leads_to(client: &Client, request: &ValidRequest) -> bool {
    match &request.reply_to {
        ReplyTo::Client(Redirection { redirect_uri, .. }) => {
            let mut uris = client.redirect_uris().iter();
            uris.any(|uri| uri.accept(redirect_uri.as_str()).is_some())
        }
        ReplyTo::Device { .. } => client.allows_grant(GrantType::DeviceCode),
    }
}
