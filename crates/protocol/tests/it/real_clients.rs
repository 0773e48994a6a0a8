//! Registrations that installed clients send, as they stand.

use serde_json::json;
use vestibule_protocol::{ApplicationType, AuthMethod, GrantType, RedirectClass, RedirectUri, ValidMetadata};

use crate::registration::register;

const CODE_AND_REFRESH: [GrantType; 2] = [GrantType::AuthorizationCode, GrantType::RefreshToken];

fn admits(metadata: &ValidMetadata, presented: &str) -> bool {
    metadata
        .redirect_uris
        .iter()
        .any(|uri| uri.accept(presented).is_some())
}

#[test]
fn vs_code_registers_fixed_ports_and_web_pages_and_uses_a_random_port() {
    let metadata = register(&json!({
        "client_name": "Visual Studio Code",
        "client_uri": "https://code.visualstudio.com",
        "grant_types": ["authorization_code", "refresh_token", "urn:ietf:params:oauth:grant-type:device_code"],
        "response_types": ["code"],
        "redirect_uris": [
            "https://insiders.vscode.dev/redirect",
            "https://vscode.dev/redirect",
            "http://127.0.0.1/",
            "http://127.0.0.1:33418/",
        ],
        "scope": "mcp:read mcp:write",
        "token_endpoint_auth_method": "none",
        "application_type": "native",
    }))
    .unwrap();
    assert!(metadata.is_public());
    let with_device = [&CODE_AND_REFRESH[..], &[GrantType::DeviceCode]].concat();
    assert_eq!(metadata.grant_types, with_device);
    assert_eq!(metadata.application_type, ApplicationType::Native);
    assert_eq!(metadata.redirect_uris.len(), 4);
    assert!(admits(&metadata, "http://127.0.0.1:57163/"));
    assert!(admits(&metadata, "https://vscode.dev/redirect"));
    assert!(!admits(&metadata, "https://vscode.dev/redirect/"));
    assert!(!admits(&metadata, "http://127.0.0.1:57163/cb"));
}

#[test]
fn cursor_mixes_all_classes_of_uri_and_calls_itself_web() {
    let metadata = register(&json!({
        "redirect_uris": [
            "cursor://anysphere.cursor-mcp/oauth/callback",
            "https://www.cursor.com/agents/mcp/oauth/callback",
            "http://localhost:8787/callback",
        ],
        "token_endpoint_auth_method": "none",
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
        "client_name": "Cursor",
        "client_uri": "https://cursor.com",
        "application_type": "web",
    }))
    .unwrap();
    let classes: Vec<RedirectClass> = metadata.redirect_uris.iter().map(RedirectUri::class).collect();
    assert_eq!(
        classes,
        [
            RedirectClass::PrivateUse,
            RedirectClass::Https,
            RedirectClass::Loopback
        ]
    );
    assert_eq!(metadata.application_type, ApplicationType::Native);
    assert!(admits(&metadata, "cursor://anysphere.cursor-mcp/oauth/callback"));
    assert!(admits(&metadata, "http://localhost:51111/callback"));
}

#[test]
fn claude_code_registers_again_on_another_port_and_is_the_same_client() {
    let body = |port: u16| {
        json!({
            "client_name": "Claude Code (demo)",
            "redirect_uris": [format!("http://localhost:{port}/callback")],
            "grant_types": ["authorization_code", "refresh_token"],
            "response_types": ["code"],
            "token_endpoint_auth_method": "none",
        })
    };
    let (first, second) = (register(&body(54212)).unwrap(), register(&body(3118)).unwrap());
    assert_eq!(first.fingerprint(), second.fingerprint());
    assert!(admits(&first, "http://localhost:3118/callback"));
    assert!(!admits(&first, "http://127.0.0.1:3118/callback"));
}

#[test]
fn claude_code_by_document_may_come_by_name_or_by_address() {
    let metadata = register(&json!({
        "client_id": "https://claude.ai/oauth/claude-code-client-metadata",
        "client_name": "Claude Code",
        "client_uri": "https://claude.ai",
        "redirect_uris": ["http://localhost/callback", "http://127.0.0.1/callback"],
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
        "token_endpoint_auth_method": "none",
    }))
    .unwrap();
    assert!(admits(&metadata, "http://localhost:60001/callback"));
    assert!(admits(&metadata, "http://127.0.0.1:60001/callback"));
    assert!(!admits(&metadata, "http://[::1]:60001/callback"));
}

