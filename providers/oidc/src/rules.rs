//! What only claims can decide.

use serde_json::Value;
use vestibule_provider::{Identity, ProviderError};
use vestibule_upstream_oidc::{Evidence, Scrutiny};

/// The rules that the operator's settings ask for.
#[derive(Debug, Clone, Default)]
pub(crate) struct Rules {
    /// The domains whose users may come in; empty for all.
    pub(crate) hosted_domains: Vec<String>,
}

impl Scrutiny for Rules {
    fn scrutinise(&self, evidence: &Evidence, identity: &mut Identity) -> Result<(), ProviderError> {
        self.check_domain(evidence)?;
        let overlong = evidence
            .id_token
            .get("_claim_names")
            .and_then(Value::as_object)
            .is_some_and(|names| names.contains_key("groups"));
        if overlong {
            tracing::warn!(
                subject = identity.subject.as_str(),
                "the user is in more groups than the provider lists, so none count; let it send only the groups that are \
                 assigned to the application"
            );
        }
        Ok(())
    }
}

impl Rules {
    /// The `hd` of the request is only a hint; the `hd` of the ID token counts.
    fn check_domain(&self, evidence: &Evidence) -> Result<(), ProviderError> {
        if self.hosted_domains.is_empty() {
            return Ok(());
        }
        let found = evidence.id_token.text("hd");
        let is_allowed = |domain: &str| {
            self.hosted_domains
                .iter()
                .any(|ours| ours.eq_ignore_ascii_case(domain))
        };
        match found {
            Some(domain) if is_allowed(domain) => Ok(()),
            Some(_) => Err(ProviderError::Denied(
                "the account is of another domain than hosted_domain (hd)".to_owned(),
            )),
            None => Err(ProviderError::Denied(
                "the account is of no hosted domain, and hosted_domain asks for one (hd)".to_owned(),
            )),
        }
    }
}
