//! A real project, where the environment names one.
#![expect(
    clippy::disallowed_methods,
    reason = "the environment says which project, if any"
)]

use std::env::var;

use url::Url;
use vestibule_outbound::{Limits, Outbound, Reach};
use vestibule_provider::{Examination, Leaving, Provider as _, Standing, Verdict};
use vestibule_provider_supabase::{AtLogout, NativeSettings, ProjectUrl, SecondFactor};

use crate::rig::{Login, done, now, provider_through, upstream};

#[tokio::test]
async fn a_live_project_keeps_the_same_promises_where_one_is_named() {
    let key = var("SUPABASE_PUBLISHABLE_KEY").or_else(|_| var("SUPABASE_ANON_KEY"));
    let (Ok(url), Ok(key)) = (var("SUPABASE_URL"), key) else {
        println!("nothing was tried live: SUPABASE_URL and SUPABASE_PUBLISHABLE_KEY are not set");
        return;
    };
    let url: ProjectUrl = url.parse().unwrap();
    let provider = provider_through(
        NativeSettings {
            issuer: url.issuer().unwrap(),
            url,
            publishable_key: key.parse().unwrap(),
            methods: None,
            second_factor: SecondFactor::default(),
            jwt_secret: None,
            groups: None,
            roles: None,
            at_logout: AtLogout::End,
        },
        Outbound::new(Reach::Public, Limits::default()).unwrap(),
    );
    let callback_url = Url::parse("https://auth.example.com/oauth/callback/supabase").unwrap();
    let examination = Examination {
        now: now(),
        callback_url,
    };
    for finding in provider.examine(&examination).await {
        println!("{finding:?}");
        assert_ne!(finding.verdict, Verdict::Bad, "{finding:?}");
    }
    let (Ok(email), Ok(password)) = (var("SUPABASE_TEST_EMAIL"), var("SUPABASE_TEST_PASSWORD")) else {
        println!("nobody was logged in: SUPABASE_TEST_EMAIL and SUPABASE_TEST_PASSWORD are not set");
        return;
    };
    let mut login = Login::at(&provider);
    login.begin().await.unwrap();
    let login = done(
        login
            .send(&[("email", &email), ("password", &password)])
            .await
            .unwrap(),
    );
    println!("{:?}", login.identity);
    let standing = provider.recheck(&upstream(&login), now()).await.unwrap();
    let Standing::Good(session) = standing else {
        panic!("{standing:?}");
    };
    let leaving = Leaving {
        upstream: Some(session.clone()),
        return_to: Url::parse("https://auth.example.com/oauth/logout").unwrap(),
        state: "state".to_owned(),
    };
    provider.logout(&leaving).await.unwrap();
    let standing = provider.recheck(&session, now()).await.unwrap();
    assert!(matches!(standing, Standing::Gone(_)), "{standing:?}");
}
