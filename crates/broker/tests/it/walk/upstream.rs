//! Providers that send the browser away, and more than one of them.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use url::Url;
use vestibule_broker::{Interaction, Next, WalkError};
use vestibule_protocol::{ProviderId, Subject, Timestamp};
use vestibule_provider::{
    Capabilities, Identity, Login, LoginContext, LoginStep, Provider, ProviderError, Reply, Sealed, Standing,
    UpstreamSession,
};

use super::person::{Person, answer, local, param, request, ticket};
use crate::fixture::{World, alice, params, replaced};

/// A provider far away: it sends the browser to an address and believes the `who` that comes back, if state and its own
/// record are what they were.
struct Far;

#[async_trait]
impl Provider for Far {
    fn id(&self) -> &ProviderId {
        static ID: std::sync::LazyLock<ProviderId> =
            std::sync::LazyLock::new(|| ProviderId::parse("far").unwrap());
        &ID
    }

    fn display_name(&self) -> &'static str {
        "Far away"
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities::default()
    }

    async fn begin(&self, login: &LoginContext) -> Result<LoginStep, ProviderError> {
        let pairs = [
            ("state", login.state.as_str()),
            ("back", login.callback_url.as_str()),
        ];
        let url = Url::parse_with_params("https://far.example/login", pairs)
            .map_err(|error| ProviderError::Misconfigured(error.to_string()))?;
        Ok(LoginStep::Redirect(
            url,
            Sealed::new(login.pkce_verifier.expose()),
        ))
    }

    async fn complete(&self, login: &LoginContext, reply: Reply) -> Result<LoginStep, ProviderError> {
        let Reply::Callback(params) = reply else {
            return Err(ProviderError::Rejected("not a callback".to_owned()));
        };
        let kept = login.kept.as_ref().map(Sealed::expose);
        assert_eq!(
            kept,
            Some(login.pkce_verifier.expose().as_bytes()),
            "the provider's own record comes back"
        );
        match params.get("who").map(String::as_str) {
            Some("nobody") => Err(ProviderError::Denied("the user said no".to_owned())),
            Some(who) => {
                let subject = Subject::of(self.id(), who).unwrap();
                let identity = Identity {
                    subject,
                    provider: self.id().clone(),
                    ..alice()
                };
                Ok(LoginStep::Done(Box::new(Login::of(identity))))
            }
            None => Err(ProviderError::Rejected("nobody came back".to_owned())),
        }
    }

    async fn recheck(&self, _: &UpstreamSession, _: Timestamp) -> Result<Standing, ProviderError> {
        Ok(Standing::Unknown)
    }
}

async fn far_world() -> World {
    World::with_providers(vec![Arc::new(Far)], |_| {}).await
}

/// Begins a walk that leads away; the `state` that went along.
async fn leave(world: &World, person: &mut Person) -> String {
    let Next::Upstream(url) = person.try_authorize(world, &request()).await.unwrap() else {
        panic!("the browser stays");
    };
    let pairs: BTreeMap<String, String> = url.query_pairs().into_owned().collect();
    assert_eq!(pairs["back"], "https://auth.example/oauth/callback/far");
    pairs["state"].clone()
}

async fn come_back(
    world: &World,
    person: &mut Person,
    provider: &str,
    pairs: &[(&str, &str)],
) -> Result<Next, WalkError> {
    let turn = world
        .broker
        .complete_callback(provider, &params(pairs), person.browser())
        .await?;
    Ok(person.take(turn))
}

#[tokio::test]
async fn the_browser_comes_back_to_consent() {
    let world = far_world().await;
    let mut person = Person::default();
    let state = leave(&world, &mut person).await;
    assert!(matches!(
        person.sees(&world, &state).await.unwrap(),
        Interaction::Upstream(_)
    ));
    let pairs = [("state", state.as_str()), ("who", "zoe")];
    let walk = ticket(come_back(&world, &mut person, "far", &pairs).await.unwrap());
    let view = person.consent_page(&world, &walk).await;
    assert_eq!(view.provider.name, "Far away");
}

