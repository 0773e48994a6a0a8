//! The broker and the parts that it is put together from.

use std::sync::Arc;

use thiserror::Error;
use vestibule_keyring::{DeviceMarks, MasterSecret, RefreshTokens, SealError, Sealer};
use vestibule_protocol::{AuthorizationServerMetadata, Timestamp};
use vestibule_provider::Provider;

use crate::client_documents::Flights;
use crate::clients::ConfiguredClients;
use crate::first_use::FirstUses;
use crate::foreign_keys::ForeignKeys;
use crate::keys::{KeysError, SigningKeys};
use crate::limits::Limits;
use crate::proof::Proofs;
use crate::providers::Providers;
use crate::settings::Settings;
use crate::status::StatusLists;
use crate::store::Store;
use crate::token::TokenMint;
use crate::upstream::Room;
use crate::{Clock, Documents, Entropy, discovery};

/// The authorization broker: every use case is one of its methods.
pub struct Broker {
    pub(crate) settings: Settings,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) providers: Providers,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) entropy: Arc<dyn Entropy>,
    pub(crate) sealer: Arc<Sealer>,
    pub(crate) refresh_tokens: RefreshTokens,
    pub(crate) configured_clients: ConfiguredClients,
    pub(crate) documents: Arc<dyn Documents>,
    pub(crate) document_flights: Flights,
    pub(crate) foreign_keys: ForeignKeys,
    /// Those of trusted issuers, which no stranger's key set can take the place of.
    pub(crate) issuer_keys: ForeignKeys,
    pub(crate) device_marks: DeviceMarks,
    pub(crate) proofs: Proofs,
    pub(crate) limits: Limits,
    pub(crate) first_uses: FirstUses,
    pub(crate) keys: SigningKeys,
    pub(crate) mint: TokenMint,
    pub(crate) status_lists: StatusLists,
    pub(crate) metadata: AuthorizationServerMetadata,
    pub(crate) room: Room,
}

/// What a broker is put together from.
pub struct Parts {
    /// Where records are kept.
    pub store: Arc<dyn Store>,
    /// The identity providers, in the order in which users are shown them.
    pub providers: Vec<Arc<dyn Provider>>,
    /// What fetches the documents that clients name.
    pub documents: Arc<dyn Documents>,
    /// What tokens are derived and records sealed with.
    pub secrets: MasterSecrets,
    /// The time of day.
    pub clock: Arc<dyn Clock>,
    /// The source of randomness.
    pub entropy: Arc<dyn Entropy>,
}

/// The master secret, and those before it that must still open what they sealed.
#[derive(Debug, Clone)]
pub struct MasterSecrets {
    /// What is sealed and derived from now on is sealed and derived with this one.
    pub current: MasterSecret,
    /// The ones before.
    pub previous: Vec<MasterSecret>,
}

impl Broker {
    /// Puts a broker together: loads the signing keys from the store, or makes them if there are none yet.
    ///
    /// # Errors
    /// [`OpenBrokerError`] when the store does not answer, or its keys do not open under these secrets.
    pub async fn open(settings: Settings, parts: Parts) -> Result<Self, OpenBrokerError> {
        let Parts {
            store,
            providers,
            documents,
            secrets,
            clock,
            entropy,
        } = parts;
        let sealer = Arc::new(Sealer::new(&secrets.current, &secrets.previous)?);
        let keys = SigningKeys::open(store.clone(), sealer.clone(), &settings, clock.now()).await?;
        Ok(Self {
            providers: Providers::new(providers),
            refresh_tokens: RefreshTokens::new(&secrets.current, &secrets.previous),
            configured_clients: ConfiguredClients::new(&settings.clients),
            documents,
            document_flights: Flights::default(),
            foreign_keys: ForeignKeys::default(),
            issuer_keys: ForeignKeys::default(),
            device_marks: DeviceMarks::new(&secrets.current, &secrets.previous),
            proofs: Proofs::new(&settings.issuer, &secrets),
            limits: Limits::new(&settings.limits, &store, &clock),
            first_uses: FirstUses::default(),
            mint: TokenMint::new(&settings),
            status_lists: StatusLists::default(),
            metadata: discovery::metadata(&settings),
            room: Room::default(),
            settings,
            store,
            clock,
            entropy,
            sealer,
            keys,
        })
    }

    /// What the operator decided.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The present moment, by the broker's clock.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }
}

/// Why a broker could not be put together.
#[derive(Debug, Error)]
pub enum OpenBrokerError {
    /// The signing keys cannot be had.
    #[error(transparent)]
    Keys(#[from] KeysError),
    /// The sealing key cannot be set up.
    #[error("the sealing key cannot be set up")]
    Sealer(#[from] SealError),
}
