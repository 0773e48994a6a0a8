//! `private_key_jwt`: clients that prove themselves with a key.

mod addresses;
mod refused;

use std::sync::Arc;
use std::time::Duration;

use rstest::rstest;
use serde_json::{Value, json};
use vestibule_broker::settings::{ClientKeySettings, Settings};
use vestibule_broker::{
    AssertionRefusal, AuthenticateError, ClientAddress, ClientRefusal, EndpointError as _, FetchError,
    IntrospectError, TokenError,
};
use vestibule_jose::foreign::KeySet;
use vestibule_protocol::{AuthMethod, ClientId, IntrospectionResponse, OAuthErrorCode};

use crate::fixture::{
    APP, CALLBACK, ISSUER, NOTES_SERVER, SECRET, WEB, World, client_id, params, redemption, replaced,
};
use crate::shelf::{Shelf, Signer};
use crate::walk::person::{Person, local, request};

const KIND: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
const KEYS: &str = "https://app.example/jwks.json";
const DOCUMENT: &str = "https://app.example/client.json";
const MINUTE: Duration = Duration::from_secs(60);

/// The configured client [`WEB`] with a key in place of its secret.
async fn world(signer: &Signer) -> World {
    let keys = KeySet::parse(signer.jwks().to_string().as_bytes()).unwrap();
    World::with(|settings| keyed(settings, ClientKeySettings::Here(keys))).await
}

/// The same with keys that are fetched.
async fn world_at(shelf: &Arc<Shelf>) -> World {
    let at = ClientKeySettings::At(KEYS.parse().unwrap());
    World::with_documents(shelf.clone(), vec![local("local")], |settings| {
        keyed(settings, at);
    })
    .await
}

fn keyed(settings: &mut Settings, keys: ClientKeySettings) {
    let client = settings
        .clients
        .iter_mut()
        .find(|client| client.id.as_str() == WEB)
        .unwrap();
    client.secret = None;
    client.auth_method = AuthMethod::PrivateKeyJwt;
    client.keys = Some(keys);
}

/// What a careful client says.
fn claims(world: &World, client: &str, jti: &str) -> Value {
    let now = world.now().as_secs();
    json!({"iss": client, "sub": client, "aud": ISSUER, "iat": now, "exp": now + 60, "jti": jti})
}

fn assertion(world: &World, signer: &Signer, jti: &str) -> String {
    signer.sign(&signer.header(), &claims(world, WEB, jti))
}

/// A refresh with a token that is none: a client that is let in learns so.
async fn try_with(world: &World, assertion: &str) -> TokenError {
    try_as(
        world,
        &[("client_assertion_type", KIND), ("client_assertion", assertion)],
    )
    .await
}

async fn try_as(world: &World, proof: &[(&str, &str)]) -> TokenError {
    let mut pairs = vec![("grant_type", "refresh_token"), ("refresh_token", "none")];
    pairs.extend(proof);
    world.token(&pairs).await.expect_err("the refresh token is none")
}

fn let_in(error: &TokenError) -> bool {
    matches!(error, TokenError::RefreshTokenUnknown)
}

/// Why the assertion proves nothing.
fn refusal(error: TokenError) -> AssertionRefusal {
    assert_eq!(
        (error.code(), error.status()),
        (OAuthErrorCode::InvalidClient, 401),
        "{error}"
    );
    match error {
        TokenError::Client(AuthenticateError::Assertion(refusal)) => refusal,
        other => panic!("no refusal of an assertion but {other}"),
    }
}

#[tokio::test]
async fn a_client_proves_itself_with_its_key() {
    for signer in [Signer::ed25519("k1"), Signer::p256("k1")] {
        let world = world(&signer).await;
        assert!(let_in(&try_with(&world, &assertion(&world, &signer, "1")).await));
        // RFC 7521 §4.2: “client_id … is unnecessary for client assertion authentication because the client is identified by the
        // subject within the assertion”. If it is there, it has to be the same.
        let more = assertion(&world, &signer, "2");
        let named = [
            ("client_assertion_type", KIND),
            ("client_assertion", &more),
            ("client_id", WEB),
        ];
        assert!(let_in(&try_as(&world, &named).await));
        let more = assertion(&world, &signer, "3");
        let other = [
            ("client_assertion_type", KIND),
            ("client_assertion", &more),
            ("client_id", APP),
        ];
        assert_eq!(
            refusal(try_as(&world, &other).await),
            AssertionRefusal::OtherClient
        );
    }
}

