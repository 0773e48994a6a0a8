//! What is told before the first login.

use url::Url;
use vestibule_protocol::Secret;
use vestibule_provider::{Examination, Finding, Provider as _, Verdict};
use vestibule_tests::{Signing, Trouble};

use crate::rig::{ALLOWED, Rig, now, rig, rig_with};

async fn examine(rig: &Rig) -> Vec<Finding> {
    let examination = Examination {
        now: now(),
        callback_url: Url::parse("http://localhost:3009/oauth/callback/supabase").unwrap(),
    };
    rig.provider.examine(&examination).await
}

fn of<'f>(findings: &'f [Finding], what: &str) -> &'f Finding {
    let found = findings.iter().find(|finding| finding.what == what);
    found.unwrap_or_else(|| panic!("nothing about {what}: {findings:?}"))
}

#[tokio::test]
async fn a_project_that_is_down_or_another_is_bad() {
    let rig = rig();
    rig.supabase.stop();
    assert_eq!(of(&examine(&rig).await, "project").verdict, Verdict::Bad);
    let rig = rig_with(Signing::Es256, |mut settings| {
        settings.publishable_key = "sb_publishable_of_another".parse().unwrap();
        settings
    });
    let findings = examine(&rig).await;
    assert_eq!(of(&findings, "project").verdict, Verdict::Bad);
    assert!(
        of(&findings, "project")
            .remedy
            .as_ref()
            .unwrap()
            .contains("publishable_key")
    );
}

#[tokio::test]
async fn no_way_to_sign_in_is_bad_and_a_closed_one_is_a_warning() {
    let rig = rig();
    rig.supabase.offer(&[]);
    assert_eq!(of(&examine(&rig).await, "ways to sign in").verdict, Verdict::Bad);
    let rig = rig_with(Signing::Es256, |mut settings| {
        settings.methods = Some(["password", "apple"].map(|name| name.parse().unwrap()).to_vec());
        settings
    });
    let findings = examine(&rig).await;
    assert!(
        findings
            .iter()
            .any(|finding| finding.verdict == Verdict::Warning && finding.detail.contains("apple"))
    );
}

#[tokio::test]
async fn a_project_that_signs_with_a_secret_is_a_warning() {
    for secret in [None, Some("secret")] {
        let rig = rig_with(Signing::Hs256, |mut settings| {
            settings.jwt_secret = secret.map(Secret::new);
            settings
        });
        let findings = examine(&rig).await;
        let keys = of(&findings, "signing keys");
        assert_eq!(keys.verdict, Verdict::Warning);
        assert!(keys.detail.contains("HS256"), "{keys:?}");
    }
}

#[tokio::test]
async fn keys_of_other_kinds_alone_are_bad() {
    let rig = rig();
    let keys = r#"{"keys":[{"kty":"oct","k":"AAAA"}]}"#;
    rig.supabase.fail("/.well-known", Trouble::Body(keys.to_owned()));
    assert_eq!(of(&examine(&rig).await, "signing keys").verdict, Verdict::Bad);
}

#[tokio::test]
async fn addresses_without_a_proof_are_a_warning() {
    let rig = rig();
    rig.supabase.confirm_without_proof();
    assert_eq!(
        of(&examine(&rig).await, "email addresses").verdict,
        Verdict::Warning
    );
}

#[tokio::test]
async fn the_line_for_the_allow_list_is_given_to_be_pasted() {
    let rig = rig();
    let findings = examine(&rig).await;
    let allow_list = of(&findings, "redirect allow-list");
    assert!(
        allow_list.remedy.as_ref().unwrap().ends_with(ALLOWED),
        "{allow_list:?}"
    );
    assert!(
        findings.iter().all(|finding| finding.verdict != Verdict::Bad),
        "{findings:?}"
    );
}
