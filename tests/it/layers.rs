//! The floors of the house: which crate may stand on which.
//!
//! The two tables are the rules; `docs/architecture.md` draws them. A crate may use what it stands on, and
//! what that stands on in turn. Dev-dependencies are scaffolding and may reach anywhere.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use serde_json::Value;

/// Each crate and the crates directly below it.
const FLOORS: &[(&str, &[&str])] = &[
    (
        "vestibule",
        &[
            "vestibule-http",
            "vestibule-demo",
            "vestibule-client",
            "vestibule-store-embedded",
            "vestibule-store-redis",
            "vestibule-provider-local",
            "vestibule-provider-oidc",
            "vestibule-provider-auth0",
            "vestibule-provider-clerk",
            "vestibule-provider-firebase",
            "vestibule-provider-supabase",
        ],
    ),
    ("vestibule-http", &["vestibule-broker"]),
    ("vestibule-demo", &["vestibule-guard"]),
    ("vestibule-store-embedded", &["vestibule-broker"]),
    ("vestibule-store-redis", &["vestibule-broker"]),
    ("vestibule-store-testkit", &["vestibule-broker"]),
    ("vestibule-redis-testkit", &[]),
    ("vestibule-provider-local", &["vestibule-provider"]),
    ("vestibule-provider-oidc", &["vestibule-upstream-oidc"]),
    ("vestibule-provider-auth0", &["vestibule-upstream-oidc"]),
    ("vestibule-provider-clerk", &["vestibule-upstream-oidc"]),
    (
        "vestibule-provider-firebase",
        &["vestibule-provider", "vestibule-outbound"],
    ),
    ("vestibule-provider-supabase", &["vestibule-upstream-oidc"]),
    ("vestibule-provider-testkit", &["vestibule-provider"]),
    (
        "vestibule-upstream-oidc",
        &["vestibule-provider", "vestibule-outbound"],
    ),
    (
        "vestibule-broker",
        &["vestibule-keyring", "vestibule-provider", "vestibule-telemetry"],
    ),
    ("vestibule-guard", &["vestibule-jose"]),
    ("vestibule-provider", &["vestibule-jose"]),
    ("vestibule-keyring", &["vestibule-jose", "vestibule-telemetry"]),
    ("vestibule-telemetry", &["vestibule-protocol"]),
    ("vestibule-client", &["vestibule-protocol"]),
    ("vestibule-jose", &["vestibule-protocol"]),
    ("vestibule-protocol", &[]),
    ("vestibule-outbound", &[]),
    ("vestibule-tests", &["vestibule-redis-testkit"]),
    (
        "vestibule-bench",
        &[
            "vestibule-http",
            "vestibule-guard",
            "vestibule-store-embedded",
            "vestibule-provider-local",
        ],
    ),
];

/// What a crate must never know from outside the workspace, however it comes by it.
const STRANGERS: &[(&str, &[&str])] = &[
    (
        "vestibule-protocol",
        &["tokio", "axum", "redis", "reqwest", "rand", "redb"],
    ),
    (
        "vestibule-jose",
        &["tokio", "axum", "reqwest", "josekit", "openssl", "redb", "redis"],
    ),
    ("vestibule-keyring", &["axum", "reqwest", "redb", "redis"]),
    ("vestibule-outbound", &["axum", "redis", "redb"]),
    ("vestibule-provider", &["axum", "redis", "redb"]),
    ("vestibule-upstream-oidc", &["axum", "redis", "redb"]),
    ("vestibule-provider-local", &["axum", "redis", "redb"]),
    ("vestibule-provider-oidc", &["axum", "redis", "redb"]),
    ("vestibule-provider-auth0", &["axum", "redis", "redb"]),
    ("vestibule-provider-clerk", &["axum", "redis", "redb"]),
    ("vestibule-provider-firebase", &["axum", "redis", "redb"]),
    ("vestibule-provider-supabase", &["axum", "redis", "redb"]),
    ("vestibule-broker", &["axum", "redis", "redb"]),
    ("vestibule-store-embedded", &["axum", "redis"]),
    ("vestibule-store-redis", &["axum", "redb", "toml"]),
    ("vestibule-guard", &["josekit", "openssl", "redis", "redb"]),
    ("vestibule-client", &["josekit", "openssl", "redis", "redb"]),
    ("vestibule-http", &["redis", "redb", "toml"]),
];

