//! Providers whose own script runs in the broker's page, and forms with other ways to go on.

use std::sync::Arc;

use vestibule_broker::{AuthorizeError, Interaction, Next, WalkError};
use vestibule_protocol::Secret;
use vestibule_provider::{
    Alternative, Field, FieldKind, Form, LoginStep, ProviderError, Reply, Script, ScriptOrigins, Sealed,
};

use super::person::{Person, request, ticket};
use crate::fixture::World;
use crate::puppet::{Puppet, done};

fn script(problem: Option<&str>) -> Script {
    Script {
        asset: "acme.js".to_owned(),
        settings: serde_json::json!({ "key": "public" }),
        fields: vec!["id_token".to_owned()],
        origins: ScriptOrigins::default(),
        popups: false,
        problem: problem.map(str::to_owned),
    }
}

/// Runs a script until it posts `good`.
fn scripted() -> Arc<Puppet> {
    Puppet::new(
        "acme",
        |_| Ok(LoginStep::Run(Box::new(script(None)), Sealed::new("kept"))),
        |login, reply| {
            assert_eq!(login.kept.as_ref().unwrap().expose(), b"kept");
            let Reply::Form(fields) = reply else {
                return Err(ProviderError::Rejected("no form".to_owned()));
            };
            let names: Vec<&str> = fields.keys().map(String::as_str).collect();
            assert_eq!(names, ["id_token"], "only what was asked for");
            if fields["id_token"].expose() == "good" {
                return Ok(done("acme", "zoe"));
            }
            let again = script(Some("Try again."));
            Ok(LoginStep::Run(Box::new(again), Sealed::new("kept")))
        },
    )
}

async fn post(
    world: &World,
    person: &mut Person,
    walk: &str,
    fields: &[(&str, &str)],
) -> Result<Next, WalkError> {
    let fields = fields
        .iter()
        .map(|(name, value)| ((*name).to_owned(), Secret::new(*value)));
    let turn = world
        .broker
        .submit_login(walk, person.browser(), fields.collect())
        .await?;
    Ok(person.take(turn))
}

#[tokio::test]
async fn a_script_s_credential_leads_to_consent() {
    let world = World::with_providers(vec![scripted()], |_| {}).await;
    let mut zoe = Person::default();
    let walk = zoe.authorize(&world, &request()).await;
    match zoe.sees(&world, &walk).await.unwrap() {
        Interaction::Run { script: shown, .. } => assert_eq!(*shown, script(None)),
        other => panic!("{other:?}"),
    }
    let fields = [("id_token", "good"), ("uninvited", "x"), ("alternative", "x")];
    post(&world, &mut zoe, &walk, &fields).await.unwrap();
    zoe.consent_page(&world, &walk).await;
}

#[tokio::test]
async fn a_script_that_brought_nothing_good_runs_again() {
    let world = World::with_providers(vec![scripted()], |_| {}).await;
    let mut zoe = Person::default();
    let walk = zoe.authorize(&world, &request()).await;
    let next = post(&world, &mut zoe, &walk, &[("id_token", "bad")])
        .await
        .unwrap();
    assert_eq!(ticket(next), walk);
    match zoe.sees(&world, &walk).await.unwrap() {
        Interaction::Run { script, .. } => assert!(script.problem.is_some()),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_script_s_credential_from_another_browser_goes_nowhere() {
    let provider = scripted();
    let world = World::with_providers(vec![provider.clone()], |_| {}).await;
    let walk = Person::default().authorize(&world, &request()).await;
    let mut other = Person::default();
    other.authorize(&world, &request()).await;
    let result = post(&world, &mut other, &walk, &[("id_token", "good")]).await;
    assert!(matches!(result, Err(WalkError::OtherBrowser)), "{result:?}");
    assert_eq!(provider.completed(), 0);
}

fn buttons() -> Form {
    Form {
        intro: None,
        account: None,
        fields: Vec::new(),
        submit: String::new(),
        alternatives: vec![Alternative {
            value: "code".to_owned(),
            label: "Send a code".to_owned(),
        }],
        problem: None,
    }
}

/// A form of buttons alone, of which each logs in.
fn buttoned() -> Arc<Puppet> {
    Puppet::new(
        "acme",
        |_| Ok(LoginStep::Ask(buttons(), Sealed::default())),
        |_, reply| match reply {
            Reply::Form(fields) => match fields.get(Alternative::FIELD).map(Secret::expose) {
                Some("code") => Ok(done("acme", "zoe")),
                other => Err(ProviderError::Rejected(format!("{other:?}"))),
            },
            Reply::Callback(_) => Err(ProviderError::Rejected("a callback".to_owned())),
        },
    )
}

#[tokio::test]
async fn a_form_without_fields_goes_on_by_an_alternative() {
    let world = World::with_providers(vec![buttoned()], |_| {}).await;
    let mut zoe = Person::default();
    let walk = zoe.authorize(&world, &request()).await;
    let fields = [("alternative", "code"), ("uninvited", "x")];
    post(&world, &mut zoe, &walk, &fields).await.unwrap();
    zoe.consent_page(&world, &walk).await;
}

#[tokio::test]
async fn an_alternative_that_was_not_offered_never_reaches_the_provider() {
    let provider = buttoned();
    let world = World::with_providers(vec![provider.clone()], |_| {}).await;
    let mut zoe = Person::default();
    let walk = zoe.authorize(&world, &request()).await;
    let result = post(&world, &mut zoe, &walk, &[("alternative", "skip-mfa")]).await;
    assert!(matches!(result, Err(WalkError::Stale)), "{result:?}");
    assert_eq!(provider.completed(), 0);
}

#[tokio::test]
async fn a_field_that_the_page_could_not_tell_from_its_buttons_is_the_provider_s_mistake() {
    for name in ["action", "decision", "provider", "alternative"] {
        let provider = Puppet::new(
            "acme",
            move |_| {
                let field = Field {
                    name: name.to_owned(),
                    label: "x".to_owned(),
                    kind: FieldKind::Username,
                    value: String::new(),
                };
                let form = Form {
                    fields: vec![field],
                    ..buttons()
                };
                Ok(LoginStep::Ask(form, Sealed::default()))
            },
            |_, _| Ok(done("acme", "zoe")),
        );
        let world = World::with_providers(vec![provider], |_| {}).await;
        let result = Person::default().try_authorize(&world, &request()).await;
        assert!(
            matches!(
                result,
                Err(AuthorizeError::Walk(WalkError::Provider(
                    ProviderError::Misconfigured(_)
                )))
            ),
            "{name}: {result:?}"
        );
    }
}
