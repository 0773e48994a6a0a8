//! Limits through the program: who is who behind a proxy, and what a person sees.

use vestibule_tests::{Browser, Flow, Ports, Program, Visit};

const CONFIGURATION: &str = r#"
[proxies]
trusted = ["127.0.0.1"]
header = "x-forwarded-for"
[limits.rules.login_passwords]
burst = 3
every = "10m"
[limits.rules.documents]
burst = 5
every = "10m"
[providers.local]
kind = "local"
[[providers.local.users]]
username = "ada"
password_hash = "$argon2id$v=19$m=19456,t=2,p=1$XZwgp36TkP30aET9BDhr/g$m40H5fVgUCuas880zeyiBeNWGOtvAZxzBI9Kq9Gfocs"
scopes = ["mcp:read"]
"#;
const PASSWORD: &str = "correct horse";

fn log_in<'p>(program: &'p Program, browser: &Browser, password: &str) -> Visit<'p> {
    let visit = Flow::new(program).register().authorize_in(browser);
    visit.log_in_as("ada", password)
}

#[test]
fn a_stranger_who_guesses_is_told_to_wait_and_the_owner_logs_in() {
    let program = Program::serve(Ports::free(), CONFIGURATION);
    let home = Browser::at("203.0.113.7");
    log_in(&program, &home, PASSWORD).approve();

    let stranger = Browser::at("198.51.100.66");
    for _ in 0..3 {
        assert_eq!(log_in(&program, &stranger, "a guess").page().error(), None);
    }
    let stopped = log_in(&program, &stranger, PASSWORD);
    let page = stopped.page();
    assert_eq!(stopped.answer().status(), 429, "{}", page.text());
    assert_eq!(page.error().as_deref(), Some("too_many_tries"));
    assert!(
        page.text()
            .contains("Too many sign-ins have failed for this account. Wait"),
        "{}",
        page.text()
    );
    let wait: u64 = stopped.answer().header("retry-after").unwrap().parse().unwrap();
    assert!((1..=601).contains(&wait), "{wait}");
    assert_eq!(program.log_lines("something is done too often").len(), 1);
    let (well, said) = program.operate(&["limits", "show"]);
    assert!(well, "{said}");
    let row = said.lines().find(|line| line.starts_with("login_passwords"));
    let row: Vec<_> = row.expect("the rule's row").split_whitespace().collect();
    let as_set = ["account", "shared", "enforce", "3", "10m", "closed"];
    assert_eq!(row[1..7], as_set, "{said}");
    // The owner's first login, three guesses, and what was refused.
    assert_eq!(row[7..], ["4", "1", "0"], "{said}");
    let (well, said) = program.operate(&["limits", "show", "--json"]);
    assert!(well, "{said}");
    let told: serde_json::Value = serde_json::from_str(&said).expect("JSON");
    let rules = told.as_array().expect("rules");
    assert_eq!(rules.len(), 12, "{said}");
    let rule = |name: &str| rules.iter().find(|rule| rule["rule"] == name).expect("the rule");
    assert_eq!(rule("login_passwords")["limited"], 1);
    assert_eq!(rule("documents")["reach"], "replica");
    assert!(rule("documents")["outage"].is_null(), "{said}");
    assert_eq!(
        program.log_lines("limits_show").len(),
        2,
        "both are in the audit log"
    );

    // The browser at home was here before; it has signed out since.
    home.forget("vestibule_login");
    log_in(&program, &home, PASSWORD).approve();
}

#[test]
fn behind_a_proxy_each_address_has_its_own_quota() {
    let program = Program::serve(Ports::free(), CONFIGURATION);
    let keys = program.url("/oauth/keys");
    let read = |address: &str| {
        let browser = Browser::at(address);
        let statuses = (0..7).map(|_| browser.open(&keys).status());
        statuses.filter(|status| *status == 200).count()
    };
    assert_eq!(read("203.0.113.7"), 5);
    // What the client itself puts before the proxy's word changes nothing.
    assert_eq!(read("192.0.2.1, 203.0.113.7"), 0);
    assert_eq!(read("203.0.113.8"), 5);
    assert_eq!(read("2001:db8::1"), 5);
    assert_eq!(read("2001:db8::2"), 0);
    // Without a word of the proxy it is this machine, which is limited in nothing.
    let here = Browser::new();
    assert!((0..50).all(|_| here.open(&keys).status() == 200));
}
