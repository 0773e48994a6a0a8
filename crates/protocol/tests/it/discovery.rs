//! Discovery documents and their addresses.

use rstest::rstest;
use serde_json::{Value, json};
use vestibule_protocol::{
    AuthMethod, AuthorizationServerMetadata, GrantType, Issuer, ProtectedResourceMetadata, ResourceUri,
    ScopeSet, resource_metadata_path, resource_metadata_url, server_metadata_paths,
};

fn paths(issuer: &str) -> Vec<String> {
    server_metadata_paths(&Issuer::parse(issuer).unwrap())
}

#[test]
fn an_issuer_without_a_path_is_found_at_three_paths() {
    assert_eq!(
        paths("https://as.example"),
        [
            "/.well-known/oauth-authorization-server",
            "/.well-known/openid-configuration",
            "/.well-known/openid_configuration",
        ]
    );
}

/// > If the issuer identifier value contains a path component, any terminating "/" MUST be removed before inserting
/// > "/.well-known/" and the well-known URI suffix between the host component and the path component. (RFC 8414 §3.1)
#[test]
fn the_path_of_an_issuer_is_inserted_appended_and_left_out() {
    assert_eq!(
        paths("https://as.example/tenant/one"),
        [
            "/.well-known/oauth-authorization-server/tenant/one",
            "/tenant/one/.well-known/oauth-authorization-server",
            "/.well-known/oauth-authorization-server",
            "/.well-known/openid-configuration/tenant/one",
            "/tenant/one/.well-known/openid-configuration",
            "/.well-known/openid-configuration",
            "/.well-known/openid_configuration/tenant/one",
            "/tenant/one/.well-known/openid_configuration",
            "/.well-known/openid_configuration",
        ]
    );
}

/// > If the resource identifier value contains a path or query component, any terminating slash (/) following the host
/// > component MUST be removed before inserting /.well-known/ and the well-known URI path suffix between the host component
/// > and the path and/or query components. (RFC 9728 §3.1)
#[rstest]
#[case("https://resource.example.com", "/.well-known/oauth-protected-resource")]
#[case("https://resource.example.com/", "/.well-known/oauth-protected-resource")]
#[case(
    "https://resource.example.com/resource1",
    "/.well-known/oauth-protected-resource/resource1"
)]
#[case(
    "https://resource.example.com/?k=v",
    "/.well-known/oauth-protected-resource?k=v"
)]
#[case(
    "https://resource.example.com/a/b?k=v",
    "/.well-known/oauth-protected-resource/a/b?k=v"
)]
fn the_path_of_a_resource_is_inserted_behind_the_well_known_part(#[case] resource: &str, #[case] path: &str) {
    let resource = ResourceUri::parse(resource).unwrap();
    assert_eq!(resource_metadata_path(&resource), path);
    assert_eq!(
        resource_metadata_url(&resource),
        format!("https://resource.example.com{path}")
    );
}

#[test]
fn the_address_of_a_resources_metadata_keeps_its_port() {
    let resource = ResourceUri::parse("http://localhost:3001/mcp").unwrap();
    assert_eq!(
        resource_metadata_url(&resource),
        "http://localhost:3001/.well-known/oauth-protected-resource/mcp"
    );
}

#[test]
fn the_metadata_of_a_resource_are_written_as_rfc_9728_says() {
    let metadata = ProtectedResourceMetadata::of(
        ResourceUri::parse("https://mcp.example/mcp").unwrap(),
        Issuer::parse("https://as.example").unwrap(),
        &ScopeSet::parse("mcp:write mcp:read").unwrap(),
    );
    let value = serde_json::to_value(&metadata).unwrap();
    assert_eq!(
        value,
        json!({
            "resource": "https://mcp.example/mcp",
            "authorization_servers": ["https://as.example"],
            "scopes_supported": ["mcp:read", "mcp:write"],
            "bearer_methods_supported": ["header"],
        })
    );
    assert_eq!(
        serde_json::from_value::<ProtectedResourceMetadata>(value).unwrap(),
        metadata
    );
}

fn foreign(extra: &Value) -> Value {
    let mut document = json!({
        "issuer": "https://server.example.com",
        "authorization_endpoint": "https://server.example.com/authorize",
        "token_endpoint": "https://server.example.com/token",
        "response_types_supported": ["code", "code token"],
    });
    for (name, value) in extra.as_object().unwrap() {
        document[name] = value.clone();
    }
    document
}

/// [RFC 8414 §3.2](https://www.rfc-editor.org/rfc/rfc8414#section-3.2), with values that this profile does not know.
#[test]
fn a_foreign_document_is_read_without_what_is_not_known() {
    let document: AuthorizationServerMetadata = serde_json::from_value(foreign(&json!({
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "tls_client_auth", 7, "none"],
        "token_endpoint_auth_signing_alg_values_supported": ["RS256", "ES256"],
        "grant_types_supported": ["authorization_code", "implicit", "refresh_token"],
        "userinfo_endpoint": "https://server.example.com/userinfo",
        "jwks_uri": "https://server.example.com/jwks.json",
        "ui_locales_supported": ["en-US", "fr-CA"],
    })))
    .unwrap();
    assert_eq!(
        document.token_endpoint_auth_methods_supported,
        [AuthMethod::ClientSecretBasic, AuthMethod::None]
    );
    assert_eq!(
        document.grant_types_supported,
        [GrantType::AuthorizationCode, GrantType::RefreshToken]
    );
    assert_eq!(document.registration_endpoint, None);
    assert!(!document.client_id_metadata_document_supported);
    assert!(!document.authorization_response_iss_parameter_supported);
}

#[rstest]
#[case("issuer")]
#[case("authorization_endpoint")]
#[case("token_endpoint")]
#[case("response_types_supported")]
fn a_document_without_a_required_field_is_refused(#[case] field: &str) {
    let mut document = foreign(&json!({}));
    document.as_object_mut().unwrap().remove(field);
    let error = serde_json::from_value::<AuthorizationServerMetadata>(document).unwrap_err();
    assert!(error.to_string().contains(field), "{error}");
}

#[test]
fn a_document_reads_back_as_it_was_and_names_no_endpoint_that_is_not_there() {
    let document: AuthorizationServerMetadata = serde_json::from_value(foreign(&json!({
        "client_id_metadata_document_supported": true,
        "code_challenge_methods_supported": ["S256"],
    })))
    .unwrap();
    let value = serde_json::to_value(&document).unwrap();
    assert_eq!(value["issuer"], "https://server.example.com", "byte for byte");
    assert!(value.as_object().unwrap().values().all(|value| !value.is_null()));
    assert_eq!(
        value["request_uri_parameter_supported"], false,
        "absent would mean yes"
    );
    assert_eq!(
        serde_json::from_value::<AuthorizationServerMetadata>(value).unwrap(),
        document
    );
}
