use vestibule_client::Logout;

use crate::world::{Twist, World};

#[tokio::test]
async fn a_logout_revokes_the_refresh_token_and_forgets_the_login() {
    let world = World::good().await;
    world.log_in().await.unwrap();
    assert_eq!(
        world.client().logout(&world.server).await.unwrap(),
        Logout::Revoked
    );
    let request = world.ledger.requests("revoke").pop().unwrap();
    assert_eq!(request["token_type_hint"], "refresh_token");
    assert!(request.contains_key("client_id"));
    assert!(world.file().is_none());
    assert_eq!(
        world.client().logout(&world.server).await.unwrap(),
        Logout::WasNotLoggedIn
    );
}

#[tokio::test]
async fn a_logout_that_the_server_does_not_hear_still_forgets() {
    let world = World::with([Twist::RevocationFails]).await;
    world.log_in().await.unwrap();
    let error = world.client().logout(&world.server).await.unwrap_err();
    assert!(
        error.to_string().contains("forgotten on this computer"),
        "{error}"
    );
    assert!(world.file().is_none());
}

#[tokio::test]
async fn a_server_without_revocation_is_told_apart() {
    let world = World::with([Twist::NoRevocation]).await;
    world.log_in().await.unwrap();
    assert_eq!(
        world.client().logout(&world.server).await.unwrap(),
        Logout::Forgotten
    );
    assert!(world.file().is_none());
}
