//! What Auth0's claims decide.

use serde_json::Value;
use vestibule_protocol::{Scope, ScopeSet};
use vestibule_provider::{Identity, ProviderError};
use vestibule_upstream_oidc::{Claims, Evidence, Scrutiny};

use crate::{Organization, Permissions};

/// The rules that the operator's settings ask for.
#[derive(Debug, Clone)]
pub(crate) struct Rules {
    pub(crate) organization: Option<Organization>,
    pub(crate) permissions: Permissions,
}

impl Scrutiny for Rules {
    fn scrutinise(&self, evidence: &Evidence, identity: &mut Identity) -> Result<(), ProviderError> {
        if let Some(organization) = &self.organization {
            organization.check(&evidence.id_token)?;
        }
        if self.permissions == Permissions::AreScopes {
            identity.scopes = Some(permissions_of(evidence.access_token.as_ref())?);
        }
        Ok(())
    }
}

/// The permissions in the access token. One that could not be a scope is none of ours.
fn permissions_of(access_token: Option<&Claims>) -> Result<ScopeSet, ProviderError> {
    let permissions = access_token.and_then(|claims| claims.get("permissions"));
    let Some(permissions) = permissions.and_then(Value::as_array) else {
        return Err(ProviderError::Misconfigured(
            "the access token has no permissions; in the API's settings switch on RBAC and “Add Permissions in the Access \
             Token”, or leave read_access_token_claims out"
                .to_owned(),
        ));
    };
    let scopes = permissions
        .iter()
        .filter_map(|permission| permission.as_str()?.parse::<Scope>().ok());
    Ok(scopes.collect())
}
