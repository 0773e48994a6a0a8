//! Laws of logout tokens ([OpenID Connect Back-Channel Logout
//! §2.6](https://openid.net/specs/openid-connect-backchannel-1_0.html#Validation)), for providers that send them.

use serde_json::{Map, Value, json};
use vestibule_provider::{LogoutNotice, ProviderError, Whose};

use crate::expect::assert_discreet;
use crate::sample::NOW;
use crate::{Bench, Lie, Walk};

async fn read<B: Bench>(walk: &Walk<'_, B>, token: &str) -> Result<LogoutNotice, ProviderError> {
    walk.provider.read_logout_token(token, NOW).await
}

async fn reject<B: Bench>(walk: &Walk<'_, B>, token: &str, what: &str) {
    match read(walk, token).await {
        Ok(notice) => panic!("{what} ended sessions: {notice:?}"),
        Err(error) => {
            assert!(
                !matches!(error, ProviderError::Unavailable(_)),
                "{what}: {error:?}"
            );
            assert_discreet(&error, &walk.upstream);
        }
    }
}

/// Logs in, so that the provider knows its upstream.
async fn walk_of<B: Bench>(bench: &B) -> Walk<'_, B> {
    let walk = Walk::new(bench).await;
    assert!(
        walk.provider.capabilities().back_channel_logout,
        "a provider that is told of no logout does not run these laws"
    );
    walk.must_log_in().await;
    walk
}

/// An honest token says whose login ended, and is good once.
pub async fn an_honest_logout_token_names_the_login(bench: &impl Bench) {
    let walk = walk_of(bench).await;
    let login = walk.must_log_in().await;
    let (sid, sub) = login
        .upstream
        .map_or((None, None), |upstream| (upstream.sid, upstream.sub));
    let notice = read(&walk, &walk.upstream.logout_token(|_| {}))
        .await
        .expect("a notice");
    match notice.whose {
        Whose::Login { sid: told } => assert_eq!(Some(told), sid),
        Whose::Called { sub: told } => assert_eq!(Some(told), sub),
        Whose::User(subject) => assert_eq!(subject, login.identity.subject),
    }
    assert!(notice.once.expires_at > NOW);
    let other = read(&walk, &walk.upstream.logout_token(|_| {}))
        .await
        .expect("a notice");
    assert_ne!(notice.once.key, other.once.key);
}

/// A token without a login's name ends all logins of its user.
pub async fn a_logout_token_without_a_login_names_the_user(bench: &impl Bench) {
    let walk = walk_of(bench).await;
    let login = walk.must_log_in().await;
    let token = walk.upstream.logout_token(|claims| {
        claims.remove("sid");
    });
    let notice = read(&walk, &token).await.expect("a notice");
    let expected = match login.upstream.and_then(|upstream| upstream.sub) {
        Some(sub) => Whose::Called { sub },
        None => Whose::User(login.identity.subject),
    };
    assert_eq!(notice.whose, expected);
}

/// Whatever is wrong with an ID token is wrong with a logout token.
pub async fn a_logout_token_that_does_not_hold_ends_nothing(bench: &impl Bench) {
    let walk = walk_of(bench).await;
    for lie in [
        Lie::AnotherAudience,
        Lie::NoAudience,
        Lie::AnotherIssuer,
        Lie::Expired,
        Lie::FromTheFuture,
        Lie::UnknownKey,
        Lie::ForeignKey,
        Lie::ChangedClaims,
        Lie::ChangedSignature,
        Lie::NoSignature,
        Lie::PublicKeyAsSecret,
        Lie::ClientSecretAsKey,
        Lie::NotAToken,
    ] {
        walk.upstream.lie(lie);
        let token = walk.upstream.logout_token(|_| {});
        reject(&walk, &token, &format!("{lie:?}")).await;
    }
}

/// A claim that has to be there is, and one that must not be is not.
pub async fn a_logout_token_of_another_kind_ends_nothing(bench: &impl Bench) {
    type Change = fn(&mut Map<String, Value>);
    let changes: [(&str, Change); 6] = [
        ("a token with a nonce", |claims| {
            claims.insert("nonce".to_owned(), json!("nonce-of-the-login"));
        }),
        ("a token without events", |claims| {
            claims.remove("events");
        }),
        ("a token of another event", |claims| {
            claims.insert("events".to_owned(), json!({"https://example.com/another": {}}));
        }),
        ("a token without an id", |claims| {
            claims.remove("jti");
        }),
        ("a token of nobody", |claims| {
            claims.remove("sub");
            claims.remove("sid");
        }),
        ("a token without an issue time", |claims| {
            claims.remove("iat");
        }),
    ];
    let walk = walk_of(bench).await;
    for (what, change) in changes {
        let token = walk.upstream.logout_token(change);
        reject(&walk, &token, what).await;
    }
}

/// An ID token is no logout token.
pub async fn an_id_token_ends_nothing(bench: &impl Bench) {
    let walk = walk_of(bench).await;
    let token = walk.upstream.id_token(None);
    reject(&walk, &token, "an ID token").await;
}
