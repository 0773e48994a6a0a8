//! `kind = "supabase"`: users of a Supabase project.

use vestibule_outbound::Reach;
use vestibule_protocol::Issuer;
use vestibule_provider_supabase::{
    AtLogout, MetadataPath, Method, NativeSettings, ProjectUrl, PublishableKey, PublishableKeyError,
    SecondFactor,
};

use super::entry::public_variables;
use super::{Entry, ProviderKind};
use crate::config::secret::secret_keys;

/// A Supabase project, and where calls to it may go.
#[derive(Debug, Clone)]
pub struct SupabaseConfig {
    /// The project, and how users log in there.
    pub settings: NativeSettings,
    /// Where calls may go.
    pub reach: Reach,
}

pub(super) fn read(entry: &Entry<'_>) -> Option<ProviderKind> {
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
    let url = url?;
    let issuer = match issuer {
        Some(issuer) => issuer,
        None if section.has("issuer") => return None,
        None => url
            .issuer()
            .inspect_err(|error| section.note("url", format!("makes an issuer that {error}; write issuer")))
            .ok()?,
    };
    let settings = NativeSettings {
        url,
        publishable_key: publishable_key?,
        issuer,
        methods,
        second_factor,
        jwt_secret,
        groups,
        roles,
        at_logout,
    };
    Some(ProviderKind::Supabase(Box::new(SupabaseConfig {
        settings,
        reach,
    })))
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
