//! What the operator says about one Firebase project.

use vestibule_protocol::Issuer;

use crate::{AuthDomain, Backend, ClaimName, ProjectId, ServiceAccount, Way};

/// One Firebase project, and how people sign in to it.
#[derive(Debug, Clone)]
pub struct FirebaseSettings {
    /// The project.
    pub project: ProjectId,
    /// The web API key, which is public: it names the project and opens nothing.
    pub api_key: String,
    /// Where popups go.
    pub auth_domain: AuthDomain,
    /// The tenant of Identity Platform whose users sign in; without one, those of no tenant.
    pub tenant: Option<String>,
    /// How the broker asks.
    pub mode: Mode,
    /// The values of `sign_in_provider` that are accepted; by default those that the ways lead to.
    pub sign_in_providers: Vec<String>,
    /// Whether a second factor is insisted on.
    pub second_factor: SecondFactor,
    /// The custom claims that give roles.
    pub roles_from: Vec<ClaimName>,
    /// The custom claims that give groups.
    pub groups_from: Vec<ClaimName>,
    /// Who reads the project's own record of a user besides asking with the refresh token; without anybody it stays at that.
    pub admin: Option<Authority>,
    /// The broker's own address: what API keys that are restricted by referrer have to allow.
    pub broker: Issuer,
    /// Where Firebase is.
    pub backend: Backend,
}

/// As whom the project's own record of a user is read.
#[derive(Debug, Clone)]
pub enum Authority {
    /// A service account that may look users up.
    ServiceAccount(ServiceAccount),
    /// Nobody in particular: the emulator lets everybody.
    EmulatorOwner,
}

/// How the broker asks people to sign in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mode {
    /// Firebase's SDK in the broker's page.
    Page {
        /// The ways that the page offers.
        ways: Vec<Way>,
        /// Whether the page may load Google's reCAPTCHA.
        recaptcha: Recaptcha,
    },
    /// The broker's own forms: a password, and a code from an app.
    Server,
}

/// Whether the page may load Google's reCAPTCHA, without which Firebase sends no text messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recaptcha {
    /// It may.
    Allowed,
    /// The content policy stops it.
    Stopped,
}

/// Whether a second factor is insisted on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SecondFactor {
    /// Who has one is asked for it.
    IfEnrolled,
    /// Who has none does not get in.
    Required,
}

impl Mode {
    /// The values of `sign_in_provider` that this mode leads to.
    pub fn sign_in_providers(&self) -> Vec<String> {
        match self {
            Self::Server => vec![Way::Password.sign_in_provider().to_owned()],
            Self::Page { ways, .. } => {
                let mut names: Vec<String> =
                    ways.iter().map(|way| way.sign_in_provider().to_owned()).collect();
                names.dedup();
                names
            }
        }
    }
}
