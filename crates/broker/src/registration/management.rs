//! Managing a registration ([RFC 7592](https://www.rfc-editor.org/rfc/rfc7592)): for clients with a secret. The record of
//! a public client belongs to everyone who registered the same, so nobody may change it.

use serde::Deserialize;
use vestibule_protocol::{ClientId, ClientMetadata, RegistrationResponse, Secret};
use vestibule_telemetry::AuditEvent;

use super::{ManageError, answer};
use crate::Broker;
use crate::record::{RegisteredClient, RegisteredSecret};

/// What an update holds beside the metadata
/// ([RFC 7592 §2.2](https://www.rfc-editor.org/rfc/rfc7592#section-2.2)).
#[derive(Deserialize)]
struct UpdateIdentity {
    client_id: Option<String>,
    client_secret: Option<Secret>,
}

impl Broker {
    /// Shows a client its registration.
    ///
    /// # Errors
    /// [`ManageError`].
    pub async fn read_registration(
        &self,
        client_id: &str,
        token: Option<&str>,
    ) -> Result<RegistrationResponse, ManageError> {
        let (client, _, token) = self.managed_client(client_id, token).await?;
        let answer = answer(client.id, client.registered_at, client.metadata);
        Ok(self.with_management(answer, &token))
    }

    /// Replaces what a client says of itself. Its id and its secret stay.
    ///
    /// # Errors
    /// [`ManageError`].
    pub async fn update_registration(
        &self,
        client_id: &str,
        token: Option<&str>,
        body: &[u8],
    ) -> Result<RegistrationResponse, ManageError> {
        let (client, secret, token) = self.managed_client(client_id, token).await?;
        check_identity(&client, &secret, body)?;
        let metadata = self
            .without_what_is_off(ClientMetadata::parse(body)?)?
            .validate(self.settings.registration.redirects)?;
        // A client that could drop its secret would be anybody's.
        if metadata.takes_secret() != client.metadata.takes_secret()
            || metadata.is_public() != client.metadata.is_public()
        {
            return Err(ManageError::MethodChanged);
        }
        let now = self.now();
        let changed = RegisteredClient {
            metadata: metadata.clone(),
            expires_at: now + self.settings.lifetimes.registration,
            ..client
        };
        let (id, registered_at) = (changed.id.clone(), changed.registered_at);
        if !self.store.replace_client(changed, now).await? {
            return Err(ManageError::Unauthorized);
        }
        AuditEvent::ClientUpdated { client: &id }.record();
        Ok(self.with_management(answer(id, registered_at, metadata), &token))
    }

    /// Withdraws a registration, and ends every session of the client.
    ///
    /// # Errors
    /// [`ManageError`].
    pub async fn delete_registration(&self, client_id: &str, token: Option<&str>) -> Result<(), ManageError> {
        let (client, ..) = self.managed_client(client_id, token).await?;
        self.store.delete_client(&client.id, self.now()).await?;
        AuditEvent::ClientDeleted { client: &client.id }.record();
        // "The authorization server SHOULD immediately invalidate all existing authorization grants and currently active
        // access tokens, all refresh tokens, and other tokens associated with this client."
        self.end_sessions_of_client(&client.id).await?;
        Ok(())
    }

    /// The client, if the token is the one of its registration.
    ///
    /// > If the client does not exist on this server, the server MUST respond with HTTP 401 Unauthorized
    ///
    /// as it does for a wrong token, so that ids cannot be probed.
    async fn managed_client(
        &self,
        client_id: &str,
        token: Option<&str>,
    ) -> Result<(RegisteredClient, RegisteredSecret, Secret), ManageError> {
        let token = token.ok_or(ManageError::Unauthorized)?;
        let id = ClientId::parse(client_id).map_err(|_| ManageError::Unauthorized)?;
        let client = self
            .store
            .find_client(&id, self.now())
            .await?
            .ok_or(ManageError::Unauthorized)?;
        let secret = client.secret.clone().ok_or(ManageError::Unauthorized)?;
        if !secret.registration_token.matches(token) {
            return Err(ManageError::Unauthorized);
        }
        if client.blocked {
            return Err(ManageError::Blocked);
        }
        Ok((client, secret, Secret::new(token)))
    }
}

/// > The client MUST include its "client_id" field in the request, and it MUST be the same as its currently issued client
/// > identifier. If the client includes the "client_secret" field in the request, the value of this field MUST match the
/// > currently issued client secret for that client.
fn check_identity(
    client: &RegisteredClient,
    secret: &RegisteredSecret,
    body: &[u8],
) -> Result<(), ManageError> {
    let identity: UpdateIdentity = serde_json::from_slice(body).map_err(|_| ManageError::IdMismatch)?;
    if identity.client_id.as_deref() != Some(client.id.as_str()) {
        return Err(ManageError::IdMismatch);
    }
    match identity.client_secret {
        Some(presented) if !secret.client_secret.matches(presented.expose()) => {
            Err(ManageError::SecretMismatch)
        }
        Some(_) | None => Ok(()),
    }
}
