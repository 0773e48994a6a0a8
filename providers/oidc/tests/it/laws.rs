//! What every provider keeps.

use std::sync::Arc;

use async_trait::async_trait;
use vestibule_protocol::{ProviderId, Secret};
use vestibule_provider::Provider;
use vestibule_provider_oidc::{Credential, OidcSettings, Preset};
use vestibule_provider_testkit::{Bench, Upstream, laws, logout_laws, recheck_laws, sample};

struct Plain;

#[async_trait]
impl Bench for Plain {
    async fn provider(&self, upstream: &Upstream) -> Arc<dyn Provider> {
        let secret = Credential::Secret(Secret::new(sample::CLIENT_SECRET));
        let settings = OidcSettings::new(Preset::generic(), upstream.issuer(), sample::CLIENT_ID, secret);
        let id = ProviderId::parse("upstream").unwrap();
        Arc::new(settings.into_provider(id, "Upstream").unwrap())
    }
}

laws! { Plain }
recheck_laws! { Plain }
logout_laws! { Plain }

/// An issuer that takes requests only when they are pushed.
mod pushed {
    use super::{Arc, Bench, Plain, Provider, Upstream, async_trait};
    use vestibule_provider_testkit::{Shape, redirect_laws};

    struct Pushing;

    #[async_trait]
    impl Bench for Pushing {
        fn shape(&self) -> Shape {
            Shape {
                pushed_requests: true,
                ..Shape::plain()
            }
        }

        async fn provider(&self, upstream: &Upstream) -> Arc<dyn Provider> {
            Plain.provider(upstream).await
        }
    }

    redirect_laws! { Pushing }
}
