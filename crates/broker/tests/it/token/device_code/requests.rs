//! What a device asks for, and how it authenticates.

use super::*;

#[tokio::test]
async fn a_grant_that_is_switched_off_does_not_exist() {
    let world = world_with(|settings| {
        with_devices(settings);
        settings.grants.device_code = None;
    })
    .await;
    let refused = begin_with(&world, &[("client_id", "tv")]).await.unwrap_err();
    assert!(matches!(refused, DeviceAuthorizationError::NotServed));
    let refused = poll_as(&world, "tv", "x.y").await.unwrap_err();
    assert!(matches!(
        refused,
        TokenError::Request(TokenRequestError::UnsupportedGrantType(_))
    ));
    let typed = enter(&world, &mut Person::default(), "WDJB-MJHT").await;
    assert!(matches!(typed, Err(WalkError::UserCode)));
    assert_eq!(world.broker.metadata().device_authorization_endpoint, None);
    assert!(
        !world
            .broker
            .metadata()
            .grant_types_supported
            .contains(&GrantType::DeviceCode)
    );
}

#[tokio::test]
async fn a_grant_that_is_switched_on_is_advertised() {
    let metadata = world().await.broker.metadata().clone();
    assert_eq!(
        metadata.device_authorization_endpoint.as_deref(),
        Some("https://auth.example/oauth/device_authorization")
    );
    assert!(metadata.grant_types_supported.contains(&GrantType::DeviceCode));
}

#[tokio::test]
async fn a_client_without_the_grant_gets_no_codes_and_no_tokens() {
    let world = world().await;
    let refused = begin_with(&world, &[("client_id", APP)]).await.unwrap_err();
    assert_eq!(refused.code(), OAuthErrorCode::UnauthorizedClient);
    let device = begin(&world).await;
    approve(&world, &device).await;
    let refused = poll_as(&world, APP, device.device_code.expose()).await;
    assert!(matches!(
        refused,
        Err(TokenError::GrantNotAllowed(GrantType::DeviceCode))
    ));
    poll(&world, &device).await.expect("tokens");
}

#[tokio::test]
async fn a_device_authenticates_as_at_the_token_endpoint() {
    let world = world().await;
    for (pairs, code) in [
        (vec![("client_id", "nobody")], OAuthErrorCode::InvalidClient),
        (vec![("client_id", WEB)], OAuthErrorCode::InvalidClient),
        (vec![], OAuthErrorCode::InvalidRequest),
        (
            vec![("client_id", "tv"), ("client_id", "tv")],
            OAuthErrorCode::InvalidRequest,
        ),
    ] {
        let refused = begin_with(&world, &pairs).await.unwrap_err();
        assert_eq!(refused.code(), code, "{pairs:?}");
    }
}

#[tokio::test]
async fn what_a_device_asks_for_is_judged_as_at_the_authorization_endpoint() {
    let world = world().await;
    for (name, value, code) in [
        (
            "resource",
            "https://elsewhere.example/mcp",
            OAuthErrorCode::InvalidTarget,
        ),
        ("scope", "files:read", OAuthErrorCode::InvalidScope),
        ("request", "e30.e30.", OAuthErrorCode::RequestNotSupported),
    ] {
        let refused = begin_with(&world, &[("client_id", "tv"), (name, value)])
            .await
            .unwrap_err();
        assert_eq!((refused.code(), refused.status()), (code, 400), "{name}");
    }
}

#[tokio::test]
async fn the_answer_names_both_codes_and_where_to_type() {
    let world = world().await;
    let device = begin(&world).await;
    assert_eq!(device.verification_uri, "https://auth.example/device");
    assert_eq!(
        device.verification_uri_complete,
        format!(
            "https://auth.example/device?user_code={}",
            device.user_code.as_str()
        )
    );
    assert_eq!((device.expires_in, device.interval), (600, 5));
    assert_ne!(begin(&world).await.user_code, device.user_code);
}

/// A terminal that registers itself, with nowhere to send a browser to (RFC 7591 §2).
#[tokio::test]
async fn a_device_that_registers_itself_needs_no_redirect_uri() {
    let world = world().await;
    let body = |grant: &str| {
        let metadata = serde_json::json!({
            "client_name": "Clock", "grant_types": [grant], "token_endpoint_auth_method": "none"
        });
        metadata.to_string().into_bytes()
    };
    let registered = world
        .broker
        .register(ClientAddress::default(), None, &body(DEVICE_GRANT))
        .await
        .unwrap();
    let id = registered.client_id.as_str();
    let device = begin_with(&world, &[("client_id", id), ("scope", "mcp:read")])
        .await
        .expect("codes");
    approve(&world, &device).await;
    let answer = poll_as(&world, id, device.device_code.expose())
        .await
        .expect("tokens");
    assert_eq!(world.read(&answer.access_token).await.client_id.as_str(), id);

    let mut asking = replaced(&request(), "client_id", id);
    asking.retain(|(name, _)| *name != "redirect_uri");
    assert!(Person::default().try_authorize(&world, &asking).await.is_err());
}

/// Whoever names only what is switched off is not given another grant in its place.
#[tokio::test]
async fn a_device_does_not_register_where_the_grant_is_switched_off() {
    let world = World::new().await;
    let body = format!(
        r#"{{"grant_types":["{DEVICE_GRANT}"],"redirect_uris":["https://app.example/cb"],"token_endpoint_auth_method":"none"}}"#
    );
    let refused = world
        .broker
        .register(ClientAddress::default(), None, body.as_bytes())
        .await;
    assert!(
        matches!(
            refused,
            Err(vestibule_broker::RegisterError::Metadata(
                vestibule_protocol::RegistrationError::GrantTypes
            ))
        ),
        "{refused:?}"
    );
}
