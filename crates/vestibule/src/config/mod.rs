//! What the operator writes, read and validated: every mistake is found before anything starts, all of them at once.
//!
//! To add a key: read it in its section's file, give it a field in the section's type, and describe it in
//! `config/vestibule.toml`, which a test holds against this code.

mod appearance;
mod audit;
mod client_assertions;
mod client_documents;
mod clients;
mod dpop;
mod filled;
mod grants;
mod issuers;
mod keys;
mod lifetimes;
mod limits;
mod listen;
mod logs;
mod networks;
mod policy;
mod problems;
mod providers;
mod proxies;
mod registration;
mod resources;
mod secret;
mod secrets;
mod section;
mod store;
mod telemetry;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use toml::de::DeTable;
use vestibule_broker::settings::{
    ClientAssertionSettings, ClientDocumentSettings, ConfiguredClient, DpopSettings, GrantSettings,
    Lifetimes, LimitSettings, Policy, RegistrationSettings, Resource, Resources, Settings,
};
use vestibule_broker::{Entropy, MasterSecrets, SystemEntropy};
use vestibule_http::{Appearance, TrustedProxies};
use vestibule_jose::Algorithm;
use vestibule_protocol::{Issuer, ResourceUri};
use vestibule_telemetry::{AuditSink, LogSettings, Settings as TelemetrySettings};

pub use filled::{Filled, SecretPlace};
pub use listen::{Listen, TlsFiles};
pub use problems::{Problem, Problems};
pub use providers::{ProviderConfig, ProviderKind, SupabaseConfig};
pub use secret::Outside;
pub use store::StoreConfig;
pub use telemetry::TelemetryConfig;

use section::{Section, Source};

/// A whole configuration, validated.
#[derive(Debug)]
pub struct Config {
    /// The public URL.
    pub issuer: Issuer,
    /// Where to listen.
    pub listen: Listen,
    /// Where records are kept.
    pub store: StoreConfig,
    /// What keys are sealed and refresh tokens derived with; only the demo goes without and makes its own.
    pub secrets: Option<MasterSecrets>,
    /// The identity providers.
    pub providers: Vec<ProviderConfig>,
    /// The MCP servers.
    pub resources: Vec<Resource>,
    /// The MCP server that is meant when a request names none.
    pub default_resource: Option<ResourceUri>,
    /// The clients that the operator wrote down.
    pub clients: Vec<ConfiguredClient>,
    /// The grants beside the code flow.
    pub grants: GrantSettings,
    /// Who may register.
    pub registration: RegistrationSettings,
    /// Which client metadata documents are taken.
    pub client_documents: ClientDocumentSettings,
    /// How clients prove themselves with a key.
    pub client_assertions: ClientAssertionSettings,
    /// How proofs of possession are judged.
    pub dpop: DpopSettings,
    /// How long things live.
    pub lifetimes: Lifetimes,
    /// How tokens are signed.
    pub algorithm: Algorithm,
    /// Which user may have which scopes.
    pub policy: Policy,
    /// The proxies whose word about callers counts.
    pub proxies: TrustedProxies,
    /// How often things may be done.
    pub limits: LimitSettings,
    /// How the pages look.
    pub appearance: Appearance,
    /// What is logged, and how.
    pub logs: LogSettings,
    /// What is counted, measured and traced, and who is told.
    pub telemetry: TelemetryConfig,
    /// Where security events go.
    pub audit: Vec<AuditSink>,
    /// The page that error answers point to.
    pub error_page: Option<String>,
    /// The keys that the environment filled.
    pub filled: Vec<Filled>,
    /// Where secrets stand on disk.
    pub secret_places: Vec<SecretPlace>,
}

/// What a configuration is read for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// A broker that guards something.
    Serve,
    /// The demo: plain passwords are accepted, and the master secret is made on first start.
    Demo,
}

