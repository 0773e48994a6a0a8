//! The token endpoint on Redis: beside a bare handler that makes one signature and one round trip, and as sessions grow.
//!
//! `cargo bench --bench redis [NAME] [-- --sessions=1000000 --codes=60000]`: a part of a name picks what is measured; fewer
//! sessions and codes only try whether it works.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "a benchmark fails by panicking and speaks by printing"
)]

use std::ops::Range;
use std::process::{Command, exit};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use axum::Router;
use axum::http::header::CONTENT_TYPE;
use axum::routing::post as on_post;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use vestibule_bench::bare::Signer;
use vestibule_bench::load::{CONNECTIONS, FORM, Script, Server, compare, compare_p99, post, post_text};
use vestibule_bench::world::{CALLBACK, CLIENT, PKCE, RESOURCE, World, master_secret, redemption, refresh};
use vestibule_broker::record::{CodeGrant, Session};
use vestibule_broker::store::{Codes as _, Sessions as _};
use vestibule_broker::{Clock as _, Digest, SystemClock};
use vestibule_keyring::RefreshTokens;
use vestibule_protocol::{ClientId, CodeChallenge, RedirectUri, ResourceUri, ScopeSet, SessionId, Timestamp};
use vestibule_redis_testkit::Redis;
use vestibule_store_redis::{RedisSettings, RedisStore};
use vestibule_store_testkit::sample::usual_session;

/// The size of what the bare handler signs, in bytes: that of an access token.
const TOKEN_SIZE: usize = 600;
/// The size of what the bare handler reads from Redis, in bytes: that of a session.
const RECORD_SIZE: usize = 330;
/// How many sessions the smaller of two brokers has.
const FEW: u32 = 1000;
/// Of so many sessions one is refreshed where there are many; the others only are there.
const REFRESHED: u32 = 64;
/// How many are refreshed at most.
const REFRESHABLE: u32 = 1_000_000 / REFRESHED;
/// How many questions wait for Redis at once while records are made ready.
const AT_ONCE: usize = 256;
/// How often a record is tried that a busy machine did not take in time.
const TRIES: usize = 100;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    // `cargo bench -- --test` and the like ask only whether the benchmark starts.
    if arguments
        .iter()
        .any(|argument| argument == "--test" || argument == "--list")
    {
        return;
    }
    if Command::new("redis-server").arg("--version").output().is_err() {
        println!("nothing is measured: there is no redis-server; Debian's package of that name brings it");
        exit(1);
    }
    let number = |name: &str, usual: u32| {
        let given = arguments.iter().find_map(|argument| argument.strip_prefix(name));
        given.map_or(usual, |given| given.parse().expect("a number"))
    };
    let (sessions, codes) = (number("--sessions=", 1_000_000), number("--codes=", 60_000));
    let only = arguments.iter().find(|argument| !argument.starts_with("--"));
    let wanted = |name: &str| only.is_none_or(|only| name.contains(only.as_str()));
    let runtime = tokio::runtime::Runtime::new().unwrap();
    beside_bare(&runtime, codes, wanted);
    if wanted("growth") {
        growth(&runtime, sessions.max(FEW), codes);
    }
}

/// What a request costs the server, beside the least that any could do.
fn beside_bare(runtime: &tokio::runtime::Runtime, codes: u32, wanted: impl Fn(&str) -> bool) {
    let place = Place::open(runtime, Redis::durable());
    let url = place.redis.url();
    let bare = Server::start_with("bare", || signature_and_round_trip(url));
    let form = post(
        "/",
        FORM,
        &redemption("a-code-of-about-the-usual-length-0123456789"),
    );
    println!(
        "on Redis                              ours: processor time, rate       baseline                    ratio"
    );
    if wanted("code redemption") {
        let redeeming = place.redeeming(runtime, codes);
        compare(
            "code redemption",
            Some(0.8),
            (&bare, &form),
            (&place.broker, &redeeming),
        );
    }
    if wanted("refresh") {
        place.fill(runtime, 0..FEW, 1);
        let refreshing = place.refreshing(0..FEW, 1);
        compare(
            "refresh, session seen before",
            Some(0.8),
            (&bare, &form),
            (&place.broker, &refreshing),
        );
        let others = FEW..FEW + codes;
        place.fill(runtime, others.clone(), 1);
        compare(
            "refresh, session not seen",
            Some(0.8),
            (&bare, &form),
            (&place.broker, &refreshing_once(others)),
        );
    }
}

