//! A reception desk: a visitor types the number on the slip that they were handed, which is good once.

use std::collections::BTreeMap;
use std::time::Duration;

use async_trait::async_trait;
use vestibule_protocol::{ProviderId, Secret, Subject, Timestamp};
use vestibule_provider::{
    Capabilities, Field, FieldKind, Form, Identity, Login, LoginContext, LoginStep, Once, Provider,
    ProviderError, Reply, Sealed, Standing, UpstreamSession,
};

pub struct Desk {
    pub id: ProviderId,
    /// Who was handed which number.
    pub slips: BTreeMap<String, Secret>,
}

#[async_trait]
impl Provider for Desk {
    fn id(&self) -> &ProviderId {
        &self.id
    }

    fn display_name(&self) -> &'static str {
        "Reception"
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities::default()
    }

    async fn begin(&self, _: &LoginContext) -> Result<LoginStep, ProviderError> {
        Ok(ask(None))
    }

    async fn complete(&self, login: &LoginContext, reply: Reply) -> Result<LoginStep, ProviderError> {
        let Reply::Form(fields) = reply else {
            return Err(ProviderError::Rejected("visitors type a number".to_owned()));
        };
        let typed = fields.get("number").map_or("", Secret::expose);
        let Some((visitor, _)) = self.slips.iter().find(|(_, number)| number.matches(typed)) else {
            return Ok(ask(Some("There is no slip with this number.".to_owned())));
        };
        let wrong = |error: vestibule_protocol::IdError| ProviderError::Misconfigured(error.to_string());
        let subject = Subject::of(&self.id, visitor).map_err(wrong)?;
        let mut identity = Identity::of(&self.id, subject, login.now);
        identity.name = Some(visitor.clone());
        identity.groups.push("visitors".to_owned());
        let mut done = Login::of(identity);
        // The broker remembers it and lets the same slip in no second time.
        done.once = Some(Once {
            key: format!("slip of {visitor}"),
            expires_at: login.now + Duration::from_secs(24 * 3600),
        });
        Ok(LoginStep::Done(Box::new(done)))
    }

    async fn recheck(&self, _: &UpstreamSession, _: Timestamp) -> Result<Standing, ProviderError> {
        Ok(Standing::Unknown)
    }
}

/// The broker draws the form in its own style, keeps it from being sent from elsewhere, and limits the tries.
fn ask(problem: Option<String>) -> LoginStep {
    let number = Field {
        name: "number".to_owned(),
        label: "Number on your slip".to_owned(),
        kind: FieldKind::OneTimeCode,
        value: String::new(),
    };
    let form = Form {
        intro: None,
        account: None,
        fields: vec![number],
        submit: "Come in".to_owned(),
        alternatives: Vec::new(),
        problem,
    };
    LoginStep::Ask(form, Sealed::default())
}
