//! After the login.

use url::Url;
use vestibule_protocol::Subject;
use vestibule_provider::{Leaving, Provider as _, ProviderError, Sealed, Standing, UpstreamSession};
use vestibule_provider_supabase::AtLogout;
use vestibule_tests::{Lie, Person, Signing, Trouble};

use crate::rig::{Rig, now, rig as fresh, rig_with, upstream};

const ADA: &str = "ada@example.com";

async fn good(rig: &Rig, session: &UpstreamSession) -> UpstreamSession {
    match rig.provider.recheck(session, now()).await.unwrap() {
        Standing::Good(next) => next,
        other => panic!("{other:?}"),
    }
}

/// What is kept although the answer proves nothing.
async fn unproven(rig: &Rig, session: &UpstreamSession) -> UpstreamSession {
    match rig.provider.recheck(session, now()).await.unwrap() {
        Standing::Unproven(next, _) => next,
        other => panic!("{other:?}"),
    }
}

async fn reason_gone(rig: &Rig, session: &UpstreamSession) -> String {
    match rig.provider.recheck(session, now()).await.unwrap() {
        Standing::Gone(reason) => reason,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn whoever_was_banned_deleted_or_signed_out_is_gone() {
    let rig = fresh();
    let session = upstream(&*rig.ada().await);
    rig.supabase.change(ADA, Person::banned);
    assert!(reason_gone(&rig, &session).await.contains("user_banned"));

    let rig = fresh();
    let session = upstream(&*rig.ada().await);
    rig.supabase.change(ADA, Person::deleted);
    assert!(
        reason_gone(&rig, &session)
            .await
            .contains("refresh_token_not_found")
    );

    let rig = fresh();
    let session = upstream(&*rig.ada().await);
    rig.supabase.end_sessions(ADA);
    assert!(
        reason_gone(&rig, &session)
            .await
            .contains("refresh_token_not_found")
    );

    let rig = fresh();
    let session = upstream(&*rig.ada().await);
    rig.supabase.expire_sessions(ADA);
    assert!(reason_gone(&rig, &session).await.contains("session_expired"));
}

#[tokio::test]
async fn a_refresh_token_that_was_used_long_ago_is_gone() {
    let rig = fresh();
    let first = upstream(&*rig.ada().await);
    let second = good(&rig, &first).await;
    good(&rig, &second).await;
    assert!(
        reason_gone(&rig, &first)
            .await
            .contains("refresh_token_already_used")
    );
}

#[tokio::test]
async fn an_outage_is_no_revocation() {
    let rig = fresh();
    let session = upstream(&*rig.ada().await);
    for trouble in [
        Trouble::Status(503),
        Trouble::Status(520),
        Trouble::Says(429, "over_request_rate_limit", "Request rate limit reached"),
        Trouble::Silence,
        Trouble::TenMegabytes,
    ] {
        rig.supabase.fail("/token", trouble.clone());
        let error = rig.provider.recheck(&session, now()).await.unwrap_err();
        assert!(
            matches!(error, ProviderError::Unavailable(_)),
            "{trouble:?}: {error:?}"
        );
        rig.supabase.recover();
    }
    rig.supabase.fail("/token", Trouble::Body("no JSON".to_owned()));
    let error = rig.provider.recheck(&session, now()).await.unwrap_err();
    assert!(matches!(error, ProviderError::Rejected(_)), "{error:?}");
    rig.supabase.recover();
    good(&rig, &session).await;
    rig.supabase.stop();
    let error = rig.provider.recheck(&session, now()).await.unwrap_err();
    assert!(matches!(error, ProviderError::Unavailable(_)), "{error:?}");
}

#[tokio::test]
async fn an_answer_that_proves_nothing_loses_no_refresh_token() {
    let rig = rig_with(Signing::Hs256, |settings| settings);
    let first = upstream(&*rig.ada().await);
    rig.supabase.fail("/user", Trouble::Status(503));
    let second = unproven(&rig, &first).await;
    rig.supabase.recover();
    let third = good(&rig, &second).await;
    good(&rig, &third).await;
    let rig = fresh();
    let first = upstream(&*rig.ada().await);
    for lie in [Lie::StolenKid, Lie::Unsigned, Lie::Without("sub"), Lie::Tampered] {
        rig.supabase.lie(lie);
        unproven(&rig, &first).await;
    }
}

#[tokio::test]
async fn another_users_token_keeps_nobody_standing() {
    let rig = fresh();
    let session = upstream(&*rig.ada().await);
    let other = UpstreamSession {
        subject: Subject::parse("supabase:somebody-else").unwrap(),
        ..session
    };
    assert!(reason_gone(&rig, &other).await.contains("another user"));
}

#[tokio::test]
async fn another_project_under_the_providers_name_is_not_handed_the_refresh_token() {
    let session = upstream(&*fresh().ada().await);
    let other = rig_with(Signing::Es256, |mut settings| {
        settings.at_logout = AtLogout::End;
        settings
    });
    assert!(reason_gone(&other, &session).await.contains("another project"));
    assert_eq!(other.provider.logout(&leaving(session)).await.unwrap(), None);
    assert!(other.supabase.calls().is_empty(), "{:?}", other.supabase.calls());
}

#[tokio::test]
async fn a_record_that_cannot_be_read_is_no_revocation() {
    let rig = fresh();
    let session = upstream(&*rig.ada().await);
    let broken = UpstreamSession {
        kept: Sealed::new(*b"{}"),
        ..session
    };
    let error = rig.provider.recheck(&broken, now()).await.unwrap_err();
    assert!(matches!(error, ProviderError::Rejected(_)), "{error:?}");
}

fn leaving(session: UpstreamSession) -> Leaving {
    Leaving {
        upstream: Some(session),
        return_to: Url::parse("http://localhost:3009/oauth/logout").unwrap(),
        state: "state".to_owned(),
    }
}

#[tokio::test]
async fn leaving_keeps_the_session_for_the_clients_that_go_on() {
    let rig = fresh();
    let session = upstream(&*rig.ada().await);
    assert!(!rig.provider.capabilities().logout);
    assert_eq!(
        rig.provider.logout(&leaving(session.clone())).await.unwrap(),
        None
    );
    good(&rig, &session).await;
}

#[tokio::test]
async fn leaving_ends_this_session_alone_where_the_operator_wants_that() {
    let rig = rig_with(Signing::Es256, |mut settings| {
        settings.at_logout = AtLogout::End;
        settings
    });
    let (session, other) = (upstream(&*rig.ada().await), upstream(&*rig.ada().await));
    assert!(rig.provider.capabilities().logout);
    assert_eq!(
        rig.provider.logout(&leaving(session.clone())).await.unwrap(),
        None
    );
    reason_gone(&rig, &session).await;
    good(&rig, &other).await;
    // Once more is as good as once.
    assert_eq!(rig.provider.logout(&leaving(session)).await.unwrap(), None);
}

#[tokio::test]
async fn a_good_standing_carries_the_next_refresh_token() {
    let rig = fresh();
    let mut session = upstream(&*rig.ada().await);
    for _ in 0..5 {
        let next = good(&rig, &session).await;
        assert_ne!(next.kept, session.kept);
        assert_eq!((&next.subject, &next.sid), (&session.subject, &session.sid));
        session = next;
    }
}
