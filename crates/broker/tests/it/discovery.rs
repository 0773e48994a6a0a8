use serde_json::{Value, json};

use crate::fixture::World;

fn document(world: &World) -> Value {
    serde_json::to_value(world.broker.metadata()).unwrap()
}

#[tokio::test]
async fn nothing_is_promised_that_is_not_served() {
    let world = World::with(|settings| {
        settings.registration.enabled = false;
        settings.client_documents.enabled = false;
    })
    .await;
    let document = document(&world);
    for absent in ["registration_endpoint", "device_authorization_endpoint"] {
        assert_eq!(document.get(absent), None, "{absent}");
    }
    assert_eq!(document["client_id_metadata_document_supported"], json!(false));
    assert_eq!(document["request_uri_parameter_supported"], json!(false));
}

#[tokio::test]
async fn the_document_names_every_endpoint_below_the_issuer() {
    let document = document(&World::new().await);
    assert_eq!(document["issuer"], "https://auth.example");
    for (name, path) in [
        ("authorization_endpoint", "/oauth/authorize"),
        ("token_endpoint", "/oauth/token"),
        ("registration_endpoint", "/oauth/register"),
        ("revocation_endpoint", "/oauth/revoke"),
        ("introspection_endpoint", "/oauth/introspect"),
        ("userinfo_endpoint", "/oauth/userinfo"),
        ("end_session_endpoint", "/oauth/logout"),
        ("jwks_uri", "/oauth/keys"),
    ] {
        assert_eq!(document[name], format!("https://auth.example{path}"), "{name}");
    }
}

#[tokio::test]
async fn the_document_says_what_clients_decide_by() {
    let document = document(&World::new().await);
    assert_eq!(document["code_challenge_methods_supported"], json!(["S256"]));
    assert_eq!(
        document["grant_types_supported"],
        json!(["authorization_code", "refresh_token"])
    );
    assert_eq!(document["response_types_supported"], json!(["code"]));
    assert_eq!(
        document["authorization_response_iss_parameter_supported"],
        json!(true)
    );
    assert_eq!(
        document["token_endpoint_auth_methods_supported"],
        json!([
            "none",
            "private_key_jwt",
            "client_secret_basic",
            "client_secret_post"
        ])
    );
    assert_eq!(document["client_id_metadata_document_supported"], json!(true));
    for endpoint in ["token", "revocation", "introspection"] {
        assert_eq!(
            document[format!("{endpoint}_endpoint_auth_signing_alg_values_supported")],
            json!(["ES256", "EdDSA", "RS256", "PS256"])
        );
    }
    assert_eq!(
        document["id_token_signing_alg_values_supported"],
        json!(["ES256"])
    );
    assert_eq!(
        document["scopes_supported"],
        json!([
            "openid",
            "profile",
            "email",
            "offline_access",
            "mcp:read",
            "mcp:write",
            "mcp:admin",
            "files:read"
        ])
    );
}
