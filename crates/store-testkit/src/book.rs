//! The table of contents: every law, as a test.

/// Makes a test of every law of one chapter, on the benches that the expression makes.
#[doc(hidden)]
#[macro_export]
macro_rules! chapter {
    ($bench:expr, $chapter:ident: $($law:ident)*) => {
        mod $chapter {
            use super::*;
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
                async fn $law() {
                    $crate::$chapter::$law(&$bench).await;
                }
            )*
        }
    };
}

/// Makes one test of all laws of one chapter, on one bench.
#[doc(hidden)]
#[macro_export]
macro_rules! gathered_chapter {
    ($bench:expr, $chapter:ident: $($law:ident)*) => {
        #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
        async fn $chapter() {
            let bench = $bench;
            $(
                println!("{}", stringify!($law));
                $crate::$chapter::$law(&bench).await;
            )*
        }
    };
}

/// Makes a test of every law. The expression makes a new [`Bench`](crate::Bench) for each of them; behind the word `gathered`, one
/// for each chapter, whose laws are one test: for a bench that takes its time.
#[macro_export]
macro_rules! laws {
    (gathered $bench:expr) => {
        $crate::book! { gathered_chapter $bench }
    };
    ($bench:expr) => {
        $crate::book! { chapter $bench }
    };
}

/// The table of contents.
#[doc(hidden)]
#[macro_export]
macro_rules! book {
    ($chapter:ident $bench:expr) => {
        $crate::$chapter! { $bench, authorizations:
            an_unknown_ticket_leads_nowhere
            what_was_begun_is_found_as_it_was
            an_authorization_is_gone_from_its_expiry_on
            an_advance_replaces_the_authorization
            an_advance_from_another_step_is_stale
            one_of_many_advances_succeeds
            a_take_at_another_step_takes_nothing
            one_of_many_takers_gets_the_authorization
            what_was_taken_is_gone
            an_advance_and_a_take_of_one_step_do_not_both_succeed
        }
        $crate::$chapter! { $bench, browser_logins:
            an_unknown_cookie_is_nobodys
            what_was_put_is_found_as_it_was
            a_login_is_gone_from_its_expiry_on
            an_ended_login_is_gone
        }
        $crate::$chapter! { $bench, clients:
            an_unknown_client_stays_unknown
            what_was_registered_is_found_as_it_was
            registering_again_renews_the_life_alone
            registering_again_never_shortens_a_life
            one_of_many_registrations_is_new
            a_client_is_gone_from_its_expiry_on
            the_id_of_an_expired_client_is_free
            a_touch_renews_a_life
            a_touch_never_shortens_a_life
            a_replacement_takes_the_records_place
            a_blocked_client_is_blocked_until_it_is_let_in
            a_blocked_client_does_not_let_itself_in
            a_deleted_client_is_gone
        }
        $crate::$chapter! { $bench, codes:
            a_code_that_was_never_issued_is_unknown
            the_first_redemption_hands_over_the_grant
            every_later_redemption_is_a_replay
            one_of_many_redemptions_gets_the_grant
            a_code_is_unknown_from_its_expiry_on
            a_replay_is_known_after_the_code_has_expired
            a_replay_touches_no_other_code
        }
        $crate::$chapter! { $bench, consents:
            nothing_is_remembered_at_first
            what_was_granted_is_found
            consents_add_up
            consents_that_come_at_once_add_up
            a_consent_holds_for_its_user_client_and_resource_alone
            a_revoked_consent_is_forgotten
        }
        $crate::$chapter! { $bench, documents:
            what_was_put_is_found_as_it_was
            a_document_is_gone_from_its_expiry_on
            reading_again_replaces_what_it_said
            reading_again_does_not_lift_the_operators_word
            a_word_may_come_first
            a_word_prevails_over_a_reading_at_the_same_time
            a_forgotten_document_is_gone
            the_pages_of_documents_hold_those_that_live
        }
        $crate::$chapter! { $bench, devices:
            an_unknown_user_code_leads_nowhere
            what_was_begun_is_found_as_it_was
            a_user_code_is_one_devices
            another_device_code_gets_nothing
            a_device_that_polls_too_early_is_slowed_down
            one_of_many_polls_comes_in_time
            only_the_bound_walk_decides
            a_decision_is_final
            one_of_many_decisions_stands
            what_was_granted_is_handed_over_once
            a_device_is_expired_and_then_forgotten
            devices_live_each_for_itself
        }
        $crate::$chapter! { $bench, keys:
            there_are_no_keys_at_first
            a_swap_puts_the_document_in_place
            a_swap_that_names_another_version_changes_nothing
            one_of_many_swaps_succeeds
        }
        $crate::$chapter! { $bench, limits:
            a_burst_goes_and_no_more
            of_many_at_once_a_burst_goes
            after_a_burst_one_goes_in_each_period
            the_wait_is_as_long_as_it_has_to_be
            a_refused_event_does_not_count
            a_cell_left_alone_takes_a_burst_again
            cells_fill_each_for_itself
            a_cleared_cell_takes_a_burst_again
        }
        $crate::$chapter! { $bench, listings:
            the_sessions_of_a_user_are_those_that_live
            the_sessions_of_a_client_are_those_that_live
            sessions_opened_at_once_are_all_listed
        }
        $crate::$chapter! { $bench, pages:
            an_empty_listing_has_an_end
            the_pages_of_clients_hold_those_that_live
            the_pages_of_sessions_hold_those_that_live
            a_session_in_use_is_not_passed_over
            what_came_at_once_is_all_listed
            a_foreign_mark_starts_no_page
        }
        $crate::$chapter! { $bench, pushed_requests:
            a_request_that_was_never_pushed_is_not_there
            what_was_pushed_is_handed_over_once
            one_of_many_takers_gets_the_request
            a_request_is_gone_from_its_expiry_on
        }
        $crate::$chapter! { $bench, replays:
            a_key_is_first_once
            one_of_many_is_the_first
            a_key_is_forgotten_when_its_time_is_over
            a_memory_is_never_shortened
            recalling_a_key_changes_nothing
        }
        $crate::$chapter! { $bench, rotation:
            a_rotation_moves_to_the_next_generation
            a_rotation_notes_when_to_look_again
            a_session_stays_bound_to_its_key
            a_rotation_binds_to_the_first_key_that_it_names
            without_its_key_a_bound_session_stays_as_it_is
            a_session_with_another_salt_is_unknown
            a_session_is_recalled_until_it_is_ended
            the_generation_before_is_a_repetition_within_the_grace
            the_generation_before_is_reuse_after_the_grace
            an_older_generation_is_reuse_even_within_the_grace
            reuse_does_not_end_the_session_by_itself
            a_generation_not_yet_reached_is_unknown
            one_of_many_rotations_succeeds_and_the_others_repeat_it
            without_a_grace_all_rotations_but_one_are_reuse
        }
        $crate::$chapter! { $bench, sessions:
            an_unknown_session_leads_nowhere
            what_was_opened_is_found_as_it_was
            a_session_is_gone_when_its_idle_time_is_over
            a_session_dies_at_its_time_however_often_it_is_used
            an_ended_session_is_gone
            one_of_many_who_end_a_session_gets_its_record
            an_ended_session_is_not_opened_again
            a_session_ended_before_it_is_opened_is_refused
            a_second_end_does_not_shorten_the_first
            an_end_prevails_over_an_opening_at_the_same_time
            an_end_prevails_over_a_rotation_at_the_same_time
        }
        $crate::$chapter! { $bench, status:
            a_list_that_was_never_begun_does_not_exist
            an_allotted_bit_is_not_set
            no_bit_is_allotted_twice
            a_set_bit_is_read_and_changes_the_version
            setting_a_bit_again_changes_nothing
            allotting_does_not_change_the_version
            bits_that_are_set_at_once_are_all_set
        }
        $crate::$chapter! { $bench, upstreams:
            an_unknown_login_counts_as_ended
            what_was_put_is_found_as_it_was
            a_login_is_gone_from_its_expiry_on
            holding_a_login_keeps_it_and_never_shortens_its_life
            a_claim_before_its_time_is_not_due
            one_of_many_claims_is_granted
            a_claim_that_was_not_settled_is_free_again
            a_settlement_replaces_what_is_kept
            a_settlement_of_a_lost_claim_changes_nothing
            one_of_many_settlements_is_written
            an_outage_is_counted_from_its_first_failure
            a_failure_may_replace_what_is_kept
            an_ended_login_stays_ended
            one_of_many_who_end_a_login_gets_its_record
            an_end_prevails_over_a_settlement_at_the_same_time
            the_logins_of_a_user_are_those_that_stand
            a_sid_is_that_of_one_provider_alone
            what_a_provider_calls_a_user_finds_all_of_the_users_logins
            an_ended_login_is_found_by_its_names
        }
    };
}

