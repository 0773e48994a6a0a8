//! Laws of what is posted, for providers whose users come back by a form or by a credential that a script posts.

use std::collections::BTreeMap;

use vestibule_provider::{LoginStep, ProviderError, Reply};

use crate::expect::{assert_discreet, rejected};
use crate::sample::STATE;
use crate::{Bench, Walk};

/// A callback that nobody was sent away to bring is rejected.
pub async fn a_callback_in_place_of_a_form_is_rejected(bench: &impl Bench) {
    let walk = Walk::new(bench).await;
    let step = walk.begin().await.expect("a login begins");
    let brought = [("code", "a code of another"), ("state", STATE)];
    let brought = brought.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let completed = walk.complete(step, Reply::Callback(brought.into())).await;
    rejected(completed, &walk.upstream, "a callback");
    walk.must_log_in().await;
}

/// Nobody is logged in by a form that was sent empty.
pub async fn an_empty_form_logs_nobody_in(bench: &impl Bench) {
    let walk = Walk::new(bench).await;
    let step = walk.begin().await.expect("a login begins");
    match walk.complete(step, Reply::Form(BTreeMap::new())).await {
        Ok(LoginStep::Ask(..) | LoginStep::Run(..)) => {}
        Err(error @ (ProviderError::Rejected(_) | ProviderError::Denied(_))) => {
            assert_discreet(&error, &walk.upstream);
        }
        other => panic!("an empty form: {other:?}"),
    }
    walk.must_log_in().await;
}

/// No page shows a credential: neither in what the user reads, nor in what a script does.
pub async fn no_page_shows_a_credential(bench: &impl Bench) {
    let walk = Walk::new(bench).await;
    walk.must_log_in().await;
    let shown = match walk.begin().await.expect("a login begins") {
        LoginStep::Ask(form, _) => serde_json::to_string(&form),
        LoginStep::Run(script, _) => serde_json::to_string(&script),
        other => panic!("no page, but {other:?}"),
    };
    walk.upstream
        .assert_no_secret_in(&shown.expect("a page can be written down"));
}
