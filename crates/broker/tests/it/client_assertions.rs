//! `private_key_jwt`: clients that prove themselves with a key.

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
            try_as(&world, &other).await.code(),
            OAuthErrorCode::InvalidRequest
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
#[case("aud", json!("https://auth.example/oauth/token"), "Audience")]
#[case("aud", json!("https://auth.example/"), "Audience")]
#[case("aud", json!("https://AUTH.example"), "Audience")]
#[case("aud", json!("https://evil.example"), "Audience")]
#[case("aud", json!([ISSUER, "https://evil.example"]), "Audience")]
#[case("aud", json!([ISSUER, ISSUER]), "Audience")]
#[case("aud", json!([]), "Malformed")]
#[case("aud", json!(null), "Malformed")]
#[case("iss", json!("somebody else"), "Issuer")]
#[case("iss", json!(null), "Malformed")]
#[case("sub", json!(null), "Malformed")]
#[case("sub", json!("two\nlines"), "Malformed")]
#[case("exp", json!(null), "Malformed")]
#[case("exp", json!("1900000060"), "Malformed")]
#[case("exp", json!(1_900_000_000 - 60), "Time")]
#[case("exp", json!(1_900_000_000 + 361), "Time")]
#[case("iat", json!(1_900_000_061), "Time")]
#[case("nbf", json!(1_900_000_061), "Time")]
#[case("jti", json!(null), "NoId")]
#[case("jti", json!(""), "NoId")]
#[case("jti", json!("x".repeat(513)), "NoId")]
#[case("jti", json!(7), "Malformed")]
#[tokio::test]
async fn an_assertion_with_a_wrong_claim_proves_nothing(
    #[case] claim: &str,
    #[case] value: Value,
    #[case] expected: &str,
) {
    let signer = Signer::ed25519("k1");
    let world = world(&signer).await;
    let mut claims = claims(&world, WEB, "1");
    if value.is_null() {
        claims.as_object_mut().unwrap().remove(claim);
    } else {
        claims[claim] = value;
    }
    let refused = refusal(try_with(&world, &signer.sign(&signer.header(), &claims)).await);
    assert!(format!("{refused:?}").starts_with(expected), "{refused:?}");
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
#[case("typ", json!("at+jwt"), "Type")]
#[case("typ", json!("oauth-id-jag+jwt"), "Type")]
#[case("typ", json!("dpop+jwt"), "Type")]
#[case("typ", json!(""), "Type")]
#[case("alg", json!("none"), "Algorithm")]
#[case("alg", json!("HS256"), "Algorithm")]
#[case("alg", json!("ES384"), "Algorithm")]
#[case("alg", json!("ES256"), "UnknownKey")]
#[case("alg", json!("RS256"), "UnknownKey")]
#[case("kid", json!("another"), "UnknownKey")]
#[case("crit", json!(["b64"]), "Malformed")]
#[case("b64", json!(false), "Malformed")]
#[tokio::test]
async fn an_assertion_with_a_wrong_header_proves_nothing(
    #[case] name: &str,
    #[case] value: Value,
    #[case] expected: &str,
) {
    let signer = Signer::ed25519("k1");
    let world = world(&signer).await;
    let mut header = signer.header();
    header[name] = value;
    let refused = refusal(try_with(&world, &signer.sign(&header, &claims(&world, WEB, "1"))).await);
    assert!(format!("{refused:?}").starts_with(expected), "{refused:?}");
}

/// A key in the header is the sender's own: it is not looked at.
#[tokio::test]
async fn a_key_that_the_assertion_brings_along_is_not_used() {
    let (signer, mallory) = (Signer::ed25519("k1"), Signer::ed25519("k1"));
    let world = world(&signer).await;
    let mut header = mallory.header();
    header["jwk"] = mallory.jwk();
    header["jku"] = json!("https://evil.example/jwks.json");
    let refused = refusal(try_with(&world, &mallory.sign(&header, &claims(&world, WEB, "1"))).await);
    assert_eq!(refused, AssertionRefusal::Signature);
    // What was refused was not used up either: the jti of somebody else's forgery is not the client's.
    assert!(let_in(&try_with(&world, &assertion(&world, &signer, "1")).await));
}

#[tokio::test]
async fn what_is_no_assertion_proves_nothing() {
    let signer = Signer::ed25519("k1");
    let world = world(&signer).await;
    let good = assertion(&world, &signer, "1");
    let (unsigned, _) = good.rsplit_once('.').unwrap();
    let long = format!("{good}{}", "A".repeat(16 * 1024));
    for text in [
        "x",
        "..",
        "e30.e30.",
        "e30.e30.e30.e30.e30",
        &format!("{unsigned}."),
        &long,
        &format!("{good}="),
    ] {
        let refused = refusal(try_with(&world, text).await);
        assert!(
            matches!(refused, AssertionRefusal::Malformed | AssertionRefusal::Signature),
            "{text}: {refused:?}"
        );
    }
    let unknown_kind = [
        ("client_assertion_type", "x"),
        ("client_assertion", good.as_str()),
    ];
    assert_eq!(
        try_as(&world, &unknown_kind).await.code(),
        OAuthErrorCode::InvalidRequest
    );
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
    assert_eq!(try_as(&world, &both).await.code(), OAuthErrorCode::InvalidRequest);
}

#[tokio::test]
async fn a_client_that_names_its_algorithm_uses_no_other() {
    let signer = Signer::ed25519("k1");
    for (named, comes_in) in [
        ("EdDSA", true),
        ("Ed25519", true),
        ("ES256", false),
        ("HS256", false),
        ("none", false),
    ] {
        let shelf = Shelf::new();
        let mut document = keyed_document();
        document["jwks"] = signer.jwks();
        document["token_endpoint_auth_signing_alg"] = json!(named);
        shelf.serve(DOCUMENT, &document);
        let world = documents(&shelf).await;
        let proof = signer.sign(&signer.header(), &claims(&world, DOCUMENT, "1"));
        let error = try_with(&world, &proof).await;
        assert_eq!(let_in(&error), comes_in, "{named}: {error}");
    }
}

fn keyed_document() -> Value {
    json!({
        "client_id": DOCUMENT,
        "redirect_uris": [CALLBACK],
        "token_endpoint_auth_method": "private_key_jwt",
        "token_endpoint_auth_methods_supported": ["none", "private_key_jwt"],
    })
}

/// A world in which somebody has come with [`DOCUMENT`].
async fn documents(shelf: &Arc<Shelf>) -> World {
    let world = World::with_documents(shelf.clone(), vec![local("local")], |_| {}).await;
    let pairs = replaced(
        &replaced(&request(), "client_id", DOCUMENT),
        "redirect_uri",
        CALLBACK,
    );
    Person::default().authorize(&world, &pairs).await;
    world
}

/// ChatGPT's lists `none` as well; what it registers is the key.
#[tokio::test]
async fn a_document_that_also_lists_none_is_not_taken_at_its_word_alone() {
    let signer = Signer::p256("k1");
    let shelf = Shelf::new();
    let mut document = keyed_document();
    document["jwks_uri"] = json!(KEYS);
    shelf.serve(DOCUMENT, &document);
    shelf.serve(KEYS, &signer.jwks());
    let world = documents(&shelf).await;
    let bare = try_as(&world, &[("client_id", DOCUMENT)]).await;
    assert!(matches!(
        bare,
        TokenError::Client(AuthenticateError::Refused {
            cause: ClientRefusal::AssertionMissing,
            ..
        })
    ));
    let proof = signer.sign(&signer.header(), &claims(&world, DOCUMENT, "1"));
    assert!(let_in(&try_with(&world, &proof).await));
    let forged = Signer::p256("k1").sign(&signer.header(), &claims(&world, DOCUMENT, "2"));
    assert_eq!(
        refusal(try_with(&world, &forged).await),
        AssertionRefusal::Signature
    );
}

/// A public client that publishes keys may prove itself, and a proof that is none is not overlooked.
#[tokio::test]
async fn an_assertion_that_nobody_asked_for_is_verified_all_the_same() {
    let signer = Signer::p256("k1");
    let shelf = Shelf::new();
    let mut document = keyed_document();
    document["token_endpoint_auth_method"] = json!("none");
    document["jwks"] = signer.jwks();
    shelf.serve(DOCUMENT, &document);
    let world = documents(&shelf).await;
    assert!(let_in(&try_as(&world, &[("client_id", DOCUMENT)]).await));
    let proof = signer.sign(&signer.header(), &claims(&world, DOCUMENT, "1"));
    assert!(let_in(&try_with(&world, &proof).await));
    let forged = Signer::p256("k1").sign(&signer.header(), &claims(&world, DOCUMENT, "2"));
    assert_eq!(
        refusal(try_with(&world, &forged).await),
        AssertionRefusal::Signature
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
async fn an_older_client_may_name_the_endpoint_where_its_host_is_named() {
    let signer = Signer::ed25519("k1");
    let endpoint = format!("{ISSUER}/oauth/token");
    let keys = || KeySet::parse(signer.jwks().to_string().as_bytes()).unwrap();
    let world = World::with(|settings| {
        keyed(settings, ClientKeySettings::Here(keys()));
        settings.client_assertions.endpoint_audience_for_hosts = vec!["app.example".to_owned()];
    })
    .await;
    for (number, (aud, comes_in)) in [
        (json!(endpoint), true),
        (json!([endpoint]), true),
        (json!([ISSUER, endpoint]), true),
        (json!(ISSUER), true),
        (json!([endpoint, "https://evil.example"]), false),
        (json!("https://evil.example/oauth/token"), false),
        (json!("https://auth.example/oauth/revoke"), false),
    ]
    .into_iter()
    .enumerate()
    {
        let mut claims = claims(&world, WEB, &number.to_string());
        claims["aud"] = aud;
        let error = try_with(&world, &signer.sign(&signer.header(), &claims)).await;
        assert_eq!(let_in(&error), comes_in, "{number}: {error}");
    }
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
async fn keys_at_an_address_are_read_once_for_a_while() {
    let signer = Signer::p256("k1");
    let shelf = Shelf::new();
    shelf.serve(KEYS, &signer.jwks());
    let world = world_at(&shelf).await;
    for number in 0..5 {
        let proof = assertion(&world, &signer, &number.to_string());
        assert!(let_in(&try_with(&world, &proof).await));
    }
    assert_eq!(shelf.fetched(), 1);
    world.advance(15 * MINUTE);
    assert!(let_in(
        &try_with(&world, &assertion(&world, &signer, "later")).await
    ));
    assert_eq!(shelf.fetched(), 2);
}

#[tokio::test]
async fn a_new_key_is_found_and_made_up_ones_are_looked_for_once_a_minute() {
    let (old, new) = (Signer::p256("old"), Signer::p256("new"));
    let shelf = Shelf::new();
    shelf.serve(KEYS, &old.jwks());
    let world = world_at(&shelf).await;
    assert!(let_in(&try_with(&world, &assertion(&world, &old, "1")).await));
    for number in 0..10 {
        let made_up = Signer::p256("made up");
        let refused = refusal(try_with(&world, &assertion(&world, &made_up, &number.to_string())).await);
        assert_eq!(refused, AssertionRefusal::UnknownKey);
    }
    assert_eq!(shelf.fetched(), 2);
    shelf.serve(KEYS, &new.jwks());
    world.advance(MINUTE);
    assert!(let_in(&try_with(&world, &assertion(&world, &new, "2")).await));
    let gone = refusal(try_with(&world, &assertion(&world, &old, "3")).await);
    assert_eq!(gone, AssertionRefusal::UnknownKey);
    assert_eq!(shelf.fetched(), 3);
}

#[tokio::test]
async fn keys_that_cannot_be_read_prove_nothing() {
    let signer = Signer::p256("k1");
    let shelf = Shelf::new();
    shelf.fail(KEYS, FetchError::Unreachable("away".to_owned()));
    let world = world_at(&shelf).await;
    for number in 0..3 {
        let refused = try_with(&world, &assertion(&world, &signer, &number.to_string())).await;
        assert_eq!(
            (refused.code(), refused.status()),
            (OAuthErrorCode::TemporarilyUnavailable, 503)
        );
    }
    assert_eq!(shelf.fetched(), 1, "a failure is remembered");
    world.advance(Duration::from_secs(10));
    shelf.serve(KEYS, &json!({"keys": "none"}));
    let refused = try_with(&world, &assertion(&world, &signer, "x")).await;
    assert_eq!(refused.code(), OAuthErrorCode::InvalidClient);
    world.advance(Duration::from_secs(10));
    shelf.serve(KEYS, &signer.jwks());
    assert!(let_in(&try_with(&world, &assertion(&world, &signer, "y")).await));
    // While their host is away, keys that were read go on for a while.
    shelf.fail(KEYS, FetchError::Unreachable("away".to_owned()));
    world.advance(16 * MINUTE);
    assert!(let_in(&try_with(&world, &assertion(&world, &signer, "z")).await));
    world.advance(60 * MINUTE);
    let refused = try_with(&world, &assertion(&world, &signer, "zz")).await;
    assert_eq!(refused.status(), 503);
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
