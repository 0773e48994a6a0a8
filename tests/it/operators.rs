//! What an operator sees of the running program, and does to it.

use serde_json::Value;
use vestibule_tests::{Browser, Flow, Ports, Program, Tokens};

/// Two users whose password is “correct horse”, and a client that stands in the configuration.
const CONFIGURATION: &str = r#"
[lifetimes]
access_token = "10m"
[[clients]]
id = "written-down"
name = "Written down"
redirect_uris = ["http://127.0.0.1/callback"]
[providers.local]
kind = "local"
name = "Local users"
[[providers.local.users]]
username = "ada"
scopes = ["mcp:read", "mcp:write"]
password_hash = "$argon2id$v=19$m=19456,t=2,p=1$XZwgp36TkP30aET9BDhr/g$m40H5fVgUCuas880zeyiBeNWGOtvAZxzBI9Kq9Gfocs"
[[providers.local.users]]
username = "bob"
scopes = ["mcp:read", "mcp:write"]
password_hash = "$argon2id$v=19$m=19456,t=2,p=1$XZwgp36TkP30aET9BDhr/g$m40H5fVgUCuas880zeyiBeNWGOtvAZxzBI9Kq9Gfocs"
[logs]
format = "json"
"#;

fn start() -> Program {
    Program::serve(Ports::free(), CONFIGURATION)
}

fn log_in<'p>(program: &'p Program, name: &str) -> Tokens<'p> {
    let client = Flow::new(program).metadata("client_name", format!("App of {name}\u{1b}[2J"));
    let visit = client.register().authorize();
    visit.log_in_as(name, "correct horse").approve().redeem()
}

/// What a command that went well says in JSON.
fn operate(program: &Program, arguments: &[&str]) -> Value {
    let (well, said) = program.operate(&[arguments, &["--json"]].concat());
    assert!(well, "{arguments:?}: {said}");
    serde_json::from_str(&said).expect("JSON")
}

/// What a command that did not go well says.
fn refused(program: &Program, arguments: &[&str]) -> String {
    let (well, said) = program.operate(arguments);
    assert!(!well, "{arguments:?}: {said}");
    said
}

fn sid(tokens: &Tokens<'_>) -> String {
    tokens.claims()["sid"].as_str().expect("a sid").to_owned()
}

#[test]
fn an_operator_ends_the_sessions_of_a_user_and_nobody_elses() {
    let program = start();
    let (ada, bob) = (log_in(&program, "ada"), log_in(&program, "bob"));
    let all = operate(&program, &["sessions", "list"]);
    assert_eq!(all["sessions"].as_array().map(Vec::len), Some(2), "{all}");
    assert_eq!(all["more"], false);
    let hers = operate(&program, &["sessions", "list", "--user", "local:ada"]);
    assert_eq!(hers["sessions"][0]["sid"], sid(&ada));
    assert_eq!(hers["sessions"].as_array().map(Vec::len), Some(1), "{hers}");
    assert!(!all.to_string().contains("salt"), "{all}");

    assert_eq!(
        operate(&program, &["sessions", "end", "--user", "local:ada"])["ended"],
        1
    );
    assert_eq!(ada.try_refresh().status(), 400);
    assert_eq!(bob.try_refresh().status(), 200);
    let audited = program.log_lines("operator_acted");
    let ended = audited
        .iter()
        .find(|line| line.contains("sessions_end"))
        .expect("an audit line");
    assert!(
        ended.contains("operator:") && ended.contains("local:ada"),
        "{ended}"
    );

    let of_bob = sid(&bob);
    assert_eq!(
        operate(&program, &["sessions", "show", &of_bob])["user"],
        "local:bob"
    );
    let (well, said) = program.operate(&["sessions", "end", &of_bob]);
    assert!(well && said.contains("One session is ended"), "{said}");
    assert!(refused(&program, &["sessions", "end", &of_bob]).contains("no live session"));
    assert_eq!(bob.try_refresh().status(), 400);
    let (_, said) = program.operate(&["sessions", "list"]);
    assert_eq!(said.trim(), "There are no live sessions.");
}

#[test]
fn nobodys_sessions_are_ended_without_being_named() {
    let program = start();
    let tokens = log_in(&program, "ada");
    refused(&program, &["sessions", "end"]);
    refused(
        &program,
        &["sessions", "end", "--everybody", "--user", "local:ada"],
    );
    refused(&program, &["sessions", "end", "--resource", "not a URI"]);
    let elsewhere = ["sessions", "end", "--resource", "https://elsewhere.example/mcp"];
    assert_eq!(operate(&program, &elsewhere)["ended"], 0);
    let tokens = tokens.refresh();
    assert_eq!(
        operate(&program, &["sessions", "end", "--resource", program.mcp()])["ended"],
        1
    );
    assert_eq!(tokens.try_refresh().status(), 400);
    log_in(&program, "bob");
    assert_eq!(operate(&program, &["sessions", "end", "--everybody"])["ended"], 1);
}

