use std::path::Path;

use vestibule_provider_oidc::{Credential, OidcSettings};

use crate::config::{Config, Outside, Problem, ProviderKind, Purpose};

const KEY: &str = include_str!("key.pem");

/// The files in `config/`, each with the id of its provider.
const FILES: [(&str, &str); 7] = [
    ("oidc", include_str!("../../../../../../config/oidc.toml")),
    ("google", include_str!("../../../../../../config/google.toml")),
    ("entra", include_str!("../../../../../../config/entra.toml")),
    ("okta", include_str!("../../../../../../config/okta.toml")),
    ("keycloak", include_str!("../../../../../../config/keycloak.toml")),
    ("cognito", include_str!("../../../../../../config/cognito.toml")),
    ("apple", include_str!("../../../../../../config/apple.toml")),
];

/// A folder with the files that the configuration names.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let put = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    put("master.secret", "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY");
    put("AuthKey.p8", KEY);
    for (id, _) in FILES {
        put(&format!("{id}.secret"), "a secret\n");
    }
    folder
}

fn read(text: &str) -> Result<Vec<OidcSettings>, Vec<Problem>> {
    let folder = folder();
    let outside = Outside {
        env: &|name| (name == "OIDC_CLIENT_SECRET").then(|| "from the environment".to_owned()),
        folder: folder.path(),
    };
    let config = Config::parse(Path::new("test.toml"), text, Purpose::Serve, &outside)
        .map_err(|problems| problems.all)?;
    let settings = config.providers.into_iter().filter_map(|provider| {
        let ProviderKind::Oidc(settings) = provider.kind else {
            return None;
        };
        Some(*settings)
    });
    Ok(settings.collect())
}

/// The text with every blank filled in.
fn filled_in(text: &str) -> String {
    let mut filled = String::new();
    let mut rest = text;
    while let Some((before, blank)) = rest.split_once('<') {
        filled.push_str(before);
        filled.push_str("example");
        rest = blank.split_once('>').map_or("", |(_, after)| after);
    }
    filled + rest
}

/// The problems of one provider that has these keys beside issuer and client.
fn problems_with(keys: &str) -> Vec<Problem> {
    let (before, after) = FILES[0].1.split_once("client_id = ").unwrap();
    let text = filled_in(&format!("{before}{keys}\nclient_id = {after}"));
    read(&text).expect_err("the configuration has mistakes")
}

#[test]
fn every_file_works_once_its_blanks_are_filled_in() {
    for (id, text) in FILES {
        let read = read(&filled_in(text)).unwrap_or_else(|problems| panic!("{id}: {problems:#?}"));
        assert_eq!(read.len(), 1, "{id}");
        let preset = if id == "oidc" { "generic" } else { id };
        assert_eq!(read[0].preset.word, preset);
    }
}

#[test]
fn every_file_says_which_callback_url_to_register() {
    for (id, text) in FILES {
        let callback = format!("https://auth.example.com/oauth/callback/{id}\n");
        assert!(text.contains(&callback), "{id}");
        assert!(text.contains("vestibule doctor --config"), "{id}");
    }
}

#[test]
fn a_blank_that_is_left_is_named() {
    for (id, text) in FILES {
        let problems = read(text).expect_err("blanks are left");
        assert!(
            problems
                .iter()
                .any(|problem| problem.message.contains("angle brackets")),
            "{id}: {problems:#?}"
        );
    }
}

#[test]
fn the_environment_fills_what_is_missing_and_never_stands_beside_a_key() {
    let text = filled_in(FILES[0].1).replace("client_secret_file = \"oidc.secret\"\n", "");
    let settings = read(&text).unwrap();
    assert!(
        matches!(&settings[0].credential, Credential::Secret(secret) if secret.expose() == "from the environment")
    );
    let text = filled_in(FILES[6].1);
    let settings = read(&text).unwrap();
    assert!(matches!(settings[0].credential, Credential::TeamKey(..)));
}

#[test]
fn words_and_settings_that_do_not_fit_are_mistakes() {
    for (keys, about) in [
        ("preset = \"gogle\"", "preset"),
        ("token_auth_method = \"basic\"", "token_auth_method"),
        ("token_auth_method = \"none\"", "token_auth_method"),
        ("token_auth_method = \"private_key_jwt\"", "token_auth_method"),
        ("logout_style = \"yes\"", "logout_style"),
        ("response_mode = \"fragment\"", "response_mode"),
        ("trust_email = \"always\"", "trust_email"),
        ("id_token_algorithms = [\"none\"]", "id_token_algorithms"),
        ("id_token_algorithms = [\"HS256\", \"RS256\"]", "HS256"),
        ("id_token_algorithms = []", "algorithm"),
        ("subject_claim = \"a..b\"", "subject_claim"),
        ("subject_claim = []", "subject"),
        ("allowed_tenants = [\"t1\"]", "allowed_tenants"),
        (
            "preset = \"entra\"\nallowed_tenants = [\"t1\"]\nsubject_claim = \"oid\"",
            "tid",
        ),
        ("private_key = \"nonsense\"", "private_key"),
        (
            "extra_params = { redirect_uri = \"https://evil.example.com\" }",
            "redirect_uri",
        ),
    ] {
        let problems = problems_with(keys);
        assert!(
            problems
                .iter()
                .any(|problem| format!("{} {}", problem.key, problem.message).contains(about)),
            "{keys}: {problems:#?}"
        );
    }
}
