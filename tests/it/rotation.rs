//! Signing keys that rotate under load, on the built program.
//!
//! Three replicas on Redis go by a clock of the test's own. Operators rotate the keys again and again, at one replica after the
//! other, while clients refresh at all of them. Verifiers hold the key set for as long as its cache header allows, know no other
//! keys meanwhile, and look at tokens until they expire.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;
use vestibule_redis_testkit::Redis;
use vestibule_tests::{HandClock, Kept, Replicas};

/// How often the clock moves on.
const STEPS: u64 = 100;
/// By how many seconds, at least and at most.
const STEP: (u64, u64) = (7, 24);
const SESSIONS: usize = 5;
const VERIFIERS: u64 = 6;
/// A key signs no sooner than it takes caches, and a replica that has not looked, to know it: three minutes.
const KEYS: &str = "[keys]\ncache_for = \"1m\"\npublished_ahead = \"2m\"\nactive_for = \"6h\"\n";

#[test]
fn no_verifier_refuses_a_token_while_operators_rotate_keys_under_load() {
    let redis = Redis::durable();
    let store = format!("[store]\nkind = \"redis\"\nurl = \"{}\"\n{KEYS}", redis.url());
    let mut clock = HandClock::an_hour_fast();
    let replicas = Replicas::start_by(&clock, 3, &[&store]);
    let mut sessions: Vec<Kept> = (0..SESSIONS).map(|_| replicas.log_in()).collect();
    let mut verifiers: Vec<Verifier> = (0..VERIFIERS)
        .map(|number| Verifier::fetched(&replicas, clock.now(), clock.now() + number * 10))
        .collect();
    let mut tokens: Vec<Token> = Vec::new();
    let (mut signed_by, mut issued, mut verified, mut refused) = (BTreeSet::new(), 0, 0, 0);
    for step in 0..STEPS {
        clock.advance(Duration::from_secs(STEP.0 + step * 11 % (STEP.1 - STEP.0)));
        let now = clock.now();
        let asked = usize::try_from(step % 3).expect("a small number");
        replicas.refresh_at_once(&mut sessions, || {
            replicas.rotate_keys(asked);
        });
        tokens.retain(|token| now < token.expires_at);
        for session in &sessions {
            let token = Token::read(&session.access_token);
            assert!(token.issued_at >= now - 1, "the program goes by the test's clock");
            signed_by.insert(token.key.clone());
            tokens.push(token);
            issued += 1;
        }
        for verifier in &mut verifiers {
            if verifier.good_until <= now {
                *verifier = Verifier::fetched(&replicas, now, u64::MAX);
            }
            // The new ones, and some of those that were issued before.
            let fresh = tokens.len().saturating_sub(SESSIONS);
            let looks_at =
                |(place, _): &(usize, &Token)| *place >= fresh || (place + asked).is_multiple_of(6);
            for (_, token) in tokens.iter().enumerate().filter(looks_at) {
                verified += 1;
                refused += usize::from(!verifier.accepts(token));
            }
        }
    }
    let keys = signed_by.len();
    println!("{issued} tokens by {keys} keys, verified {verified} times, refused {refused} times");
    assert_eq!(
        refused, 0,
        "tokens were refused by verifiers that did as documented"
    );
    assert!(keys > 5, "{keys} keys signed");
}

/// A signed token.
struct Token {
    key: String,
    signed: String,
    signature: Vec<u8>,
    issued_at: u64,
    expires_at: u64,
}

impl Token {
    fn read(text: &str) -> Self {
        let (signed, signature) = text.rsplit_once('.').expect("a signature");
        let (header, claims) = signed.split_once('.').expect("a header");
        let [header, claims] = [header, claims].map(|part| {
            let bytes = URL_SAFE_NO_PAD.decode(part).expect("base64url");
            serde_json::from_slice::<Value>(&bytes).expect("JSON")
        });
        let time = |name: &str| claims[name].as_u64().expect("a time");
        Self {
            key: header["kid"].as_str().expect("a key's id").to_owned(),
            signed: signed.to_owned(),
            signature: URL_SAFE_NO_PAD.decode(signature).expect("base64url"),
            issued_at: time("iat"),
            expires_at: time("exp"),
        }
    }
}

/// An MCP server with the key set as it once fetched it.
struct Verifier {
    /// Points of the curve, by key id.
    keys: BTreeMap<String, Vec<u8>>,
    good_until: u64,
}

impl Verifier {
    /// Fetches the key set, and keeps it until `at_most` or for as long as its cache header says.
    fn fetched(replicas: &Replicas, now: u64, at_most: u64) -> Self {
        let answer = replicas.read("/oauth/keys");
        let caching = answer.header("cache-control").expect("a cache header");
        let max_age = caching.split("max-age=").nth(1).expect("a max-age");
        let max_age: u64 = max_age
            .split(',')
            .next()
            .expect("a number")
            .trim()
            .parse()
            .expect("seconds");
        let set = answer.json();
        let point = |key: &Value| {
            let part = |name: &str| {
                URL_SAFE_NO_PAD
                    .decode(key[name].as_str().expect("a member"))
                    .expect("base64url")
            };
            let point = [vec![4], part("x"), part("y")].concat();
            (key["kid"].as_str().expect("a key's id").to_owned(), point)
        };
        Self {
            keys: set["keys"].as_array().expect("keys").iter().map(point).collect(),
            good_until: at_most.min(now + max_age),
        }
    }

    fn accepts(&self, token: &Token) -> bool {
        self.keys.get(&token.key).is_some_and(|point| {
            UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point)
                .verify(token.signed.as_bytes(), &token.signature)
                .is_ok()
        })
    }
}
