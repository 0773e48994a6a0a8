//! `/oauth/interaction/{ticket}`: choosing a provider, signing in, consenting. One address for the whole walk, so that the
//! browser's reload always shows what there is to do now.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;
use vestibule_broker::{Broker, Decision};
use vestibule_protocol::{Params, ScopeSet, Secret};

use crate::extract::{Submission, Visitor};
use crate::failure::{PageFailure, Problem};
use crate::pages::Pages;

pub(crate) async fn get(
    State(broker): State<Arc<Broker>>,
    State(pages): State<Arc<Pages>>,
    Path(ticket): Path<String>,
    Visitor(browser): Visitor,
) -> Result<Response, PageFailure> {
    Ok(pages.interaction(broker.interaction(&ticket, &browser).await?))
}

pub(crate) async fn post(
    State(broker): State<Arc<Broker>>,
    State(pages): State<Arc<Pages>>,
    Path(ticket): Path<String>,
    Submission { browser, params }: Submission,
) -> Result<Response, PageFailure> {
    let turn = match Answer::read(&params)? {
        Answer::Provider(provider) => broker.choose_provider(&ticket, &browser, provider).await,
        Answer::Decision(decision) => broker.decide(&ticket, &browser, decision).await,
        Answer::SwitchUser => broker.switch_user(&ticket, &browser).await,
        Answer::ChooseAgain => broker.choose_again(&ticket, &browser).await,
        Answer::Login(fields) => broker.submit_login(&ticket, &browser, fields).await,
    };
    match turn {
        Ok(turn) => Ok(pages.turn(turn)),
        Err(error) => Err(PageFailure::from(error).with_another_try(|| pages.interaction_path(&ticket))),
    }
}

/// What a person answered, told apart by the button that was pressed.
#[derive(Debug)]
enum Answer<'a> {
    Provider(&'a str),
    Decision(Decision),
    SwitchUser,
    ChooseAgain,
    Login(BTreeMap<String, Secret>),
}

impl<'a> Answer<'a> {
    fn read(params: &'a Params) -> Result<Self, Problem> {
        if let Some(decision) = params.one("decision")? {
            return match decision {
                "approve" => Ok(Self::Decision(Decision::Approve {
                    scopes: ticked(params)?,
                })),
                "deny" => Ok(Self::Decision(Decision::Deny)),
                _ => Err(Problem::malformed("The decision is neither approve nor deny.")),
            };
        }
        if let Some(action) = params.one("action")? {
            return match action {
                "switch_user" => Ok(Self::SwitchUser),
                "choose_again" => Ok(Self::ChooseAgain),
                _ => Err(Problem::malformed("There is no such action here.")),
            };
        }
        if let Some(provider) = params.one("provider")? {
            return Ok(Self::Provider(provider));
        }
        let mut fields = BTreeMap::new();
        for (name, _) in params.iter() {
            let value = params.one(name)?.unwrap_or_default();
            fields.insert(name.to_owned(), Secret::new(value));
        }
        Ok(Self::Login(fields))
    }
}

fn ticked(params: &Params) -> Result<ScopeSet, Problem> {
    ScopeSet::parse(&params.many("scope").join(" "))
        .map_err(|_| Problem::malformed("One of the boxes does not name a scope."))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(form: &str) -> Result<String, Problem> {
        let params = Params::parse_form(form.as_bytes()).unwrap();
        Answer::read(&params).map(|answer| format!("{answer:?}"))
    }

    #[test]
    fn a_decision_that_is_neither_is_refused() {
        for form in [
            "decision=maybe",
            "decision=approve&decision=deny",
            "action=dance",
            "provider=a&provider=b",
        ] {
            assert!(read(form).is_err(), "{form}");
        }
    }

    #[test]
    fn a_field_of_the_form_that_stands_twice_is_refused() {
        assert!(read("username=a&username=b&password=c").is_err());
    }

    #[test]
    fn the_buttons_tell_the_forms_apart() {
        assert_eq!(read("provider=local").unwrap(), r#"Provider("local")"#);
        assert_eq!(read("action=switch_user").unwrap(), "SwitchUser");
        assert_eq!(read("action=choose_again").unwrap(), "ChooseAgain");
        assert_eq!(read("scope=a&decision=deny").unwrap(), "Decision(Deny)");
        assert!(
            read("scope=b&scope=a&decision=approve")
                .unwrap()
                .starts_with("Decision(Approve")
        );
    }

    #[test]
    fn the_values_of_a_login_form_are_secret() {
        let answer = read("username=alice&password=hunter2").unwrap();
        assert!(answer.contains("username") && answer.contains("password"));
        assert!(!answer.contains("hunter2"), "{answer}");
    }
}
