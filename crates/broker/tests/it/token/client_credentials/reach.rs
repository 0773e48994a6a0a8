//! How far a service reaches.

use super::*;

#[tokio::test]
async fn a_client_goes_nowhere_but_where_a_rule_lets_it() {
    let world = world().await;
    let elsewhere = replaced(&as_web(), "resource", FILES);
    let error = refused(&world, &elsewhere).await;
    assert!(matches!(error, TokenError::ClientNotLetInThere), "{error}");
    assert_eq!(error.code(), OAuthErrorCode::InvalidTarget);
    let unknown = replaced(&as_web(), "resource", "https://unknown.example/mcp");
    assert_eq!(
        refused(&world, &unknown).await.code(),
        OAuthErrorCode::InvalidTarget
    );
    let mut both = as_web();
    both.push(("resource", FILES));
    assert!(matches!(refused(&world, &both).await, TokenError::OneTarget));
}

#[tokio::test]
async fn scopes_are_those_of_the_rule_and_never_more() {
    let world = world().await;
    for (asked, given) in [
        ("mcp:read", "mcp:read"),
        ("mcp:read mcp:write mcp:admin", "mcp:read mcp:write"),
        ("mcp:write files:read", "mcp:write"),
        ("mcp:read offline_access", "mcp:read"),
    ] {
        let answer = granted(&world, &replaced(&as_web(), "scope", asked)).await;
        assert_eq!(answer.scope, scopes(given), "{asked}");
        assert_eq!(world.read(&answer.access_token).await.scope, scopes(given));
    }
    assert_eq!(
        granted(&world, &as_web()).await.scope,
        scopes("mcp:read mcp:write")
    );
    for nothing in ["mcp:admin", "files:read", "offline_access"] {
        let error = refused(&world, &replaced(&as_web(), "scope", nothing)).await;
        assert_eq!(error.code(), OAuthErrorCode::InvalidScope, "{nothing}");
    }
}

#[tokio::test]
async fn scopes_about_a_user_are_refused() {
    let world = world().await;
    for asked in ["openid", "openid mcp:read", "profile mcp:read", "mcp:read email"] {
        let error = refused(&world, &replaced(&as_web(), "scope", asked)).await;
        assert!(matches!(error, TokenError::NoUser), "{asked}: {error}");
        assert_eq!(error.code(), OAuthErrorCode::InvalidScope);
    }
}

#[tokio::test]
async fn the_clients_own_scopes_and_the_servers_hierarchy_count() {
    let world = World::with(|settings| {
        with_services(settings);
        settings.grants.client_credentials = vec![rule(WEB, NOTES, "mcp:write")];
        let mut notes = settings.resources.find(&resource(NOTES)).unwrap().clone();
        let write = |known: &&mut ScopeText| known.scope.as_str() == "mcp:write";
        notes.scopes.iter_mut().find(write).unwrap().implies = scopes("mcp:read");
        settings.resources = vestibule_broker::settings::Resources::new(vec![notes], None);
        let web = |client: &&mut vestibule_broker::settings::ConfiguredClient| client.id.as_str() == WEB;
        settings.clients.iter_mut().find(web).unwrap().scopes = Some(scopes("mcp:read"));
    })
    .await;
    let answer = granted(&world, &replaced(&as_web(), "scope", "mcp:write")).await;
    assert_eq!(answer.scope, scopes("mcp:read"));
}

/// Rules for users are no rules for clients, not even those that every user fits.
#[tokio::test]
async fn policy_for_users_gives_a_client_nothing() {
    let world = World::with(|settings| {
        with_services(settings);
        settings.policy.rules.push(Rule {
            scopes: scopes("mcp:admin files:read"),
            ..Rule::default()
        });
    })
    .await;
    assert_eq!(
        granted(&world, &as_web()).await.scope,
        scopes("mcp:read mcp:write")
    );
    let question = |user: &str, resource_uri: &str| PolicyQuestion {
        user: Subject::parse(user).unwrap(),
        email: None,
        groups: None,
        roles: None,
        client: client_id(WEB),
        resource: Some(resource(resource_uri)),
        scopes: Some(
            [
                Scope::parse("mcp:write").unwrap(),
                Scope::parse("mcp:admin").unwrap(),
            ]
            .into_iter()
            .collect(),
        ),
    };
    let by = Operator::of_account(0);
    for (user, given) in [("client:web", true), ("client:another", false)] {
        let question = question(user, NOTES);
        let known = world.broker.known_user(&by, &question).await.unwrap().unwrap();
        let answers = world.broker.explain_policy(&known, &question);
        let write = answers
            .iter()
            .find(|answer| answer.scope.as_str() == "mcp:write")
            .unwrap();
        assert_eq!(write.is_given(), given, "{user}");
        if given {
            assert_eq!(write.explanation.given[0].source, Source::ClientRule(1));
        }
        let admin = answers
            .iter()
            .find(|answer| answer.scope.as_str() == "mcp:admin")
            .unwrap();
        assert!(!admin.is_given(), "{user}");
    }
}

/// A server that was called by a service, and calls another for it, reaches no further than the service itself.
#[tokio::test]
async fn an_exchange_takes_a_client_nowhere_that_it_may_not_go_by_itself() {
    const EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
    let exchanging = |settings: &mut Settings| {
        with_services(settings);
        settings.grants.token_exchange = vec![rule(NOTES_SERVER, FILES, "files:read")];
        let server =
            |client: &&mut vestibule_broker::settings::ConfiguredClient| client.id.as_str() == NOTES_SERVER;
        let server = settings.clients.iter_mut().find(server).unwrap();
        server.grant_types.push(GrantType::TokenExchange);
    };
    for (may_go_there, expected) in [(false, None), (true, Some(scopes("files:read")))] {
        let world = World::with(|settings| {
            exchanging(settings);
            if may_go_there {
                settings
                    .grants
                    .client_credentials
                    .push(rule(WEB, FILES, "files:read"));
            }
        })
        .await;
        let token = granted(&world, &as_web()).await.access_token;
        let exchange = [
            ("grant_type", EXCHANGE),
            ("client_id", NOTES_SERVER),
            ("client_secret", SECRET),
            ("subject_token", token.as_str()),
            (
                "subject_token_type",
                "urn:ietf:params:oauth:token-type:access_token",
            ),
            ("resource", FILES),
        ];
        let answer = world.token(&exchange).await.map(|answer| answer.scope).ok();
        assert_eq!(answer, expected);
    }
}

/// A scope of the same name at another server is another scope.
#[tokio::test]
async fn a_rule_for_one_server_says_nothing_of_another_with_the_same_scopes() {
    let world = World::with(|settings| {
        with_services(settings);
        let notes = settings.resources.find(&resource(NOTES)).unwrap().clone();
        let mut twin = notes.clone();
        twin.uri = resource(FILES);
        settings.resources = vestibule_broker::settings::Resources::new(vec![notes, twin], None);
    })
    .await;
    let error = refused(&world, &replaced(&as_web(), "resource", FILES)).await;
    assert!(matches!(error, TokenError::ClientNotLetInThere), "{error}");
}