#[tokio::test]
async fn a_callback_without_the_walk_s_own_state_goes_nowhere() {
    let world = far_world().await;
    let mut person = Person::default();
    let state = leave(&world, &mut person).await;
    for pairs in [
        vec![("who", "zoe")],
        vec![("state", "guess"), ("who", "zoe")],
        vec![
            ("state", state.as_str()),
            ("state", state.as_str()),
            ("who", "zoe"),
        ],
    ] {
        let result = come_back(&world, &mut person, "far", &pairs).await;
        assert!(matches!(result, Err(WalkError::Expired)), "{pairs:?}: {result:?}");
    }
}

#[tokio::test]
async fn a_callback_in_another_browser_goes_nowhere() {
    let world = far_world().await;
    let state = leave(&world, &mut Person::default()).await;
    let mut victim = Person::default();
    leave(&world, &mut victim).await;
    let pairs = [("state", state.as_str()), ("who", "mallory")];
    let result = come_back(&world, &mut victim, "far", &pairs).await;
    assert!(matches!(result, Err(WalkError::OtherBrowser)), "{result:?}");
}

#[tokio::test]
async fn a_callback_of_another_provider_or_of_no_redirect_is_refused() {
    let world = World::with_providers(vec![Arc::new(Far), local("local")], |_| {}).await;
    let mut person = Person::default();
    let walk = person.authorize(&world, &request()).await;
    let pairs = [("state", walk.as_str()), ("who", "zoe")];
    assert!(matches!(
        come_back(&world, &mut person, "far", &pairs).await,
        Err(WalkError::Stale)
    ));
    let turn = world
        .broker
        .choose_provider(&walk, person.browser(), "local")
        .await
        .unwrap();
    person.take(turn);
    for provider in ["local", "far"] {
        let result = come_back(&world, &mut person, provider, &pairs).await;
        assert!(matches!(result, Err(WalkError::Stale)), "{provider}: {result:?}");
    }
}

#[tokio::test]
async fn a_callback_whose_parameter_stands_twice_is_rejected() {
    let world = far_world().await;
    let mut person = Person::default();
    let state = leave(&world, &mut person).await;
    let pairs = [("state", state.as_str()), ("who", "zoe"), ("who", "mallory")];
    let result = come_back(&world, &mut person, "far", &pairs).await;
    assert!(
        matches!(result, Err(WalkError::Provider(ProviderError::Rejected(_)))),
        "{result:?}"
    );
}

#[tokio::test]
async fn a_callback_is_good_once() {
    let world = far_world().await;
    let mut person = Person::default();
    let state = leave(&world, &mut person).await;
    let pairs = [("state", state.as_str()), ("who", "zoe")];
    come_back(&world, &mut person, "far", &pairs).await.unwrap();
    assert!(matches!(
        come_back(&world, &mut person, "far", &pairs).await,
        Err(WalkError::Stale)
    ));
}

#[tokio::test]
async fn a_denial_at_the_provider_is_told_to_the_client() {
    let world = far_world().await;
    let mut person = Person::default();
    let state = leave(&world, &mut person).await;
    let pairs = [("state", state.as_str()), ("who", "nobody")];
    let redirect = answer(come_back(&world, &mut person, "far", &pairs).await.unwrap());
    assert_eq!(param(&redirect, "error").as_deref(), Some("access_denied"));
    assert!(matches!(
        person.sees(&world, &state).await,
        Err(WalkError::Expired)
    ));
}

#[tokio::test]
async fn several_providers_are_offered_and_a_hint_chooses() {
    let world = World::with_providers(vec![Arc::new(Far), local("local")], |_| {}).await;
    let mut person = Person::default();
    let walk = person.authorize(&world, &request()).await;
    match person.sees(&world, &walk).await.unwrap() {
        Interaction::Choose { providers, .. } => {
            let ids: Vec<&str> = providers.iter().map(|provider| provider.id.as_str()).collect();
            assert_eq!(ids, ["far", "local"]);
        }
        other => panic!("{other:?}"),
    }
    let unknown = world
        .broker
        .choose_provider(&walk, person.browser(), "elsewhere")
        .await;
    assert!(matches!(unknown, Err(WalkError::UnknownProvider)));
    let next = person
        .try_authorize(&world, &replaced(&request(), "idp_hint", "far"))
        .await
        .unwrap();
    assert!(matches!(next, Next::Upstream(_)));
    let next = person
        .try_authorize(&world, &replaced(&request(), "idp_hint", "elsewhere"))
        .await
        .unwrap();
    assert!(matches!(
        person.sees(&world, &ticket(next)).await.unwrap(),
        Interaction::Choose { .. }
    ));
}
