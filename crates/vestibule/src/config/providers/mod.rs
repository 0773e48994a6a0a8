//! `[providers.<id>]`: where users log in.
//!
//! To add a kind: a file here that reads its keys, a variant of [`ProviderKind`], a row of [`KINDS`], an arm in the program's
//! registry (`service/registry.rs`), its keys in `config/vestibule.toml`, and a file of its own in `config/`.

mod auth0;
mod clerk;
mod entry;
mod firebase;
mod local;
mod oidc;
mod supabase;

use vestibule_protocol::{Issuer, ProviderId};
use vestibule_provider_auth0::Auth0Settings;
use vestibule_provider_clerk::ClerkSettings;
use vestibule_provider_firebase::FirebaseSettings;
use vestibule_provider_local::LocalUser;
use vestibule_provider_oidc::OidcSettings;

use super::Purpose;
use super::secret::Outside;
use super::section::Section;
use entry::Entry;
pub use supabase::SupabaseConfig;

/// One identity provider, as the operator wrote it down.
#[derive(Debug, Clone)]
pub struct ProviderConfig {
    /// The provider's id.
    pub id: ProviderId,
    /// What people call it.
    pub name: String,
    /// Whether a logout here leaves the provider too, where it has a login of its own in the browser.
    pub logout: bool,
    /// The email domains whose addresses lead here when a client hints at one, in lower case.
    pub login_domains: Vec<String>,
    /// What it is, with the settings of its kind.
    pub kind: ProviderKind,
}

/// The kinds of providers.
#[derive(Debug, Clone)]
pub enum ProviderKind {
    /// Users listed in the configuration.
    Local(Vec<LocalUser>),
    /// Any OpenID Connect issuer.
    Oidc(Box<OidcSettings>),
    /// A project of Firebase Authentication.
    Firebase(Box<FirebaseSettings>),
    /// Users of a Supabase project.
    Supabase(Box<SupabaseConfig>),
    /// Auth0.
    Auth0(Box<Auth0Settings>),
    /// Clerk.
    Clerk(Box<ClerkSettings>),
}

/// How one kind is read.
struct Kind {
    /// What stands in `kind`.
    word: &'static str,
    /// What people call a provider without a `name`.
    name: &'static str,
    /// Reads the keys of this kind; every key is asked for, whatever the others say.
    read: fn(&Entry<'_>) -> Option<ProviderKind>,
}

/// Every kind: one row each.
const KINDS: &[Kind] = &[
    Kind {
        word: "local",
        name: "this service",
        read: local::read,
    },
    Kind {
        word: "oidc",
        name: "your identity provider",
        read: oidc::read,
    },
    Kind {
        word: "firebase",
        name: "your account",
        read: firebase::read,
    },
    Kind {
        word: "supabase",
        name: "Supabase",
        read: supabase::read,
    },
    Kind {
        word: "auth0",
        name: "Auth0",
        read: auth0::read,
    },
    Kind {
        word: "clerk",
        name: "Clerk",
        read: clerk::read,
    },
];

pub(super) fn read(
    root: &Section<'_>,
    purpose: Purpose,
    issuer: Option<&Issuer>,
    outside: &Outside<'_>,
) -> Vec<ProviderConfig> {
    let table = root.table("providers");
    let mut providers: Vec<ProviderConfig> = Vec::new();
    for (name, section) in table.named_tables() {
        let id = ProviderId::parse(name)
            .inspect_err(|error| section.note_all(error.to_string()))
            .ok();
        if name == ProviderId::CLIENTS {
            section.note_all(format!(
                "\"{name}\" is what clients that act for themselves are called after; give the provider another name"
            ));
        }
        let entry = Entry {
            section,
            purpose,
            issuer,
            outside,
        };
        let logout = entry.section.flag("sign_out_upstream").unwrap_or(true);
        let login_domains = read_domains(&entry.section, &providers);
        let read = read_one(&entry);
        providers.extend(id.zip(read).map(|(id, (name, kind))| ProviderConfig {
            id,
            name,
            logout,
            login_domains,
            kind,
        }));
        entry.section.finish();
    }
    if providers.is_empty() && !table.is_present() {
        root.note(
            "providers",
            "is missing; say where users log in: [providers.local] with kind = \"local\"",
        );
    }
    providers
}

fn read_domains(section: &Section<'_>, earlier: &[ProviderConfig]) -> Vec<String> {
    let key = "login_domains";
    let given = section.texts(key).unwrap_or_default();
    let domains: Vec<String> = given.iter().map(|domain| domain.to_ascii_lowercase()).collect();
    for domain in &domains {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-');
        if domain.is_empty() || !domain.chars().all(plain) {
            section.note(
                key,
                format!("\"{domain}\" is not a domain such as \"example.com\""),
            );
        }
        if let Some(other) = earlier.iter().find(|other| other.login_domains.contains(domain)) {
            section.note(
                key,
                format!(
                    "\"{domain}\" is providers.{}'s already; a domain leads to one provider",
                    other.id
                ),
            );
        }
    }
    domains
}

fn read_one(entry: &Entry<'_>) -> Option<(String, ProviderKind)> {
    let section = &entry.section;
    let word = section.required_text("kind", "local")?;
    let Some(kind) = KINDS.iter().find(|kind| kind.word == word) else {
        let known: Vec<String> = KINDS.iter().map(|kind| format!("\"{}\"", kind.word)).collect();
        let known = known.join(", ");
        section.note(
            "kind",
            format!("\"{word}\" is not a kind of provider; write one of {known}"),
        );
        return None;
    };
    let given = section.text("name");
    let read = (kind.read)(entry)?;
    let usual = match &read {
        ProviderKind::Oidc(settings) => settings.preset.name,
        _ => kind.name,
    };
    Some((given.unwrap_or(usual).to_owned(), read))
}

#[cfg(test)]
mod tests;

/// The words that `kind` may be, for the test that holds the reference file against the code.
#[cfg(test)]
pub(super) fn words() -> impl Iterator<Item = &'static str> {
    KINDS.iter().map(|kind| kind.word)
}
