//! Records to try laws with.

use std::sync::Arc;
use std::time::Duration;

use vestibule_broker::Digest;
use vestibule_broker::record::{
    Authorization, BrowserLogin, ClientDocument, CodeGrant, ConsentKey, DeviceApproval, DeviceAuthorization,
    PushedRequest, ReadDocument, Redirection, RegisteredClient, RegisteredSecret, ReplyTo, Session, Stage,
    Standing, UpstreamId, UpstreamLogin, UpstreamState, ValidRequest, Vouched,
};
use vestibule_broker::store::RotationTerms;
use vestibule_keyring::SealedBox;
use vestibule_protocol::{
    ApplicationType, AuthMethod, ClientId, ClientJwks, CodeChallenge, GrantType, KeyThumbprint, ProviderId,
    RedirectUri, ResourceUri, ScopeSet, SessionId, StatusRef, Subject, Timestamp, ValidMetadata,
};
use vestibule_provider::Identity;
use vestibule_telemetry::TraceContext;

/// The start of the year 2100, when the laws are tried.
pub const NOW: Timestamp = Timestamp::from_secs(4_102_444_800);

const DAY: Duration = Duration::from_secs(86_400);

/// One millisecond, the shortest time that a law tells apart.
pub const TICK: Duration = Duration::from_millis(1);

/// So many seconds after [`NOW`].
pub fn after(secs: u64) -> Timestamp {
    NOW + Duration::from_secs(secs)
}

/// The digest of a ticket, code or cookie.
pub fn digest(name: &str) -> Digest {
    Digest::of(name)
}

/// The client `name`.
pub fn client_id(name: &str) -> ClientId {
    ClientId::parse(name).expect("a client id")
}

/// The session `name`.
pub fn session_id(name: &str) -> SessionId {
    SessionId::parse(name).expect("a session id")
}

/// The user `name`.
pub fn subject(name: &str) -> Subject {
    Subject::of(&provider(), name).expect("a subject")
}

/// The resource at `host`.
pub fn resource(host: &str) -> ResourceUri {
    ResourceUri::parse(&format!("https://{host}/mcp")).expect("a resource")
}

/// The scopes, separated by spaces.
pub fn scopes(text: &str) -> ScopeSet {
    ScopeSet::parse(text).expect("scopes")
}

/// The user `name`, with every field filled in.
pub fn identity(name: &str) -> Identity {
    Identity {
        subject: subject(name),
        provider: provider(),
        issuer: Some("https://id.example".to_owned()),
        auth_time: NOW,
        name: Some(format!("{name} “the sample” Ünal\n")),
        username: Some(name.to_owned()),
        email: Some(format!("{name}@example.org")),
        email_verified: true,
        picture: Some(format!("https://id.example/{name}.png")),
        groups: vec!["staff".to_owned(), "people who\tread".to_owned()],
        roles: vec!["editor".to_owned()],
        scopes: Some(scopes("mcp:read mcp:write")),
    }
}

/// The DPoP key `name`.
pub fn key(name: &str) -> KeyThumbprint {
    KeyThumbprint::of_hash(*digest(name).as_bytes())
}

/// Where an attempt is traced.
pub fn trace() -> TraceContext {
    "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
        .parse()
        .expect("a traceparent")
}

/// The salt of [`session`].
pub const SALT: [u8; 16] = [0, 1, 2, 3, 4, 5, 6, 7, 248, 249, 250, 251, 252, 253, 254, 255];

/// The terms on which [`session`] is rotated by whoever proves no key.
pub const TERMS: RotationTerms = RotationTerms {
    salt: SALT,
    grace: Duration::from_secs(30),
    idle: Duration::from_secs(100),
    recheck_at: None,
    proved: None,
    bind: None,
};

/// A session of `user` through `client` that is idle 100 s after [`NOW`] and dies after 1000 s.
pub fn session(id: &str, user: &str, client: &str) -> Session {
    Session {
        id: session_id(id),
        identity: Arc::new(identity(user)),
        upstream: Some(upstream_id("an-upstream")),
        recheck_at: Some(after(900)),
        client_id: client_id(client),
        resources: vec![resource("files.example"), resource("mail.example")],
        scopes: scopes("mcp:read offline_access"),
        refreshable: true,
        dpop_jkt: None,
        salt: SALT,
        generation: 0,
        rotated_at: NOW,
        status: StatusRef { list: 3, bit: 70_000 },
        opened_at: NOW,
        idle_until: after(100),
        dies_at: after(1000),
        trace: Some(trace()),
    }
}

