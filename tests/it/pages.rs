//! The pages in a real Chromium: each walk has a browser and a program of its own.
//!
//! Every page that a walk looks at is judged by axe (WCAG 2.2 AA), in light and dark, wide and on a phone, and no walk
//! may ask for anything that the pages' own content policy stops.

use vestibule_tests::{Program, ThirdParty};

macro_rules! walks {
    ($($test:ident: $walk:literal,)*) => {
        $(
            #[test]
            fn $test() {
                let browser = ThirdParty::node("browser/walks.mjs").argument($walk);
                browser.run(&Program::start()).must_show(&[$walk]);
            }
        )*
    };
}

walks! {
    the_consent_click_reaches_a_client_on_this_computer: "allow and come back",
    a_refusal_reaches_the_client: "deny and come back",
    a_wrong_password_can_be_corrected: "mistype the password",
    whoever_guesses_on_is_told_to_wait: "guess on and on",
    a_decision_is_taken_once_and_in_one_browser: "come too late",
    two_tabs_do_not_disturb_each_other: "use two tabs at once",
    a_person_is_offered_only_what_policy_gives_them: "be offered only what one may have",
    a_person_may_allow_a_part: "allow a part",
    a_person_may_change_who_they_are: "be somebody else",
    an_app_with_its_own_scheme_gets_a_closing_page: "go back to an app with its own scheme",
    a_code_is_shown_to_be_copied: "copy the code",
    the_pages_work_without_javascript_and_by_keyboard: "use no script at all",
    a_client_that_is_gone_gets_a_page_for_a_person: "meet a client that is long gone",
    an_error_leads_to_no_stranger_s_site_by_itself: "be turned away",
    a_hostile_client_name_stays_text: "meet a client with a hostile name",
    a_session_ended_on_the_account_page_is_dead: "end a session from the account page",
    a_browser_that_signed_out_holds_no_login: "sign out",
}