#[tokio::test]
async fn a_code_is_redeemed_with_an_assertion_and_not_without() {
    let signer = Signer::ed25519("k1");
    let world = world(&signer).await;
    let code = world.issue_code(|grant| grant.client_id = client_id(WEB)).await;
    let mut pairs: Vec<_> = redemption(&code);
    pairs.retain(|(name, _)| *name != "client_id");
    let bare = replaced(&pairs, "client_id", WEB);
    let refused = world.token(&bare).await.unwrap_err();
    assert!(matches!(
        refused,
        TokenError::Client(AuthenticateError::Refused {
            cause: ClientRefusal::AssertionMissing,
            ..
        })
    ));
    let proof = assertion(&world, &signer, "1");
    pairs.extend([
        ("client_assertion_type", KIND),
        ("client_assertion", proof.as_str()),
    ]);
    world.token(&pairs).await.unwrap();
}

#[tokio::test]
async fn an_assertion_is_good_once() {
    let signer = Signer::ed25519("k1");
    let world = world(&signer).await;
    let once = assertion(&world, &signer, "1");
    assert!(let_in(&try_with(&world, &once).await));
    for _ in 0..2 {
        assert_eq!(refusal(try_with(&world, &once).await), AssertionRefusal::Replayed);
        world.advance(30 * Duration::from_secs(1));
    }
    let other = world.replica(crate::fixture::secrets("one", &[])).await;
    drop(other);
    // As long as it could be taken for good by any clock, and a little longer, it is known.
    world.advance(Duration::from_millis(59_999));
    assert_eq!(refusal(try_with(&world, &once).await), AssertionRefusal::Replayed);
    world.advance(Duration::from_millis(1));
    assert!(matches!(
        refusal(try_with(&world, &once).await),
        AssertionRefusal::Time(_)
    ));
}

#[tokio::test]
async fn another_clients_jti_is_no_replay() {
    let signer = Signer::ed25519("k1");
    let keys = || KeySet::parse(signer.jwks().to_string().as_bytes()).unwrap();
    let world = World::with(|settings| {
        for client in &mut settings.clients {
            client.secret = None;
            client.auth_method = AuthMethod::PrivateKeyJwt;
            client.keys = Some(ClientKeySettings::Here(keys()));
        }
    })
    .await;
    for client in [WEB, APP] {
        let proof = signer.sign(&signer.header(), &claims(&world, client, "the same"));
        assert!(let_in(&try_with(&world, &proof).await), "{client}");
    }
}

#[tokio::test]
async fn of_many_who_send_one_assertion_at_once_one_is_let_in() {
    let signer = Signer::ed25519("k1");
    let world = Arc::new(world(&signer).await);
    let once: Arc<str> = assertion(&world, &signer, "1").into();
    let senders: Vec<_> = (0..16)
        .map(|_| {
            let (world, once) = (world.clone(), once.clone());
            tokio::spawn(async move { let_in(&try_with(&world, &once).await) })
        })
        .collect();
    let mut let_in = 0;
    for sender in senders {
        let_in += usize::from(sender.await.unwrap());
    }
    assert_eq!(let_in, 1);
}

#[rstest]
#[case("exp", json!(1_900_000_000 - 59))]
#[case("exp", json!(1_900_000_000 + 360))]
#[case("exp", json!(1_900_000_060.5))]
#[case("iat", json!(1_900_000_060))]
#[case("nbf", json!(1_900_000_060))]
#[case("aud", json!([ISSUER]))]
#[tokio::test]
async fn clocks_may_differ_by_a_minute_and_a_list_of_one_is_one(#[case] claim: &str, #[case] value: Value) {
    let signer = Signer::ed25519("k1");
    let world = world(&signer).await;
    let mut claims = claims(&world, WEB, "1");
    claims[claim] = value;
    let error = try_with(&world, &signer.sign(&signer.header(), &claims)).await;
    assert!(let_in(&error), "{error}");
}

#[rstest]
#[case("")]
#[case("JWT")]
#[case("jwt")]
#[case("application/client-authentication+jwt")]
#[case("Client-Authentication+JWT")]
#[tokio::test]
async fn older_types_are_taken(#[case] typ: &str) {
    let signer = Signer::ed25519("k1");
    let world = world(&signer).await;
    let mut header = signer.header();
    if typ.is_empty() {
        header.as_object_mut().unwrap().remove("typ");
    } else {
        header["typ"] = json!(typ);
    }
    assert!(let_in(
        &try_with(&world, &signer.sign(&header, &claims(&world, WEB, "1"))).await
    ));
}

