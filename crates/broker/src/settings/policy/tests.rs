use vestibule_protocol::{ClientId, ProviderId, ResourceUri, Scope, ScopeSet, Subject, Timestamp};
use vestibule_provider::Identity;

use super::*;
use crate::settings::{DpopBinding, ScopeText};

fn scopes(text: &str) -> ScopeSet {
    ScopeSet::parse(text).unwrap()
}

/// `admin` brings `write`, and `write` brings `read`.
fn notes() -> Resource {
    let known = |name: &str, implies: &str| ScopeText {
        scope: Scope::parse(name).unwrap(),
        text: format!("Do {name}."),
        implies: scopes(implies),
    };
    Resource {
        uri: ResourceUri::parse("https://notes.example/mcp").unwrap(),
        name: "Notes".to_owned(),
        scopes: vec![
            known("admin", "write"),
            known("write", "read"),
            known("read", ""),
            known("share", ""),
        ],
        default_scopes: scopes("read"),
        access_token_lifetime: None,
        providers: None,
        dpop: DpopBinding::AsProved,
    }
}

fn client(id: &str) -> ClientId {
    ClientId::parse(id).unwrap()
}

fn ada() -> Identity {
    let provider = ProviderId::parse("sso").unwrap();
    let subject = Subject::of(&provider, "ada").unwrap();
    Identity {
        email: Some("ada@Example.com".to_owned()),
        email_verified: true,
        groups: vec!["staff".to_owned()],
        roles: vec!["editor".to_owned()],
        ..Identity::of(&provider, subject, Timestamp::from_secs(0))
    }
}

fn policy(rules: impl IntoIterator<Item = Rule>) -> Policy {
    Policy {
        rules: rules.into_iter().collect(),
    }
}

/// A rule that gives `share` to whom the change leaves in.
fn share(change: impl FnOnce(&mut Rule)) -> Rule {
    let mut rule = Rule {
        scopes: scopes("share"),
        ..Rule::default()
    };
    change(&mut rule);
    rule
}

/// Rules with one condition each that is not Ada's, and what is told of it.
fn foreign() -> Vec<(Rule, &'static str)> {
    vec![
        (
            share(|rule| rule.provider = ProviderId::parse("local").ok()),
            "provider = \"local\"",
        ),
        (
            share(|rule| rule.subject = Subject::parse("sso:ad").ok()),
            "subject = \"sso:ad\"",
        ),
        (
            share(|rule| rule.email_domain = Some("le.com".to_owned())),
            "email_domain = \"le.com\"",
        ),
        (
            share(|rule| rule.group = Some("editor".to_owned())),
            "group = \"editor\"",
        ),
        (
            share(|rule| rule.role = Some("staff".to_owned())),
            "role = \"staff\"",
        ),
        (
            share(|rule| rule.client = Some(client("another"))),
            "client = \"another\"",
        ),
        (
            share(|rule| rule.resource = ResourceUri::parse("https://files.example/").ok()),
            "resource = \"https://files.example/\"",
        ),
    ]
}

#[test]
fn a_rule_whose_condition_does_not_fit_gives_nothing_and_is_named() {
    for (rule, told) in foreign() {
        let policy = policy([Rule::default(), rule]);
        let (ada, app, notes) = (ada(), client("app"), notes());
        assert_eq!(policy.allowed(&ada, &app, &notes), ScopeSet::default(), "{told}");
        let explanation = policy.explain(&ada, &app, &notes, &Scope::parse("share").unwrap());
        assert_eq!(explanation.given, []);
        let [missed] = explanation.missed.as_slice() else {
            panic!("{explanation:?}")
        };
        assert_eq!(missed.rule, 2);
        let unmet: Vec<String> = missed.unmet.iter().map(ToString::to_string).collect();
        assert_eq!(unmet, [told]);
    }
}

#[test]
fn an_address_that_nobody_verified_is_in_no_domain() {
    let rule = share(|rule| rule.email_domain = Some("example.com".to_owned()));
    let mut ada = ada();
    assert!(
        !policy([rule.clone()])
            .allowed(&ada, &client("app"), &notes())
            .is_empty()
    );
    ada.email_verified = false;
    assert!(policy([rule]).allowed(&ada, &client("app"), &notes()).is_empty());
}

