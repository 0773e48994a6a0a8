//! What a provider crate may add.

use serde_json::{Value, json};
use vestibule_provider::{Identity, Provider as _, ProviderError, Standing};
use vestibule_upstream_oidc::{Evidence, Scrutiny};

use crate::world::{NOW, World};

/// Lets in one organization's people, with the permissions of their access token.
struct Organization;

impl Scrutiny for Organization {
    fn scrutinise(&self, evidence: &Evidence, identity: &mut Identity) -> Result<(), ProviderError> {
        if evidence.id_token.text("org_id") != Some("org_1") {
            return Err(ProviderError::Denied("of another organization".to_owned()));
        }
        if let Some(permissions) = evidence
            .access_token
            .as_ref()
            .and_then(|claims| claims.get("permissions"))
        {
            identity.roles.extend(
                permissions
                    .as_array()
                    .into_iter()
                    .flatten()
                    .filter_map(Value::as_str)
                    .map(str::to_owned),
            );
        }
        Ok(())
    }
}

async fn world() -> World {
    World::scrutinised(
        |upstream| upstream.access_token_audience = Some("https://api.example.com".to_owned()),
        Organization,
    )
    .await
}

fn access_token(world: &World, members: Value) -> Value {
    let mut claims = json!({
        "iss": world.provider.issuer(), "aud": ["https://api.example.com", "userinfo"], "sub": "alice", "azp": "broker",
        "iat": NOW.as_secs(), "exp": NOW.as_secs() + 60, "permissions": ["notes:read"],
    });
    crate::world::merge(&mut claims, members);
    let token = world
        .provider
        .sign(&json!({"alg": "ES256", "kid": "key-1", "typ": "at+jwt"}), &claims);
    json!({"access_token": token, "token_type": "Bearer", "refresh_token": "r"})
}

#[tokio::test]
async fn claims_decide_who_comes_in_and_fill_the_identity() {
    let world = world().await;
    let answer = access_token(&world, json!({}));
    world.provider.change(|behaviour| behaviour.answer = answer);
    assert!(matches!(world.log_in().await, Err(ProviderError::Denied(_))));
    let done = world.log_in_with(json!({"org_id": "org_1"})).await.unwrap();
    assert_eq!(done.identity.roles, ["notes:read"]);
}

#[tokio::test]
async fn an_access_token_whose_claims_count_has_to_hold() {
    for members in [
        json!({"aud": "https://other.example.com"}),
        json!({"iss": "https://other.example.com"}),
        json!({"sub": "mallory"}),
        json!({"exp": NOW.as_secs() - 61}),
        json!({"azp": "somebody"}),
        json!({"client_id": "somebody"}),
    ] {
        let world = world().await;
        let answer = access_token(&world, members.clone());
        world.provider.change(|behaviour| behaviour.answer = answer);
        let result = world.log_in_with(json!({"org_id": "org_1"})).await;
        assert!(
            matches!(result, Err(ProviderError::Rejected(_))),
            "{members}: {result:?}"
        );
    }
}

#[tokio::test]
async fn an_opaque_access_token_has_no_claims_that_could_count() {
    let world = world().await;
    let result = world.log_in_with(json!({"org_id": "org_1"})).await;
    assert!(matches!(result, Err(ProviderError::Rejected(text)) if text.contains("access token")));
}

#[tokio::test]
async fn somebody_who_left_the_organization_is_gone_at_the_next_check() {
    let world = world().await;
    let answer = access_token(&world, json!({}));
    world.provider.change(|behaviour| behaviour.answer = answer);
    let done = world.log_in_with(json!({"org_id": "org_1"})).await.unwrap();
    let session = done.upstream.unwrap();
    world
        .provider
        .change(|behaviour| behaviour.claims["org_id"] = json!("org_2"));
    let standing = world.party.recheck(&session, NOW).await;
    assert!(matches!(standing, Ok(Standing::Gone(_))), "{standing:?}");
}
