//! Secrets that the program used in a whole run, looked for in everything that it told.

use super::*;

#[test]
fn no_secret_is_in_anything_that_the_program_tells() {
    let collector = Collector::start();
    let ports = Ports::free();
    let upstream = OidcProvider::coming_back_to(&ports.callback("up")).start();
    let more = format!(
        "{HOUSE}\n{}",
        upstream.section(
            "up",
            "scopes = [\"openid\", \"profile\", \"email\", \"offline_access\"]\nextra_params = { prompt = \"consent\" }"
        )
    );
    let folder = tempfile::tempdir().expect("a temporary directory");
    let socket = folder.path().join("operators.sock");
    let file = folder.path().join("audit.jsonl");
    let telemetry = format!(
        "[logs]\nfilter = \"info,vestibule=trace\"\nformat = \"json\"\n[telemetry]\nmetrics = true\notlp_endpoint = \"{}\"\n\
         [audit]\nto = [\"log\", \"stdout\", \"file\", \"otlp\"]\nfile = \"{}\"",
        collector.url(),
        file.display(),
    );
    let preamble = ports.preamble();
    let preamble = preamble.replace("operators.sock", &socket.display().to_string());
    let text = format!("{preamble}\n{}", configuration(ports, &more, &telemetry));
    let mut program = Program::serve_in(ports, &text, &[]);

    let mut secrets = Secrets::default();
    secrets.keep("the broker's secret at its provider", "the-secret-of-a-test");
    secrets.keep("a client's secret", SERVER_SECRET);
    secrets.keep("a password", PASSWORD);
    secrets.keep("a password's hash", "m40H5fVgUCuas880zeyiBeNWGOtvAZxzBI9Kq9Gfocs");
    secrets.keep("the master secret", Program::MASTER_SECRET);
    secrets.walk_locally(&program);
    secrets.walk_upstream(&program, &upstream);
    let metrics = program.scrape(&socket);
    assert!(program.stop().success());

    let told = [
        ("the log", program.log()),
        (
            "the audit log",
            std::fs::read_to_string(&file).expect("an audit log"),
        ),
        ("the collector", collector.text()),
        ("/metrics", metrics),
    ];
    // Whatever is a JWT: an access token, an ID token, a sealed record.
    let jwt = regex::Regex::new(r"eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}").expect("a pattern");
    for (place, text) in &told {
        assert!(text.len() > 1000, "{place}: {text}");
        for (what, secret) in &secrets.0 {
            assert!(!text.contains(secret), "{what} is in {place}: {secret}");
        }
        assert!(
            jwt.find(text).is_none(),
            "a JWT is in {place}: {:?}",
            jwt.find(text)
        );
    }
    assert!(secrets.0.len() > 30, "{:?}", secrets.0);
}

/// Everything in a run that nobody else may know.
#[derive(Debug, Default)]
struct Secrets(Vec<(String, String)>);

impl Secrets {
    fn keep(&mut self, what: &str, secret: &str) {
        assert!(secret.len() >= 8, "{what}: {secret}");
        self.0.push((what.to_owned(), secret.to_owned()));
    }

    /// What a visit knows: its ticket, its state, its cookies.
    fn keep_visit(&mut self, visit: &vestibule_tests::Visit<'_>) {
        let url = visit.answer().url().clone();
        if let Some(ticket) = url.path().strip_prefix("/oauth/interaction/") {
            self.keep("a ticket", ticket);
        }
        self.keep("a client's state", visit.state());
        self.keep("a verifier", visit.verifier());
        for (name, value) in visit.browser().cookies() {
            if value.len() >= 8 && name != "vestibule_provider" {
                self.keep(&format!("the cookie {name}"), &value);
            }
        }
    }

    fn keep_tokens(&mut self, tokens: &Tokens<'_>) {
        self.keep("an access token", tokens.access_token());
        self.keep("a refresh token", tokens.refresh_token());
        if let Some(id_token) = tokens.member("id_token") {
            self.keep("an ID token", id_token);
        }
        if let Some(secret) = tokens.client().secret() {
            self.keep("a registered client's secret", secret);
        }
    }

    /// A walk with what goes wrong on the way: a wrong password, a wrong verifier, a code and a refresh token used twice.
    fn walk_locally(&mut self, program: &Program) {
        let wrong = "a-wrong-password-of-ada";
        self.keep("a wrong password", wrong);
        let client = Flow::new(program)
            .scope("openid mcp:read offline_access")
            .metadata("token_endpoint_auth_method", "client_secret_basic")
            .register();
        let visit = client
            .clone()
            .authorize()
            .send("provider", |form| form.press("provider", "local"));
        self.keep_visit(&visit);
        let visit = visit.log_in_as("ada", wrong);
        let visit = visit.log_in_as("ada", PASSWORD);
        self.keep_visit(&visit);
        let callback = visit.approve();
        self.keep("a code", &callback.code());
        let tokens = callback.redeem();
        self.keep_tokens(&tokens);
        introspect(program, &tokens);
        let renewed = tokens.refresh();
        self.keep_tokens(&renewed);
        assert_ne!(callback.try_redeem(&[]).status(), 200, "a code is good once");
        assert_ne!(renewed.try_refresh().status(), 200, "its session has ended");

        let visit = client.authorize_in(callback.browser());
        self.keep_visit(&visit);
        let callback = visit.approve();
        self.keep("a code", &callback.code());
        let guess = "a-verifier-that-is-another-one-than-was-hashed-0123456789";
        self.keep("a wrong verifier", guess);
        assert_ne!(callback.try_redeem(&[("code_verifier", guess)]).status(), 200);
    }

    /// A login at the provider, a refresh after which a spent token comes back, and a revocation.
    fn walk_upstream(&mut self, program: &Program, upstream: &OidcProvider) {
        let client = Flow::new(program)
            .scope("openid mcp:read offline_access")
            .register();
        let visit = client
            .authorize()
            .send("provider", |form| form.press("provider", "up"));
        self.keep_visit(&visit);
        let away = visit.leaves_for();
        for (name, value) in away.query_pairs() {
            if matches!(&*name, "state" | "nonce" | "code_challenge") {
                self.keep(&format!("the {name} sent upstream"), &value);
            }
        }
        let back = upstream.log_in(visit.browser(), &away, "alice", "the-password-of-alice-upstream");
        for (name, value) in back.query_pairs().filter(|(name, _)| name == "code") {
            self.keep(&format!("the provider's {name}"), &value);
        }
        let visit = visit.come_back(&back);
        self.keep_visit(&visit);
        let callback = visit.approve();
        self.keep("a code", &callback.code());
        let tokens = callback.redeem();
        self.keep_tokens(&tokens);
        let renewed = tokens.refresh();
        self.keep_tokens(&renewed);
        renewed.revoke(renewed.refresh_token());
        let issued: Vec<String> = upstream
            .log()
            .lines()
            .filter_map(|line| line.strip_prefix("issued ").map(str::to_owned))
            .collect();
        assert!(
            issued.len() >= 2,
            "the provider issued an access and a refresh token: {}",
            upstream.log()
        );
        for token in issued {
            self.keep("a token of the provider's", &token);
        }
    }
}
