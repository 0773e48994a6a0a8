use http::StatusCode;

use crate::world::{Browser, TENANT, World};

#[tokio::test]
async fn a_form_from_the_provider_is_turned_into_a_get_that_carries_the_cookies() {
    let world = World::of(TENANT).await;
    let fields = [("state", "a b&c"), ("code", "x=y")];
    let answer = Browser::new(&world)
        .submit_from("https://idp.example", "/tenant/oauth/callback/acme", &fields)
        .await;
    assert_eq!(
        answer.location(),
        "/tenant/oauth/callback/acme?state=a+b%26c&code=x%3Dy"
    );
}

#[tokio::test]
async fn a_callback_to_no_walk_is_told_on_a_page() {
    let world = World::new().await;
    for path in [
        "/oauth/callback/local",
        "/oauth/callback/local?state=unknown",
        "/oauth/callback/other?state=x",
    ] {
        let answer = Browser::new(&world).get(path).await;
        assert_eq!(
            (answer.status, answer.page_error()),
            (StatusCode::GONE, "expired")
        );
    }
}
