//! Who comes without a person: services, an enterprise's word for its users, workloads.

use std::net::{Ipv4Addr, TcpListener};

use vestibule_tests::{Ports, Program, ThirdParty, User};

/// A user, a service with a secret, one with a document, and two issuers that say where their keys are.
fn configuration(mcp: &str, port: u16) -> String {
    format!(
        r#"
[client_documents]
allow_loopback = true
[providers.local]
kind = "local"
[[providers.local.users]]
username = "ada"
password_hash = "$argon2id$v=19$m=19456,t=2,p=1$XZwgp36TkP30aET9BDhr/g$m40H5fVgUCuas880zeyiBeNWGOtvAZxzBI9Kq9Gfocs"
[[policy.rules]]
subject = "local:ada"
scopes = ["mcp:read", "mcp:write"]
[[clients]]
id = "nightly"
secret = "a long random secret"
grant_types = ["client_credentials", "urn:ietf:params:oauth:grant-type:jwt-bearer"]
[[grants.client_credentials]]
client = "nightly"
resource = "{mcp}"
scopes = ["mcp:read"]
[[grants.client_credentials]]
client = "http://127.0.0.1:{port}/service.json"
resource = "{mcp}"
scopes = ["mcp:read", "mcp:write"]
[trusted_issuers.corp]
kind = "users"
issuer = "http://127.0.0.1:{port}"
allow_private_network = true
provider = "local"
[trusted_issuers.ci]
kind = "workloads"
issuer = "http://127.0.0.1:{port}/ci"
allow_private_network = true
[[trusted_issuers.ci.allow]]
subject = "repo:acme/*:ref:refs/heads/main"
resource = "{mcp}"
scopes = ["mcp:read"]
[trusted_issuers.ci.allow.claims]
repository_owner = "acme"
"#
    )
}

fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    listener.local_addr().expect("its address").port()
}

#[test]
fn services_enterprises_and_workloads_come_without_a_person() {
    let (ports, port) = (Ports::free(), free_port());
    let program = Program::serve(ports, &configuration(&ports.mcp(), port));
    ThirdParty::node("services.mjs")
        .argument(&port.to_string())
        .env("PROGRAM", &Program::path().display().to_string())
        .run(&program)
        .must_show(&[
            "finds that services, enterprises and workloads are served",
            "calls a tool as a service with a secret",
            "calls a tool as a service with a document and a key",
            "is granted what the operator wrote down, and nothing else",
            "verifies a signed introspection answer, and revokes",
            "calls a tool for the user of a trusted enterprise",
            "is refused an assertion that is forged, for others, or used before",
            "calls a tool as a workload of a trusted platform",
            "is asked for documents and keys once, and once more where a signature fits none",
            "comes in by the program itself: with a key, as a workload, for the user of an enterprise",
        ]);

    // The program's own client, with the same secret.
    let robot = User::new("nobody", "nothing");
    let login = [
        "login",
        program.mcp(),
        "--client-credentials",
        "--client-id",
        "nightly",
    ];
    let mut command = robot.command(&[login.as_slice(), &["--client-secret-env", "NIGHTLY"]].concat());
    let login = command
        .env("NIGHTLY", "a long random secret")
        .output()
        .expect("it runs");
    assert!(login.status.success(), "{login:?}");
    let profile = robot.run(&["call", program.mcp(), "get_user_profile"]);
    assert!(
        String::from_utf8_lossy(&profile.stdout).contains("client:nightly"),
        "{profile:?}"
    );
    let refused = robot.run(&["call", program.mcp(), "write_data", r#"{"data": "a line"}"#]);
    assert!(!refused.status.success(), "{refused:?}");

    let listed = program
        .operate(&["sessions", "list", "--user", "client:nightly"])
        .1;
    assert!(
        listed.contains("nightly") && !listed.contains("local:ada"),
        "{listed}"
    );
    let ended = program
        .operate(&[
            "sessions",
            "end",
            "--client",
            "nightly",
            "--user",
            "client:nightly",
        ])
        .1;
    assert!(ended.contains("ended") || ended.contains("Ended"), "{ended}");
    let why = program
        .operate(&[
            "policy",
            "explain",
            "--user",
            "client:nightly",
            "--client",
            "nightly",
        ])
        .1;
    assert!(
        why.contains("rule 1 of [[grants.client_credentials]] gives it"),
        "{why}"
    );
    assert!(!program.log_lines("client:nightly").is_empty());
}
