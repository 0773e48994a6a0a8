//! What real clients send, replayed byte for byte against one running program.
//!
//! Each row is one of `docs/clients.md`, and the requests are those of `recordings/`. A row that fails does not keep the others
//! from being replayed.

mod chatgpt;
mod discovery;
mod documents;
mod pages;
mod registration;
mod resources;
mod stage;
mod tokens;

use std::panic::{AssertUnwindSafe, catch_unwind};

use self::stage::Stage;

/// What a client does, and its replay.
type Row = (&'static str, fn(&Stage));

const ROWS: [Row; 26] = [
    (
        "Claude Code comes by its document, on any port",
        documents::claude_code_comes_on_any_port,
    ),
    (
        "one document is many installs",
        documents::one_document_is_many_installs,
    ),
    (
        "ChatGPT proves itself with its key, whatever its document lists beside",
        chatgpt::chatgpt_proves_itself,
    ),
    (
        "VS Code registers four addresses and uses a fifth",
        registration::vs_code_uses_a_random_port,
    ),
    (
        "Cursor mixes three kinds of addresses and calls itself web",
        registration::cursor_mixes_addresses,
    ),
    (
        "the Claude connector registers again on every connect",
        registration::the_claude_connector_registers_again,
    ),
    (
        "the Claude connector refreshes from two addresses at once",
        registration::the_claude_connector_refreshes_twice_at_once,
    ),
    (
        "Claude's users share an address",
        registration::hosted_claude_shares_an_address,
    ),
    (
        "Perplexity registers as public and wants a secret",
        registration::perplexity_wants_a_secret,
    ),
    (
        "the Python SDK registers without a method",
        registration::the_python_sdk_has_a_secret,
    ),
    (
        "a slash behind the resource that nobody wrote",
        resources::a_slash_that_nobody_wrote,
    ),
    ("no resource at all", resources::no_resource_at_all),
    (
        "Codex refreshes without a resource",
        resources::codex_refreshes_without_a_resource,
    ),
    (
        "Claude Code refreshes without a scope",
        resources::claude_code_refreshes_without_a_scope,
    ),
    (
        "documents are used where the metadata says two things",
        discovery::documents_are_advertised_with_none,
    ),
    (
        "scopes come from the challenge and the resource",
        discovery::scopes_come_from_the_resource,
    ),
    (
        "a refresh token where offline access is advertised and granted",
        discovery::offline_access_is_the_servers,
    ),
    (
        "the issuer is compared byte for byte",
        discovery::the_issuer_is_the_same_everywhere,
    ),
    (
        "the challenge is absolute, quoted and nobody else's",
        discovery::the_challenge_does_not_follow_the_host,
    ),
    (
        "every well-known form is probed",
        discovery::every_form_is_json_or_a_404,
    ),
    ("iss in every answer", tokens::iss_is_in_every_answer),
    (
        "the Inspector names two media types",
        tokens::the_inspector_names_two_media_types,
    ),
    (
        "a client id that is long gone",
        tokens::a_client_id_that_is_long_gone,
    ),
    ("several logins at once", tokens::several_instances_log_in_at_once),
    (
        "no state, and no PKCE",
        tokens::state_may_be_missing_and_pkce_may_not,
    ),
    ("Chromium and apps of their own scheme", pages::forms_and_apps),
];

#[test]
fn what_real_clients_send_is_answered_as_they_need_it() {
    let stage = Stage::set();
    let failed: Vec<&str> = ROWS
        .iter()
        .filter(|(_, row)| catch_unwind(AssertUnwindSafe(|| row(&stage))).is_err())
        .map(|(name, _)| *name)
        .collect();
    assert!(failed.is_empty(), "{failed:#?}");
}
