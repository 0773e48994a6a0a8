use std::collections::BTreeMap;
use std::path::Path;

use toml::de::DeTable;
use vestibule_protocol::Issuer;
use vestibule_provider_firebase::Authority;

use super::*;
use crate::config::providers::ProviderConfig;
use crate::config::secret::Outside;
use crate::config::section::Source;
use crate::config::{Config, Purpose};

const FILLED_IN: &str = "project_id = \"my-app\"\napi_key = \"AIza\"\n";

fn read_with(
    text: &str,
    issuer: &str,
    variables: &[(&str, &str)],
) -> (Option<FirebaseSettings>, Vec<String>) {
    let variables: BTreeMap<&str, &str> = variables.iter().copied().collect();
    let source = Source::new(text);
    let table = DeTable::parse(text).expect("TOML");
    let issuer = Issuer::parse(issuer).expect("an issuer");
    let entry = Entry {
        section: Section::root(&source, table.get_ref()),
        purpose: Purpose::Serve,
        issuer: Some(&issuer),
        outside: &Outside {
            env: &|name| variables.get(name).map(|value| (*value).to_owned()),
            folder: Path::new("."),
        },
    };
    let read = read(&entry);
    entry.section.finish();
    let problems = source.notes.into_problems(Path::new("test.toml")).err();
    let problems = problems.into_iter().flat_map(|problems| problems.all);
    let settings = match read {
        Some(ProviderKind::Firebase(settings)) => Some(*settings),
        Some(_) | None => None,
    };
    (
        settings,
        problems
            .map(|problem| format!("{} {}", problem.key, problem.message))
            .collect(),
    )
}

fn problems(text: &str) -> Vec<String> {
    read_with(text, "http://localhost:3009", &[]).1
}

fn settings(text: &str) -> FirebaseSettings {
    match read_with(text, "http://localhost:3009", &[]) {
        (Some(settings), problems) if problems.is_empty() => settings,
        (_, problems) => panic!("{problems:?}"),
    }
}

#[test]
fn the_emulator_is_refused_for_a_public_issuer() {
    let public = "https://auth.example.com";
    let variable = [("FIREBASE_AUTH_EMULATOR_HOST", "127.0.0.1:9099")];
    let (_, said) = read_with(FILLED_IN, public, &variable);
    assert!(
        matches!(&said[..], [one] if one.contains("unsigned") && one.contains("FIREBASE_AUTH_EMULATOR_HOST")),
        "{said:?}"
    );
    let text = format!("{FILLED_IN}emulator_host = \"127.0.0.1:9099\"");
    let (_, said) = read_with(&text, public, &[]);
    assert!(matches!(&said[..], [one] if one.contains("unsigned")), "{said:?}");
}

#[test]
fn an_emulator_on_another_machine_is_refused() {
    for host in [
        "10.0.0.1:9099",
        "0.0.0.0:9099",
        "localhost",
        "http://127.0.0.1:9099",
    ] {
        let variable = [("FIREBASE_AUTH_EMULATOR_HOST", host)];
        let (settings, said) = read_with(FILLED_IN, "http://localhost:3009", &variable);
        assert!(settings.is_none() && said.len() == 1, "{host}: {said:?}");
    }
}

#[test]
fn the_emulator_of_the_environment_is_used_on_this_machine() {
    let variable = [("FIREBASE_AUTH_EMULATOR_HOST", "127.0.0.1:9099")];
    let (settings, said) = read_with(FILLED_IN, "http://localhost:3009", &variable);
    let backend = settings.expect("settings").backend;
    assert!(matches!(backend, Backend::Emulator(_)), "{backend:?} {said:?}");
    assert!(matches!(self::settings(FILLED_IN).backend, Backend::Google));
}