#[test]
fn a_rule_gives_when_every_condition_fits() {
    let rule = share(|rule| {
        rule.provider = ProviderId::parse("sso").ok();
        rule.subject = Subject::parse("sso:ada").ok();
        rule.email_domain = Some("example.com".to_owned());
        rule.group = Some("staff".to_owned());
        rule.role = Some("editor".to_owned());
        rule.client = Some(client("app"));
        rule.resource = ResourceUri::parse("https://notes.example/mcp").ok();
    });
    let policy = policy([rule]);
    let (ada, app, notes) = (ada(), client("app"), notes());
    assert_eq!(policy.allowed(&ada, &app, &notes), scopes("share"));
    let explanation = policy.explain(&ada, &app, &notes, &Scope::parse("share").unwrap());
    let rule = Giver {
        source: Source::Rule(1),
        through: None,
    };
    assert_eq!((explanation.given, explanation.missed), (vec![rule], vec![]));
}

#[test]
fn a_broad_scope_brings_the_narrow_ones_and_no_narrow_one_a_broad() {
    let give = |text: &str| {
        policy([Rule {
            scopes: scopes(text),
            ..Rule::default()
        }])
    };
    let allowed = |text: &str| give(text).allowed(&ada(), &client("app"), &notes());
    assert_eq!(allowed("read"), scopes("read"));
    assert_eq!(allowed("write"), scopes("read write"));
    assert_eq!(allowed("admin"), scopes("admin read write"));
    let (policy, ada, app, notes) = (give("admin"), ada(), client("app"), notes());
    let explanation = policy.explain(&ada, &app, &notes, &Scope::parse("read").unwrap());
    assert_eq!(explanation.given[0].through, Scope::parse("admin").ok());
}

#[test]
fn scopes_that_bring_each_other_are_one() {
    let mut notes = notes();
    notes.scopes[2].implies = scopes("admin");
    assert_eq!(
        notes.with_implied(&scopes("write share")),
        scopes("admin read share write")
    );
}

#[test]
fn what_the_provider_grants_comes_beside_the_rules() {
    let mut ada = ada();
    ada.scopes = Some(scopes("write unknown"));
    let policy = policy([share(|_| ())]);
    let (app, notes) = (client("app"), notes());
    assert_eq!(policy.allowed(&ada, &app, &notes), scopes("read share write"));
    let explanation = policy.explain(&ada, &app, &notes, &Scope::parse("unknown").unwrap());
    assert_eq!((explanation.given, explanation.missed), (vec![], vec![]));
}

#[test]
fn without_rules_the_default_scopes_are_given() {
    let (policy, ada, app, notes) = (Policy::default(), ada(), client("app"), notes());
    assert_eq!(policy.allowed(&ada, &app, &notes), scopes("read"));
    let explanation = policy.explain(&ada, &app, &notes, &Scope::parse("read").unwrap());
    assert_eq!(explanation.given[0].source, Source::Default);
}

/// Every subset of the foreign rules, with every scope: what is told is what is done.
#[test]
fn an_explanation_says_what_policy_does() {
    let rules: Vec<Rule> = foreign()
        .into_iter()
        .map(|(rule, _)| rule)
        .chain([
            share(|rule| rule.group = Some("staff".to_owned())),
            Rule {
                scopes: scopes("admin"),
                client: Some(client("app")),
                ..Rule::default()
            },
        ])
        .collect();
    let (ada, notes) = (ada(), notes());
    for subset in 0..1_u32 << rules.len() {
        let chosen = (0..).zip(&rules).filter(|(bit, _)| subset >> bit & 1 == 1);
        let policy = policy(chosen.map(|(_, rule)| rule.clone()));
        for app in [client("app"), client("another")] {
            let allowed = policy.allowed(&ada, &app, &notes);
            for name in ["admin", "write", "read", "share", "nothing"] {
                let scope = Scope::parse(name).unwrap();
                let explanation = policy.explain(&ada, &app, &notes, &scope);
                assert_eq!(
                    !explanation.given.is_empty(),
                    allowed.contains(name),
                    "{name} {policy:?} {explanation:?}"
                );
            }
        }
    }
}
