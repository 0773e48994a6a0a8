//! A client's public keys.

use std::sync::Arc;

use url::Url;
use vestibule_jose::foreign::{Jws, KeySet, Signature, SigningAlgorithm};
use vestibule_protocol::{Timestamp, ValidMetadata};

use crate::client_documents::Strangers;
use crate::settings::ClientKeySettings;
use crate::{Broker, FetchError};

/// What a client's assertions are verified with.
#[derive(Debug, Clone)]
pub(crate) struct ClientKeys {
    source: Source,
    /// The one algorithm that the client says it signs with.
    only: Option<String>,
}

#[derive(Debug, Clone)]
enum Source {
    /// They are known.
    Here(Arc<KeySet>),
    /// They are fetched.
    At(Url),
}

impl ClientKeys {
    /// The keys that the metadata name.
    pub(crate) fn of(metadata: &ValidMetadata) -> Option<Self> {
        let source = match (&metadata.jwks, &metadata.jwks_uri) {
            (Some(jwks), _) => Source::Here(Arc::new(KeySet::of(jwks.keys()))),
            (None, Some(place)) => Source::At(Url::parse(place).ok()?),
            (None, None) => return None,
        };
        Some(Self {
            source,
            only: metadata.token_endpoint_auth_signing_alg.clone(),
        })
    }

    /// Whether the client says that it signs with this algorithm, or says nothing.
    pub(super) fn allow(&self, algorithm: SigningAlgorithm) -> bool {
        self.only
            .as_ref()
            .is_none_or(|only| only.parse() == Ok(algorithm))
    }
}

impl From<ClientKeySettings> for ClientKeys {
    fn from(settings: ClientKeySettings) -> Self {
        let source = match settings {
            ClientKeySettings::Here(keys) => Source::Here(Arc::new(keys)),
            ClientKeySettings::At(place) => Source::At(place),
        };
        Self { source, only: None }
    }
}

impl Broker {
    /// What the client's keys say about a signature.
    pub(super) async fn judge_signature(
        &self,
        keys: &ClientKeys,
        token: &Jws<'_>,
        now: Timestamp,
    ) -> Result<Signature, FetchError> {
        match &keys.source {
            Source::Here(keys) => Ok(keys.judge(token)),
            Source::At(place) => {
                self.foreign_keys
                    .verify(&Strangers(self), place, token, now)
                    .await
            }
        }
    }
}