/// The session of this number as most are: of a user and of a client of its own, with random names, begun at `now`.
pub fn usual_session(number: u32, now: Timestamp) -> Session {
    let bytes = *digest(&number.to_string()).as_bytes();
    let salt: [u8; 16] = *bytes.first_chunk().expect("32 bytes");
    let id = SessionId::of_bytes(salt);
    let provider = ProviderId::parse("corp").expect("a provider id");
    let name = format!("auth0|5f7c8ec7c33c6c00{number:08x}");
    let subject = Subject::of(&provider, &name).expect("a subject");
    Session {
        identity: Arc::new(Identity {
            issuer: Some("https://example.eu.auth0.com/".to_owned()),
            name: Some("Ada Lovelace".to_owned()),
            username: Some("ada".to_owned()),
            email: Some(format!("ada.lovelace{number}@example.com")),
            email_verified: true,
            picture: Some(format!("https://s.gravatar.com/avatar/{number:032x}?s=480")),
            groups: vec!["staff".to_owned()],
            roles: vec!["editor".to_owned()],
            ..Identity::of(&provider, subject, now)
        }),
        upstream: Some(UpstreamId::new(id.to_string())),
        recheck_at: Some(now + DAY),
        client_id: ClientId::of_bytes(*digest(id.as_str()).as_bytes()),
        resources: vec![resource("mcp.example.com")],
        scopes: scopes("mcp:read mcp:write offline_access"),
        salt,
        rotated_at: now,
        opened_at: now,
        idle_until: now + DAY * 30,
        dies_at: now + DAY * 90,
        // As long as no traces are exported.
        trace: None,
        id,
        ..session("s", "alice", "c")
    }
}

/// An authorization at step 0 that is over 600 s after [`NOW`].
pub fn authorization(user: &str) -> Authorization {
    Authorization {
        request: ValidRequest {
            client_id: client_id("a-client"),
            reply_to: ReplyTo::Client(Redirection {
                redirect_uri: redirect_uri(),
                redirect_uri_given: true,
                state: Some("a state, byte for byte: %20+\"\\é".to_owned()),
                code_challenge: code_challenge(),
                dpop_jkt: Some(key("of the app")),
                nonce: Some("a nonce".to_owned()),
            }),
            resources: vec![resource("files.example")],
            scopes: scopes("mcp:read"),
            login_hint: Some(user.to_owned()),
            force_login: true,
            force_consent: false,
            max_age: Some(0),
        },
        browser: digest("a browser"),
        stage: Stage::Consenting {
            identity: Box::new(identity(user)),
            scopes: scopes("mcp:read mcp:write"),
            agreed: scopes("mcp:read"),
        },
        step: 0,
        expires_at: after(600),
        trace: Some(trace()),
    }
}

/// What a code for `session` stands for; the code is good for 60 s after [`NOW`].
pub fn code_grant(session: &str) -> CodeGrant {
    CodeGrant {
        session: session_id(session),
        client_id: client_id("a-client"),
        redirect_uri: redirect_uri(),
        redirect_uri_given: false,
        code_challenge: code_challenge(),
        dpop_jkt: Some(key("of the app")),
        resources: vec![resource("files.example")],
        scopes: scopes("openid mcp:read"),
        identity: Arc::new(identity("alice")),
        upstream: Some(upstream_id("an-upstream")),
        nonce: None,
        expires_at: after(60),
        trace: Some(trace()),
    }
}

/// A pushed request that is good until 90 s after [`NOW`].
pub fn pushed_request(state: &str) -> PushedRequest {
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    PushedRequest {
        params: vec![
            pair("response_type", "code"),
            pair("state", state),
            pair("resource", "https://files.example/mcp"),
            pair("resource", "https://mail.example/mcp"),
        ],
        expires_at: after(90),
    }
}

/// A device whose codes end 600 s after [`NOW`] and are remembered for 600 s more; it may poll every four seconds.
pub fn device(code: &str) -> DeviceAuthorization {
    DeviceAuthorization {
        device_code: digest(code),
        client_id: client_id("a-client"),
        resources: vec![resource("files.example")],
        scopes: scopes("mcp:read offline_access"),
        interval: 4_000,
        expires_at: after(600),
        forgotten_at: after(1200),
        trace: Some(trace()),
    }
}

