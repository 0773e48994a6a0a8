//! Authorization and token requests: whatever is sent is refused, or read as it was sent.

#![no_main]

use libfuzzer_sys::fuzz_target;
use vestibule_protocol::{Params, RawAuthorizeRequest, TokenRequest};

fuzz_target!(|body: &[u8]| {
    for params in [Params::parse_form(body), Params::parse_json(body)].into_iter().flatten() {
        if let Ok(request) = RawAuthorizeRequest::parse(&params) {
            assert_eq!(request.state.as_deref(), params.one("state").expect("once"));
            assert_eq!(request.resource.len(), params.many("resource").len());
        }
        if let Ok(request) = TokenRequest::parse(&params) {
            let named = params.one("grant_type").expect("once").expect("a grant");
            assert_eq!(request.grant_type().as_str(), named);
        }
    }
});
