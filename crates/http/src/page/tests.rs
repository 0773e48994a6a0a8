mod gallery;

use askama::Template as _;
use gallery::*;

use super::*;

#[test]
fn every_page_is_as_the_snapshot_has_it() {
    let mut frame = frame();
    // Their real addresses change with every change of the files.
    frame.stylesheet = "/page.css".to_owned();
    frame.icon = "/mark.svg".to_owned();
    for (name, html) in gallery_in(&frame) {
        insta::assert_snapshot!(format!("page_{name}"), html);
    }
}

#[test]
fn every_page_has_one_heading_one_main_and_no_script_but_the_provider_s() {
    for (name, html) in gallery() {
        let html = without_providers_script(&html);
        assert_eq!(html.matches("<h1>").count(), 1, "{name}");
        assert_eq!(html.matches("<main").count(), 1, "{name}");
        assert_eq!(html.matches("<title>").count(), 1, "{name}");
        for forbidden in ["<script", "javascript:", "style=", " onclick", "<style"] {
            assert!(!html.contains(forbidden), "{name}: {forbidden}");
        }
    }
}

/// The page without the script that a provider brings and the data that it reads.
fn without_providers_script(html: &str) -> String {
    let html = html.replace(r#"<script type="module" src="/acme.js"></script>"#, "");
    html.replace(r#"<script type="application/json" id="provider-settings">"#, "")
}

#[test]
fn enter_in_a_form_takes_no_alternative() {
    let frame = frame();
    let form = code_form();
    let html = LoginPage::new(&frame, "x".to_owned(), "Acme", &form)
        .render()
        .unwrap();
    assert!(html.find(r#"class="go""#).unwrap() < html.find(r#"name="alternative""#).unwrap());
    assert!(!html.contains("must-not-be-shown"));
}

#[test]
fn a_form_without_fields_has_no_button_but_its_alternatives() {
    let frame = frame();
    let form = buttons_form();
    let html = LoginPage::new(&frame, "x".to_owned(), "Acme", &form)
        .render()
        .unwrap();
    assert_eq!(html.matches("<button").count(), 2);
    assert_eq!(html.matches(r#"class="other" formnovalidate"#).count(), 2);
    assert!(!html.contains(r#"class="or""#));
}

#[test]
fn a_secret_is_never_written_into_the_login_form() {
    let frame = frame();
    let form = login_form(Some("Wrong."));
    let html = LoginPage::new(&frame, "x".to_owned(), "Local users", &form)
        .render()
        .unwrap();
    assert!(!html.contains("must-not-be-shown"));
    assert!(html.contains(r#"value="alice""#));
}

#[test]
fn a_strangers_name_cannot_leave_its_place() {
    let frame = frame();
    let mut page = consent(&frame);
    page.client.name = r#"<img src=x onerror=alert(1)>"'&"#.to_owned();
    let html = page.render().unwrap();
    assert!(!html.contains("<img src=x"));
    assert!(!html.contains(r#"alert(1)>"'"#));
}

#[test]
fn enter_in_the_consent_form_does_not_approve() {
    let frame = frame();
    let html = consent(&frame).render().unwrap();
    // The first button of a form is the one that Enter presses.
    assert!(html.find(r#"value="deny""#).unwrap() < html.find(r#"value="approve""#).unwrap());
}