#[test]
fn every_mistake_is_reported_at_once() {
    let said = problems(
        "project_id = \"123\"\nauth_domain = \"https://x\"\nproviders = [\"google\", \"password\"]\n\
         roles_claims = [\"email\"]\nmode = \"popup\"\n",
    );
    let keys: Vec<&str> = said.iter().filter_map(|text| text.split(' ').next()).collect();
    for key in [
        "project_id",
        "api_key",
        "auth_domain",
        "providers",
        "roles_claims",
        "mode",
    ] {
        assert!(keys.contains(&key), "{key} in {said:?}");
    }
}

#[test]
fn what_is_the_page_s_is_refused_for_forms() {
    let said = problems(&format!(
        "{FILLED_IN}mode = \"server\"\nproviders = [\"google.com\"]\nrecaptcha = true"
    ));
    assert_eq!(said.len(), 2, "{said:?}");
}

#[test]
fn a_project_and_its_key_are_enough() {
    let settings = settings(FILLED_IN);
    assert_eq!(settings.auth_domain.as_str(), "my-app.firebaseapp.com");
    assert_eq!(settings.sign_in_providers, ["password"]);
    assert_eq!(settings.second_factor, SecondFactor::IfEnrolled);
}

#[test]
fn the_environment_s_names_are_enough() {
    for (project, key) in [
        ("FIREBASE_PROJECT_ID", "FIREBASE_API_KEY"),
        ("GCLOUD_PROJECT", "VITE_FIREBASE_API_KEY"),
        ("NEXT_PUBLIC_FIREBASE_PROJECT_ID", "NEXT_PUBLIC_FIREBASE_API_KEY"),
    ] {
        let variables = [(project, "my-app"), (key, "AIza")];
        let (settings, said) = read_with("", "http://localhost:3009", &variables);
        let settings = settings.unwrap_or_else(|| panic!("{said:?}"));
        assert_eq!(
            (settings.project.as_str(), settings.api_key.as_str()),
            ("my-app", "AIza")
        );
    }
}

#[test]
fn everything_can_be_said() {
    let settings = settings(
        "project_id = \"my-app\"\napi_key = \"AIza\"\nauth_domain = \"login.example.com\"\ntenant_id = \"t-1\"\n\
         mode = \"page\"\nproviders = [\"password\", \"google.com\"]\nrecaptcha = true\nrequire_mfa = true\n\
         sign_in_providers = [\"google.com\"]\nroles_claims = \"role\"\ngroups_claims = [\"teams\", \"org\"]\n",
    );
    assert_eq!(settings.auth_domain.as_str(), "login.example.com");
    assert_eq!(settings.tenant.as_deref(), Some("t-1"));
    assert_eq!(settings.sign_in_providers, ["google.com"]);
    assert_eq!(settings.second_factor, SecondFactor::Required);
    assert_eq!(settings.groups_from.len(), 2);
    assert!(matches!(settings.mode, Mode::Page { recaptcha: Recaptcha::Allowed, ways } if ways.len() == 2));
}

#[test]
fn the_file_for_firebase_works_once_its_blanks_are_filled_in() {
    let text = include_str!("../../../../../../config/firebase.toml");
    let filled = text.replace("\"<", "\"").replace(">\"", "\"");
    assert_ne!(text, filled, "there are blanks");
    let outside = Outside {
        env: &|name| (name == "VESTIBULE_MASTER_SECRET").then(|| "0123456789abcdef".repeat(4)),
        folder: Path::new("."),
    };
    let config = Config::parse(Path::new("firebase.toml"), &filled, Purpose::Serve, &outside);
    let config = config.unwrap_or_else(|problems| panic!("{problems}"));
    let [ProviderConfig { kind, .. }] = &config.providers[..] else {
        panic!("one provider")
    };
    assert!(matches!(kind, ProviderKind::Firebase(_)), "{kind:?}");
}

/// A service account's key, made for this test.
fn key_file(folder: &Path) -> std::path::PathBuf {
    let key = include_str!("key.pem");
    let file = serde_json::json!({
        "type": "service_account",
        "project_id": "my-app",
        "private_key_id": "key-1",
        "private_key": key,
        "client_email": "vestibule@my-app.iam.gserviceaccount.com",
    });
    let path = folder.join("account.json");
    std::fs::write(&path, file.to_string()).expect("the file is written");
    path
}