impl Config {
    /// Reads and validates the configuration in `file`.
    ///
    /// # Errors
    /// [`Problems`] lists every mistake.
    pub fn load(
        file: &Path,
        purpose: Purpose,
        env: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Self, Problems> {
        let text = std::fs::read_to_string(file).map_err(|error| Problems {
            file: file.to_owned(),
            all: vec![Problem {
                line: None,
                key: String::new(),
                message: format!("cannot be read: {error}; name the configuration file with --config"),
            }],
        })?;
        let folder = file.parent().unwrap_or(Path::new("."));
        Self::parse(file, &text, purpose, &Outside { env, folder })
    }

    /// Validates the configuration in `text`; `file` is what mistakes are reported under.
    ///
    /// # Errors
    /// [`Problems`] lists every mistake.
    pub fn parse(file: &Path, text: &str, purpose: Purpose, outside: &Outside<'_>) -> Result<Self, Problems> {
        Self::read(file, text, purpose, outside).0
    }

    fn read(
        file: &Path,
        text: &str,
        purpose: Purpose,
        outside: &Outside<'_>,
    ) -> (Result<Self, Problems>, BTreeSet<String>) {
        let source = Source::new(text);
        let (table, errors) = DeTable::parse_recoverable(text);
        for error in &errors {
            let line = error.span().map(|span| source.line(&span));
            source.notes.add(line, "", error.message());
        }
        let config = Section::root(&source, table.get_ref());
        let config = if errors.is_empty() {
            read_root(config, purpose, outside)
        } else {
            None
        };
        let asked = source.asked.take();
        let filled = source.filled.take();
        let secret_places = source.secrets.take();
        let config = config.map(|config| Config {
            filled,
            secret_places,
            ..config
        });
        let result = match source.notes.into_problems(file) {
            Err(problems) => Err(problems),
            Ok(()) => config.ok_or_else(|| Problems {
                file: PathBuf::from(file),
                all: Vec::new(),
            }),
        };
        (result, asked)
    }

    /// What the process tells of itself.
    pub fn telemetry(&self) -> TelemetrySettings {
        let entropy: &dyn Entropy = &SystemEntropy;
        TelemetrySettings {
            logs: self.logs.clone(),
            audit: self.audit.clone(),
            scraped: self.telemetry.metrics,
            export: self.telemetry.export.clone(),
            instance: entropy.name(),
        }
    }

    /// What the broker itself needs of the configuration.
    pub fn into_settings(self) -> Settings {
        let quiet = self.providers.iter().filter(|provider| !provider.logout);
        let domains = self.providers.iter().flat_map(|provider| {
            let of = |domain: &String| (domain.clone(), provider.id.clone());
            provider.login_domains.iter().map(of).collect::<Vec<_>>()
        });
        Settings {
            quiet_logout: quiet.map(|provider| provider.id.clone()).collect(),
            login_domains: domains.collect(),
            issuer: self.issuer,
            resources: Resources::new(self.resources, self.default_resource.as_ref()),
            clients: self.clients,
            grants: self.grants,
            lifetimes: self.lifetimes,
            signing_algorithm: self.algorithm,
            policy: self.policy,
            limits: self.limits,
            registration: self.registration,
            client_documents: self.client_documents,
            client_assertions: self.client_assertions,
            dpop: self.dpop,
            error_page: self.error_page,
        }
    }
}

fn read_root(root: Section<'_>, purpose: Purpose, outside: &Outside<'_>) -> Option<Config> {
    let issuer: Option<Issuer> = root.required("issuer", "https://auth.example.com");
    let error_page = root.text("error_page").map(str::to_owned);
    let listen = listen::read(root.table("listen"), outside);
    let store = store::read(root.table("store"), outside);
    let secrets = secrets::read(root.table("secrets"), purpose, outside);
    let providers = providers::read(&root, purpose, issuer.as_ref(), outside);
    let (resources, default_resource) = resources::read(&root, &providers);
    let registration = registration::read(root.table("registration"), outside);
    let mut grants = grants::read(root.table("grants"), &resources);
    let known = issuers::Known {
        issuer: issuer.as_ref(),
        providers: &providers,
        resources: &resources,
    };
    grants.trusted_issuers = issuers::read(&root.table("trusted_issuers"), &known, outside);
    let clients = clients::read(&root, &resources, &grants, registration.redirects, outside);
    grants::check_exchangers(&root, &grants, &clients);
    let client_documents = client_documents::read(root.table("client_documents"));
    grants::check_services(&root, &grants, &clients, &client_documents);
    let client_assertions = client_assertions::read(root.table("client_assertions"));
    let dpop = dpop::read(root.table("dpop"));
    let lifetimes = lifetimes::read(root.table("lifetimes"));
    let (algorithm, lifetimes) = keys::read(root.table("keys"), lifetimes);
    let policy = policy::read(root.table("policy"), &resources, &providers);
    let proxies = proxies::read(root.table("proxies"));
    let limits = limits::read(root.table("limits"));
    let appearance = appearance::read(root.table("appearance"), outside);
    let logs = logs::read(root.table("logs"));
    let telemetry = telemetry::read(root.table("telemetry"), outside);
    let audit = audit::read(root.table("audit"), telemetry.export.as_ref(), outside);
    if listen.as_ref().is_some_and(|listen| listen.tls.is_some())
        && issuer
            .as_ref()
            .is_some_and(|issuer| issuer.as_str().starts_with("http://"))
    {
        root.note(
            "issuer",
            "is plain http, and [listen] tls_certificate has the broker speak https: begin it with https://",
        );
    }
    root.finish();
    Some(Config {
        issuer: issuer?,
        listen: listen?,
        store: store?,
        secrets,
        providers,
        resources,
        default_resource,
        clients,
        grants,
        registration,
        client_documents,
        client_assertions,
        dpop,
        lifetimes,
        algorithm,
        policy,
        proxies,
        limits,
        appearance,
        logs,
        telemetry,
        audit,
        error_page,
        filled: Vec::new(),
        secret_places: Vec::new(),
    })
}

#[cfg(test)]
mod tests;
