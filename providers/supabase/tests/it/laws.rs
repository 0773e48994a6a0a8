//! The laws of every provider: of the project's own API by a password and by a redirect, and of its OAuth server.

use std::sync::Arc;

use async_trait::async_trait;
use vestibule_outbound::{Limits, Outbound, Reach};
use vestibule_protocol::{Issuer, ProviderId, Secret};
use vestibule_provider::{LoginStep, Provider, Reply};
use vestibule_provider_supabase::{
    AtLogout, NativeSettings, OauthServerProvider, OauthServerSettings, SecondFactor, SecretMethod,
};
use vestibule_provider_testkit::{Bench, Shape, Upstream, sample};

use crate::rig::provider_through;

const KEY: &str = "sb_publishable_of_the_laws";

fn issuer(upstream: &Upstream) -> Issuer {
    Issuer::parse(upstream.issuer()).unwrap()
}

/// The project's own API, with one way to sign in.
struct Native(&'static str);

#[async_trait]
impl Bench for Native {
    fn shape(&self) -> Shape {
        Shape::supabase_api()
    }

    async fn provider(&self, upstream: &Upstream) -> Arc<dyn Provider> {
        let settings = NativeSettings {
            url: upstream.origin().parse().unwrap(),
            publishable_key: KEY.parse().unwrap(),
            issuer: issuer(upstream),
            methods: Some(vec![self.0.parse().unwrap()]),
            second_factor: SecondFactor::default(),
            jwt_secret: None,
            groups: None,
            roles: None,
            at_logout: AtLogout::default(),
        };
        let outbound = Outbound::new(Reach::Private, Limits::default()).unwrap();
        Arc::new(provider_through(settings, outbound))
    }

    fn log_in(&self, upstream: &Upstream, step: &LoginStep) -> Reply {
        if let LoginStep::Redirect(away, _) = step {
            return Reply::Callback(upstream.allow(away));
        }
        let typed = [("email", "ada@example.com"), ("password", sample::PASSWORD)];
        let typed = typed.map(|(name, value)| (name.to_owned(), Secret::new(value)));
        Reply::Form(typed.into())
    }
}

/// The project's OAuth server.
struct OauthServer;

#[async_trait]
impl Bench for OauthServer {
    fn shape(&self) -> Shape {
        Shape::supabase()
    }

    async fn provider(&self, upstream: &Upstream) -> Arc<dyn Provider> {
        let settings = OauthServerSettings {
            url: upstream.origin().parse().unwrap(),
            publishable_key: KEY.parse().unwrap(),
            issuer: issuer(upstream),
            client_id: sample::CLIENT_ID.to_owned(),
            client_secret: Some(Secret::new(sample::CLIENT_SECRET)),
            secret_method: SecretMethod::Basic,
            reach: Reach::Private,
        };
        let id = ProviderId::parse("supabase").unwrap();
        Arc::new(OauthServerProvider::new(id, "Supabase".to_owned(), settings).unwrap())
    }
}

mod native {
    use vestibule_provider_testkit::{chapter, form_laws, recheck_laws};

    use super::Native;

    form_laws! { Native("password") }
    recheck_laws! { Native("password") }
    // Its access tokens know of no authorized party.
    chapter! { Native("password"), id_tokens:
        a_token_for_another_audience_is_rejected
        a_token_for_no_audience_is_rejected
        a_token_of_another_issuer_is_rejected
        an_issuer_that_differs_by_a_slash_is_another
        an_expired_token_is_rejected
        a_token_that_never_expires_is_rejected
        a_token_from_the_future_is_rejected
        a_token_that_is_not_valid_yet_is_rejected
        a_token_without_a_subject_is_rejected
        a_token_signed_with_an_unknown_key_is_rejected
        a_token_signed_with_a_foreign_key_is_rejected
        a_changed_token_is_rejected
        a_token_without_a_signature_is_refused
        a_token_with_a_mac_by_the_public_key_is_refused
        a_token_with_a_mac_by_the_client_secret_is_refused
        what_is_no_token_is_rejected
        an_honest_token_tells_who_it_is
        an_email_that_is_not_verified_is_not_trusted
        rotated_keys_are_found
        unknown_keys_do_not_make_the_provider_ask_without_end
    }
    chapter! { Native("password"), nonces: an_answer_without_a_token_is_rejected }
    chapter! { Native("password"), redirects:
        the_userinfo_of_another_user_is_not_taken
        no_credential_is_printed
    }
    chapter! { Native("password"), outages:
        an_upstream_that_is_down_is_unavailable
        an_upstream_that_refuses_connections_is_unavailable
        an_upstream_that_goes_away_in_between_is_unavailable
        an_upstream_that_never_answers_is_given_up
        an_oversized_answer_is_refused
        an_answer_of_nonsense_is_refused
        a_redirect_is_not_followed
        a_wrong_secret_is_a_misconfiguration
    }
}

mod social {
    use vestibule_provider_testkit::chapter;

    use super::Native;

    // Those of OAuth that Supabase's own redirect keeps.
    chapter! { Native("google"), redirects:
        no_resource_is_sent_upstream
        a_fresh_login_is_asked_for_or_refused
        a_user_who_says_no_is_denied
        a_reason_is_kept_for_the_operator
        an_upstream_in_trouble_is_unavailable
        a_description_is_kept_short_and_on_its_line
        a_callback_without_a_code_is_rejected
        a_form_in_place_of_a_callback_is_rejected
        an_unknown_code_is_rejected
        the_userinfo_of_another_user_is_not_taken
        no_credential_is_printed
    }
    chapter! { Native("google"), rechecks:
        a_user_who_still_stands_stands
        a_disabled_user_is_gone
    }
}

mod oauth_server {
    use vestibule_provider_testkit::{laws, recheck_laws};

    use super::OauthServer;

    laws! { OauthServer }
    recheck_laws! { OauthServer }
}
