//! Dynamic client registration ([RFC 7591](https://www.rfc-editor.org/rfc/rfc7591)).

mod error;
mod management;

use vestibule_protocol::{
    ClientId, ClientMetadata, GrantType, RegistrationError, RegistrationResponse, Secret, Timestamp,
    ValidMetadata,
};
use vestibule_telemetry::AuditEvent;

pub use error::{ManageError, RegisterError};

use crate::limits::Whose;
use crate::record::{RegisteredClient, RegisteredSecret};
use crate::settings::RegistrationSettings;
use crate::store::Registered;
use crate::{Broker, ClientAddress, Digest, endpoints};

/// What a client with a secret is given, in clear, once.
struct Credentials {
    client_secret: Secret,
    registration_token: Secret,
}

impl Broker {
    /// Registers a client.
    ///
    /// The id of a client without a secret is made of what it says of itself, its keys among them, so that however often the
    /// same one registers, there is one record of it. A client with a secret is a new one each time.
    ///
    /// # Errors
    /// [`RegisterError`] says what to change.
    pub async fn register(
        &self,
        caller: ClientAddress,
        initial_token: Option<&str>,
        body: &[u8],
    ) -> Result<RegistrationResponse, RegisterError> {
        let settings = &self.settings.registration;
        check_open(settings, initial_token)?;
        let metadata = self
            .without_what_is_off(ClientMetadata::parse(body)?)?
            .validate(settings.redirects)?;
        self.limits.registration.take(Whose::Address(caller)).await?;
        let now = self.now();
        let public = metadata.is_public();
        if metadata.takes_secret() || (public && wants_secret_all_the_same(&metadata, settings)) {
            self.register_with_secret(metadata, now).await
        } else {
            self.register_without_secret(metadata, now).await
        }
    }

    /// The metadata without the grants that are switched off: as [RFC 7591 §3.2.1](https://www.rfc-editor.org/rfc/rfc7591#section-3.2.1)
    /// allows, they are left out of the registration. Who names no other is not given one that it did not ask for.
    fn without_what_is_off(&self, mut metadata: ClientMetadata) -> Result<ClientMetadata, RegistrationError> {
        let served = self.settings.grants.served();
        let off = |name: &String| GrantType::parse(name).is_some_and(|grant| !served.contains(&grant));
        if let Some(named) = metadata.grant_types.as_mut().filter(|named| !named.is_empty()) {
            named.retain(|name| !off(name));
            if named.is_empty() {
                return Err(RegistrationError::GrantTypes);
            }
        }
        Ok(metadata)
    }

    async fn register_without_secret(
        &self,
        metadata: ValidMetadata,
        now: Timestamp,
    ) -> Result<RegistrationResponse, RegisterError> {
        let id = ClientId::of_bytes(metadata.fingerprint());
        let client = self.new_client(id, metadata.clone(), None, now);
        let (id, registered_at) = (client.id.clone(), client.registered_at);
        let registered_at = match self.store.register_client(client, now).await? {
            Registered::New => {
                AuditEvent::ClientRegistered { client: &id }.record();
                registered_at
            }
            Registered::Existing(existing) if existing.blocked => return Err(RegisterError::Blocked),
            Registered::Existing(existing) => existing.registered_at,
        };
        // The metadata as they were sent: those on record may name another loopback port, which does not count.
        Ok(answer(id, registered_at, metadata))
    }

    async fn register_with_secret(
        &self,
        metadata: ValidMetadata,
        now: Timestamp,
    ) -> Result<RegistrationResponse, RegisterError> {
        let credentials = Credentials {
            client_secret: self.entropy.secret(),
            registration_token: self.entropy.secret(),
        };
        let id = self.entropy.client_id();
        let secret = RegisteredSecret {
            client_secret: Digest::of(credentials.client_secret.expose()),
            registration_token: Digest::of(credentials.registration_token.expose()),
        };
        let client = self.new_client(id.clone(), metadata.clone(), Some(secret), now);
        match self.store.register_client(client, now).await? {
            Registered::New => {}
            Registered::Existing(_) => return Err(RegisterError::IdTaken),
        }
        AuditEvent::ClientRegistered { client: &id }.record();
        Ok(RegistrationResponse {
            client_secret: Some(credentials.client_secret.expose().to_owned()),
            // "REQUIRED if "client_secret" is issued. […] or 0 if it will not expire."
            client_secret_expires_at: Some(0),
            ..self.with_management(answer(id, now, metadata), &credentials.registration_token)
        })
    }

    fn new_client(
        &self,
        id: ClientId,
        metadata: ValidMetadata,
        secret: Option<RegisteredSecret>,
        now: Timestamp,
    ) -> RegisteredClient {
        RegisteredClient {
            id,
            metadata,
            secret,
            registered_at: now,
            expires_at: now + self.settings.lifetimes.registration,
            blocked: false,
        }
    }

    /// Adds where and with what the registration is managed
    /// ([RFC 7592 §3](https://www.rfc-editor.org/rfc/rfc7592#section-3)).
    fn with_management(&self, answer: RegistrationResponse, token: &Secret) -> RegistrationResponse {
        let path = format!("{}/{}", endpoints::REGISTER, answer.client_id);
        RegistrationResponse {
            registration_client_uri: Some(self.settings.issuer.endpoint(&path)),
            registration_access_token: Some(token.expose().to_owned()),
            ..answer
        }
    }
}

fn check_open(settings: &RegistrationSettings, initial_token: Option<&str>) -> Result<(), RegisterError> {
    if !settings.enabled {
        return Err(RegisterError::Closed);
    }
    match (&settings.initial_access_token, initial_token) {
        (None, _) => Ok(()),
        (Some(wanted), Some(presented)) if wanted.matches(presented) => Ok(()),
        (Some(_), Some(_)) => Err(RegisterError::InitialTokenWrong),
        (Some(_), None) => Err(RegisterError::InitialTokenMissing),
    }
}

/// Perplexity registers `none` and then wants a `client_secret` in the answer; the operator names such hosts.
fn wants_secret_all_the_same(metadata: &ValidMetadata, settings: &RegistrationSettings) -> bool {
    let named = |host: &str| {
        settings
            .secret_for_hosts
            .iter()
            .any(|named| named.eq_ignore_ascii_case(host))
    };
    metadata.redirect_uris.iter().any(|uri| named(uri.host()))
}

fn answer(client_id: ClientId, issued_at: Timestamp, metadata: ValidMetadata) -> RegistrationResponse {
    RegistrationResponse {
        client_id,
        client_id_issued_at: issued_at.as_secs(),
        client_secret: None,
        client_secret_expires_at: None,
        registration_access_token: None,
        registration_client_uri: None,
        metadata,
    }
}
