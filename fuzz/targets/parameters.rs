//! Forms, queries and JSON bodies, and every request that is read out of them.

#![no_main]

use libfuzzer_sys::fuzz_target;
use vestibule_protocol::{ClientCredentials, Params, RawAuthorizeRequest, TokenRequest};

fuzz_target!(|input: (&[u8], Option<&str>)| {
    let (bytes, authorization) = input;
    let query = str::from_utf8(bytes)
        .ok()
        .and_then(|text| Params::parse_query(text).ok());
    let bodies = [
        Params::parse_form(bytes).ok(),
        Params::parse_json(bytes).ok(),
        query,
    ];
    for params in bodies.into_iter().flatten() {
        for (name, _) in params.iter() {
            assert_ne!(
                params.one(name),
                Ok(Some("")),
                "a parameter without a value counts as left out"
            );
        }
        let _ = RawAuthorizeRequest::parse(&params);
        let _ = TokenRequest::parse(&params);
        let _ = ClientCredentials::parse(authorization, &params);
    }
});