/// What alice gave a device.
pub fn device_approval(session: &str) -> DeviceApproval {
    DeviceApproval {
        session: session_id(session),
        scopes: scopes("mcp:read"),
        identity: identity("alice"),
        upstream: Some(upstream_id("an-upstream")),
        trace: Some(trace()),
    }
}

/// A confidential client that goes 100 s after [`NOW`].
pub fn client(id: &str) -> RegisteredClient {
    RegisteredClient {
        id: client_id(id),
        metadata: metadata(),
        secret: Some(RegisteredSecret {
            client_secret: digest("a secret"),
            registration_token: digest("a token"),
        }),
        registered_at: NOW,
        expires_at: after(100),
        blocked: false,
    }
}

/// A client metadata document that is kept for 100 s after [`NOW`].
pub fn document(id: &str) -> ClientDocument {
    ClientDocument {
        id: client_id(id),
        read: Some(ReadDocument {
            metadata: metadata(),
            read_at: NOW,
            fresh_until: after(30),
        }),
        standing: Standing::Usual,
        expires_at: after(100),
    }
}

/// A login that ends 100 s after [`NOW`].
pub fn browser_login(user: &str) -> BrowserLogin {
    BrowserLogin {
        identity: identity(user),
        upstream: Some(upstream_id("an-upstream")),
        expires_at: after(100),
    }
}

/// The login at a provider of this id.
pub fn upstream_id(id: &str) -> UpstreamId {
    UpstreamId::new(id)
}

/// A login of `user` at the provider that is to be looked at 100 s after [`NOW`] and is over after 1000 s.
pub fn upstream(id: &str, user: &str) -> UpstreamLogin {
    UpstreamLogin {
        id: upstream_id(id),
        provider: provider(),
        subject: subject(user),
        sid: Some(format!("sid of {id}")),
        sub: Some(format!("sub of {user}")),
        state: UpstreamState::Standing(Vouched {
            kept: sealed("kept"),
            version: 0,
            checked_at: NOW,
            check_due: after(100),
            failing_since: None,
            claimed_until: None,
        }),
        expires_at: after(1000),
    }
}

/// One user's word on one client at one resource.
pub fn consent_key(user: &str, client: &str, host: &str) -> ConsentKey {
    ConsentKey {
        subject: subject(user),
        client_id: client_id(client),
        resource: resource(host),
        edition: None,
    }
}

/// A sealed document; not one that anybody could open.
pub fn sealed(content: &str) -> SealedBox {
    SealedBox::parse(&format!("e30.e30.e30.{content}.e30")).expect("five segments")
}

fn jwks() -> ClientJwks {
    let keys = serde_json::json!({"keys": [{"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]});
    ClientJwks::parse(&keys).expect("keys")
}

fn metadata() -> ValidMetadata {
    ValidMetadata {
        redirect_uris: vec![redirect_uri()],
        post_logout_redirect_uris: vec![redirect_uri()],
        token_endpoint_auth_method: AuthMethod::ClientSecretBasic,
        token_endpoint_auth_signing_alg: Some("ES256".to_owned()),
        jwks: Some(jwks()),
        jwks_uri: Some("https://app.example/jwks.json".to_owned()),
        grant_types: vec![GrantType::AuthorizationCode, GrantType::RefreshToken],
        response_types: vec!["code".to_owned()],
        client_name: Some("A “sample” client\u{1f510}".to_owned()),
        client_uri: Some("https://app.example/".to_owned()),
        logo_uri: Some("https://app.example/logo.png".to_owned()),
        tos_uri: Some("https://app.example/terms".to_owned()),
        policy_uri: None,
        scope: Some(scopes("mcp:read mcp:write")),
        software_id: Some("sample".to_owned()),
        software_version: Some("1.2.3".to_owned()),
        require_pushed_authorization_requests: true,
        dpop_bound_access_tokens: true,
        application_type: ApplicationType::Web,
    }
}

fn provider() -> ProviderId {
    ProviderId::parse("local").expect("a provider id")
}

fn redirect_uri() -> RedirectUri {
    RedirectUri::parse("https://app.example/callback?a=%20b").expect("a redirect URI")
}

fn code_challenge() -> CodeChallenge {
    CodeChallenge::parse("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM").expect("a challenge")
}