#[test]
fn an_operator_shuts_a_client_out_and_lets_it_in_again() {
    let program = start();
    let tokens = log_in(&program, "ada");
    let id = tokens.client().id().to_owned();
    let clients = operate(&program, &["clients", "list"]);
    assert_eq!(clients["clients"][0]["client_id"], "written-down");
    assert_eq!(clients["clients"][1]["client_id"], id);
    let (_, table) = program.operate(&["clients", "list"]);
    assert!(
        !table.contains('\u{1b}'),
        "a client's name reaches the terminal: {table:?}"
    );

    assert_eq!(operate(&program, &["clients", "block", &id])["ended_sessions"], 1);
    assert_eq!(operate(&program, &["clients", "show", &id])["blocked"], true);
    assert_eq!(tokens.try_refresh().status(), 401);
    operate(&program, &["clients", "unblock", &id]);
    assert_eq!(tokens.try_refresh().status(), 400, "its sessions stay ended");
    let again = Flow::new(&program).as_client(&id, None).authorize();
    let again = again.log_in_as("ada", "correct horse").approve().redeem();

    assert_eq!(
        operate(&program, &["clients", "delete", &id])["ended_sessions"],
        1
    );
    assert_eq!(again.try_refresh().status(), 401);
    assert!(refused(&program, &["clients", "show", &id]).contains("clients list"));
    assert!(refused(&program, &["clients", "block", "written-down"]).contains("[[clients]]"));
}

#[test]
fn a_program_that_is_told_to_stop_is_not_ready_first_and_still_answers() {
    let mut program = start();
    let ready = || Browser::new().open(&program.operators_url("/readyz"));
    let report = ready();
    assert_eq!(report.status(), 200, "{}", report.body());
    assert_eq!(report.json()["keys"], "ok");
    assert_eq!(
        Browser::new().open(&program.url("/readyz")).status(),
        404,
        "the world may not ask"
    );
    let (well, said) = program.operate(&["health"]);
    assert!(well && said.starts_with("ready;"), "{said}");

    program.ask_to_stop();
    // The signal is on its way; each look takes a moment.
    let left = (0..10_000).any(|_| ready().status() == 503);
    assert!(left, "{}", program.log());
    assert_eq!(ready().json()["status"], "stopping");
    assert!(refused(&program, &["health"]).contains("stopping"));
    assert!(
        log_in(&program, "ada").try_refresh().status() == 200,
        "it still answers"
    );
    assert!(program.stop().success(), "who asks twice does not wait");
}

#[test]
fn an_operator_learns_which_rule_gives_what_and_what_of_it_does_not_fit() {
    let rules = r#"
[[policy.rules]]
group = "staff"
scopes = ["mcp:admin"]
[[policy.rules]]
client = "written-down"
provider = "local"
scopes = ["mcp:write"]
"#;
    let program = Program::serve(Ports::free(), &format!("{CONFIGURATION}{rules}"));
    log_in(&program, "ada");
    let asked = [
        "policy",
        "explain",
        "--user",
        "local:ada",
        "--scope",
        "mcp:read mcp:admin mcp:fly",
    ];
    let answer = operate(&program, &[&asked[..], &["--client", "another"]].concat());
    assert!(answer["user"]["seen_at"].is_string(), "{answer}");
    let said = |answer: &Value, scope: &str| -> (bool, String) {
        let lines = answer["answers"].as_array().expect("answers");
        let line = lines
            .iter()
            .find(|line| line["scope"] == scope)
            .expect("the scope");
        let why = line["why"][0].as_str().expect("a reason").to_owned();
        (line["given"].as_bool().expect("a verdict"), why)
    };
    assert_eq!(
        said(&answer, "mcp:read"),
        (true, "the provider grants it".to_owned())
    );
    assert_eq!(
        said(&answer, "mcp:admin"),
        (
            false,
            "rule 1 gives it, but only where group = \"staff\"".to_owned()
        )
    );
    assert!(!said(&answer, "mcp:fly").0);
    // Somebody who has never been here, as the command line describes them.
    let bob = [
        "policy",
        "explain",
        "--user",
        "local:bob",
        "--client",
        "written-down",
        "--group",
        "staff",
    ];
    let answer = operate(&program, &bob);
    assert_eq!(said(&answer, "mcp:admin"), (true, "rule 1 gives it".to_owned()));
    assert_eq!(said(&answer, "mcp:write"), (true, "rule 2 gives it".to_owned()));
    assert_eq!(said(&answer, "mcp:read"), (false, "no rule gives it".to_owned()));
    let told = program.operate(&bob).1;
    assert!(told.contains("the command line alone"), "{told}");

    let stranger = ["policy", "explain", "--user", "gone:ada", "--client", "another"];
    assert!(refused(&program, &stranger).contains("none of the [providers]"));
    let nowhere = [
        &asked[..],
        &["--client", "another", "--resource", "https://nowhere.example/mcp"],
    ]
    .concat();
    assert!(refused(&program, &nowhere).contains("no such MCP server"));
}
