//! Where the keys of an issuer are found.

use super::*;

const CORP_KEYS: &str = "https://keys.corp.example/jwks";
const OPENID: &str = "https://corp.example/.well-known/openid-configuration";
const OAUTH: &str = "https://corp.example/.well-known/oauth-authorization-server";

/// A world in which the keys of [`CORP`] are looked for where its metadata say.
async fn published(shelf: &Arc<Shelf>, issuer: &'static str) -> World {
    World::with_documents(shelf.clone(), Vec::new(), |settings| {
        with_issuers(settings);
        let corp = &mut settings.grants.trusted_issuers[0];
        issuer.clone_into(&mut corp.issuer);
        corp.keys = IssuerKeys::Published(issuer.parse().unwrap(), IssuerNetwork::Public);
    })
    .await
}

#[tokio::test]
async fn keys_are_where_the_issuers_metadata_say() {
    for (issuer, place) in [
        (CORP, OPENID),
        (CORP, OAUTH),
        (
            "https://corp.example/tenant/",
            "https://corp.example/tenant/.well-known/openid-configuration",
        ),
        (
            "https://corp.example/tenant",
            "https://corp.example/.well-known/oauth-authorization-server/tenant",
        ),
    ] {
        let shelf = Shelf::new();
        shelf.serve(place, &json!({ "issuer": issuer, "jwks_uri": CORP_KEYS }));
        shelf.serve(CORP_KEYS, &KEY.jwks());
        let world = published(&shelf, issuer).await;
        for jti in ["one", "two"] {
            let assertion = user_assertion(&with(with(id_jag(), "iss", json!(issuer)), "jti", json!(jti)));
            assert!(
                world.token(&as_web(&assertion)).await.is_ok(),
                "{issuer} at {place}"
            );
        }
        assert!(shelf.fetched() <= 3, "{place}: it is kept");
        let forged = OTHER.sign(&header("oauth-id-jag+jwt"), &with(id_jag(), "iss", json!(issuer)));
        let error = refused(&world, &as_web(&forged)).await;
        assert!(matches!(error, TokenError::AssertionSignature), "{error}");
    }
}

/// > If these values are not identical, the data contained in the response MUST NOT be used. (RFC 8414 §3.3)
#[tokio::test]
async fn metadata_of_another_issuer_lead_to_no_keys() {
    for metadata in [
        json!({ "issuer": "https://corp.example/", "jwks_uri": CORP_KEYS }),
        json!({ "issuer": "https://evil.example", "jwks_uri": CORP_KEYS }),
        json!({ "jwks_uri": CORP_KEYS }),
        json!({ "issuer": CORP }),
        json!([]),
    ] {
        let shelf = Shelf::new();
        shelf.serve(OPENID, &metadata);
        shelf.serve(CORP_KEYS, &KEY.jwks());
        let world = published(&shelf, CORP).await;
        let error = refused(&world, &as_web(&user_assertion(&id_jag()))).await;
        assert!(
            matches!(error, TokenError::IssuerKeys(FetchError::Forbidden(_))),
            "{metadata}: {error}"
        );
        assert_eq!(shelf.fetched(), 1, "the keys are not even asked for");
    }
}

/// An issuer that is away is not asked again by each who shows an assertion.
#[tokio::test]
async fn an_issuer_that_is_away_is_left_in_peace_for_a_moment() {
    let shelf = Shelf::new();
    shelf.fail(OPENID, FetchError::Unreachable("it is away".to_owned()));
    let world = published(&shelf, CORP).await;
    for _ in 0..5 {
        let error = refused(&world, &as_web(&user_assertion(&id_jag()))).await;
        assert_eq!(error.code(), OAuthErrorCode::TemporarilyUnavailable, "{error}");
    }
    assert_eq!(shelf.fetched(), 1);
    shelf.serve(OPENID, &json!({ "issuer": CORP, "jwks_uri": CORP_KEYS }));
    shelf.serve(CORP_KEYS, &KEY.jwks());
    world.advance(Duration::from_secs(10));
    granted(&world, &as_web(&user_assertion(&id_jag()))).await;
}
