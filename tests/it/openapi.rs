//! The description of every endpoint, held against the program by somebody else's tool.

use vestibule_tests::{Ports, Program, ThirdParty};

const CLIENT: (&str, &str) = ("examiner", "the secret of the examiner");

/// Nothing is limited, so that what is sent is looked at.
const CONFIGURATION: &str = r#"
[limits]
mode = "off"
[grants.device_code]
enabled = true
[[clients]]
id = "examiner"
secret = "the secret of the examiner"
redirect_uris = ["https://examiner.example/callback"]
grant_types = ["authorization_code", "refresh_token", "urn:ietf:params:oauth:grant-type:device_code"]
[providers.local]
kind = "local"
[[providers.local.users]]
username = "ada"
scopes = ["mcp:read"]
password_hash = "$argon2id$v=19$m=19456,t=2,p=1$XZwgp36TkP30aET9BDhr/g$m40H5fVgUCuas880zeyiBeNWGOtvAZxzBI9Kq9Gfocs"
"#;

#[test]
fn every_answer_is_as_the_description_has_it() {
    let program = Program::serve(Ports::free(), CONFIGURATION);
    let examiner = ThirdParty::python("openapi.py").env("CLIENT", &format!("{}:{}", CLIENT.0, CLIENT.1));
    examiner
        .run(&program)
        .must_show(&["every answer is as the description has it"]);
}
