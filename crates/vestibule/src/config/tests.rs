use std::path::Path;

use super::{Config, Outside, Problem, Problems, Purpose};

const REFERENCE: &str = include_str!("../../../../config/vestibule.toml");
const DEV: &str = include_str!("../../../../config/dev.toml");

/// The least that a broker needs.
pub(super) const SMALL: &str = r#"
issuer = "http://localhost:3009"
[store]
kind = "memory"
[secrets]
master = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY"
[providers.local]
kind = "local"
[[providers.local.users]]
username = "ada"
password_hash = "$argon2id$v=19$m=19456,t=2,p=1$Uy8fGpT4YgJw0w5wq1nJ0g$Zk1vX3l0R0pNQ2JxU3d3eGZ2Y2hXc2tKd0N2b1N6dWE"
[[resources]]
uri = "http://localhost:3001/mcp"
[resources.scopes]
"mcp:read" = "Read your data"
"#;

fn env(name: &str) -> Option<String> {
    match name {
        "VESTIBULE_MASTER_SECRET" => Some("MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY".to_owned()),
        "MY_AGENT_SECRET" => Some("a long random secret".to_owned()),
        _ => None,
    }
}

pub(super) fn parse(text: &str, purpose: Purpose) -> Result<Config, Problems> {
    let outside = Outside {
        env: &env,
        folder: Path::new("."),
    };
    Config::parse(Path::new("test.toml"), text, purpose, &outside)
}

pub(super) fn problems(text: &str) -> Vec<Problem> {
    parse(text, Purpose::Serve)
        .expect_err("the configuration has mistakes")
        .all
}

/// The one mistake of the small configuration with `from` replaced by `to`.
fn only_problem(from: &str, to: &str) -> Problem {
    assert!(SMALL.contains(from), "{from} does not stand in the configuration");
    let all = problems(&SMALL.replace(from, to));
    assert_eq!(all.len(), 1, "{all:#?}");
    all.into_iter().next().unwrap()
}

#[test]
fn the_small_configuration_has_no_mistakes() {
    let config = parse(SMALL, Purpose::Serve).unwrap();
    assert_eq!(config.issuer.as_str(), "http://localhost:3009");
    assert_eq!(config.listen.addresses.len(), 1);
}

#[test]
fn the_reference_file_parses() {
    parse(REFERENCE, Purpose::Serve).unwrap_or_else(|problems| panic!("{problems}"));
}

fn asked(text: &str) -> std::collections::BTreeSet<String> {
    let outside = Outside {
        env: &env,
        folder: Path::new("."),
    };
    Config::read(Path::new("vestibule.toml"), text, Purpose::Serve, &outside).1
}

fn is_in_the_reference(key: &str) -> bool {
    REFERENCE.lines().any(|line| {
        let line = line.trim_start_matches("# ").trim_start();
        line.strip_prefix(key)
            .is_some_and(|rest| rest.trim_start().starts_with('='))
            || (line.starts_with('[') && line.trim_matches(['[', ']']).split('.').any(|part| part == key))
    })
}

#[test]
fn every_key_is_in_the_reference_file() {
    let asked = asked(REFERENCE);
    assert!(asked.len() > 50, "{asked:?}");
    for key in asked.iter().filter(|key| *key != "password") {
        assert!(is_in_the_reference(key), "{key} is not in config/vestibule.toml");
    }
}

#[test]
fn every_key_of_every_kind_of_provider_is_in_the_reference_file() {
    for word in super::providers::words() {
        let asked = asked(&format!("[providers.x]\nkind = \"{word}\"\n"));
        assert!(asked.contains("kind"), "{asked:?}");
        for key in asked {
            assert!(
                is_in_the_reference(&key),
                "{key} of \"{word}\" is not in config/vestibule.toml"
            );
        }
    }
}

#[test]
fn the_demo_s_file_is_for_the_demo_alone() {
    parse(DEV, Purpose::Demo).unwrap_or_else(|problems| panic!("{problems}"));
    let refused = problems(DEV);
    assert!(
        refused.iter().any(|problem| problem.key == "secrets.master"),
        "{refused:#?}"
    );
    assert_eq!(
        refused
            .iter()
            .filter(|problem| problem.key.ends_with("].password"))
            .count(),
        4,
        "{refused:#?}"
    );
}

#[test]
fn every_mistake_is_reported_at_once() {
    let text = r#"
issuer = "https://auth.example.com/"
lissten = 1
[listen]
adress = "127.0.0.1:1"
address = "nowhere"
[store]
kind = "cloud"
[providers.Local]
kind = "ldap"
[[resources]]
uri = "not a url"
[lifetimes]
code = 60
access_token = "soon"
[keys]
algorithm = "HS256"
"#;
    let all = problems(text);
    let keys: Vec<&str> = all.iter().map(|problem| problem.key.as_str()).collect();
    for key in [
        "issuer",
        "lissten",
        "listen.adress",
        "listen.address",
        "store.kind",
        "providers.Local",
        "providers.Local.kind",
        "resources[0].uri",
        "resources[0].scopes",
        "lifetimes.code",
        "lifetimes.access_token",
        "keys.algorithm",
        "secrets.master",
    ] {
        assert!(keys.contains(&key), "{key} is not among {keys:?}");
    }
    let lines: Vec<usize> = all.iter().filter_map(|problem| problem.line).collect();
    assert!(lines.is_sorted(), "{all:#?}");
}

