//! What a client asks for when it sends a browser here to log out
//! ([RP-Initiated Logout §2](https://openid.net/specs/openid-connect-rpinitiated-1_0.html#RPLogout)).

use std::sync::Arc;

use vestibule_protocol::{ClientId, Params, Subject};

use super::{Leave, LogoutError, WayBack};
use crate::{Broker, Client};

/// A request that passed every check.
pub(super) struct LogoutRequest {
    /// Whom the hint is about.
    pub(super) about: Option<Subject>,
    /// Where the client wants the browser back.
    pub(super) back: Option<WayBack>,
}

impl Broker {
    pub(super) async fn read_logout_request(&self, params: &Params) -> Result<LogoutRequest, LogoutError> {
        // A hint that is none of ours says nothing, and the person is asked.
        let hint = params
            .one("id_token_hint")?
            .and_then(|token| self.read_hint(token));
        let named = params.one("client_id")?;
        // "When both client_id and id_token_hint are present, the OP MUST verify that the Client Identifier matches the one used
        // when issuing the ID Token."
        if let (Some(hint), Some(named)) = (&hint, named)
            && !hint.aud.contains(named)
        {
            return Err(LogoutError::ForeignHint);
        }
        let of_hint = hint.as_ref().and_then(|hint| hint.aud.iter().next());
        let back = match params.one("post_logout_redirect_uri")? {
            None => None,
            Some(uri) => {
                let client = self.sending_client(named.or(of_hint)).await?;
                Some(WayBack {
                    // "The OP MUST NOT perform post-logout redirection if the post_logout_redirect_uri value supplied does not
                    // exactly match one of the previously registered post_logout_redirect_uris values."
                    uri: client.post_logout_uri(uri).ok_or(LogoutError::NotRegistered)?,
                    client,
                    state: params.one("state")?.map(str::to_owned),
                    leave: Leave::WhenAsked,
                })
            }
        };
        Ok(LogoutRequest {
            about: hint.map(|hint| hint.sub),
            back,
        })
    }

    async fn sending_client(&self, id: Option<&str>) -> Result<Arc<Client>, LogoutError> {
        let id = id.ok_or(LogoutError::NoClient)?;
        let id = ClientId::parse(id).map_err(|_| LogoutError::UnknownClient)?;
        let client = self.find_client(&id).await?;
        client
            .filter(|client| !client.is_blocked())
            .ok_or(LogoutError::UnknownClient)
    }
}
