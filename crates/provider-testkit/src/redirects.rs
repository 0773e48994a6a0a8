//! Laws of the way through the browser: what is sent, and what comes back.

use std::collections::BTreeMap;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use url::Url;
use vestibule_protocol::Secret;
use vestibule_provider::{LoginStep, ProviderError, Reply};

use crate::expect::{failure, rejected};
use crate::id_tokens::reject;
use crate::sample::{CLIENT_ID, NONCE, PKCE_VERIFIER, STATE, callback_url, context};
use crate::{Bench, Lie, Walk};

fn redirect(step: &LoginStep) -> &Url {
    match step {
        LoginStep::Redirect(url, _) => url,
        other => panic!("not a redirect: {other:?}"),
    }
}

/// The browser is sent with the broker's own state, nonce and challenge, for a code, and with nothing that is secret.
pub async fn the_browser_is_sent_with_what_binds_the_login(bench: &impl Bench) {
    let walk = Walk::new(bench).await;
    let step = walk.begin().await.expect("a login begins");
    let url = redirect(&step).clone();
    walk.upstream.assert_no_secret_in(url.as_str());
    let sent = walk.upstream.authorization_request(&url);
    let sent = |name: &str| sent.get(name).map(String::as_str);
    let challenge = URL_SAFE_NO_PAD.encode(digest(&SHA256, PKCE_VERIFIER.as_bytes()));
    assert_eq!(sent("response_type"), Some("code"));
    assert_eq!(sent("client_id"), Some(CLIENT_ID));
    assert_eq!(sent("redirect_uri"), Some(callback_url().as_str()));
    assert_eq!(sent("state"), Some(STATE));
    assert_eq!(sent("nonce"), Some(NONCE));
    assert_eq!(sent("code_challenge"), Some(challenge.as_str()));
    assert_eq!(sent("code_challenge_method"), Some("S256"));
    let scope = sent("scope").unwrap_or_default();
    assert!(scope.split(' ').any(|scope| scope == "openid"), "{scope}");
}

/// What an MCP client asks of the broker is none of the upstream's business.
pub async fn no_resource_is_sent_upstream(bench: &impl Bench) {
    let walk = Walk::new(bench).await;
    let step = walk.begin().await.expect("a login begins");
    let sent = walk.upstream.authorization_request(redirect(&step));
    assert!(!sent.contains_key("resource"));
}

/// Whoever is expected is named to the upstream.
pub async fn a_hint_is_passed_on(bench: &impl Bench) {
    let walk = Walk::new(bench).await;
    let mut login = context(None);
    login.login_hint = Some("ada@example.com".to_owned());
    let step = walk.provider.begin(&login).await.expect("a login begins");
    let sent = walk.upstream.authorization_request(redirect(&step));
    assert_eq!(
        sent.get("login_hint").map(String::as_str),
        Some("ada@example.com")
    );
}

/// Whoever must prove it again is made to, or does not get on where the upstream can make nobody.
pub async fn a_fresh_login_is_asked_for_or_refused(bench: &impl Bench) {
    let walk = Walk::new(bench).await;
    let mut login = context(None);
    login.force_login = true;
    let begun = walk.provider.begin(&login).await;
    if begun.is_err() {
        return rejected(begun, &walk.upstream, "a fresh login");
    }
    let step = begun.expect("a login begins");
    let sent = walk.upstream.authorization_request(redirect(&step));
    let prompt = sent.contains_key("prompt");
    let max_age = sent.get("max_age").is_some_and(|age| age == "0");
    assert!(prompt || max_age, "{sent:?}");
}

/// Comes back with an error, and says how it failed.
async fn come_back_with(bench: &impl Bench, error: &str, description: &str) -> ProviderError {
    let walk = Walk::new(bench).await;
    let step = walk.begin().await.expect("a login begins");
    let reply = walk.upstream.refuse(redirect(&step), error, description);
    let completed = walk.complete(step, Reply::Callback(reply)).await;
    let error = failure(completed, &walk.upstream, "an error");
    walk.must_log_in().await;
    error
}

/// A user who says no is denied.
pub async fn a_user_who_says_no_is_denied(bench: &impl Bench) {
    let error = come_back_with(bench, "access_denied", "the user said no").await;
    assert!(matches!(error, ProviderError::Denied(_)), "{error:?}");
}

/// The upstream's reason is kept for the operator.
pub async fn a_reason_is_kept_for_the_operator(bench: &impl Bench) {
    let error = come_back_with(bench, "access_denied", "only staff on weekdays").await;
    assert!(error.to_string().contains("only staff on weekdays"), "{error}");
}

