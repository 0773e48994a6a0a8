//! A real project, where the environment names one.
#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::panic,
    reason = "the environment says which project, and whoever runs the test hears what was seen"
)]

#[path = "../it/rig.rs"]
#[expect(dead_code, reason = "most of it is for the other tests")]
mod rig;

use std::env::var;

use url::Url;
use vestibule_outbound::{Limits, Outbound, Reach};
use vestibule_provider::{Examination, Leaving, Provider as _, Standing, Verdict};
use vestibule_provider_supabase::{AtLogout, NativeProvider, NativeSettings, ProjectUrl, SecondFactor};
use vestibule_provider_testkit::{LiveTest, run_live};

use rig::{Login, done, now, provider_through, upstream};

fn main() {
    run_live(&[
        LiveTest {
            name: "a_live_project_passes_the_examination",
            needs: &["SUPABASE_URL", "SUPABASE_PUBLISHABLE_KEY"],
            run: || wait(examined()),
        },
        LiveTest {
            name: "a_user_of_a_live_project_comes_stands_and_leaves",
            needs: &[
                "SUPABASE_URL",
                "SUPABASE_PUBLISHABLE_KEY",
                "SUPABASE_TEST_EMAIL",
                "SUPABASE_TEST_PASSWORD",
            ],
            run: || wait(logged_in_and_out()),
        },
    ]);
}

fn wait(test: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.unwrap().block_on(test);
}

fn live() -> NativeProvider {
    let (url, key) = (
        var("SUPABASE_URL").unwrap(),
        var("SUPABASE_PUBLISHABLE_KEY").unwrap(),
    );
    let url: ProjectUrl = url.parse().unwrap();
    provider_through(
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
    )
}

async fn examined() {
    let callback_url = Url::parse("https://auth.example.com/oauth/callback/supabase").unwrap();
    let examination = Examination {
        now: now(),
        callback_url,
    };
    for finding in live().examine(&examination).await {
        println!("{finding:?}");
        assert_ne!(finding.verdict, Verdict::Bad, "{finding:?}");
    }
}

async fn logged_in_and_out() {
    let (email, password) = (
        var("SUPABASE_TEST_EMAIL").unwrap(),
        var("SUPABASE_TEST_PASSWORD").unwrap(),
    );
    let provider = live();
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
