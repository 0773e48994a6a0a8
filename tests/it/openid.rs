//! Relying parties and verifiers that know OpenID Connect and JWTs, and nothing of MCP.

use vestibule_tests::{Flow, Ports, Program, ThirdParty};

#[test]
fn a_certified_relying_party_finds_an_openid_provider() {
    let program = Program::start_with(&["--memory", "--dpop"]);
    ThirdParty::node("openid.mjs").run(&program).must_show(&[
        "discovers the OpenID provider",
        "pushes its authorization request",
        "validates the ID token, its signature, nonce and time of login",
        "finds the access token bound to the ID token",
        "reads the userinfo",
        "introspects a token",
        "refreshes",
        "lets a device in",
        "proves its ES256 key: code, refresh, MCP call",
        "proves its Ed25519 key: code, refresh, MCP call",
        "logs the person out, and has the browser back",
        "revokes, and every token of the session ends",
    ]);
    ThirdParty::python("dpop.py").run(&program).must_show(&[
        "proves its ES384 key, once with each proof",
        "proves its PS256 key, once with each proof",
        "proves its EdDSA key, once with each proof",
    ]);
}

/// A user whose password is “correct horse”, and documents on this machine.
const DOCUMENTS: &str = r#"
[client_documents]
allow_loopback = true
[providers.local]
kind = "local"
name = "Local users"
[[providers.local.users]]
username = "ada"
scopes = ["mcp:read", "mcp:write"]
password_hash = "$argon2id$v=19$m=19456,t=2,p=1$XZwgp36TkP30aET9BDhr/g$m40H5fVgUCuas880zeyiBeNWGOtvAZxzBI9Kq9Gfocs"
"#;

#[test]
fn a_client_is_known_by_its_document_and_proves_itself_with_its_key() {
    let program = Program::serve(Ports::free(), DOCUMENTS);
    ThirdParty::node("documents.mjs").run(&program).must_show(&[
        "finds that documents and keys are taken",
        "logs in by its document and redeems the code with its key",
        "refreshes with its key",
        "is nobody without its key, and an assertion is good once",
        "revokes with its key",
        "is asked for its document and its keys once",
    ]);
    let listed = program.operate(&["clients", "list"]).1;
    assert!(
        listed.contains("document") && listed.contains("/client.json"),
        "{listed}"
    );
    assert!(!program.log_lines("client_document_read").is_empty());

    let by_node: Vec<_> = ["RS256", "PS256", "ES256", "Ed25519"]
        .iter()
        .flat_map(|algorithm| {
            let libraries = ["jose", "oauth4webapi", "openid-client"];
            libraries.map(|library| format!("{library} proves a client with {algorithm}"))
        })
        .collect();
    let by_node: Vec<&str> = by_node.iter().map(String::as_str).collect();
    ThirdParty::node("assertions.mjs")
        .run(&program)
        .must_show(&by_node);
    ThirdParty::python("assertions.py").run(&program).must_show(&[
        "Authlib proves a client with RS256",
        "Authlib proves a client with PS256",
        "Authlib proves a client with ES256",
        "Authlib proves a client with EdDSA",
        "Authlib proves a client with Ed25519",
        "is nobody for an hour, for another audience or with another key",
    ]);
}

#[test]
fn jose_verifies_tokens_with_nothing_but_the_keys() {
    verify_with(ThirdParty::node("verify.mjs")).must_show(&[
        "verifies an access token",
        "verifies an ID token",
        "refuses the wrong kind, the wrong audience and a changed signature",
        "finds public keys alone",
    ]);
}

#[test]
fn pyjwt_verifies_tokens_with_nothing_but_the_keys() {
    verify_with(ThirdParty::python("verify.py")).must_show(&[
        "verifies an access token",
        "verifies an ID token",
        "refuses the wrong audience",
    ]);
}

fn verify_with(verifier: ThirdParty) -> vestibule_tests::Report {
    let program = Program::start();
    let callback = Flow::new(&program)
        .scope("openid mcp:read")
        .register()
        .authorize()
        .log_in_as("alice", "password123")
        .approve();
    let tokens = callback.redeem();
    let id_token = tokens.member("id_token").expect("openid was granted");
    verifier
        .argument(tokens.access_token())
        .argument(id_token)
        .argument(callback.client().id())
        .run(&program)
}