/// An upstream that has trouble is unavailable, not wrong.
pub async fn an_upstream_in_trouble_is_unavailable(bench: &impl Bench) {
    for code in ["temporarily_unavailable", "server_error"] {
        let error = come_back_with(bench, code, "try again").await;
        assert!(
            matches!(error, ProviderError::Unavailable(_)),
            "{code}: {error:?}"
        );
    }
}

/// A client that is not set up is the operator's to mend.
pub async fn a_client_that_is_not_set_up_is_a_misconfiguration(bench: &impl Bench) {
    for code in ["unauthorized_client", "invalid_scope"] {
        let error = come_back_with(bench, code, "no such thing").await;
        assert!(
            matches!(error, ProviderError::Misconfigured(_)),
            "{code}: {error:?}"
        );
    }
}

/// A description cannot forge a line of the log, nor fill the disk.
pub async fn a_description_is_kept_short_and_on_its_line(bench: &impl Bench) {
    let forged = format!(
        "no\r\n2096-10-02 INFO all is well\u{1b}[2J{}",
        "x".repeat(100_000)
    );
    come_back_with(bench, "access_denied", &forged).await;
}

/// A callback without a code is rejected.
pub async fn a_callback_without_a_code_is_rejected(bench: &impl Bench) {
    let walk = Walk::new(bench).await;
    let step = walk.begin().await.expect("a login begins");
    let state = BTreeMap::from([("state".to_owned(), STATE.to_owned())]);
    let completed = walk.complete(step, Reply::Callback(state)).await;
    rejected(completed, &walk.upstream, "a callback without a code");
}

/// A form that nobody asked for is rejected.
pub async fn a_form_in_place_of_a_callback_is_rejected(bench: &impl Bench) {
    let walk = Walk::new(bench).await;
    let step = walk.begin().await.expect("a login begins");
    let reply = walk.upstream.allow(redirect(&step));
    let fields = reply
        .into_iter()
        .map(|(name, value)| (name, Secret::new(value)))
        .collect();
    let completed = walk.complete(step, Reply::Form(fields)).await;
    rejected(completed, &walk.upstream, "a form");
}

/// A code that the upstream does not know is rejected.
pub async fn an_unknown_code_is_rejected(bench: &impl Bench) {
    let walk = Walk::new(bench).await;
    let step = walk.begin().await.expect("a login begins");
    let mut reply = walk.upstream.allow(redirect(&step));
    reply.insert("code".to_owned(), "a code of another".to_owned());
    let completed = walk.complete(step, Reply::Callback(reply)).await;
    rejected(completed, &walk.upstream, "an unknown code");
}

/// A code that comes beside another issuer's name is not taken to this one
/// ([RFC 9207 §2.4](https://www.rfc-editor.org/rfc/rfc9207#section-2.4)).
pub async fn a_callback_of_another_issuer_is_rejected(bench: &impl Bench) {
    reject(bench, Lie::AnotherIssuerInTheResponse).await;
}

/// An upstream that promises to name itself has to.
pub async fn a_callback_without_the_promised_issuer_is_rejected(bench: &impl Bench) {
    reject(bench, Lie::NoIssuerInTheResponse).await;
}

/// The claims of another user are never taken for this one's.
pub async fn the_userinfo_of_another_user_is_not_taken(bench: &impl Bench) {
    let walk = Walk::new(bench).await;
    walk.upstream.lie(Lie::AnotherUserinfo);
    match walk.log_in().await {
        Ok(LoginStep::Done(login)) => {
            let identity = login.identity;
            assert_eq!(identity.subject.upstream(), "user-1");
            assert_eq!(identity.email, None);
            assert_ne!(identity.name.as_deref(), Some("Eve"));
        }
        other => rejected(other, &walk.upstream, "another user's claims"),
    }
}

/// Nothing that a login made shows a credential when it is printed for debugging.
pub async fn no_credential_is_printed(bench: &impl Bench) {
    let walk = Walk::new(bench).await;
    let step = walk.begin().await.expect("a login begins");
    walk.upstream
        .assert_no_secret_in(&format!("{step:?} {:?}", context(None)));
    let reply = bench.log_in(&walk.upstream, &step);
    let done = walk.complete(step, reply).await.expect("a login ends");
    walk.upstream.assert_no_secret_in(&format!("{done:?}"));
}