/// Makes a test of every law of durability. The expression makes a new [`DurableBench`](crate::DurableBench) for each of them.
#[macro_export]
macro_rules! durable_laws {
    (gathered $bench:expr) => {
        $crate::durable_book! { gathered_chapter $bench }
    };
    ($bench:expr) => {
        $crate::durable_book! { chapter $bench }
    };
}

/// The laws of durability.
#[doc(hidden)]
#[macro_export]
macro_rules! durable_book {
    ($chapter:ident $bench:expr) => {
        $crate::$chapter! { $bench, durability:
            clients_survive_a_restart
            authorizations_survive_a_restart
            codes_and_their_tombstones_survive_a_restart
            sessions_and_their_tombstones_survive_a_restart
            consents_survive_a_restart
            documents_survive_a_restart
            browser_logins_survive_a_restart
            keys_survive_a_restart
            status_lists_survive_a_restart
            upstreams_survive_a_restart
            replays_survive_a_restart
            devices_survive_a_restart
            pushed_requests_survive_a_restart
        }
    };
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_law_is_in_the_book() {
        let book = include_str!("book.rs");
        let chapters = [
            include_str!("authorizations.rs"),
            include_str!("browser_logins.rs"),
            include_str!("clients.rs"),
            include_str!("codes.rs"),
            include_str!("consents.rs"),
            include_str!("documents.rs"),
            include_str!("devices.rs"),
            include_str!("durability.rs"),
            include_str!("keys.rs"),
            include_str!("limits.rs"),
            include_str!("listings.rs"),
            include_str!("pages.rs"),
            include_str!("pushed_requests.rs"),
            include_str!("replays.rs"),
            include_str!("rotation.rs"),
            include_str!("sessions.rs"),
            include_str!("status.rs"),
            include_str!("upstreams.rs"),
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
