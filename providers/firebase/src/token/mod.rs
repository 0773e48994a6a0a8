//! ID tokens.

mod claims;
mod keys;
mod unsigned;

use vestibule_jose::{Algorithm, Expected, TokenType, VerifyError, verify};
use vestibule_outbound::Outbound;
use vestibule_protocol::{Issuer, Secret, Timestamp};
use vestibule_provider::ProviderError;

pub(crate) use claims::{Claims, LEEWAY, TokenRules};
pub(crate) use keys::Keys;

use crate::{Backend, FirebaseSettings};

/// Who says that a token is Firebase's.
#[derive(Debug)]
pub(crate) enum Verifier {
    /// A signature.
    Signed { keys: Keys, expected: Box<Expected> },
    /// Nobody: the emulator signs nothing.
    Emulator,
}

impl Verifier {
    pub(crate) fn new(settings: &FirebaseSettings, outbound: Outbound) -> Result<Self, ProviderError> {
        if matches!(settings.backend, Backend::Emulator(_)) {
            return Ok(Self::Emulator);
        }
        let issuer = Issuer::parse(&settings.project.issuer())
            .map_err(|error| ProviderError::Misconfigured(format!("project_id: {error}")))?;
        // “alg: RS256”, and nothing else.
        let expected = Expected::new(issuer, TokenType::IdToken)
            .for_audience(settings.project.as_str())
            .signed_with([Algorithm::Rs256])
            .with_leeway(LEEWAY);
        Ok(Self::Signed {
            keys: Keys::new(outbound, settings.backend.endpoints().keys),
            expected: Box::new(expected),
        })
    }

    /// Verifies that Firebase made the token, and judges it by the rules that hold for every token of the project.
    pub(crate) async fn verify(
        &self,
        token: &Secret,
        rules: &TokenRules,
        now: Timestamp,
    ) -> Result<Claims, ProviderError> {
        let claims: Claims = match self {
            Self::Signed { keys, expected } => verify_signed(token.expose(), keys, expected, now).await?,
            Self::Emulator => unsigned::read(token.expose()).ok_or_else(|| {
                ProviderError::Rejected("the ID token is not one of the emulator's".to_owned())
            })?,
        };
        claims
            .check(rules, now)
            .map_err(|fault| ProviderError::Rejected(format!("the ID token {fault}")))?;
        Ok(claims)
    }
}

async fn verify_signed(
    token: &str,
    keys: &Keys,
    expected: &Expected,
    now: Timestamp,
) -> Result<Claims, ProviderError> {
    let known = keys.current().await?;
    let verified = match verify(token, &known, expected, now) {
        Err(VerifyError::UnknownKey(key)) => match keys.with(&key).await? {
            Some(newer) => verify(token, &newer, expected, now),
            None => Err(VerifyError::UnknownKey(key)),
        },
        verified => verified,
    };
    verified.map_err(|error| ProviderError::Rejected(format!("the ID token does not hold: {error}")))
}
