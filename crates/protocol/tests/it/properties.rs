//! What holds for every text: no parser panics, what it accepts it gives back, and rules keep within their bounds.

use proptest::prelude::*;
use vestibule_protocol::{
    ChallengeScheme, ClientCredentials, ClientId, ClientMetadata, CodeChallenge, CodeVerifier, Issuer, KeyId,
    Params, ProviderId, RawAuthorizeRequest, RedirectClass, RedirectPolicy, RedirectUri, ResourceUri, Scope,
    ScopeSet, SessionId, Subject, TokenId, TokenRequest, ValidMetadata, WwwAuthenticate,
};

/// Texts that come close to URLs, made of the pieces that parsers disagree about.
fn url_like() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => prop::sample::select(vec![
            "http", "https", "HTTP", "://", ":", "/", "//", "\\", "@", "?", "#", "&", "=", "%2f", "%00", "%", ".", "..",
            "127.0.0.1", "[::1]", "localhost", "app.example", "evil.example", "xn--", "0x7f", ":80", ":0", ":65536",
            "cursor", "javascript", "urn:ietf:wg:oauth:2.0:oob", "cb", " ", "\t", "\n", "\0", "ü", "\u{202e}", "。",
        ]).prop_map(str::to_owned),
        1 => "\\PC{0,4}",
    ];
    prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

fn redirect_uri() -> impl Strategy<Value = String> {
    prop_oneof![
        "https://[a-z]{1,8}\\.example(:[1-9][0-9]{0,3})?(/[a-zA-Z0-9._~%-]{0,6}){0,3}(\\?[a-z]=[a-z0-9]{0,4})?",
        "http://(127\\.0\\.0\\.1|\\[::1\\]|localhost)(:[1-9][0-9]{0,3})?(/[a-z]{0,6}){0,2}(\\?[a-z]=[a-z])?",
        "(cursor|com\\.example\\.app|vscode):(//[a-z.]{1,8})?/[a-z]{0,8}",
    ]
}

fn loopback(port: u16, host: &str, rest: &str) -> String {
    format!("http://{host}:{port}{rest}")
}

/// A text that one of the string types accepts is given back, and read back from JSON.
macro_rules! gives_back_what_it_accepts {
    ($text:expr, $($name:ident),+) => {$(
        if let Ok(parsed) = $name::parse($text) {
            prop_assert_eq!(parsed.as_str(), $text);
            prop_assert_eq!(parsed.to_string(), $text);
            let written = serde_json::to_string(&parsed).unwrap();
            prop_assert_eq!(serde_json::from_str::<$name>(&written).unwrap(), parsed);
        }
    )+};
}

