//! The program as an MCP client, against itself as a server.

use std::io::{BufRead, BufReader, Write};
use std::process::{Output, Stdio};

use serde_json::Value;
use vestibule_tests::{Browser, Program, User};

#[test]
fn a_person_logs_in_calls_a_tool_and_logs_out() {
    let program = Program::start();
    let user = User::new("alice", "password123");
    assert!(said(&user.run(&["login", program.mcp()])).contains("mcp:read"));
    assert!(said(&user.run(&["tools", program.mcp()])).contains("slugify"));
    let profile = user.run(&["call", program.mcp(), "get_user_profile"]);
    assert!(said(&profile).contains("alice"));
    let kept = user.kept();
    assert!(!kept.is_empty());
    assert!(kept.iter().all(|(_, mode)| *mode == 0o600), "{kept:?}");
    said(&user.run(&["logout", program.mcp()]));
    assert!(
        !user
            .run(&["call", program.mcp(), "get_user_profile"])
            .status
            .success()
    );
}

/// The whole way with proofs: nonces of both servers, a step-up with the same key, a server that takes no other tokens.
#[test]
fn a_tool_that_needs_more_asks_for_more() {
    let program = Program::start_with(&["--memory", "--dpop"]);
    let user = User::new("alice", "password123");
    let login = user.run(&["login", program.mcp(), "--scope", "mcp:read", "--dpop"]);
    assert!(!said(&login).contains("mcp:write"));
    assert!(String::from_utf8_lossy(&login.stderr).contains("bound to a key"));
    said(&user.run(&["call", program.mcp(), "read_data"]));
    said(&user.run(&["call", program.mcp(), "write_data", r#"{"data": "a line"}"#]));
}

#[test]
fn a_person_without_the_right_is_not_asked_for_ever() {
    let program = Program::start();
    let user = User::new("bob", "secret456");
    said(&user.run(&["login", program.mcp()]));
    assert!(
        !user
            .run(&["call", program.mcp(), "admin_operation"])
            .status
            .success()
    );
}

#[test]
fn a_person_without_a_browser_copies_the_code() {
    let program = Program::start();
    let user = User::new("alice", "password123");
    let mut login = user
        .command(&["login", program.mcp(), "--no-browser"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let stderr = BufReader::new(login.stderr.take().expect("its standard error"));
    let url = stderr
        .lines()
        .map_while(Result::ok)
        .find_map(|line| {
            line.trim()
                .starts_with(program.issuer())
                .then(|| line.trim().to_owned())
        })
        .expect("it shows the address to open");
    let code = copied_code(&url);
    let mut stdin = login.stdin.take().expect("its standard input");
    writeln!(stdin, "{code}").expect("it reads the code");
    drop(stdin);
    assert!(said(&login.wait_with_output().expect("it ends")).contains("Logged in"));
    assert!(said(&user.run(&["call", program.mcp(), "get_user_profile"])).contains("alice"));
}

/// Logs in and allows, in a browser on another computer, and reads the code from the last page.
fn copied_code(url: &str) -> String {
    let browser = Browser::new();
    let login = browser.follow(browser.open(url));
    let form = login.page().form_with("password").expect("the login page");
    let form = form.fill("username", "alice").fill("password", "password123");
    let consent = browser.follow(browser.submit(&login, &form));
    let form = consent.page().form_with("decision").expect("the consent page");
    let last = browser.follow(browser.submit(&consent, &form.press("decision", "approve")));
    last.page().shown_code().expect("the page with the code")
}

/// What a command that ended well printed.
fn said(output: &Output) -> String {
    let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
    assert!(
        output.status.success(),
        "{}{}",
        text(&output.stdout),
        text(&output.stderr)
    );
    text(&output.stdout)
}

#[test]
fn a_probe_finds_nothing_in_the_way_of_the_clients() {
    let program = Program::start();
    let user = User::new("alice", "password123");
    let mut arguments = vec!["probe", program.mcp(), "--json"];
    for name in ["cursor", "perplexity", "sdk-typescript", "sdk-python"] {
        arguments.extend(["--profile", name]);
    }
    let report: Value = serde_json::from_str(&said(&user.run(&arguments))).expect("JSON");
    assert_eq!(report["usable"], true);
    let reports = report["reports"].as_array().expect("reports");
    assert_eq!(reports.len(), 4);
    for step in reports
        .iter()
        .flat_map(|report| report["steps"].as_array().expect("steps"))
    {
        assert_eq!(step["verdict"], "green", "{step}");
    }
    // As an authorization server too, and to the end with a person.
    said(&user.run(&["probe", program.issuer(), "--profile", "sdk-python"]));
    let walked = said(&user.run(&["probe", program.mcp(), "--profile", "sdk-python", "--login"]));
    assert!(
        walked.contains("login: ") && walked.contains("tools: "),
        "{walked}"
    );
    assert_eq!(user.kept(), []);
}

#[test]
fn a_probe_of_something_else_fails_and_says_why() {
    let program = Program::start();
    let user = User::new("alice", "password123");
    let elsewhere = format!("{}/nowhere", program.mcp());
    let output = user.run(&["probe", &elsewhere, "--profile", "sdk-python"]);
    assert_eq!(output.status.code(), Some(1));
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(
        told.contains("Is this the address of the MCP endpoint?"),
        "{told}"
    );
}
