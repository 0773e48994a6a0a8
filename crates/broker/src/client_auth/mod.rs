//! Who calls the token, introspection and revocation endpoints.

mod assertion;
mod error;
mod keys;

use std::sync::Arc;

use vestibule_protocol::{AuthMethod, ClientCredentials, ClientId, Params, Secret};

pub(crate) use assertion::ALGORITHMS;
pub use assertion::AssertionRefusal;
pub use error::{AuthenticateError, ClientRefusal};
pub(crate) use keys::ClientKeys;

use crate::client_documents::FirstReading;
use crate::{Broker, Client, ClientAddress};

/// A client that has shown what it has to show.
#[derive(Debug)]
pub(crate) struct Caller {
    pub(crate) client: Arc<Client>,
    /// Whether it has shown a secret or signed with its key, so that nobody else can be it.
    pub(crate) proven: bool,
}

impl Broker {
    /// Authenticates the client of a request
    /// ([RFC 6749 §2.3](https://www.rfc-editor.org/rfc/rfc6749#section-2.3)): with a secret, in the header or in the
    /// body as it likes, with an assertion, or as a public client by its id alone.
    pub(crate) async fn authenticate_client(
        &self,
        authorization: Option<&str>,
        params: &Params,
    ) -> Result<Caller, AuthenticateError> {
        self.authenticate(authorization, params, FirstReading::Never)
            .await
    }

    /// Authenticates the client of a request that begins something: it may never have been here before.
    pub(crate) async fn authenticate_newcomer(
        &self,
        address: ClientAddress,
        authorization: Option<&str>,
        params: &Params,
    ) -> Result<Caller, AuthenticateError> {
        self.authenticate(authorization, params, FirstReading::From(address))
            .await
    }

    async fn authenticate(
        &self,
        authorization: Option<&str>,
        params: &Params,
        first: FirstReading,
    ) -> Result<Caller, AuthenticateError> {
        let basic = authorization.is_some();
        let credentials = ClientCredentials::parse(authorization, params)
            .map_err(|cause| AuthenticateError::Malformed { cause, basic })?;
        let (id, secret) = match credentials {
            ClientCredentials::None { client_id } => (client_id, None),
            ClientCredentials::Basic { client_id, secret }
            | ClientCredentials::Post { client_id, secret } => (client_id, Some(secret)),
            ClientCredentials::Assertion { client_id, assertion } => {
                // Rare, so it does not lie in the future of every request.
                let client = Box::pin(self.verify_assertion(client_id.as_ref(), &assertion, first)).await?;
                return Ok(Caller { client, proven: true });
            }
        };
        let client = self.known_client(&id, basic, first).await?;
        let proven = self.try_secret(&client, secret.as_ref(), basic).await?;
        // Judged after the secret, so that only the client itself learns that it is blocked.
        if client.is_blocked() {
            let cause = ClientRefusal::Blocked;
            return Err(AuthenticateError::Refused { cause, basic });
        }
        Ok(Caller { client, proven })
    }

    async fn known_client(
        &self,
        id: &ClientId,
        basic: bool,
        first: FirstReading,
    ) -> Result<Arc<Client>, AuthenticateError> {
        // A service that comes by itself begins at the token endpoint; the operator has named its document.
        let named = self.settings.grants.lets_in(id);
        let first = if named { FirstReading::Named } else { first };
        let found = self.admit_client(id, first).await;
        found
            .map_err(|error| AuthenticateError::of_document(error, basic))?
            .ok_or(AuthenticateError::Refused {
                cause: ClientRefusal::Unknown,
                basic,
            })
    }

    /// Judges the secret, unless too many wrong ones have come for this client.
    async fn try_secret(
        &self,
        client: &Client,
        secret: Option<&Secret>,
        basic: bool,
    ) -> Result<bool, AuthenticateError> {
        let counted = client.is_guessable() && secret.is_some();
        if counted {
            self.may_guess(client.id())?;
        }
        let judged = check_secret(client, secret);
        if counted && judged == Err(ClientRefusal::SecretWrong) {
            self.count_guess(client.id()).await?;
        }
        judged.map_err(|cause| AuthenticateError::Refused { cause, basic })
    }
}

/// Says whether the client has proven itself; an empty secret is none
/// ([RFC 6749 §2.3.1](https://www.rfc-editor.org/rfc/rfc6749#section-2.3.1): “The client MAY omit the parameter if the
/// client secret is an empty string”).
///
/// A client that registered as public and was given a secret all the same (Perplexity) may show it or leave it out. One that
/// authenticates with a key never goes without: “any communication with the authorization server MUST include client
/// authentication of the registered type”.
fn check_secret(client: &Client, presented: Option<&Secret>) -> Result<bool, ClientRefusal> {
    let presented = presented.map(Secret::expose).filter(|secret| !secret.is_empty());
    match (presented, client.secret(), client.auth_method()) {
        (Some(presented), Some(secret), _) if secret.matches(presented) => Ok(true),
        (Some(_), Some(_), _) => Err(ClientRefusal::SecretWrong),
        (Some(_), None, _) => Err(ClientRefusal::SecretUnexpected),
        (None, _, AuthMethod::PrivateKeyJwt) => Err(ClientRefusal::AssertionMissing),
        (None, _, AuthMethod::ClientSecretBasic | AuthMethod::ClientSecretPost) => {
            Err(ClientRefusal::SecretMissing)
        }
        (None, _, AuthMethod::None) => Ok(false),
    }
}