#[test]
fn a_mistake_names_file_line_and_what_to_write() {
    let refused = parse(
        &SMALL.replace("localhost:3009", "localhost:3009/"),
        Purpose::Serve,
    )
    .unwrap_err();
    let shown = refused.to_string();
    assert!(shown.starts_with("test.toml:2: issuer: "), "{shown}");
    assert!(shown.contains("write http://localhost:3009"), "{shown}");
}

#[test]
fn a_misspelt_key_is_answered_with_the_right_one() {
    let problem = only_problem("kind = \"memory\"", "kind = \"memory\"\npaht = \"x\"");
    assert_eq!(problem.key, "store.paht");
    assert!(
        problem.message.contains("did you mean `path`?"),
        "{}",
        problem.message
    );
}

#[test]
fn a_syntax_error_has_its_line() {
    let all = problems("issuer = \"http://localhost:3009\"\n[store\nkind = 1\n");
    assert_eq!(all[0].line, Some(2), "{all:?}");
}

#[test]
fn a_public_issuer_without_https_is_refused() {
    let problem = problems(&SMALL.replace("http://localhost:3009", "http://auth.example.com")).remove(0);
    assert_eq!(problem.key, "issuer");
    assert!(problem.message.contains("https"), "{}", problem.message);
}

#[test]
fn local_users_of_a_public_issuer_must_be_allowed() {
    let problem = only_problem("http://localhost:3009", "https://auth.example.com");
    assert_eq!(problem.key, "providers.local.kind");
    let allowed = SMALL
        .replace("http://localhost:3009", "https://auth.example.com")
        .replace("kind = \"local\"", "kind = \"local\"\nallow_public_issuer = true");
    parse(&allowed, Purpose::Serve).unwrap();
}

#[test]
fn a_secret_stands_in_exactly_one_place() {
    let twice = "master_env = \"VESTIBULE_MASTER_SECRET\"\nmaster = ";
    assert!(
        only_problem("master = ", twice)
            .message
            .contains("more than once")
    );
    let missing = SMALL.replace(
        "master = \"MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY\"",
        "master_env = \"NOT_SET\"",
    );
    assert!(problems(&missing)[0].message.contains("NOT_SET is not set"));
    let unreadable = missing.replace("master_env = \"NOT_SET\"", "master_file = \"/nonexistent/file\"");
    assert!(problems(&unreadable)[0].message.contains("cannot be read"));
}

#[test]
fn no_mistake_shows_a_secret() {
    let short = SMALL.replace("MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY", "hunter2-is-short");
    let shown = parse(&short, Purpose::Serve).unwrap_err().to_string();
    assert!(shown.contains("secrets.master"), "{shown}");
    assert!(!shown.contains("hunter2"), "{shown}");
    let hash = SMALL.replace("$argon2id$v=19", "$argon2id$v=XY");
    assert!(
        !parse(&hash, Purpose::Serve)
            .unwrap_err()
            .to_string()
            .contains("Uy8fGpT4")
    );
}

#[test]
fn a_scope_that_no_resource_has_is_refused_in_policy_and_defaults() {
    let rules = format!("{SMALL}\n[[policy.rules]]\nscopes = [\"mcp:fly\"]\nprovider = \"gone\"\n");
    let keys: Vec<String> = problems(&rules).into_iter().map(|problem| problem.key).collect();
    assert_eq!(keys, ["policy.rules[0].scopes", "policy.rules[0].provider"]);
    let problem = only_problem("uri = ", "default_scopes = [\"mcp:fly\"]\nuri = ");
    assert!(problem.message.contains("mcp:fly"));
}

#[test]
fn narrow_scopes_come_with_broad_ones_of_the_same_mcp_server() {
    let text = SMALL.to_owned()
        + "\"mcp:write\" = \"Change your data\"\n[resources.implies]\n\"mcp:write\" = \"mcp:read\"\n";
    let config = parse(&text, Purpose::Serve).unwrap();
    let write = config.resources[0]
        .scopes
        .iter()
        .find(|known| known.scope.as_str() == "mcp:write");
    assert_eq!(write.unwrap().implies.to_string(), "mcp:read");
    for (line, told) in [
        (
            "\"mcp:write\" = \"mcp:fly\"",
            "names scopes that [resources.scopes] does not: mcp:fly",
        ),
        ("\"mcp:fly\" = \"mcp:read\"", "is none of [resources.scopes]"),
        ("\"mcp:write\" = \"\"", "is empty"),
        ("\"mcp:write\" = \"mcp:\\u0007\"", "is not a list of scopes"),
    ] {
        let all = problems(&text.replace("\"mcp:write\" = \"mcp:read\"", line));
        assert_eq!(all.len(), 1, "{line}: {all:#?}");
        assert!(all[0].message.contains(told), "{line}: {all:#?}");
        assert!(all[0].key.starts_with("resources[0].implies."), "{all:#?}");
    }
}

