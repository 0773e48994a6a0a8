//! `vestibule policy explain`: to the running broker, over its operators' socket.

use std::process::ExitCode;

use super::operator::{broker, print};
use super::table::{Table, fields};
use crate::cli::{ExplainArgs, PolicyCommand};
use crate::service::operators::policy::{PolicyPage, UserLine};

/// Asks the running broker and prints its answer.
pub(crate) async fn run(command: PolicyCommand) -> anyhow::Result<ExitCode> {
    let PolicyCommand::Explain(args) = command;
    let (groups, roles) = (lines(&args.groups), lines(&args.roles));
    let page: PolicyPage = broker(&args.operator)?
        .get(
            "/policy/explain",
            &args.query(groups.as_deref(), roles.as_deref()),
        )
        .await?;
    print(&args.operator, &page, || readable(&page))?;
    Ok(ExitCode::SUCCESS)
}

/// The texts with a line each; none if there are none.
fn lines(texts: &[String]) -> Option<String> {
    (!texts.is_empty()).then(|| texts.join("\n"))
}

impl ExplainArgs {
    fn query<'a>(&'a self, groups: Option<&'a str>, roles: Option<&'a str>) -> Vec<(&'a str, &'a str)> {
        let mut query = vec![("user", self.user.as_str()), ("client", self.client.as_str())];
        for (name, value) in [
            ("resource", self.resource.as_deref()),
            ("scope", self.scope.as_deref()),
            ("email", self.email.as_deref()),
            ("groups", groups),
            ("roles", roles),
        ] {
            query.extend(value.map(|value| (name, value)));
        }
        query
    }
}

fn readable(page: &PolicyPage) -> String {
    let mut table = Table::new(["SCOPE", "GIVEN", "WHY", "RESOURCE"]);
    for answer in &page.answers {
        table.row([
            answer.scope.clone(),
            if answer.given { "yes" } else { "no" }.to_owned(),
            answer.why.join("; "),
            answer.resource.clone(),
        ]);
    }
    format!("{}\n\n{}", known(&page.user), table.text())
}

fn known(user: &UserLine) -> String {
    let from = match &user.seen_at {
        Some(at) => format!("the login of the newest live session, opened {at}, and the command line"),
        None => "the command line alone: no live session tells of the user, nor what the provider grants"
            .to_owned(),
    };
    fields(&[
        ("User", user.user.clone()),
        ("Verified email", user.verified_email.clone().unwrap_or_default()),
        ("Groups", user.groups.join(", ")),
        ("Roles", user.roles.join(", ")),
        ("Known from", from),
    ])
}
