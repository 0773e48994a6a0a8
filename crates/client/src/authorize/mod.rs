//! The person's part: a browser goes to the authorization server and comes back with a code.

mod loopback;
mod request;
mod response;

use std::{io, time::Duration};

use serde::{Deserialize, Serialize};
use thiserror::Error;
use vestibule_protocol::Secret;

use crate::{ForeignText, Interaction, Limits};
use loopback::Loopback;
pub(crate) use request::{AuthorizationRequest, Wish};

/// The redirect URI of clients that show the code to the person instead of taking it themselves.
const OUT_OF_BAND: &str = "urn:ietf:wg:oauth:2.0:oob";

/// How the code comes from the browser to the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Handoff {
    /// The browser is on this computer and is redirected to a port of its loopback interface.
    Loopback,
    /// The browser is elsewhere; the person copies the code from the page.
    CopiedCode,
}

/// Why no code came back.
#[derive(Debug, Error)]
pub enum AuthorizeError {
    /// No port of the loopback interface could be opened.
    #[error("no port of 127.0.0.1 could be opened for the browser to come back to ({0}); try --no-browser")]
    Listen(#[source] io::Error),
    /// The person did not finish.
    #[error("nobody finished the login within {patience:?}; start it again")]
    NoAnswer {
        /// How long the client waited.
        patience: Duration,
    },
    /// The code could not be read from the person.
    #[error("the code could not be read: {0}")]
    Ask(#[source] io::Error),
    /// What was typed holds no code.
    #[error("no code was given; start the login again and copy the code from the page")]
    NoCode,
    /// The answer repeats a parameter, or carries neither a code nor an error.
    #[error("the authorization server {issuer} came back with a malformed answer: {why}")]
    Malformed {
        /// The server.
        issuer: String,
        /// What is wrong with it.
        why: String,
    },
    /// The answer belongs to another login.
    #[error("the answer belongs to another login (its state is not ours); start the login again")]
    WrongState,
    /// The answer comes from another authorization server.
    #[error("the answer names the issuer \"{found}\" and the login went to {issuer}; it is not used")]
    WrongIssuer {
        /// The server that was asked.
        issuer: String,
        /// The server that the answer names.
        found: ForeignText,
    },
    /// The answer does not say who it comes from.
    #[error("the answer names no issuer, although {issuer} promises to; it is not used")]
    MissingIssuer {
        /// The server that was asked.
        issuer: String,
    },
    /// The server, or the person, said no.
    #[error("{issuer} refused the login: {code}{}", with_colon(description.as_ref()))]
    Refused {
        /// The server.
        issuer: String,
        /// The error code.
        code: ForeignText,
        /// What the server said about it.
        description: Option<ForeignText>,
    },
}

fn with_colon(description: Option<&ForeignText>) -> String {
    description.map(|text| format!(": {text}")).unwrap_or_default()
}

/// The place at which the code arrives.
pub(crate) enum Door {
    Loopback(Loopback),
    CopiedCode,
}

impl Door {
    /// Opens the place, so that its address can be registered.
    pub(crate) async fn open(handoff: Handoff) -> Result<Self, AuthorizeError> {
        match handoff {
            Handoff::Loopback => Loopback::listen()
                .await
                .map(Self::Loopback)
                .map_err(AuthorizeError::Listen),
            Handoff::CopiedCode => Ok(Self::CopiedCode),
        }
    }

    pub(crate) fn redirect_uri(&self) -> &str {
        match self {
            Self::Loopback(loopback) => loopback.redirect_uri(),
            Self::CopiedCode => OUT_OF_BAND,
        }
    }

    /// Sends the person to the authorization server and waits for the code.
    pub(crate) async fn receive(
        self,
        request: &AuthorizationRequest,
        interaction: &impl Interaction,
        limits: &Limits,
    ) -> Result<Secret, AuthorizeError> {
        match self {
            Self::Loopback(loopback) => {
                interaction.open_url(request.url()).await;
                let query = loopback.answer(limits.sign_in).await?;
                response::accept(&query, request)
            }
            // The page belongs to the server whose address the person was given, and there is no redirect
            // that could carry `state` or `iss`; PKCE ties the code to this login.
            Self::CopiedCode => {
                interaction.show(&format!("Open this page in a browser:\n\n  {}\n", request.url()));
                let code = interaction.ask_code().await.map_err(AuthorizeError::Ask)?;
                let code = code.expose().trim();
                if code.is_empty() {
                    Err(AuthorizeError::NoCode)
                } else {
                    Ok(Secret::new(code))
                }
            }
        }
    }
}
