//! Logout tokens that the provider sends by itself.

use serde_json::{Value, json};
use vestibule_provider::{LogoutNotice, Provider as _, ProviderError, Whose};

use crate::world::{CLIENT, NOW, Signer, World, claims_of, merge};

const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

fn good(world: &World) -> Value {
    json!({
        "iss": world.provider.issuer(), "aud": CLIENT, "iat": NOW.as_secs(), "exp": NOW.as_secs() + 120,
        "jti": "token-1", "sid": "upstream-session", "sub": "alice", "events": {EVENT: {}},
    })
}

async fn read(world: &World, typ: &str, claims: &Value) -> Result<LogoutNotice, ProviderError> {
    let token = world
        .provider
        .sign(&json!({"alg": "ES256", "kid": "key-1", "typ": typ}), claims);
    world.party.read_logout_token(&token, NOW).await
}

async fn read_with(members: Value) -> Result<LogoutNotice, ProviderError> {
    let world = World::new().await;
    let mut claims = good(&world);
    merge(&mut claims, members);
    read(&world, "logout+jwt", &claims).await
}

#[tokio::test]
async fn a_token_names_the_login_that_ends_and_counts_once() {
    let world = World::new().await;
    for typ in ["logout+jwt", "JWT", "application/logout+jwt"] {
        let notice = read(&world, typ, &good(&world)).await.unwrap();
        let sid = "upstream-session".to_owned();
        assert_eq!(notice.whose, Whose::Login { sid });
        assert!(notice.once.key.contains("token-1"));
        assert!(notice.once.expires_at > NOW);
    }
}

#[tokio::test]
async fn a_token_without_a_login_ends_all_of_the_users() {
    let notice = read_with(json!({"sid": null})).await.unwrap();
    assert!(matches!(notice.whose, Whose::User(subject) if subject.as_str() == "upstream:alice"));
}

#[tokio::test]
async fn a_token_that_does_not_hold_is_rejected() {
    let now = NOW.as_secs();
    for members in [
        json!({"events": null}),
        json!({"events": {}}),
        json!({"events": {EVENT: true}}),
        json!({"events": {"another": {}}}),
        json!({"nonce": "n"}),
        json!({"jti": null}),
        json!({"iat": null}),
        json!({"iat": now - 3600}),
        json!({"iat": now + 3600}),
        json!({"exp": now - 61}),
        json!({"iss": "https://other.example.com"}),
        json!({"aud": "somebody"}),
        json!({"aud": []}),
        json!({"sub": null, "sid": null}),
    ] {
        let result = read_with(members.clone()).await;
        assert!(
            matches!(result, Err(ProviderError::Rejected(_))),
            "{members}: {result:?}"
        );
    }
}

#[tokio::test]
async fn neither_an_id_token_nor_a_strangers_token_passes_for_one() {
    let world = World::new().await;
    let id_token = claims_of(&world.provider.issuer());
    assert!(read(&world, "JWT", &id_token).await.is_err());
    assert!(read(&world, "at+jwt", &good(&world)).await.is_err());
    let stranger = Signer::new("key-1", "ES256");
    let token = stranger.sign(&stranger.header(), &good(&world));
    assert!(matches!(
        world.party.read_logout_token(&token, NOW).await,
        Err(ProviderError::Rejected(_))
    ));
    let unsigned = crate::world::unsigned(&json!({"alg": "none"}), &good(&world)) + ".";
    assert!(matches!(
        world.party.read_logout_token(&unsigned, NOW).await,
        Err(ProviderError::Rejected(_))
    ));
}

#[tokio::test]
async fn a_sub_that_is_not_the_subject_names_the_user_all_the_same() {
    let world = World::with(|upstream| upstream.claims.subject = vec!["oid".parse().unwrap()]).await;
    let mut claims = good(&world);
    merge(&mut claims, json!({"sid": null}));
    let notice = read(&world, "JWT", &claims).await.unwrap();
    let sub = "alice".to_owned();
    assert_eq!(notice.whose, Whose::Called { sub });
}
