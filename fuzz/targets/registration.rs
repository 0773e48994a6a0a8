//! Client metadata: what is accepted holds nothing dangerous, and reads back as the same client.

#![no_main]

use libfuzzer_sys::fuzz_target;
use vestibule_protocol::{ClientMetadata, GrantType, RedirectClass, RedirectPolicy, ValidMetadata};

fuzz_target!(|body: &[u8]| {
    let Ok(metadata) = ClientMetadata::parse(body) else {
        return;
    };
    let Ok(valid) = metadata.validate(RedirectPolicy::default()) else {
        return;
    };
    let redirected = valid.grant_types.contains(&GrantType::AuthorizationCode);
    assert!(!redirected || !valid.redirect_uris.is_empty());
    assert!(
        valid
            .redirect_uris
            .iter()
            .all(|uri| uri.class() != RedirectClass::PlainHttp)
    );
    for page in valid.client_uri.iter().chain(&valid.logo_uri) {
        assert!(page.starts_with("https:"), "{page}");
    }
    if let Some(name) = &valid.client_name {
        assert!(!name.chars().any(char::is_control));
    }
    let written = serde_json::to_string(&valid).expect("JSON");
    let read: ValidMetadata = serde_json::from_str(&written).expect("what was written");
    assert_eq!(read.fingerprint(), valid.fingerprint());
});
