//! A provider whose users come by a button and can be asked about.

use std::sync::Arc;
use std::time::Duration;

use vestibule_broker::settings::Settings;
use vestibule_broker::{Next, Turn, WalkError};
use vestibule_protocol::TokenResponse;
use vestibule_provider::{Capabilities, Provider, Standing};

use crate::fixture::{APP, World, redemption, replaced};
use crate::puppet::{Puppet, kept_login};
use crate::walk::person::{Person, request, ticket};

pub(super) const INTERVAL: Duration = Duration::from_secs(15 * 60);
pub(super) const OUTAGE: Duration = Duration::from_secs(24 * 60 * 60);

/// Vouches for everybody, and keeps a refresh token of each login: `first`.
pub(super) fn provider(id: &'static str) -> Puppet {
    let mut puppet = Puppet::buttons(id, &["zoe", "yan"], move |who| {
        kept_login(id, who, Some("the sid"), "first")
    });
    puppet.capabilities = Capabilities {
        recheck: true,
        logout: true,
        back_channel_logout: true,
    };
    puppet.says(|upstream| Ok(Standing::Good(upstream.clone())));
    puppet
}

pub(super) struct Scene {
    pub(super) world: World,
    pub(super) provider: Arc<Puppet>,
}

impl Scene {
    pub(super) async fn new() -> Self {
        Self::with(provider("acme"), |_| {}).await
    }

    pub(super) async fn with(puppet: Puppet, change: impl FnOnce(&mut Settings)) -> Self {
        let provider = Arc::new(puppet);
        let all: Vec<Arc<dyn Provider>> = vec![provider.clone()];
        Self {
            world: World::with_providers(all, change).await,
            provider,
        }
    }

    /// The whole walk, to the tokens.
    pub(super) async fn connect(&self, person: &mut Person, who: &str) -> TokenResponse {
        let pairs = replaced(&request(), "scope", "mcp:read offline_access");
        let walk = person.authorize(&self.world, &pairs).await;
        press(&self.world, person, &walk, who).await;
        self.finish(person, &walk).await
    }

    /// Another session of a browser that is logged in.
    pub(super) async fn connect_again(&self, person: &mut Person) -> TokenResponse {
        let pairs = replaced(&request(), "scope", "mcp:read offline_access");
        let walk = person.authorize(&self.world, &pairs).await;
        self.finish(person, &walk).await
    }

    async fn finish(&self, person: &mut Person, walk: &str) -> TokenResponse {
        let code = person.approve(&self.world, walk, "mcp:read offline_access").await;
        let loopback = replaced(&redemption(&code), "redirect_uri", crate::fixture::LOOPBACK)
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect::<Vec<_>>();
        let pairs: Vec<(&str, &str)> = loopback
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        assert!(pairs.contains(&("client_id", APP)));
        self.world.token(&pairs).await.expect("tokens")
    }

    pub(super) async fn refresh(
        &self,
        tokens: &TokenResponse,
    ) -> Result<TokenResponse, vestibule_broker::TokenError> {
        let token = tokens.refresh_token.as_deref().expect("a refresh token");
        self.world.refresh(token).await
    }
}

/// Presses the button of this name.
pub(super) async fn press(world: &World, person: &mut Person, walk: &str, who: &str) -> Next {
    let turn = try_press(world, person, walk, who).await.expect("a login");
    let next = person.take(turn);
    if let Next::Interact { .. } = next {
        assert_eq!(ticket(next), walk);
        return Next::Interact {
            ticket: vestibule_protocol::Secret::new(walk),
        };
    }
    next
}

pub(super) async fn try_press(
    world: &World,
    person: &Person,
    walk: &str,
    who: &str,
) -> Result<Turn, WalkError> {
    let fields = [("alternative".to_owned(), vestibule_protocol::Secret::new(who))];
    world
        .broker
        .submit_login(walk, person.browser(), fields.into())
        .await
}
