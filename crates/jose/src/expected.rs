use std::time::Duration;

use vestibule_protocol::Issuer;

use crate::{Algorithm, TokenType};

/// What a verifier insists on. Built once and kept.
#[derive(Clone, Debug)]
pub struct Expected {
    /// Who has to have issued the token; `iss` is compared byte by byte.
    pub issuer: Issuer,
    /// For whom the token has to be. With `None` any audience will do, though a type that requires `aud` still
    /// has to have one.
    pub audience: Option<String>,
    /// Whom or what the token has to be about; `None` leaves it open.
    pub subject: Option<String>,
    /// What the token has to be.
    pub token_type: TokenType,
    /// The algorithms that are allowed at all. The key's own algorithm has to be the one in the header besides.
    pub algorithms: Vec<Algorithm>,
    /// How far the issuer's clock may be off.
    pub leeway: Duration,
}

impl Expected {
    /// Expects a token of this type from this issuer: any of our algorithms, any audience and subject, a minute's leeway.
    pub fn new(issuer: Issuer, token_type: TokenType) -> Self {
        Self {
            issuer,
            audience: None,
            subject: None,
            token_type,
            algorithms: Algorithm::ALL.to_vec(),
            leeway: Duration::from_secs(60),
        }
    }

    /// Expects this audience among the token's own.
    #[must_use]
    pub fn for_audience(mut self, audience: impl Into<String>) -> Self {
        self.audience = Some(audience.into());
        self
    }

    /// Expects exactly this subject.
    #[must_use]
    pub fn about(mut self, subject: impl Into<String>) -> Self {
        self.subject = Some(subject.into());
        self
    }

    /// Allows these algorithms alone.
    #[must_use]
    pub fn signed_with(mut self, algorithms: impl Into<Vec<Algorithm>>) -> Self {
        self.algorithms = algorithms.into();
        self
    }

    /// Allows the issuer's clock to be off by this much.
    #[must_use]
    pub fn with_leeway(mut self, leeway: Duration) -> Self {
        self.leeway = leeway;
        self
    }
}
