//! Client ids that are addresses, and the documents at them: an address has one spelling, and what is accepted is its own.

#![no_main]

use libfuzzer_sys::fuzz_target;
use vestibule_protocol::{
    ClientDocumentUrl, ClientId, DocumentHosts, GrantType, RedirectPolicy, validate_client_document,
};

fuzz_target!(|input: (&str, &[u8])| {
    let (id, body) = input;
    let Ok(id) = ClientId::parse(id) else {
        return;
    };
    let Ok(url) = ClientDocumentUrl::parse(&id, DocumentHosts::Named) else {
        return;
    };
    assert!(ClientDocumentUrl::is_meant_by(&id));
    assert_eq!(url.url().as_str(), id.as_str());
    assert_eq!(url.url().scheme(), "https");
    assert!(url.host().contains('.') && url.host().is_ascii());
    let policy = RedirectPolicy::default();
    if let Ok(metadata) = validate_client_document(&url, Some("application/json"), body, policy) {
        let redirected = metadata.grant_types.contains(&GrantType::AuthorizationCode);
        assert!(!redirected || !metadata.redirect_uris.is_empty());
        let said: serde_json::Value = serde_json::from_slice(body).expect("JSON");
        assert_eq!(said["client_id"], id.as_str());
        assert!(said.get("client_secret").is_none());
    }
});
