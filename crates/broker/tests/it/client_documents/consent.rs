//! What becomes of consent when a document changes.

use super::*;

/// Alice agrees, and is not asked again while nothing has changed that her consent stands on.
async fn agreed() -> (World, Arc<Shelf>, Person) {
    let (world, shelf) = world().await;
    let mut alice = Person::default();
    let walk = alice.authorize(&world, &asking(APP)).await;
    alice.log_in(&world, &walk, "alice").await;
    alice.approve(&world, &walk, "mcp:read mcp:write").await;
    let again = alice.try_authorize(&world, &asking(APP)).await.unwrap();
    code(again);
    (world, shelf, alice)
}

#[tokio::test]
async fn consent_is_asked_anew_when_redirect_uris_or_keys_have_changed() {
    for (field, value) in [
        ("redirect_uris", json!([CALLBACK, "https://evil.example/cb"])),
        ("redirect_uris", json!([CALLBACK])),
        ("jwks_uri", json!("https://app.example/jwks.json")),
        (
            "jwks",
            json!({"keys": [{"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}),
        ),
    ] {
        let (world, shelf, mut alice) = agreed().await;
        let mut changed = document(APP);
        changed[field] = value;
        shelf.serve(APP, &changed);
        world.advance(5 * MINUTE);
        let asked = alice.try_authorize(&world, &asking(APP)).await.unwrap();
        assert!(matches!(asked, Next::Interact { .. }), "{field}: {asked:?}");
        // What was agreed to is agreed to still.
        shelf.serve(APP, &document(APP));
        world.advance(5 * MINUTE);
        code(alice.try_authorize(&world, &asking(APP)).await.unwrap());
    }
}

#[tokio::test]
async fn another_name_or_order_does_not_ask_anew() {
    let (world, shelf, mut alice) = agreed().await;
    let mut changed = document(APP);
    changed["client_name"] = json!("App 2");
    changed["redirect_uris"] = json!(["http://localhost/callback", CALLBACK]);
    shelf.serve(APP, &changed);
    world.advance(5 * MINUTE);
    code(alice.try_authorize(&world, &asking(APP)).await.unwrap());
}

#[tokio::test]
async fn a_walk_ends_when_its_redirect_uri_leaves_the_document() {
    let (world, shelf) = world().await;
    let mut alice = Person::default();
    let walk = alice.authorize(&world, &asking(APP)).await;
    alice.log_in(&world, &walk, "alice").await;
    let mut changed = document(APP);
    changed["redirect_uris"] = json!(["https://app.example/another"]);
    shelf.serve(APP, &changed);
    world.advance(5 * MINUTE);
    let _ = Person::default().try_authorize(&world, &asking(APP)).await;
    let decision = Decision::Approve {
        scopes: scopes("mcp:read"),
    };
    let refused = alice.decide(&world, &walk, decision).await;
    assert!(
        matches!(refused, Err(vestibule_broker::WalkError::ClientGone)),
        "{refused:?}"
    );
}
