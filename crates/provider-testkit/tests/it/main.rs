//! The worked examples of `docs/providers/writing-one.md`, held to the laws.
#![expect(
    clippy::unwrap_used,
    clippy::needless_pass_by_value,
    unreachable_pub,
    reason = "examples are short, and a test fails by panicking"
)]

mod desk;
mod forge;

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use url::Url;
use vestibule_outbound::{Limits, Outbound, Reach};
use vestibule_protocol::{ProviderId, Secret};
use vestibule_provider::{LoginStep, Provider, Reply};
use vestibule_provider_testkit::sample::{CLIENT_ID, CLIENT_SECRET, context};
use vestibule_provider_testkit::{Bench, Endpoint, Upstream, chapter};

use desk::Desk;
use forge::Forge;

struct ForgeBench;

#[async_trait]
impl Bench for ForgeBench {
    async fn provider(&self, upstream: &Upstream) -> Arc<dyn Provider> {
        let url = |endpoint| Url::parse(&upstream.endpoint(endpoint)).unwrap();
        Arc::new(Forge {
            id: ProviderId::parse("forge").unwrap(),
            authorize: url(Endpoint::Authorization),
            token: url(Endpoint::Token),
            user: url(Endpoint::Userinfo),
            client_id: CLIENT_ID.to_owned(),
            client_secret: Secret::new(CLIENT_SECRET),
            outbound: Outbound::new(Reach::Private, Limits::default()).unwrap(),
        })
    }
}

// Of the laws of redirects those that need no OpenID Connect.
chapter! { ForgeBench, redirects:
    no_resource_is_sent_upstream
    a_user_who_says_no_is_denied
    a_description_is_kept_short_and_on_its_line
    a_callback_without_a_code_is_rejected
    a_form_in_place_of_a_callback_is_rejected
    an_unknown_code_is_rejected
    no_credential_is_printed
}
chapter! { ForgeBench, outages:
    an_upstream_that_is_down_is_unavailable
    an_upstream_that_refuses_connections_is_unavailable
    an_upstream_that_goes_away_in_between_is_unavailable
    an_upstream_that_never_answers_is_given_up
    an_oversized_answer_is_refused
    an_answer_of_nonsense_is_refused
    a_redirect_is_not_followed
}
chapter! { ForgeBench, rechecks:
    a_user_who_still_stands_stands
    a_disabled_user_is_gone
    an_outage_is_no_revocation
    silence_is_no_revocation
    nonsense_is_no_revocation
    another_users_answer_is_not_taken
}

async fn come_in(number: &str) -> LoginStep {
    let desk = Desk {
        id: ProviderId::parse("desk").unwrap(),
        slips: BTreeMap::from([("Ada".to_owned(), Secret::new("4711"))]),
    };
    assert!(matches!(
        desk.begin(&context(None)).await.unwrap(),
        LoginStep::Ask(..)
    ));
    let fields = BTreeMap::from([("number".to_owned(), Secret::new(number))]);
    desk.complete(&context(None), Reply::Form(fields)).await.unwrap()
}

#[tokio::test]
async fn a_number_that_nobody_was_handed_is_asked_for_again() {
    match come_in("4712").await {
        LoginStep::Ask(form, _) => assert!(form.problem.is_some()),
        other => panic!("came in: {other:?}"),
    }
}

#[tokio::test]
async fn a_slip_lets_its_visitor_in_once() {
    match come_in("4711").await {
        LoginStep::Done(login) => {
            assert_eq!(login.identity.subject.as_str(), "desk:Ada");
            assert!(login.once.is_some());
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_page_shows_the_examples_as_they_are_and_they_are_short() {
    let page = include_str!("../../../../docs/providers/writing-one.md");
    for example in [include_str!("forge.rs"), include_str!("desk.rs")] {
        assert!(
            page.contains(&format!("```rust\n{example}```")),
            "paste it again: {example}"
        );
        assert!(example.lines().count() < 150);
    }
}
