//! `kind = "supabase"`: users of a Supabase project.

use vestibule_outbound::Reach;
use vestibule_protocol::Issuer;
use vestibule_provider_supabase::{
    AtLogout, MetadataPath, Method, NativeSettings, OauthServerSettings, ProjectUrl, PublishableKey,
    PublishableKeyError, SecondFactor, SecretMethod,
};

use super::entry::public_variables;
use super::{Entry, ProviderKind};
use crate::config::secret::secret_keys;

/// A Supabase project, and how users log in there.
#[derive(Debug, Clone)]
pub enum SupabaseConfig {
    /// On the broker's own page.
    Native {
        /// The project.
        settings: NativeSettings,
        /// Where calls may go.
        reach: Reach,
    },
    /// On the project's own pages.
    OauthServer(OauthServerSettings),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Mode {
    #[default]
    Native,
    OauthServer,
}

/// The keys that mean something in one mode alone.
const NATIVE_KEYS: [&str; 8] = [
    "at_logout",
    "groups_claim",
    "jwt_secret",
    "jwt_secret_env",
    "jwt_secret_file",
    "providers",
    "required_aal",
    "roles_claim",
];
const OAUTH_KEYS: [&str; 5] = [
    "client_id",
    "client_secret",
    "client_secret_env",
    "client_secret_file",
    "token_auth_method",
];

/// What both modes need.
struct Project {
    url: ProjectUrl,
    publishable_key: PublishableKey,
    issuer: Issuer,
    reach: Reach,
}

pub(super) fn read(entry: &Entry<'_>) -> Option<ProviderKind> {
    let mode = choice(
        entry,
        "mode",
        &[("native", Mode::Native), ("oauth_server", Mode::OauthServer)],
    );
    let (others, other) = match mode {
        Mode::Native => (OAUTH_KEYS.as_slice(), "oauth_server"),
        Mode::OauthServer => (NATIVE_KEYS.as_slice(), "native"),
    };
    for key in others.iter().filter(|key| entry.section.has(key)) {
        entry
            .section
            .note(key, format!("is for mode = \"{other}\"; leave it out"));
    }
    let project = read_project(entry);
    let native = read_native(entry);
    let oauth = read_oauth(entry, mode);
    let project = project?;
    let config = match mode {
        Mode::Native => {
            let reach = project.reach;
            let settings = native(project);
            SupabaseConfig::Native { settings, reach }
        }
        Mode::OauthServer => SupabaseConfig::OauthServer(oauth?(project)),
    };
    Some(ProviderKind::Supabase(Box::new(config)))
}

fn read_project(entry: &Entry<'_>) -> Option<Project> {
    let section = &entry.section;
    let url: Option<ProjectUrl> = entry.required_or_env(
        "url",
        public_variables!("SUPABASE_URL"),
        "https://abcdefgh.supabase.co",
    );
    let publishable_key = read_key(entry);
    let reach = match (&url, entry.reach()) {
        (Some(url), Reach::Public) if url.is_loopback() => Reach::Private,
        (_, reach) => reach,
    };
    let issuer = section.parsed::<Issuer>("issuer");
    let url = url?;
    let issuer = match issuer {
        Some(issuer) => issuer,
        None if section.has("issuer") => return None,
        None => url
            .issuer()
            .inspect_err(|error| section.note("url", format!("makes an issuer that {error}; write issuer")))
            .ok()?,
    };
    Some(Project {
        url,
        publishable_key: publishable_key?,
        issuer,
        reach,
    })
}

fn read_native(entry: &Entry<'_>) -> impl FnOnce(Project) -> NativeSettings {
    let section = &entry.section;
    let methods = section.parsed_list::<Method>("providers");
    let second_factor = choice(
        entry,
        "required_aal",
        &[("aal1", SecondFactor::Never), ("aal2", SecondFactor::Always)],
    );
    let jwt_secret = entry.secret_or_env(secret_keys!("jwt_secret"), &["SUPABASE_JWT_SECRET"]);
    let groups = section.parsed::<MetadataPath>("groups_claim");
    let roles = section.parsed::<MetadataPath>("roles_claim");
    let at_logout = choice(
        entry,
        "at_logout",
        &[("keep", AtLogout::Keep), ("end", AtLogout::End)],
    );
    move |project| NativeSettings {
        url: project.url,
        publishable_key: project.publishable_key,
        issuer: project.issuer,
        methods,
        second_factor,
        jwt_secret,
        groups,
        roles,
        at_logout,
    }
}

fn read_oauth(entry: &Entry<'_>, mode: Mode) -> Option<impl FnOnce(Project) -> OauthServerSettings> {
    let client_id = match mode {
        Mode::Native => entry.section.text("client_id"),
        Mode::OauthServer => entry
            .section
            .required_text("client_id", "00000000-0000-4000-8000-000000000000"),
    };
    let client_secret = entry.section.secret(secret_keys!("client_secret"), entry.outside);
    let secret_method = choice(
        entry,
        "token_auth_method",
        &[
            ("client_secret_basic", SecretMethod::Basic),
            ("client_secret_post", SecretMethod::Post),
        ],
    );
    let client_id = client_id?.to_owned();
    Some(move |project: Project| OauthServerSettings {
        url: project.url,
        publishable_key: project.publishable_key,
        issuer: project.issuer,
        client_id,
        client_secret,
        secret_method,
        reach: project.reach,
    })
}

/// The key is parsed here, so that no message shows it: it may be a secret one by mistake.
fn read_key(entry: &Entry<'_>) -> Option<PublishableKey> {
    const KEY: &str = "publishable_key";
    let variables = public_variables!("SUPABASE_PUBLISHABLE_KEY", "SUPABASE_ANON_KEY");
    let text = entry.required_text_or_env(KEY, variables, "sb_publishable_…")?;
    text.parse()
        .inspect_err(|error: &PublishableKeyError| {
            entry.section.note(KEY, error.to_string());
        })
        .ok()
}

/// One of a few words; the default where there is none.
fn choice<T: Copy + Default>(entry: &Entry<'_>, key: &'static str, words: &[(&str, T)]) -> T {
    let Some(text) = entry.section.text(key) else {
        return T::default();
    };
    let found = words.iter().find(|(word, _)| *word == text);
    if found.is_none() {
        let known: Vec<String> = words.iter().map(|(word, _)| format!("\"{word}\"")).collect();
        entry
            .section
            .note(key, format!("\"{text}\" is none of {}", known.join(", ")));
    }
    found.map(|(_, value)| *value).unwrap_or_default()
}

#[cfg(test)]
mod tests;
