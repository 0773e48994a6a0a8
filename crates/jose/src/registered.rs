use std::borrow::Cow;

use serde::Deserialize;
use serde::de::IgnoredAny;
use vestibule_protocol::Timestamp;

use crate::claims::Audience;
use crate::{Expected, VerifyError, numeric_date};

/// The registered claims ([RFC 7519 §4.1](https://www.rfc-editor.org/rfc/rfc7519#section-4.1)) that every verifier
/// judges. “The Claim Names within a JWT Claims Set MUST be unique”: of these, a repeated one is refused.
#[derive(Deserialize)]
pub(crate) struct RegisteredClaims<'a> {
    #[serde(borrow)]
    iss: Option<Cow<'a, str>>,
    #[serde(borrow)]
    sub: Option<Cow<'a, str>>,
    aud: Option<Audience>,
    #[serde(default, with = "numeric_date::option")]
    exp: Option<Timestamp>,
    #[serde(default, with = "numeric_date::option")]
    nbf: Option<Timestamp>,
    #[serde(default, with = "numeric_date::option")]
    iat: Option<Timestamp>,
    client_id: Option<IgnoredAny>,
    jti: Option<IgnoredAny>,
}

impl RegisteredClaims<'_> {
    /// Judges the claims, presence before value, so that a claim that is not there is never taken as met.
    pub(crate) fn validate(&self, expected: &Expected, now: Timestamp) -> Result<(), VerifyError> {
        self.check_presence(expected)?;
        self.check_issuer(expected)?;
        self.check_audience(expected)?;
        self.check_subject(expected)?;
        self.check_time(expected, now)
    }

    fn check_presence(&self, expected: &Expected) -> Result<(), VerifyError> {
        let required = expected.token_type.required_claims();
        match required.iter().find(|name| !self.has(name)) {
            Some(name) => Err(VerifyError::MissingClaim(name)),
            None => Ok(()),
        }
    }

    fn has(&self, name: &str) -> bool {
        match name {
            "iss" => self.iss.is_some(),
            "sub" => self.sub.is_some(),
            "aud" => self.aud.is_some(),
            "exp" => self.exp.is_some(),
            "iat" => self.iat.is_some(),
            "client_id" => self.client_id.is_some(),
            "jti" => self.jti.is_some(),
            _ => false,
        }
    }

    fn check_issuer(&self, expected: &Expected) -> Result<(), VerifyError> {
        match self.iss.as_deref() {
            Some(iss) if iss == expected.issuer.as_str() => Ok(()),
            Some(_) => Err(VerifyError::WrongIssuer),
            None => Err(VerifyError::MissingClaim("iss")),
        }
    }

    /// [RFC 9068 §4](https://www.rfc-editor.org/rfc/rfc9068#section-4): “The resource server MUST validate that the
    /// "aud" claim contains a resource indicator value corresponding to an identifier the resource server expects for
    /// itself.”
    fn check_audience(&self, expected: &Expected) -> Result<(), VerifyError> {
        match (expected.audience.as_deref(), &self.aud) {
            (None, _) => Ok(()),
            (Some(_), None) => Err(VerifyError::MissingClaim("aud")),
            (Some(wanted), Some(aud)) if aud.contains(wanted) => Ok(()),
            (Some(_), Some(_)) => Err(VerifyError::WrongAudience),
        }
    }

    fn check_subject(&self, expected: &Expected) -> Result<(), VerifyError> {
        match (expected.subject.as_deref(), self.sub.as_deref()) {
            (None, _) => Ok(()),
            (Some(_), None) => Err(VerifyError::MissingClaim("sub")),
            (Some(wanted), Some(sub)) if sub == wanted => Ok(()),
            (Some(_), Some(_)) => Err(VerifyError::WrongSubject),
        }
    }

    fn check_time(&self, expected: &Expected, now: Timestamp) -> Result<(), VerifyError> {
        let exp = self.exp.ok_or(VerifyError::MissingClaim("exp"))?;
        // RFC 7519 §4.1.4: “the current date/time MUST be before the expiration date/time listed in the "exp" claim”.
        if now >= exp + expected.leeway {
            return Err(VerifyError::Expired);
        }
        // RFC 7519 §4.1.5: “the current date/time MUST be after or equal to the not-before date/time”. A token from the
        // future is judged the same: our clock or theirs is wrong, and neither may decide alone.
        let latest = now + expected.leeway;
        if [self.nbf, self.iat].into_iter().flatten().any(|at| at > latest) {
            return Err(VerifyError::NotYetValid);
        }
        Ok(())
    }
}
