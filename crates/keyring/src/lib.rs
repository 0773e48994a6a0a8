//! The broker's own secrets: its signing keys and their life, sealing at rest, refresh tokens and marks of browsers.
//!
//! Everything here grows from one [`MasterSecret`]. [`Sealer`] turns what must not be read at rest into JWE;
//! [`RefreshTokens`] derives refresh tokens instead of storing them; [`DeviceMarks`] marks the browsers of known users;
//! [`KeyDocument`] is the one record that holds the signing keys, and [`Keyring`] is that record decoded and ready to sign and
//! verify with. Moving a key from published to active to retiring is a pure function of the document, the [`RotationPolicy`]
//! and the `now` that the caller hands in.
//!
//! The crate knows no store and no HTTP, and reads no clock: the broker loads the document, opens it, advances it and
//! swaps it back. josekit (and OpenSSL under it) makes the keys and the JWEs, and stays inside.
//!
//! To derive one more secret, call [`MasterSecret::derive`] with a label that nobody else uses.

mod device_marks;
mod document;
mod error;
mod keyring;
mod master_secret;
mod private_jwk;
mod refresh;
mod rotation;
mod sealed_box;
mod sealer;

pub use device_marks::DeviceMarks;
pub use document::KeyDocument;
pub use error::KeyringError;
pub use keyring::{KeyInfo, KeyStage, Keyring};
pub use master_secret::{MasterSecret, MasterSecretError};
pub use refresh::{PresentedRefresh, RefreshTokens};
pub use rotation::{Rotation, RotationPolicy};
pub use sealed_box::SealedBox;
pub use sealer::{OpenError, SealError, Sealer};
