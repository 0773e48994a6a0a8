//! Who it is, by what the claims say.

use serde_json::Value;
use vestibule_protocol::{Subject, Timestamp};
use vestibule_provider::{Identity, ProviderError};

use crate::claims::{flag, names};
use crate::{ClaimPath, EmailTrust, Evidence, RelyingParty};

/// The longest text that is taken from a claim, in bytes.
const LONGEST_TEXT: usize = 2048;

/// The most groups or roles that are taken.
const MOST_NAMES: usize = 1000;

impl RelyingParty {
    /// Makes the identity, and lets the provider's own rules look at it.
    pub(crate) fn identify(
        &self,
        evidence: &Evidence,
        auth_time: Timestamp,
    ) -> Result<Identity, ProviderError> {
        let map = &self.upstream.claims;
        let text = |path: &ClaimPath| text_at(evidence, path);
        let email = text(&map.email);
        let names_at = |path: &Option<ClaimPath>| {
            let value = path.as_ref().and_then(|path| evidence.at(path));
            let mut found = value.map(names).unwrap_or_default();
            found.truncate(MOST_NAMES);
            found
        };
        let mut identity = Identity {
            subject: self.subject(evidence)?,
            provider: self.id.clone(),
            issuer: evidence.id_token.text("iss").map(str::to_owned),
            auth_time,
            name: text(&map.name),
            username: text(&map.username),
            email_verified: self.is_email_proven(evidence, email.as_deref()),
            email,
            picture: text(&ClaimPath::standard("picture")).filter(|picture| picture.starts_with("https://")),
            groups: names_at(&map.groups),
            roles: names_at(&map.roles),
            scopes: None,
        };
        self.scrutiny.scrutinise(evidence, &mut identity)?;
        Ok(identity)
    }

    /// Whether the subject is what the provider calls the user.
    pub(crate) fn is_subject_sub(&self) -> bool {
        self.upstream.claims.subject == [ClaimPath::standard("sub")]
    }

    /// The subject: the configured claims, joined with dots. A dot in any but the last could make two users one.
    fn subject(&self, evidence: &Evidence) -> Result<Subject, ProviderError> {
        let paths = &self.upstream.claims.subject;
        let parts: Result<Vec<String>, ProviderError> = paths
            .iter()
            .map(|path| {
                text_at(evidence, path).ok_or_else(|| {
                    ProviderError::Misconfigured(format!(
                        "the provider sends no {path}, which is to be the user's subject; check subject_claim"
                    ))
                })
            })
            .collect();
        let parts = parts?;
        let mut all_but_last = paths.iter().zip(&parts).rev().skip(1);
        if let Some((path, _)) = all_but_last.find(|(_, part)| part.contains('.')) {
            return Err(ProviderError::Misconfigured(format!(
                "the user's {path} has a dot in it, and another claim follows it in the subject; write {path} last in \
                 subject_claim"
            )));
        }
        Subject::of(&self.id, &parts.join(".")).map_err(|error| ProviderError::Rejected(error.to_string()))
    }

    /// Whether a source that says the address says that it was verified: another source may mean another address, and
    /// `email_verified` speaks of `email` alone
    /// ([OpenID Connect Core §5.1](https://openid.net/specs/openid-connect-core-1_0.html#StandardClaims)), wherever the address
    /// was taken from.
    fn is_email_proven(&self, evidence: &Evidence, email: Option<&str>) -> bool {
        let sources = [Some(&evidence.id_token), evidence.userinfo.as_ref()];
        self.upstream.claims.email_trust == EmailTrust::WhereVerified
            && email.is_some()
            && sources.into_iter().flatten().any(|claims| {
                claims.text("email") == email && claims.get("email_verified").and_then(flag) == Some(true)
            })
    }
}

fn text_at(evidence: &Evidence, path: &ClaimPath) -> Option<String> {
    let text = match evidence.at(path)? {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    (!text.is_empty() && text.len() <= LONGEST_TEXT).then_some(text)
}
