//! The endpoints under load, each beside a bare axum handler that does the least that any server could.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "a benchmark fails by panicking and speaks by printing"
)]

use std::fs;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use vestibule_bench::bare;
use vestibule_bench::load::{CONNECTIONS, FORM, Script, Server, compare, get, post, post_text};
use vestibule_bench::world::{CLIENT, World, redemption, refresh};
use vestibule_broker::Browser;

/// Codes and tokens made ready for the endpoints that spend one a request.
const READY: usize = 60_000;
/// The size of what the bare handlers sign and verify, in bytes: that of an access token.
const TOKEN_SIZE: usize = 600;

fn main() {
    // `cargo bench -- --test` and the like ask only whether the benchmark starts.
    if std::env::args().any(|argument| argument == "--test" || argument == "--list") {
        return;
    }
    // A name, or a part of one, picks what is measured.
    let only = std::env::args()
        .skip(1)
        .find(|argument| !argument.starts_with("--"));
    let wanted = |name: &str| only.as_ref().is_none_or(|only| name.contains(only.as_str()));
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let world = runtime.block_on(World::in_memory());
    let browser = runtime.block_on(world.agreed_browser());
    println!(
        "endpoint                              ours: processor time, rate       baseline                    ratio"
    );

    let ours = Server::start("broker", world.app.clone());
    for (name, path, size) in [
        (
            "metadata",
            "/.well-known/oauth-authorization-server",
            metadata_size(&world),
        ),
        (
            "keys",
            "/oauth/keys",
            runtime.block_on(world.broker.published_keys()).body.len(),
        ),
    ] {
        if wanted(name) {
            let fixed = Server::start("bare", bare::fixed(size));
            compare(name, Some(0.85), (&fixed, &get("/")), (&ours, &get(path)));
        }
    }

    let signing = Server::start("bare", bare::one_signature(TOKEN_SIZE));
    let token_form = post(
        "/",
        FORM,
        &redemption("a-code-of-about-the-usual-length-0123456789"),
    );
    if wanted("code redemption") {
        let codes = stock(async || world.code(&browser).await, &runtime);
        let redeeming = each_once(codes, redemption, "/oauth/token");
        compare(
            "code redemption",
            Some(0.75),
            (&signing, &token_form),
            (&ours, &redeeming),
        );
    }
    if wanted("refresh") {
        let refreshes = refreshing(&runtime, &world, &browser);
        compare(
            "refresh",
            Some(0.75),
            (&signing, &token_form),
            (&ours, &refreshes),
        );
    }

    let verifying = Server::start("bare", bare::one_verification(TOKEN_SIZE));
    let reading = Server::start("bare", bare::post_only());
    let seen = introspection(&runtime.block_on(world.tokens(&browser)).access_token);
    let introspect_form = post("/", FORM, &seen);
    if wanted("introspection, token not seen") {
        let tokens = stock(async || world.tokens(&browser).await.access_token, &runtime);
        let introspecting = each_once(tokens, introspection, "/oauth/introspect");
        compare(
            "introspection, token not seen",
            Some(0.80),
            (&verifying, &introspect_form),
            (&ours, &introspecting),
        );
    }
    if wanted("introspection, token seen") {
        let introspecting = post("/oauth/introspect", FORM, &seen);
        compare(
            "introspection, token seen",
            Some(0.45),
            (&reading, &introspect_form),
            (&ours, &introspecting),
        );
    }
    if wanted("registration") {
        let registration = r#"{"client_name":"Bench","redirect_uris":["http://127.0.0.1:33418/"],"token_endpoint_auth_method":"none","grant_types":["authorization_code","refresh_token"]}"#;
        let json = "application/json";
        compare(
            "registration",
            Some(0.45),
            (&reading, &post("/", json, registration)),
            (&ours, &post("/oauth/register", json, registration)),
        );
    }

    if wanted("refresh, kept on disk") {
        on_disk(&runtime, (&signing, &token_form));
    }
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let resident = status.lines().find(|line| line.starts_with("VmRSS")).unwrap();
    println!("this process, with its load and all that was made ready: {resident}");
}

/// A refresh on a store in a file, and what a flush of its disk costs alone.
fn on_disk(runtime: &tokio::runtime::Runtime, baseline: (&Server, &Script)) {
    let folder = tempfile::tempdir().unwrap();
    let durable = runtime.block_on(World::on_disk(&folder.path().join("bench.redb")));
    let browser = runtime.block_on(durable.agreed_browser());
    let refreshes = refreshing(runtime, &durable, &browser);
    let server = Server::start("durable", durable.app.clone());
    compare("refresh, kept on disk", None, baseline, (&server, &refreshes));
    println!(
        "one flush of this disk alone: {:.0} µs",
        flush_cost(folder.path())
    );
}

fn metadata_size(world: &World) -> usize {
    serde_json::to_vec(world.broker.metadata()).unwrap().len()
}

/// What an endpoint spends one of a request, prepared before the load begins.
fn stock(prepare: impl AsyncFn() -> String, runtime: &tokio::runtime::Runtime) -> Vec<String> {
    runtime.block_on(async {
        let mut stock = Vec::with_capacity(READY);
        for _ in 0..READY {
            stock.push(prepare().await);
        }
        stock
    })
}

/// A session for each connection, refreshed again and again.
fn refreshing(runtime: &tokio::runtime::Runtime, world: &World, browser: &Browser) -> Script {
    let tokens: Vec<Mutex<String>> = runtime.block_on(async {
        let mut tokens = Vec::new();
        for _ in 0..CONNECTIONS {
            tokens.push(Mutex::new(
                world
                    .tokens(browser)
                    .await
                    .refresh_token
                    .expect("a refresh token"),
            ));
        }
        tokens
    });
    Arc::new(move |number, last| {
        let mut token = tokens[number].lock().unwrap();
        if let Some(next) = last.and_then(|answer| field(answer, "refresh_token")) {
            next.clone_into(&mut token);
        }
        Some(post_text("/oauth/token", FORM, &refresh(&token)))
    })
}

fn field<'a>(answer: &'a str, name: &str) -> Option<&'a str> {
    answer.split(&format!("\"{name}\":\"")).nth(1)?.split('"').next()
}

/// Each of the values in one request.
fn each_once(values: Vec<String>, form: fn(&str) -> String, path: &'static str) -> Script {
    let next = AtomicUsize::new(0);
    Arc::new(move |_, _| {
        let value = values.get(next.fetch_add(1, Ordering::Relaxed))?;
        Some(post_text(path, FORM, &form(value)))
    })
}

fn introspection(token: &str) -> String {
    format!(
        "token={token}&client_id={}&client_secret={}",
        CLIENT.0,
        CLIENT.1.replace(' ', "+")
    )
}

/// What it costs to make 200 bytes durable, without anything around it.
#[expect(clippy::disallowed_methods, reason = "a benchmark looks at the clock")]
fn flush_cost(folder: &std::path::Path) -> f64 {
    use std::io::Write as _;
    let mut file = fs::File::create(folder.join("flush")).unwrap();
    let begun = std::time::Instant::now();
    for _ in 0..200 {
        file.write_all(&[1; 200]).unwrap();
        file.sync_data().unwrap();
    }
    begun.elapsed().as_secs_f64() * 1e6 / 200.0
}