/// What sessions cost when there are more and more of them: the slowest answers, and memory.
fn growth(runtime: &tokio::runtime::Runtime, most: u32, codes: u32) {
    let [few, many] = [(); 2].map(|()| {
        // Nothing is kept, so that a rewrite of the file is not measured by chance.
        let redis = Redis::with(&["--maxmemory-policy noeviction"]);
        Place::open(runtime, redis)
    });
    few.fill(runtime, 0..FEW, 1);
    let mut filled = 0;
    for size in [10_000, 100_000, 1_000_000] {
        let size = most.min(size);
        let before = many.used();
        many.fill(runtime, filled..size, REFRESHED);
        let each = (many.used() - before) / u64::from(size - filled);
        println!("from {filled} to {size} sessions: {each} bytes for each (goal 600)");
        filled = size;
        let [before, after] = [few.refreshing(0..FEW, 1), many.refreshing(0..size, REFRESHED)];
        compare_p99(
            "refresh, slowest of 100",
            1.3,
            (&few.broker, &before),
            (&many.broker, &after),
        );
        let [before, after] = [&few, &many].map(|place| place.redeeming(runtime, codes));
        compare_p99(
            "redemption, slowest of 100",
            1.3,
            (&few.broker, &before),
            (&many.broker, &after),
        );
        if size == most {
            return;
        }
    }
}

/// A Redis, a broker on it, and a way past the broker.
struct Place {
    redis: Redis,
    broker: Server,
    store: RedisStore,
    /// Of each session that is refreshed.
    generations: Arc<[AtomicU64]>,
    /// How many lots of codes were issued.
    lots: AtomicUsize,
}

impl Place {
    fn open(runtime: &tokio::runtime::Runtime, redis: Redis) -> Self {
        let url = redis.url();
        // The broker's connection to Redis is looked after by the broker's own thread.
        let broker = Server::start_with("broker", || async move {
            World::on(Arc::new(open(&url).await)).await.app
        });
        Self {
            store: runtime.block_on(open(&redis.url())),
            broker,
            redis,
            generations: (0..REFRESHABLE).map(|_| AtomicU64::new(0)).collect(),
            lots: AtomicUsize::new(0),
        }
    }

    /// Opens sessions, of which one in `every` is the client's that refreshes.
    fn fill(&self, runtime: &tokio::runtime::Runtime, numbers: Range<u32>, every: u32) {
        let now = SystemClock.now();
        let open = async |number: u32| {
            let open = || self.store.open_session(session(number, every, now), now);
            until_taken(open).await;
        };
        runtime.block_on(stream::iter(numbers).for_each_concurrent(AT_ONCE, open));
    }

    /// Each connection refreshes sessions at random, none of them another's.
    fn refreshing(&self, numbers: Range<u32>, every: u32) -> Script {
        let tokens = RefreshTokens::new(&master_secret(), &[]);
        let generations = self.generations.clone();
        let now = SystemClock.now();
        let sessions: Vec<(SessionId, [u8; 16])> = numbers
            .filter(|number| number.is_multiple_of(every))
            .map(|number| session(number, every, now))
            .map(|session| (session.id, session.salt))
            .collect();
        let turn = AtomicU64::new(0);
        Arc::new(move |connection, _| {
            let turn = scatter(turn.fetch_add(1, Ordering::Relaxed));
            let place = usize::try_from(turn).unwrap() % (sessions.len() / CONNECTIONS);
            let place = place * CONNECTIONS + connection;
            let (id, salt) = &sessions[place];
            // A request that was begun is answered before its connection stops.
            let generation = generations[place].fetch_add(1, Ordering::Relaxed);
            let token = tokens.derive(id, generation, salt);
            Some(post_text("/oauth/token", FORM, &refresh(token.expose())))
        })
    }

    /// Codes are issued past the broker, and each is redeemed in one request.
    fn redeeming(&self, runtime: &tokio::runtime::Runtime, count: u32) -> Script {
        let lot = self.lots.fetch_add(1, Ordering::Relaxed);
        let code = |number| format!("code-{lot}-{number}-of-about-the-usual-length");
        let issue = async |number: u32| {
            let code = code(number);
            let issue = || self.store.issue_code(Digest::of(&code), grant(&code, number));
            until_taken(issue).await;
        };
        runtime.block_on(stream::iter(0..count).for_each_concurrent(AT_ONCE, issue));
        let codes: Vec<String> = (0..count).map(code).collect();
        let next = AtomicUsize::new(0);
        Arc::new(move |_, _| {
            let code = codes.get(next.fetch_add(1, Ordering::Relaxed))?;
            Some(post_text("/oauth/token", FORM, &redemption(code)))
        })
    }

