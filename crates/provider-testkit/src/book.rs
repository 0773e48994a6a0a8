//! The table of contents: every law, as a test.

/// Makes a test of every law of one chapter, on the benches that the expression makes.
#[doc(hidden)]
#[macro_export]
macro_rules! chapter {
    ($bench:expr, $chapter:ident: $($law:ident)*) => {
        mod $chapter {
            use super::*;
            $(
                // One thread, so that a law can stop the clock.
                #[tokio::test]
                async fn $law() {
                    $crate::$chapter::$law(&$bench).await;
                }
            )*
        }
    };
}

/// Makes a test of every law that a provider keeps whose users come back by a redirect with a code. The expression makes a new
/// [`Bench`](crate::Bench) for each of them. Providers that can recheck run [`recheck_laws!`](crate::recheck_laws) too, and
/// those that are told of logouts [`logout_laws!`](crate::logout_laws).
#[macro_export]
macro_rules! laws {
    ($bench:expr) => {
        $crate::redirect_laws! { $bench }
        $crate::id_token_laws! { $bench }
        $crate::nonce_laws! { $bench }
        $crate::outage_laws! { $bench }
    };
}

/// Makes a test of every law of the way through the browser.
#[macro_export]
macro_rules! redirect_laws {
    ($bench:expr) => {
        $crate::chapter! { $bench, redirects:
            the_browser_is_sent_with_what_binds_the_login
            no_resource_is_sent_upstream
            a_hint_is_passed_on
            a_fresh_login_is_asked_for_or_refused
            a_user_who_says_no_is_denied
            a_reason_is_kept_for_the_operator
            an_upstream_in_trouble_is_unavailable
            a_client_that_is_not_set_up_is_a_misconfiguration
            a_description_is_kept_short_and_on_its_line
            a_callback_without_a_code_is_rejected
            a_form_in_place_of_a_callback_is_rejected
            an_unknown_code_is_rejected
            a_callback_of_another_issuer_is_rejected
            a_callback_without_the_promised_issuer_is_rejected
            the_userinfo_of_another_user_is_not_taken
            no_credential_is_printed
        }
    };
}

/// Makes a test of every law of what is posted, for providers whose users come back by a form or a script.
#[macro_export]
macro_rules! form_laws {
    ($bench:expr) => {
        $crate::chapter! { $bench, forms:
            a_callback_in_place_of_a_form_is_rejected
            an_empty_form_logs_nobody_in
            no_page_shows_a_credential
        }
    };
}

/// Makes a test of every law of ID tokens, for whoever takes them.
#[macro_export]
macro_rules! id_token_laws {
    ($bench:expr) => {
        $crate::chapter! { $bench, id_tokens:
            a_token_for_another_audience_is_rejected
            a_token_for_no_audience_is_rejected
            a_token_for_another_authorized_party_is_rejected
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
    };
}

/// Makes a test of every law of what binds an ID token to a login.
#[macro_export]
macro_rules! nonce_laws {
    ($bench:expr) => {
        $crate::chapter! { $bench, nonces:
            a_token_with_another_nonce_is_rejected
            a_token_without_a_nonce_is_rejected
            a_token_for_another_access_token_is_rejected
            an_answer_without_a_token_is_rejected
        }
    };
}

/// Makes a test of every law of an upstream that is away.
#[macro_export]
macro_rules! outage_laws {
    ($bench:expr) => {
        $crate::chapter! { $bench, outages:
            an_upstream_that_is_down_is_unavailable
            an_upstream_that_refuses_connections_is_unavailable
            an_upstream_that_goes_away_in_between_is_unavailable
            an_upstream_that_never_answers_is_given_up
            an_oversized_answer_is_refused
            an_answer_of_nonsense_is_refused
            a_redirect_is_not_followed
            a_wrong_secret_is_a_misconfiguration
            metadata_of_another_issuer_is_refused
        }
    };
}

/// Makes a test of every law of asking again, for providers that can say.
#[macro_export]
macro_rules! recheck_laws {
    ($bench:expr) => {
        $crate::chapter! { $bench, rechecks:
            a_user_who_still_stands_stands
            a_disabled_user_is_gone
            an_outage_is_no_revocation
            silence_is_no_revocation
            nonsense_is_no_revocation
            a_wrong_secret_is_no_revocation
            another_users_answer_is_not_taken
        }
    };
}

/// Makes a test of every law of logout tokens, for providers that send them.
#[macro_export]
macro_rules! logout_laws {
    ($bench:expr) => {
        $crate::chapter! { $bench, logouts:
            an_honest_logout_token_names_the_login
            a_logout_token_without_a_login_names_the_user
            a_logout_token_that_does_not_hold_ends_nothing
            a_logout_token_of_another_kind_ends_nothing
            an_id_token_ends_nothing
        }
    };
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_law_is_in_the_book() {
        let book = include_str!("book.rs");
        let chapters = [
            include_str!("forms.rs"),
            include_str!("id_tokens.rs"),
            include_str!("logouts.rs"),
            include_str!("nonces.rs"),
            include_str!("outages.rs"),
            include_str!("rechecks.rs"),
            include_str!("redirects.rs"),
        ];
        let laws = chapters
            .iter()
            .flat_map(|chapter| chapter.split("pub async fn ").skip(1));
        for law in laws.filter_map(|text| text.split('(').next()) {
            assert!(
                book.lines().any(|line| line.trim() == law),
                "{law} is not in the book"
            );
        }
    }
}
