use super::super::Purpose;
use super::super::tests::{SMALL, parse, problems};

const SERVICE: &str = r#"
[[clients]]
id = "nightly"
secret = "a long random secret"
grant_types = ["client_credentials"]
[[grants.client_credentials]]
client = "nightly"
resource = "http://localhost:3001/mcp"
scopes = ["mcp:read"]
"#;

#[test]
fn a_service_is_let_in_by_a_rule_and_nothing_else_switches_the_grant_on() {
    let served = |text: &str| parse(text, Purpose::Serve).unwrap().grants.served();
    let grant = vestibule_protocol::GrantType::ClientCredentials;
    assert!(!served(SMALL).contains(&grant));
    assert!(served(&format!("{SMALL}{SERVICE}")).contains(&grant));
}

#[test]
fn a_rule_names_a_client_that_can_come_by_itself() {
    let registered = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    let rule = |client: &str| {
        let line = format!("client = \"{client}\"");
        format!("{SMALL}{}", SERVICE.replace("client = \"nightly\"", &line))
    };
    for good in ["nightly", registered, "https://app.example/client.json"] {
        parse(&rule(good), Purpose::Serve).unwrap_or_else(|problems| panic!("{good}: {problems}"));
    }
    let long = "x".repeat(250);
    let public = SERVICE.replace("secret = \"a long random secret\"\n", "");
    let without_grant = SERVICE.replace("[\"client_credentials\"]", "[]");
    for (text, told) in [
        (rule("nihgtly"), "is none of the [[clients]]"),
        (
            rule("https://127.0.0.1/client.json"),
            "[client_documents] does not let in",
        ),
        (
            rule("https://app.example/client.json") + "[client_documents]\nenabled = false\n",
            "[client_documents] does not let in",
        ),
        (rule(&long), "too long"),
        (format!("{SMALL}{public}"), "without a secret or keys"),
        (
            format!("{SMALL}{without_grant}"),
            "without \"client_credentials\" among its grant_types",
        ),
    ] {
        let all = problems(&text);
        assert!(
            all.iter().any(|problem| problem.message.contains(told)),
            "{told}: {all:#?}"
        );
    }
}

#[test]
fn a_rule_for_what_there_is_not_is_refused() {
    for (from, to, told) in [
        ("\"mcp:read\"]", "\"mcp:fly\"]", "mcp:fly"),
        ("[\"mcp:read\"]", "[]", "is missing"),
        ("localhost:3001", "localhost:3002", "is none of the [[resources]]"),
    ] {
        let text = format!("{SMALL}{}", SERVICE.replace(from, to));
        let all = problems(&text);
        assert!(
            all.iter().any(|problem| problem.message.contains(told)),
            "{told}: {all:#?}"
        );
    }
    let alone = SMALL.replace(
        "uri = \"http://localhost:3001/mcp\"",
        "uri = \"http://localhost:3001/mcp\"\nproviders = [\"local\"]",
    );
    let all = problems(&format!("{alone}{SERVICE}"));
    assert!(all[0].message.contains("no client by itself"), "{all:#?}");
}

/// A provider of that name would have users who are called as clients are.
#[test]
fn nobody_else_is_called_as_clients_are() {
    let all = problems(&SMALL.replace("providers.local", "providers.client"));
    assert!(
        all.iter().any(|problem| problem.key == "providers.client"
            && problem.message.contains("clients that act for themselves")),
        "{all:#?}"
    );
    let issuer = "[trusted_issuers.client]\nkind = \"workloads\"\nissuer = \"https://ci.example\"\n\
                  jwks_uri = \"https://ci.example/jwks\"\n[[trusted_issuers.client.allow]]\nsubject = \"x\"\n\
                  resource = \"http://localhost:3001/mcp\"\nscopes = [\"mcp:read\"]\n";
    let all = problems(&format!("{SMALL}{issuer}"));
    assert_eq!(all.len(), 1, "{all:#?}");
    assert_eq!(all[0].key, "trusted_issuers.client");
}
