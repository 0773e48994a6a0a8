//! Resources, issuers, scopes and ids: what is accepted is kept byte for byte.

#![no_main]

use libfuzzer_sys::fuzz_target;
use vestibule_protocol::{ClientId, CodeChallenge, CodeVerifier, Issuer, ResourceUri, ScopeSet};

fuzz_target!(|text: &str| {
    if let Ok(issuer) = Issuer::parse(text) {
        assert_eq!(issuer.as_str(), text);
        assert!(!text.ends_with('/'));
    }
    if let Ok(resource) = ResourceUri::parse(text) {
        assert_eq!(resource.as_str(), text);
        assert!(resource.same_resource(&resource));
        assert!(resource.url().fragment().is_none());
    }
    if let Ok(scopes) = ScopeSet::parse(text) {
        assert_eq!(ScopeSet::parse(&scopes.to_string()).ok().as_ref(), Some(&scopes));
    }
    if let Ok(id) = ClientId::parse(text) {
        assert_eq!(id.as_str(), text);
    }
    let _ = CodeChallenge::parse(text);
    let _ = CodeVerifier::parse(text);
});