#[tokio::test]
async fn only_a_client_with_keys_sends_assertions() {
    let signer = Signer::ed25519("k1");
    let world = World::new().await;
    for client in [WEB, APP] {
        let proof = signer.sign(&signer.header(), &claims(&world, client, "1"));
        assert_eq!(
            refusal(try_with(&world, &proof).await),
            AssertionRefusal::Unexpected
        );
    }
    let proof = signer.sign(&signer.header(), &claims(&world, "nobody", "1"));
    let refused = try_with(&world, &proof).await;
    assert!(matches!(
        refused,
        TokenError::Client(AuthenticateError::Refused {
            cause: ClientRefusal::Unknown,
            ..
        })
    ));
}

#[tokio::test]
async fn a_client_with_a_key_has_no_secret() {
    let signer = Signer::ed25519("k1");
    let world = world(&signer).await;
    let secret = [("client_id", WEB), ("client_secret", SECRET)];
    assert_eq!(
        try_as(&world, &secret).await.code(),
        OAuthErrorCode::InvalidClient
    );
    let proof = assertion(&world, &signer, "1");
    let both = [
        ("client_assertion_type", KIND),
        ("client_assertion", &proof),
        ("client_secret", "x"),
        ("client_id", WEB),
    ];
    let refused = try_as(&world, &both).await;
    assert_eq!(
        (refused.code(), refused.status()),
        (OAuthErrorCode::InvalidClient, 401)
    );
}

#[tokio::test]
async fn a_client_registers_with_its_key_and_proves_itself() {
    let signer = Signer::p256("k1");
    let world = World::new().await;
    let body = json!({
        "redirect_uris": [CALLBACK],
        "token_endpoint_auth_method": "private_key_jwt",
        "jwks": signer.jwks(),
    });
    let register = async || {
        let body = body.to_string();
        world
            .broker
            .register(ClientAddress::default(), None, body.as_bytes())
            .await
            .unwrap()
    };
    let registered = register().await;
    assert_eq!(
        (&registered.client_secret, &registered.registration_access_token),
        (&None, &None)
    );
    let id: ClientId = registered.client_id;
    assert_eq!(
        register().await.client_id,
        id,
        "the same client with the same key is the same"
    );
    let proof = signer.sign(&signer.header(), &claims(&world, id.as_str(), "1"));
    assert!(let_in(&try_with(&world, &proof).await));
    let bare = try_as(&world, &[("client_id", id.as_str())]).await;
    assert_eq!(bare.code(), OAuthErrorCode::InvalidClient);
}

#[tokio::test]
async fn a_shorter_life_may_be_asked_of_assertions() {
    let signer = Signer::ed25519("k1");
    let keys = KeySet::parse(signer.jwks().to_string().as_bytes()).unwrap();
    let world = World::with(|settings| {
        keyed(settings, ClientKeySettings::Here(keys));
        settings.client_assertions.longest = Duration::from_secs(30);
    })
    .await;
    let mut claims = claims(&world, WEB, "1");
    claims["exp"] = json!(world.now().as_secs() + 91);
    let refused = refusal(try_with(&world, &signer.sign(&signer.header(), &claims)).await);
    assert!(refused.to_string().contains("30 seconds"), "{refused}");
}

#[tokio::test]
async fn a_resource_server_introspects_with_its_key() {
    let signer = Signer::ed25519("k1");
    let keys = KeySet::parse(signer.jwks().to_string().as_bytes()).unwrap();
    let world = World::with(|settings| {
        let client = settings
            .clients
            .iter_mut()
            .find(|client| client.id.as_str() == NOTES_SERVER)
            .unwrap();
        client.secret = None;
        client.auth_method = AuthMethod::PrivateKeyJwt;
        client.keys = Some(ClientKeySettings::Here(keys));
    })
    .await;
    let tokens = world.tokens().await;
    let proof = signer.sign(&signer.header(), &claims(&world, NOTES_SERVER, "1"));
    let pairs = [
        ("token", tokens.access_token.as_str()),
        ("client_assertion_type", KIND),
        ("client_assertion", &proof),
    ];
    let answer = world.broker.introspect(None, &params(&pairs)).await.unwrap();
    assert!(matches!(answer, IntrospectionResponse::Active(_)));
    let replayed = world.broker.introspect(None, &params(&pairs)).await;
    assert!(matches!(
        replayed,
        Err(IntrospectError::Client(AuthenticateError::Assertion(
            AssertionRefusal::Replayed
        )))
    ));
}