type Graph = BTreeMap<String, BTreeSet<String>>;

#[test]
fn every_arrow_between_crates_points_down() {
    let drawn: Graph = FLOORS
        .iter()
        .map(|(name, below)| {
            (
                (*name).to_owned(),
                below.iter().map(|b| (*b).to_owned()).collect(),
            )
        })
        .collect();
    let graph = arrows();
    let members = members();
    let mut wrong = Vec::new();
    for member in &members {
        if !drawn.contains_key(member) {
            wrong.push(format!("{member} is not drawn"));
        }
        let allowed = reachable(&drawn, member);
        for used in graph.get(member).into_iter().flatten() {
            if members.contains(used) && !allowed.contains(used) {
                wrong.push(format!("{member} must not use {used}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn no_crate_knows_what_it_must_never_know() {
    let graph = arrows();
    let mut wrong = Vec::new();
    for (member, strangers) in STRANGERS {
        let known = reachable(&graph, member);
        assert!(
            graph.contains_key(*member),
            "{member} is no longer in the workspace"
        );
        for stranger in strangers.iter().filter(|stranger| known.contains(**stranger)) {
            wrong.push(format!("{member} must never know {stranger}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn the_check_sees_an_arrow_that_points_up() {
    let drawn = Graph::from([
        ("top".to_owned(), BTreeSet::from(["middle".to_owned()])),
        ("middle".to_owned(), BTreeSet::from(["ground".to_owned()])),
    ]);
    assert!(reachable(&drawn, "top").contains("ground"));
    assert!(!reachable(&drawn, "ground").contains("top"));
    assert!(!reachable(&drawn, "middle").contains("top"));
}

/// All that stands below a crate, however far down.
fn reachable(graph: &Graph, from: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut next = vec![from.to_owned()];
    while let Some(name) = next.pop() {
        for below in graph.get(&name).into_iter().flatten() {
            if found.insert(below.clone()) {
                next.push(below.clone());
            }
        }
    }
    found
}

fn members() -> BTreeSet<String> {
    let metadata = metadata();
    let ids: BTreeSet<_> = list(&metadata["workspace_members"])
        .filter_map(Value::as_str)
        .collect();
    let members = list(&metadata["packages"]).filter(|package| ids.contains(text(&package["id"])));
    members.map(|package| text(&package["name"]).to_owned()).collect()
}

/// Who uses whom as built for this platform, apart from dev-dependencies.
fn arrows() -> Graph {
    let metadata = metadata();
    let names: BTreeMap<_, _> = list(&metadata["packages"])
        .map(|package| (text(&package["id"]), text(&package["name"])))
        .collect();
    let name = |id: &Value| names[text(id)].to_owned();
    list(&metadata["resolve"]["nodes"])
        .map(|node| {
            let used = list(&node["deps"])
                .filter(|dependency| list(&dependency["dep_kinds"]).any(|kind| kind["kind"] != "dev"));
            (
                name(&node["id"]),
                used.map(|dependency| name(&dependency["pkg"])).collect(),
            )
        })
        .collect()
}

fn metadata() -> Value {
    let platform = run(Command::new("rustc").args(["--print", "host-tuple"]));
    let metadata = run(Command::new(env!("CARGO"))
        .args(["metadata", "--format-version=1", "--locked", "--offline"])
        .args(["--filter-platform", platform.trim()])
        .current_dir(env!("CARGO_MANIFEST_DIR")));
    serde_json::from_str(&metadata).expect("cargo metadata prints JSON")
}

fn run(command: &mut Command) -> String {
    let output = command.output().expect("cargo and rustc are at hand");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {said}");
    String::from_utf8(output.stdout).expect("they print UTF-8")
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
