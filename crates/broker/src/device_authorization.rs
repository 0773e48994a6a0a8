//! The device authorization endpoint ([RFC 8628 §3.1](https://www.rfc-editor.org/rfc/rfc8628#section-3.1)).

use std::time::Duration;

use thiserror::Error;
use vestibule_protocol::{
    ClientId, DeviceAuthorizationResponse, GrantType, OAuthErrorCode, Params, RawAuthorizeRequest, Secret,
    Timestamp, UserCode,
};
use vestibule_telemetry::TraceContext;

use crate::authorize::{Refusal, checks};
use crate::record::DeviceAuthorization;
use crate::settings::DeviceCodeSettings;
use crate::store::{DeviceBegun, StoreError};
use crate::walk::digest_of;
use crate::{AuthenticateError, Broker, Client, ClientAddress, Digest, EndpointError, Limited, endpoints};

/// How many codes are tried before the endpoint gives up: they are as good as never taken.
const TRIES: usize = 8;
/// A device that polls a moment too early, by its own clock or the network's, is not told to slow down.
const LEEWAY: Duration = Duration::from_secs(1);
/// For how long after their end codes are known to have ended.
const REMEMBERED: Duration = Duration::from_secs(10 * 60);

impl Broker {
    /// Takes the request of a device and makes its two codes.
    ///
    /// # Errors
    /// [`DeviceAuthorizationError`] says which rule the request broke.
    pub async fn authorize_device(
        &self,
        caller: ClientAddress,
        authorization: Option<&str>,
        params: &Params,
    ) -> Result<DeviceAuthorizationResponse, DeviceAuthorizationError> {
        let settings = self
            .settings
            .grants
            .device_code
            .ok_or(DeviceAuthorizationError::NotServed)?;
        // A device that asks is a visitor like any other: what it leaves behind is kept for as long.
        self.admit_visitor(caller)?;
        let newcomer = self.authenticate_newcomer(caller, authorization, params).await?;
        let client = newcomer.client;
        if !client.allows_grant(GrantType::DeviceCode) {
            return Err(DeviceAuthorizationError::GrantNotAllowed);
        }
        let secret = self.entropy.secret();
        let now = self.now();
        let device = self.waiting_device(&client, params, settings, now)?;
        for _ in 0..TRIES {
            let Some(user_code) = self.user_code() else {
                continue;
            };
            let device_code = Secret::new(format!("{}.{}", digest_of(&user_code), secret.expose()));
            let device = DeviceAuthorization {
                device_code: DeviceCode::parse(device_code.expose())
                    .ok_or(DeviceAuthorizationError::NoCodeFree)?
                    .of(client.id()),
                ..device.clone()
            };
            match self
                .store
                .begin_device(digest_of(&user_code), device, now)
                .await?
            {
                DeviceBegun::Begun => return Ok(self.device_answer(settings, device_code, user_code)),
                DeviceBegun::Taken => {}
            }
        }
        Err(DeviceAuthorizationError::NoCodeFree)
    }

    /// The request, judged by the checks of the authorization endpoint.
    fn waiting_device(
        &self,
        client: &Client,
        params: &Params,
        settings: DeviceCodeSettings,
        now: Timestamp,
    ) -> Result<DeviceAuthorization, Refusal> {
        let raw = RawAuthorizeRequest::parse(params).map_err(|duplicate| {
            Refusal::new(
                OAuthErrorCode::InvalidRequest,
                format!("{duplicate}. Send it once."),
            )
        })?;
        checks::check_request_object(&raw)?;
        let resources = checks::check_resources(&raw.resource, &self.settings.resources)?;
        let scopes = checks::check_scope(&raw, client, &resources)?;
        let interval = settings.interval.saturating_sub(LEEWAY);
        let expires_at = now + settings.lifetime;
        Ok(DeviceAuthorization {
            device_code: Digest::of(""),
            client_id: client.id().clone(),
            resources: resources
                .into_iter()
                .map(|resource| resource.uri.clone())
                .collect(),
            scopes,
            interval: u64::try_from(interval.as_millis()).unwrap_or(u64::MAX),
            expires_at,
            forgotten_at: expires_at + REMEMBERED,
            trace: TraceContext::current(),
        })
    }

    fn user_code(&self) -> Option<UserCode> {
        let mut bytes = [0; 32];
        self.entropy.fill(&mut bytes);
        UserCode::of_bytes(&bytes)
    }

    fn device_answer(
        &self,
        settings: DeviceCodeSettings,
        device_code: Secret,
        user_code: UserCode,
    ) -> DeviceAuthorizationResponse {
        let verification_uri = self.settings.issuer.endpoint(endpoints::DEVICE);
        DeviceAuthorizationResponse {
            device_code,
            verification_uri_complete: format!("{verification_uri}?user_code={}", user_code.as_str()),
            verification_uri,
            user_code,
            expires_in: settings.lifetime.as_secs(),
            interval: settings.interval.as_secs(),
        }
    }
}

/// A device code as it is presented: where it is filed, and what proves it.
pub(crate) struct DeviceCode<'a> {
    /// The digest of the user code.
    pub(crate) filed_under: Digest,
    whole: &'a str,
}

impl<'a> DeviceCode<'a> {
    /// Reads a device code; none if it cannot be one of ours.
    pub(crate) fn parse(text: &'a str) -> Option<Self> {
        let (place, _) = text.split_once('.')?;
        Some(Self {
            filed_under: Digest::parse(place)?,
            whole: text,
        })
    }

    /// What the store knows the code by. It is the client's as well, so that another client asks with another one.
    pub(crate) fn of(&self, client: &ClientId) -> Digest {
        // No client's id has a line break in it.
        Digest::of(&format!("{client}\n{}", self.whole))
    }
}

/// Why a device was given no codes.
#[derive(Debug, Error)]
pub enum DeviceAuthorizationError {
    /// The grant is switched off.
    #[error("the device grant is not served here")]
    NotServed,
    /// The client is not let in.
    #[error(transparent)]
    Client(#[from] AuthenticateError),
    /// Too many requests come from there.
    #[error(transparent)]
    TooMany(#[from] Limited),
    /// The client may not use this grant.
    #[error("this client may not use the device grant: give it the grant type {}", GrantType::DeviceCode.as_str())]
    GrantNotAllowed,
    /// The request asks for what may not be had.
    #[error("{description}")]
    Refused {
        /// The code of the answer.
        code: OAuthErrorCode,
        /// What to change.
        description: String,
    },
    /// All codes that were tried are taken.
    #[error("no user code is free")]
    NoCodeFree,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<Refusal> for DeviceAuthorizationError {
    fn from(refusal: Refusal) -> Self {
        Self::Refused {
            code: refusal.code,
            description: refusal.description,
        }
    }
}

impl EndpointError for DeviceAuthorizationError {
    fn code(&self) -> OAuthErrorCode {
        match self {
            Self::NotServed => OAuthErrorCode::UnsupportedGrantType,
            Self::Client(error) => error.code(),
            Self::TooMany(_) | Self::NoCodeFree => OAuthErrorCode::TemporarilyUnavailable,
            Self::GrantNotAllowed => OAuthErrorCode::UnauthorizedClient,
            Self::Refused { code, .. } => *code,
            Self::Store(error) => error.code(),
        }
    }

    fn limited(&self) -> Option<Limited> {
        if let Self::TooMany(limited) = self {
            Some(*limited)
        } else {
            self.of_client().and_then(EndpointError::limited)
        }
    }

    fn of_client(&self) -> Option<&AuthenticateError> {
        if let Self::Client(error) = self {
            Some(error)
        } else {
            None
        }
    }
}
