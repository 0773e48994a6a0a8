//! Keys and clients that are found at addresses.

use super::*;

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
