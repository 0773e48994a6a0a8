//! The registry of providers: one arm for each kind.

use std::sync::Arc;

use anyhow::Context as _;
use vestibule_outbound::{Limits, Outbound};
use vestibule_provider::Provider;
use vestibule_provider_firebase::FirebaseProvider;
use vestibule_provider_local::LocalProvider;
use vestibule_provider_supabase::{NativeProvider, OauthServerProvider};

use crate::config::{ProviderConfig, ProviderKind, SupabaseConfig};

/// Makes the provider that a configuration describes.
pub(crate) fn build(config: &ProviderConfig) -> anyhow::Result<Arc<dyn Provider>> {
    make(config.clone()).with_context(|| format!("providers.{}", config.id))
}

fn make(config: ProviderConfig) -> anyhow::Result<Arc<dyn Provider>> {
    let ProviderConfig { id, name, kind, .. } = config;
    Ok(match kind {
        ProviderKind::Firebase(settings) => Arc::new(FirebaseProvider::new(id, name, *settings)?),
        ProviderKind::Local(users) => Arc::new(LocalProvider::new(id, name, users)?),
        ProviderKind::Oidc(settings) => Arc::new(settings.into_provider(id, name)?),
        ProviderKind::Auth0(settings) => Arc::new(settings.into_provider(id, name)?),
        ProviderKind::Clerk(settings) => Arc::new(settings.into_provider(id, name)?),
        ProviderKind::Supabase(project) => match *project {
            SupabaseConfig::Native { settings, reach } => {
                let outbound = Outbound::new(reach, Limits::default())?;
                Arc::new(NativeProvider::new(id, name, settings, outbound)?)
            }
            SupabaseConfig::OauthServer(settings) => Arc::new(OauthServerProvider::new(id, name, settings)?),
        },
    })
}
