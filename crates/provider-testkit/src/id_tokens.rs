//! Laws of ID tokens, whoever brings them.

use vestibule_provider::ProviderError;

use crate::expect::{failure, rejected};
use crate::{Bench, Endpoint, Lie, Walk};

/// Tells a lie, which must be rejected and leave nothing behind: the next honest login succeeds.
pub(crate) async fn reject(bench: &impl Bench, lie: Lie) {
    let walk = Walk::new(bench).await;
    walk.upstream.lie(lie);
    rejected(walk.log_in().await, &walk.upstream, &format!("{lie:?}"));
    walk.upstream.mend();
    walk.must_log_in().await;
}

/// Tells a lie that a provider may also put down to the operator's set-up.
pub(crate) async fn refuse(bench: &impl Bench, lie: Lie) {
    let walk = Walk::new(bench).await;
    walk.upstream.lie(lie);
    let error = failure(walk.log_in().await, &walk.upstream, &format!("{lie:?}"));
    assert!(
        matches!(
            error,
            ProviderError::Rejected(_) | ProviderError::Misconfigured(_)
        ),
        "{lie:?}: {error:?}"
    );
    walk.upstream.mend();
    walk.must_log_in().await;
}

/// A token for another client is rejected.
pub async fn a_token_for_another_audience_is_rejected(bench: &impl Bench) {
    reject(bench, Lie::AnotherAudience).await;
}

/// A token for nobody is rejected.
pub async fn a_token_for_no_audience_is_rejected(bench: &impl Bench) {
    reject(bench, Lie::NoAudience).await;
}

/// A token for several audiences that was issued to another of them is rejected.
pub async fn a_token_for_another_authorized_party_is_rejected(bench: &impl Bench) {
    reject(bench, Lie::AnotherAuthorizedParty).await;
}

/// A token of another issuer is rejected.
pub async fn a_token_of_another_issuer_is_rejected(bench: &impl Bench) {
    reject(bench, Lie::AnotherIssuer).await;
}

/// A token whose issuer differs by its last slash is of another issuer.
pub async fn an_issuer_that_differs_by_a_slash_is_another(bench: &impl Bench) {
    reject(bench, Lie::IssuerByASlash).await;
}

/// An expired token is rejected.
pub async fn an_expired_token_is_rejected(bench: &impl Bench) {
    reject(bench, Lie::Expired).await;
}

/// A token that never expires is rejected.
pub async fn a_token_that_never_expires_is_rejected(bench: &impl Bench) {
    reject(bench, Lie::NoExpiry).await;
}

/// A token issued in the future is rejected.
pub async fn a_token_from_the_future_is_rejected(bench: &impl Bench) {
    reject(bench, Lie::FromTheFuture).await;
}

/// A token that is not valid yet is rejected.
pub async fn a_token_that_is_not_valid_yet_is_rejected(bench: &impl Bench) {
    reject(bench, Lie::NotYetValid).await;
}

/// A token of nobody is rejected.
pub async fn a_token_without_a_subject_is_rejected(bench: &impl Bench) {
    reject(bench, Lie::NoSubject).await;
    reject(bench, Lie::EmptySubject).await;
}

/// A token signed by a key that the upstream never published is rejected.
pub async fn a_token_signed_with_an_unknown_key_is_rejected(bench: &impl Bench) {
    reject(bench, Lie::UnknownKey).await;
}

/// A key's id alone vouches for nothing.
pub async fn a_token_signed_with_a_foreign_key_is_rejected(bench: &impl Bench) {
    reject(bench, Lie::ForeignKey).await;
}

/// A token that was changed after it was signed is rejected.
pub async fn a_changed_token_is_rejected(bench: &impl Bench) {
    reject(bench, Lie::ChangedClaims).await;
    reject(bench, Lie::ChangedSignature).await;
}

/// A token without a signature is refused.
pub async fn a_token_without_a_signature_is_refused(bench: &impl Bench) {
    refuse(bench, Lie::NoSignature).await;
}

/// A public key is no shared secret.
pub async fn a_token_with_a_mac_by_the_public_key_is_refused(bench: &impl Bench) {
    refuse(bench, Lie::PublicKeyAsSecret).await;
}

/// A client's secret signs nothing where keys are published.
pub async fn a_token_with_a_mac_by_the_client_secret_is_refused(bench: &impl Bench) {
    refuse(bench, Lie::ClientSecretAsKey).await;
}

/// What is no token is rejected.
pub async fn what_is_no_token_is_rejected(bench: &impl Bench) {
    reject(bench, Lie::NotAToken).await;
}

/// An honest token tells who it is, by provider and subject.
pub async fn an_honest_token_tells_who_it_is(bench: &impl Bench) {
    let walk = Walk::new(bench).await;
    let identity = walk.must_log_in().await.identity;
    assert_eq!(&identity.provider, walk.provider.id());
    assert_eq!(
        identity.subject.as_str(),
        format!("{}:user-1", walk.provider.id())
    );
    assert_eq!(identity.verified_email(), Some("ada@example.com"));
    assert_eq!(identity.auth_time, crate::sample::NOW);
}

/// An address that was not proven reaches nobody who decides.
pub async fn an_email_that_is_not_verified_is_not_trusted(bench: &impl Bench) {
    let walk = Walk::new(bench).await;
    walk.upstream.change_user(|user| user.email_verified = false);
    assert_eq!(walk.must_log_in().await.identity.verified_email(), None);
}

/// After a rotation of the upstream's keys the next login succeeds, and a token by the old key does not.
pub async fn rotated_keys_are_found(bench: &impl Bench) {
    let walk = Walk::new(bench).await;
    walk.must_log_in().await;
    walk.upstream.rotate_keys();
    walk.must_log_in().await;
}

/// Whoever sends tokens with ids of keys that do not exist cannot make the provider ask for keys each time.
pub async fn unknown_keys_do_not_make_the_provider_ask_without_end(bench: &impl Bench) {
    let walk = Walk::new(bench).await;
    walk.must_log_in().await;
    walk.upstream.lie(Lie::UnknownKey);
    // Once for the keys, once for what they lack; whoever asks each time asks five times.
    for _ in 0..4 {
        rejected(walk.log_in().await, &walk.upstream, "an unknown key");
    }
    let calls = walk.upstream.calls(Endpoint::Keys);
    assert!(calls <= 3, "the keys were asked for {calls} times");
}
