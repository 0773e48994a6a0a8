use std::path::Path;

use vestibule_outbound::Reach;
use vestibule_provider_supabase::{AtLogout, NativeSettings, SecondFactor};

use super::SupabaseConfig;
use crate::config::{Config, Outside, Problem, ProviderKind, Purpose};

const FILE: &str = include_str!("../../../../../../config/supabase.toml");

type Variables = &'static [(&'static str, &'static str)];

fn native(text: &str, variables: Variables) -> (NativeSettings, Reach) {
    match read(text, variables).unwrap() {
        SupabaseConfig::Native { settings, reach } => (settings, reach),
        SupabaseConfig::OauthServer(settings) => panic!("{settings:?}"),
    }
}

fn read(text: &str, variables: Variables) -> Result<SupabaseConfig, Vec<Problem>> {
    let env = |name: &str| {
        let secret = (
            "VESTIBULE_MASTER_SECRET",
            "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
        );
        let all = variables.iter().chain([&secret]);
        let found = all.into_iter().find(|(of, _)| *of == name);
        found.map(|(_, value)| (*value).to_owned())
    };
    let outside = Outside {
        env: &env,
        folder: Path::new("."),
    };
    let config = Config::parse(Path::new("supabase.toml"), text, Purpose::Serve, &outside);
    let mut config = config.map_err(|problems| problems.all)?;
    let ProviderKind::Supabase(project) = config.providers.remove(0).kind else {
        panic!("another kind of provider");
    };
    Ok(*project)
}

/// The file as an operator fills it in.
fn filled() -> String {
    FILE.replace("<auth.example.com>", "auth.example.com")
        .replace("<mcp.example.com>", "mcp.example.com")
        .replace("<abcdefgh>", "abcdefgh")
        .replace("<AbCdEfGhIjKlMnOp>", "x1y2z3")
        .replace("<Example Inc.>", "Example Inc.")
        .replace("<Notes>", "Notes")
}

fn with(line: &str) -> String {
    filled().replace("kind = \"supabase\"\n", &format!("kind = \"supabase\"\n{line}\n"))
}

/// The provider's own mistakes; that [policy] misses a provider that could not be read follows from them.
fn mistakes(text: &str) -> Vec<Problem> {
    let mut problems = read(text, &[]).unwrap_err();
    problems.retain(|problem| problem.key.starts_with("providers."));
    problems
}

fn problem(text: &str, key: &str) -> String {
    let problems = mistakes(text);
    let [problem] = problems.as_slice() else {
        panic!("{problems:#?}");
    };
    assert_eq!(problem.key, format!("providers.supabase.{key}"));
    problem.message.clone()
}

#[test]
fn the_file_works_once_its_blanks_are_filled_in() {
    let (project, reach) = native(&filled(), &[]);
    assert_eq!(project.issuer.as_str(), "https://abcdefgh.supabase.co/auth/v1");
    assert_eq!(project.second_factor, SecondFactor::WhereEnrolled);
    assert_eq!(project.at_logout, AtLogout::Keep);
    assert_eq!(reach, Reach::Public);
    assert!(
        !filled()
            .lines()
            .any(|line| line.contains('<') && !line.starts_with('#'))
    );
}

#[test]
fn the_environment_fills_what_is_not_there() {
    let text = filled()
        .replace("url = \"https://abcdefgh.supabase.co\"", "")
        .replace("publishable_key = \"sb_publishable_x1y2z3\"", "");
    let keys: Vec<String> = mistakes(&text).into_iter().map(|problem| problem.key).collect();
    assert_eq!(keys.len(), 2, "{keys:?}");
    let (project, _) = native(
        &text,
        &[
            ("NEXT_PUBLIC_SUPABASE_URL", "https://other.supabase.co"),
            ("SUPABASE_ANON_KEY", "eyJ.eyJ.sig"),
            ("SUPABASE_JWT_SECRET", "a secret"),
        ],
    );
    assert_eq!(project.issuer.as_str(), "https://other.supabase.co/auth/v1");
    assert!(project.jwt_secret.is_some());
}

#[test]
fn a_secret_key_is_refused_without_showing_it() {
    let text = filled().replace("sb_publishable_x1y2z3", "sb_secret_x1y2z3");
    let message = problem(&text, "publishable_key");
    assert!(
        message.contains("secret key") && !message.contains("x1y2z3"),
        "{message}"
    );
}

#[test]
fn what_users_write_themselves_cannot_authorize() {
    let message = problem(&with("roles_claim = \"user_metadata.roles\""), "roles_claim");
    assert!(message.contains("app_metadata"), "{message}");
}

#[test]
fn words_that_are_none_are_answered_with_those_that_are() {
    assert!(problem(&with("required_aal = \"aal3\""), "required_aal").contains("\"aal2\""));
    assert!(problem(&with("at_logout = \"stay\""), "at_logout").contains("\"keep\""));
    assert!(problem(&with("providers = [\"email\"]"), "providers").contains("\"password\""));
}

#[test]
fn private_addresses_are_for_a_project_on_this_machine_or_by_leave() {
    let local = filled().replace("https://abcdefgh.supabase.co", "http://127.0.0.1:54321");
    assert_eq!(native(&local, &[]).1, Reach::Private);
    assert_eq!(
        native(&with("allow_private_network = true"), &[]).1,
        Reach::Private
    );
    let clear = filled().replace("https://abcdefgh.supabase.co", "http://10.0.0.1:8000");
    assert!(problem(&clear, "url").contains("https"));
}

#[test]
fn the_oauth_server_wants_a_client_and_nothing_of_the_other_mode() {
    let text = with("mode = \"oauth_server\"");
    assert!(problem(&text, "client_id").contains("is missing"));
    let text = with("mode = \"oauth_server\"\nclient_id = \"c\"\nclient_secret = \"s\"");
    match read(&text, &[]).unwrap() {
        SupabaseConfig::OauthServer(settings) => assert_eq!(settings.client_id, "c"),
        SupabaseConfig::Native { settings, .. } => panic!("{settings:?}"),
    }
    let mixed = text.replace("client_id", "required_aal = \"aal2\"\nclient_id");
    assert!(problem(&mixed, "required_aal").contains("native"));
    assert!(problem(&with("client_id = \"c\""), "client_id").contains("oauth_server"));
}