    /// The memory that Redis says that it uses, with what it needs for itself.
    fn used(&self) -> u64 {
        let info = self.redis.ask(&["INFO", "memory"]);
        let used = info.lines().find_map(|line| line.strip_prefix("used_memory:"));
        used.expect("a line").trim().parse().unwrap()
    }
}

/// Each session is refreshed in one request, so that the broker has seen none of them.
fn refreshing_once(numbers: Range<u32>) -> Script {
    let tokens = RefreshTokens::new(&master_secret(), &[]);
    let now = SystemClock.now();
    let sessions: Vec<(SessionId, [u8; 16])> = numbers
        .map(|number| session(number, 1, now))
        .map(|session| (session.id, session.salt))
        .collect();
    let next = AtomicUsize::new(0);
    Arc::new(move |_, _| {
        let (id, salt) = sessions.get(next.fetch_add(1, Ordering::Relaxed))?;
        let token = tokens.derive(id, 0, salt);
        Some(post_text("/oauth/token", FORM, &refresh(token.expose())))
    })
}

/// The session of this number: the client's that refreshes, or somebody's.
fn session(number: u32, every: u32, now: Timestamp) -> Session {
    let usual = usual_session(number, now);
    if !number.is_multiple_of(every) {
        return usual;
    }
    Session {
        client_id: ClientId::parse(CLIENT.0).unwrap(),
        resources: vec![ResourceUri::parse(RESOURCE).unwrap()],
        scopes: scopes(),
        upstream: None,
        recheck_at: None,
        ..usual
    }
}

fn grant(code: &str, number: u32) -> CodeGrant {
    let now = SystemClock.now();
    CodeGrant {
        session: SessionId::of_bytes(*Digest::of(code).as_bytes().first_chunk().unwrap()),
        client_id: ClientId::parse(CLIENT.0).unwrap(),
        redirect_uri: RedirectUri::parse(CALLBACK).unwrap(),
        redirect_uri_given: true,
        code_challenge: CodeChallenge::parse(PKCE.1).unwrap(),
        dpop_jkt: None,
        resources: vec![ResourceUri::parse(RESOURCE).unwrap()],
        scopes: scopes(),
        identity: usual_session(number, now).identity,
        upstream: None,
        nonce: None,
        expires_at: now + std::time::Duration::from_secs(3600),
        trace: None,
    }
}

fn scopes() -> ScopeSet {
    ScopeSet::parse("mcp:read offline_access").unwrap()
}

async fn open(url: &str) -> RedisStore {
    let settings = RedisSettings {
        address: url.parse().unwrap(),
        authority: None,
        sentinel_user: None,
        sentinel_password: None,
        prefix: "v:".to_owned(),
    };
    RedisStore::open(settings).await.unwrap()
}

/// Asks until the store answers: a busy machine may keep an answer for longer than the store waits.
async fn until_taken<T, E: std::fmt::Debug>(ask: impl AsyncFn() -> Result<T, E>) {
    for _ in 0..TRIES {
        match ask().await {
            Ok(_) => return,
            Err(_) => tokio::time::sleep(std::time::Duration::from_millis(100)).await,
        }
    }
    ask().await.unwrap();
}

/// Answers `POST /` with a token: one round trip to Redis and one ES256 signature, and nothing else.
async fn signature_and_round_trip(url: String) -> Router {
    let client = redis::Client::open(url).unwrap();
    let mut redis = client.get_multiplexed_async_connection().await.unwrap();
    let record = vec![b'x'; RECORD_SIZE];
    redis::cmd("SET")
        .arg("bare")
        .arg(record)
        .exec_async(&mut redis)
        .await
        .unwrap();
    let signer = Arc::new(Signer::new());
    let message: Arc<str> = "x".repeat(TOKEN_SIZE).into();
    let answer = move |_: Bytes| {
        let (signer, message, mut redis) = (signer.clone(), message.clone(), redis.clone());
        async move {
            let record: Vec<u8> = redis::cmd("GET")
                .arg("bare")
                .query_async(&mut redis)
                .await
                .unwrap();
            assert_eq!(record.len(), RECORD_SIZE);
            let signature = URL_SAFE_NO_PAD.encode(signer.sign(message.as_bytes()));
            let body = format!("{{\"access_token\":\"{message}.{signature}\",\"token_type\":\"Bearer\"}}");
            ([(CONTENT_TYPE, "application/json")], body)
        }
    };
    Router::new().route("/", on_post(answer))
}

/// Numbers in a row, scattered.
fn scatter(number: u64) -> u64 {
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}