#[test]
fn one_thing_stands_once() {
    let again = SMALL.split("[[resources]]").nth(1).unwrap();
    let twice = format!("{SMALL}\n[[resources]]{}", again.replace("/mcp", "/mcp/"));
    assert_eq!(problems(&twice)[0].key, "resources[1].uri");
}

#[test]
fn keys_are_published_longer_than_caches_live() {
    let text = format!("{SMALL}\n[keys]\npublished_ahead = \"1m\"\ncache_for = \"5m\"\n");
    assert_eq!(problems(&text)[0].key, "keys.cache_for");
}

#[test]
fn an_mcp_server_admits_providers_that_exist() {
    for (written, told) in [
        (r#"["acme"]"#, "\"acme\" is none of the [providers]"),
        ("[]", "nobody could come"),
    ] {
        let to = format!("uri = \"http://localhost:3001/mcp\"\nproviders = {written}");
        let problem = only_problem("uri = \"http://localhost:3001/mcp\"", &to);
        assert_eq!(problem.key, "resources[0].providers");
        assert!(problem.message.contains(told), "{problem:?}");
    }
    let to = "uri = \"http://localhost:3001/mcp\"\nproviders = [\"local\"]";
    let text = SMALL.replace("uri = \"http://localhost:3001/mcp\"", to);
    let config = parse(&text, Purpose::Serve).unwrap();
    let local = &config.providers[0].id;
    assert!(config.resources[0].admits(local));
    assert!(!config.resources[0].admits(&"acme".parse().unwrap()));
}

#[test]
fn a_domain_leads_to_one_provider() {
    let local = "kind = \"local\"\nlogin_domains = [\"Example.com\", \"example.org\"]";
    let text = SMALL.replace("kind = \"local\"", local);
    let domains = parse(&text, Purpose::Serve)
        .unwrap()
        .into_settings()
        .login_domains;
    assert!(domains.keys().eq(["example.com", "example.org"]));
    for (written, told) in [
        (r#"["@example.com"]"#, "is not a domain"),
        (r#"["https://example.com"]"#, "is not a domain"),
    ] {
        let to = format!("kind = \"local\"\nlogin_domains = {written}");
        let problem = only_problem("kind = \"local\"", &to);
        assert!(problem.key.ends_with(".login_domains"), "{problem:?}");
        assert!(problem.message.contains(told), "{problem:?}");
    }
}

#[test]
fn signing_out_stays_here_where_the_operator_says_so() {
    let quiet = |text: &str| parse(text, Purpose::Serve).unwrap().into_settings().quiet_logout;
    assert!(quiet(SMALL).is_empty());
    let text = SMALL.replace("kind = \"local\"", "kind = \"local\"\nsign_out_upstream = false");
    assert_eq!(quiet(&text).len(), 1);
}

#[test]
fn a_blank_is_a_mistake_and_a_secret_may_look_like_anything_else() {
    for (from, to) in [
        ("http://localhost:3009", "https://<auth.example.com>"),
        ("http://localhost:3001/mcp", "<your MCP server>"),
        ("MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY", "<secret>"),
    ] {
        let all = problems(&SMALL.replace(from, to));
        assert!(
            all.iter().any(|problem| problem
                .message
                .starts_with("still has a blank in angle brackets, <")),
            "{to}: {all:#?}"
        );
    }
    let client =
        "[[clients]]\nid = \"x\"\nsecret = \"a<b>c-long-enough\"\nredirect_uris = [\"http://localhost/\"]\n";
    let config = parse(&format!("{SMALL}\n{client}"), Purpose::Serve).unwrap();
    assert_eq!(
        config.clients[0].secret.as_ref().unwrap().expose(),
        "a<b>c-long-enough"
    );
}

#[test]
fn providers_are_offered_in_the_order_in_which_they_stand() {
    let user = SMALL
        .split("[[providers.local.users]]")
        .nth(1)
        .and_then(|rest| rest.split("[[resources]]").next())
        .unwrap();
    let table = |id: &str| format!("[providers.{id}]\nkind = \"local\"\n[[providers.{id}.users]]{user}");
    let text = SMALL.replace(
        "[[resources]]",
        &format!("{}{}[[resources]]", table("zebra"), table("ant")),
    );
    let config = parse(&text, Purpose::Serve).unwrap();
    let ids: Vec<&str> = config
        .providers
        .iter()
        .map(|provider| provider.id.as_str())
        .collect();
    assert_eq!(ids, ["local", "zebra", "ant"]);
}
