//! Logins that fail at the provider: each ends at a page that says what happened, and in a line that tells the operator why.

mod away;
mod lies;
mod refused;

use vestibule_tests::{Flow, OidcProvider, OidcSettings, Ports, Program, Upstream, Visit};

/// The kinds of provider that speak OpenID Connect, each with its own routes and its own section.
#[derive(Debug, Clone, Copy)]
enum Kind {
    Oidc,
    Auth0,
    Clerk,
}

impl Kind {
    const ALL: [Self; 3] = [Self::Oidc, Self::Auth0, Self::Clerk];

    fn settings(self, ports: Ports) -> OidcSettings {
        let settings = OidcProvider::coming_back_to(&ports.callback("up"));
        match self {
            Self::Oidc => settings,
            Self::Auth0 => settings
                .like_auth0()
                .client("token_endpoint_auth_method", "client_secret_post"),
            Self::Clerk => settings.like_clerk(),
        }
    }

    fn section(self, text: &str) -> String {
        let (kind, issuer) = match self {
            Self::Oidc => ("oidc", "issuer"),
            Self::Auth0 => ("auth0", "domain"),
            Self::Clerk => ("clerk", "frontend_api"),
        };
        text.replace("kind = \"oidc\"", &format!("kind = \"{kind}\""))
            .replace("issuer = ", &format!("{issuer} = "))
    }
}

/// A provider of this kind, and a broker whose only provider it is.
fn house(kind: Kind, settings: impl FnOnce(OidcSettings) -> OidcSettings) -> (OidcProvider, Program) {
    let ports = Ports::free();
    let upstream = settings(kind.settings(ports)).start();
    let program = Program::serve(ports, &kind.section(&upstream.section("up", "")));
    (upstream, program)
}

fn authorize(program: &Program) -> Visit<'_> {
    Flow::new(program).register().authorize()
}

fn log_in<'p>(program: &'p Program, upstream: &impl Upstream) -> Visit<'p> {
    authorize(program).log_in_at(upstream, "alice", "password123")
}

/// Insists on the page that the person sees, and on a line of the log that was not there before and says why.
pub(crate) fn must_fail<'p>(
    program: &'p Program,
    (status, code): (u16, &str),
    reason: &str,
    visit: impl FnOnce() -> Visit<'p>,
) {
    let before = program.log_lines(reason).len();
    let visit = visit();
    let page = visit.page();
    assert_eq!(visit.answer().status(), status, "{}", page.text());
    assert_eq!(page.error().as_deref(), Some(code), "{}", page.text());
    let lines = program.log_lines(reason);
    assert!(
        lines.len() > before,
        "no new line says {reason:?}:\n{}",
        program.log()
    );
    assert!(
        lines.iter().any(|line| line.contains("a login failed")),
        "no line says that a login failed: {lines:?}"
    );
    for secret in ["the-secret-of-a-test", "eyJ"] {
        assert!(!page.html().contains(secret), "{secret} on the page");
        assert!(program.log_lines(secret).is_empty(), "{secret} in the log");
    }
}