#[test]
fn the_claude_connector_is_confidential_with_its_secret_in_the_body() {
    let metadata = register(&json!({
        "client_name": "Claude",
        "redirect_uris": ["https://claude.ai/api/mcp/auth_callback"],
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
        "token_endpoint_auth_method": "client_secret_post",
        "scope": "mcp:read offline_access",
    }))
    .unwrap();
    assert_eq!(metadata.token_endpoint_auth_method, AuthMethod::ClientSecretPost);
    assert_eq!(metadata.grant_types, CODE_AND_REFRESH);
    assert_eq!(metadata.application_type, ApplicationType::Web);
}

/// Whether it is given a secret all the same is the broker's decision; it goes by the host.
#[test]
fn perplexity_registers_as_public() {
    let metadata = register(&json!({
        "client_name": "Perplexity",
        "redirect_uris": ["https://www.perplexity.ai/rest/connections/oauth_callback"],
        "token_endpoint_auth_method": "none",
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
    }))
    .unwrap();
    assert!(metadata.is_public());
    assert_eq!(metadata.redirect_uris[0].host(), "www.perplexity.ai");
}

#[test]
fn the_typescript_sdk_and_the_inspector_register() {
    let metadata = register(&json!({
        "redirect_uris": ["http://localhost:6274/oauth/callback"],
        "token_endpoint_auth_method": "none",
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
        "client_name": "MCP Inspector",
        "client_uri": "https://github.com/modelcontextprotocol/inspector",
        "scope": "",
    }))
    .unwrap();
    assert_eq!(metadata.scope, None);
    assert!(admits(&metadata, "http://localhost:6274/oauth/callback"));
}

/// pydantic writes a URL without a path with a slash at its end, and what is unset as null.
#[test]
fn the_python_sdk_registers() {
    let metadata = register(&json!({
        "redirect_uris": ["http://localhost:3030/"],
        "token_endpoint_auth_method": "client_secret_post",
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
        "scope": null,
        "client_name": "A host in Python",
        "client_uri": null,
        "logo_uri": null,
        "contacts": null,
        "tos_uri": null,
        "policy_uri": null,
        "jwks_uri": null,
        "jwks": null,
        "software_id": null,
        "software_version": null,
    }))
    .unwrap();
    assert!(admits(&metadata, "http://localhost:3030"));
    assert!(admits(&metadata, "http://localhost:3030/"));
}

#[test]
fn an_app_without_a_browser_registers_out_of_band() {
    let metadata = register(&json!({
        "redirect_uris": ["urn:ietf:wg:oauth:2.0:oob", "http://127.0.0.1/callback"],
        "token_endpoint_auth_method": "none",
        "client_name": "vestibule",
    }))
    .unwrap();
    assert!(admits(&metadata, "urn:ietf:wg:oauth:2.0:oob"));
    assert_eq!(metadata.application_type, ApplicationType::Native);
}

/// [RFC 7591 §3.1](https://www.rfc-editor.org/rfc/rfc7591#section-3.1), its example request.
#[test]
fn the_example_of_rfc_7591_registers() {
    let metadata = register(&json!({
        "redirect_uris": [
            "https://client.example.org/callback",
            "https://client.example.org/callback2",
        ],
        "client_name": "My Example Client",
        "client_name#ja-Jpan-JP": "\u{30AF}\u{30E9}\u{30A4}\u{30A2}\u{30F3}\u{30C8}\u{540D}",
        "token_endpoint_auth_method": "client_secret_basic",
        "logo_uri": "https://client.example.org/logo.png",
        "jwks_uri": "https://client.example.org/my_public_keys.jwks",
        "example_extension_parameter": "example_value",
    }))
    .unwrap();
    assert_eq!(metadata.client_name.as_deref(), Some("My Example Client"));
    assert_eq!(metadata.token_endpoint_auth_method, AuthMethod::ClientSecretBasic);
    assert_eq!(metadata.redirect_uris.len(), 2);
}
