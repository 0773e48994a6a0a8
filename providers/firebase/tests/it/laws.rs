//! The laws of every provider, where the page posts the tokens.

use std::sync::Arc;

use async_trait::async_trait;
use vestibule_provider::{LoginStep, Provider, Reply};
use vestibule_provider_firebase::{Backend, Endpoints};
use vestibule_provider_testkit::{
    Bench, Endpoint, Shape, Upstream, chapter, form_laws, id_token_laws, recheck_laws,
};

use crate::project::{form, provider, settings};

struct Page;

#[async_trait]
impl Bench for Page {
    fn shape(&self) -> Shape {
        Shape::firebase()
    }

    async fn provider(&self, upstream: &Upstream) -> Arc<dyn Provider> {
        let mut settings = settings(Backend::At(Endpoints {
            identity_toolkit: upstream.origin().to_owned(),
            secure_token: upstream.origin().to_owned(),
            keys: upstream.endpoint(Endpoint::Keys),
            token: upstream.endpoint(Endpoint::Token),
        }));
        settings.project = "a-project".parse().expect("a project's id");
        Arc::new(provider(settings))
    }

    fn log_in(&self, upstream: &Upstream, _: &LoginStep) -> Reply {
        let (id_token, refresh_token) = upstream.sign_in();
        let mut fields = vec![("refresh_token", refresh_token.as_str())];
        fields.extend(id_token.as_deref().map(|token| ("id_token", token)));
        form(&fields)
    }
}

form_laws! { Page }
id_token_laws! { Page }
recheck_laws! { Page }
// Nothing binds its tokens to a login but their freshness, and no browser is sent away.
chapter! { Page, nonces: an_answer_without_a_token_is_rejected }
chapter! { Page, redirects: no_credential_is_printed }
chapter! { Page, outages:
    an_upstream_that_is_down_is_unavailable
    an_upstream_that_refuses_connections_is_unavailable
    an_upstream_that_goes_away_in_between_is_unavailable
    an_upstream_that_never_answers_is_given_up
    an_oversized_answer_is_refused
    an_answer_of_nonsense_is_refused
    a_redirect_is_not_followed
    a_wrong_secret_is_a_misconfiguration
}