proptest! {
    #[test]
    fn any_text_that_is_accepted_is_given_back(text in prop_oneof![any::<String>(), url_like(), "[ -~]{0,60}"]) {
        gives_back_what_it_accepts!(
            text.as_str(), ClientId, SessionId, ProviderId, Subject, KeyId, TokenId, Issuer, Scope, ResourceUri,
            RedirectUri, CodeChallenge
        );
        if let Ok(verifier) = CodeVerifier::parse(&text) {
            prop_assert_eq!(verifier.expose(), text);
        }
    }

    #[test]
    fn a_scope_list_reads_back_as_the_same_set(text in prop_oneof![any::<String>(), "[a-z: ]{0,60}"]) {
        if let Ok(scopes) = ScopeSet::parse(&text) {
            prop_assert_eq!(ScopeSet::parse(&scopes.to_string()).unwrap(), scopes.clone());
            prop_assert!(text.split(' ').filter(|name| !name.is_empty()).all(|name| scopes.contains(name)));
        }
    }

    #[test]
    fn no_bytes_make_a_reader_of_parameters_panic(bytes in any::<Vec<u8>>(), header in any::<String>()) {
        let form = Params::parse_form(&bytes);
        let json = Params::parse_json(&bytes);
        for params in [form, json].into_iter().flatten() {
            let _ = RawAuthorizeRequest::parse(&params);
            let _ = TokenRequest::parse(&params);
            let _ = ClientCredentials::parse(None, &params);
            let _ = ClientCredentials::parse(Some(&header), &params);
        }
        let _ = ClientMetadata::parse(&bytes);
    }

    #[test]
    fn parameters_written_as_a_form_are_read_as_they_were(
        pairs in prop::collection::vec((any::<String>(), any::<String>()), 0..8)
    ) {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(&pairs).finish();
        let params = Params::parse_form(body.as_bytes()).unwrap();
        let read: Vec<(String, String)> =
            params.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        prop_assert_eq!(&read, &pairs);
        for (name, value) in &pairs {
            match params.one(name) {
                Ok(None) => prop_assert!(value.is_empty()),
                Ok(Some(one)) => prop_assert_eq!(one, value.as_str()),
                Err(duplicate) => {
                    prop_assert_eq!(&duplicate.0, name);
                    prop_assert!(pairs.iter().filter(|(other, _)| other == name).count() > 1);
                }
            }
        }
    }

    #[test]
    fn a_json_body_is_read_as_the_form_of_the_same_pairs(
        pairs in prop::collection::btree_map("[a-z_]{1,8}", any::<String>(), 0..10)
    ) {
        let form = form_urlencoded::Serializer::new(String::new()).extend_pairs(&pairs).finish();
        let form = Params::parse_form(form.as_bytes()).unwrap();
        let json = Params::parse_json(&serde_json::to_vec(&pairs).unwrap()).unwrap();
        for name in pairs.keys() {
            prop_assert_eq!(form.one(name), json.one(name));
        }
    }

    /// Whoever reads the URI as a browser does comes to the host that the broker shows and judges by.
    #[test]
    fn a_browser_comes_to_the_host_that_was_judged(text in url_like()) {
        let Ok(uri) = RedirectUri::parse(&text) else { return Ok(()) };
        let url = url::Url::parse(&text);
        match uri.class() {
            RedirectClass::Https | RedirectClass::Loopback | RedirectClass::PlainHttp => {
                let url = url.unwrap();
                prop_assert_eq!(url.host_str().map(str::to_owned), Some(uri.display_host()));
                prop_assert_eq!(url.scheme() == "https", uri.class() == RedirectClass::Https);
                prop_assert!(url.username().is_empty() && url.password().is_none() && url.fragment().is_none());
                let here = matches!(url.host_str(), Some("127.0.0.1" | "[::1]" | "localhost"));
                prop_assert_eq!(uri.class() == RedirectClass::Loopback, here && url.scheme() == "http");
            }
            RedirectClass::PrivateUse => {
                prop_assert!(url.is_err() || !matches!(url.unwrap().scheme(), "http" | "https" | "javascript"));
            }
            RedirectClass::OutOfBand => prop_assert_eq!(text, "urn:ietf:wg:oauth:2.0:oob"),
        }
    }

    /// Whatever is presented: what is accepted differs from what is registered in a loopback port at most.
    #[test]
    fn what_is_accepted_is_the_same_place(registered in redirect_uri(), presented in prop_oneof![url_like(), redirect_uri()]) {
        let registered = RedirectUri::parse(&registered).unwrap();
        let Some(accepted) = registered.accept(&presented) else { return Ok(()) };
        prop_assert_eq!(accepted.as_str(), &presented);
        prop_assert_eq!(accepted.class(), registered.class());
        prop_assert_eq!(accepted.host(), registered.host());
        if registered.class() == RedirectClass::Loopback {
            let without_port = |uri: &RedirectUri| {
                let mut url = url::Url::parse(uri.as_str()).unwrap();
                url.set_port(None).unwrap();
                url
            };
            prop_assert_eq!(without_port(&accepted), without_port(&registered));
        } else {
            prop_assert_eq!(&accepted, &registered);
        }
    }

    #[test]
    fn a_uri_accepts_itself_and_none_with_something_added(uri in redirect_uri(), added in "[ -~]{1,8}") {
        let registered = RedirectUri::parse(&uri).unwrap();
        prop_assert_eq!(registered.accept(&uri), Some(registered.clone()));
        if registered.class() != RedirectClass::Loopback {
            prop_assert_eq!(registered.accept(&format!("{uri}{added}")), None);
        }
    }

    #[test]
    fn any_port_of_a_loopback_uri_is_the_same_client(
        one in any::<u16>(), other in any::<u16>(),
        host in prop::sample::select(vec!["127.0.0.1", "[::1]", "localhost"]),
        rest in "(/[a-z]{0,6}){0,3}(\\?[a-z]=[a-z])?",
    ) {
        let (one, other) = (loopback(one, host, &rest), loopback(other, host, &rest));
        prop_assert!(RedirectUri::parse(&one).unwrap().accept(&other).is_some());
        prop_assert_eq!(registered(&[&one]).fingerprint(), registered(&[&other]).fingerprint());
    }

    #[test]
    fn parameters_never_change_where_a_redirect_leads(
        uri in redirect_uri(), name in any::<String>(), value in any::<String>()
    ) {
        let redirect = RedirectUri::parse(&uri).unwrap();
        let location = redirect.with_params(&[(&name, &value)]);
        prop_assert!(location.starts_with(&uri), "what was registered stays byte for byte");
        prop_assert!(location.bytes().all(|byte| byte.is_ascii_graphic()));
        let (before, after) = (url::Url::parse(&uri).unwrap(), url::Url::parse(&location).unwrap());
        prop_assert_eq!(before.host_str(), after.host_str());
        prop_assert_eq!(before.path(), after.path());
        prop_assert_eq!(after.query_pairs().last(), Some((name.into(), value.into())));
    }

    #[test]
    fn the_order_of_redirect_uris_does_not_change_the_fingerprint(
        uris in prop::collection::vec(redirect_uri(), 1..6).prop_shuffle()
    ) {
        let forward: Vec<&str> = uris.iter().map(String::as_str).collect();
        let backward: Vec<&str> = forward.iter().rev().copied().collect();
        prop_assert_eq!(registered(&forward).fingerprint(), registered(&backward).fingerprint());
    }

    #[test]
    fn whatever_is_registered_holds_nothing_dangerous(
        uris in prop::collection::vec(prop_oneof![url_like(), redirect_uri()], 0..4), name in any::<String>(),
        page in prop_oneof![url_like(), any::<String>()],
    ) {
        let body = serde_json::json!({
            "redirect_uris": uris, "client_name": name, "client_uri": page, "logo_uri": page, "scope": name,
        });
        let metadata = ClientMetadata::parse(body.to_string().as_bytes()).unwrap();
        let Ok(valid) = metadata.validate(RedirectPolicy::default()) else { return Ok(()) };
        prop_assert!(!valid.redirect_uris.is_empty());
        prop_assert!(valid.redirect_uris.iter().all(|uri| uri.class() != RedirectClass::PlainHttp));
        if let Some(text) = &valid.client_name {
            prop_assert!(!text.chars().any(char::is_control) && text.trim() == text && !text.is_empty());
            prop_assert!(text.chars().count() <= 200);
        }
        for page in valid.client_uri.iter().chain(&valid.logo_uri) {
            prop_assert!(page.bytes().all(|byte| byte.is_ascii_graphic()));
            prop_assert!(url::Url::parse(page).unwrap().scheme() == "https");
        }
        let written = serde_json::to_string(&valid).unwrap();
        let read: ValidMetadata = serde_json::from_str(&written).unwrap();
        prop_assert_eq!(read.fingerprint(), valid.fingerprint());
    }

    #[test]
    fn a_resource_is_the_same_with_a_slash_a_port_or_capitals(
        host in "[a-z]{1,8}\\.example", path in "(/[a-z0-9]{1,6}){0,3}"
    ) {
        let parse = |text: &str| ResourceUri::parse(text).unwrap();
        let resource = parse(&format!("https://{host}{path}"));
        let upper = host.to_uppercase();
        for other in [format!("https://{host}{path}/"), format!("https://{host}:443{path}"), format!("HTTPS://{upper}{path}")] {
            prop_assert!(resource.same_resource(&parse(&other)), "{}", other);
        }
        for other in [format!("https://{host}{path}/x"), format!("http://{host}{path}")] {
            prop_assert!(!resource.same_resource(&parse(&other)), "{}", other);
        }
    }

    #[test]
    fn no_header_makes_the_reader_of_challenges_panic(
        header in prop_oneof![any::<String>(), "(Bearer|Basic|DPoP|[a-z]{1,4}|=|,|\"|\\\\| |\t|ü){0,20}"]
    ) {
        if let Some(challenge) = WwwAuthenticate::parse(&header) {
            prop_assert!(header.to_ascii_lowercase().contains("bearer"));
            let written = challenge.to_string();
            prop_assert!(written.bytes().all(|byte| (b' '..=b'~').contains(&byte)));
        }
        if let Some(challenge) = WwwAuthenticate::parse_dpop(&header) {
            prop_assert!(header.to_ascii_lowercase().contains("dpop"));
            prop_assert!(challenge.to_string().bytes().all(|byte| (b' '..=b'~').contains(&byte)));
        }
    }

    #[test]
    fn a_challenge_reads_back_as_it_was_written(
        realm in prop::option::of("[ !#-\\[\\]-~]{1,20}"), description in prop::option::of("[ !#-\\[\\]-~]{1,20}"),
        scope in prop::option::of("[a-z:]{1,8}( [a-z:]{1,8}){0,3}"),
    ) {
        let challenge = WwwAuthenticate {
            scheme: ChallengeScheme::Bearer,
            realm,
            error: None,
            error_description: description,
            scope: scope.map(|text| ScopeSet::parse(&text).unwrap()),
            resource_metadata: Some("https://mcp.example/.well-known/oauth-protected-resource".to_owned()),
        };
        prop_assert_eq!(WwwAuthenticate::parse(&format!("Basic realm=\"x\", {challenge}")), Some(challenge));
    }

    #[test]
    fn a_verifier_verifies_against_its_own_challenge_alone(one in any::<[u8; 32]>(), other in any::<[u8; 32]>()) {
        let (verifier, stranger) = (CodeVerifier::from_random(&one), CodeVerifier::from_random(&other));
        let challenge = CodeChallenge::parse(CodeChallenge::of(&verifier).as_str()).unwrap();
        prop_assert!(challenge.verify(&verifier));
        prop_assert_eq!(challenge.verify(&stranger), one == other);
    }

    #[test]
    fn basic_credentials_that_were_form_encoded_are_read_as_they_were(id in "[!-~]{1,20}", secret in any::<String>()) {
        use base64::Engine as _;
        let encode = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
        let pair = format!("{}:{}", encode(&id), encode(&secret));
        let header = format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(pair));
        let credentials = ClientCredentials::parse(Some(&header), &Params::default());
        let Ok(ClientCredentials::Basic { client_id, secret: read }) = credentials else {
            panic!("{credentials:?}")
        };
        prop_assert_eq!(client_id.as_str(), id);
        prop_assert_eq!(read.expose(), secret);
    }
}

fn registered(uris: &[&str]) -> ValidMetadata {
    let body = serde_json::json!({ "redirect_uris": uris });
    let metadata = ClientMetadata::parse(body.to_string().as_bytes()).unwrap();
    metadata.validate(RedirectPolicy::default()).unwrap()
}