fn account(read: (Option<FirebaseSettings>, Vec<String>)) -> Option<String> {
    let (settings, said) = read;
    assert_eq!(said, [""; 0]);
    match settings.expect("settings").admin? {
        Authority::ServiceAccount(account) => Some(account.email().to_owned()),
        Authority::EmulatorOwner => Some("the emulator's owner".to_owned()),
    }
}

#[test]
fn a_service_account_comes_from_the_file_or_from_either_variable() {
    let folder = tempfile::tempdir().expect("a temporary directory");
    let path = key_file(folder.path()).display().to_string();
    let json = std::fs::read_to_string(&path).expect("the key");
    let local = "http://localhost:3009";
    let read = |more: &str, variables: &[(&str, &str)]| {
        account(read_with(&format!("{FILLED_IN}{more}"), local, variables))
    };
    let by_file = format!("service_account_file = \"{path}\"");
    let variables = [
        ("GOOGLE_APPLICATION_CREDENTIALS", path.as_str()),
        ("FIREBASE_SERVICE_ACCOUNT_KEY", json.as_str()),
    ];
    let someone = Some("vestibule@my-app.iam.gserviceaccount.com".to_owned());
    assert_eq!(read(&by_file, &[]), someone);
    assert_eq!(read("check_revoked = true", &variables[..1]), someone);
    assert_eq!(read("", &variables[..1]), someone);
    assert_eq!(read("", &variables[1..]), someone);
    assert_eq!(read("check_revoked = false", &variables), None);
    assert_eq!(read("", &[]), None);

    let emulator = ("FIREBASE_AUTH_EMULATOR_HOST", "127.0.0.1:9099");
    let owner = Some("the emulator's owner".to_owned());
    assert_eq!(read("", &[emulator, variables[0]]), owner);
    assert_eq!(read("check_revoked = true", &[emulator]), owner);
    assert_eq!(read("", &[emulator]), None);
}

#[test]
fn what_is_wrong_with_a_service_account_is_said() {
    let folder = tempfile::tempdir().expect("a temporary directory");
    let path = folder.path().join("adc.json");
    std::fs::write(&path, r#"{"type": "authorized_user"}"#).expect("the file is written");
    let path = path.display().to_string();
    for (more, variables, says) in [
        (
            format!("service_account_file = \"{path}\""),
            vec![],
            "service_account_file is a credential of the type authorized_user",
        ),
        (
            "service_account_file = \"nowhere.json\"".to_owned(),
            vec![],
            "nowhere.json cannot be read",
        ),
        (
            String::new(),
            vec![("GOOGLE_APPLICATION_CREDENTIALS", path.as_str())],
            "GOOGLE_APPLICATION_CREDENTIALS led to it, and check_revoked = false does without",
        ),
        (
            String::new(),
            vec![("GOOGLE_APPLICATION_CREDENTIALS", "/nowhere/adc.json")],
            "the environment variable GOOGLE_APPLICATION_CREDENTIALS names it",
        ),
        (
            String::new(),
            vec![("FIREBASE_SERVICE_ACCOUNT_KEY", "ZXlKMGVYQmw=")],
            "is no JSON",
        ),
        (
            "check_revoked = true".to_owned(),
            vec![],
            "check_revoked needs the key of a service account",
        ),
        (
            format!("check_revoked = false\nservice_account_file = \"{path}\""),
            vec![],
            "is of no use with check_revoked = false",
        ),
    ] {
        let text = format!("{FILLED_IN}{more}");
        let (_, said) = read_with(&text, "http://localhost:3009", &variables);
        assert!(
            matches!(&said[..], [one] if one.contains(says)),
            "{says}: {said:?}"
        );
    }
}
