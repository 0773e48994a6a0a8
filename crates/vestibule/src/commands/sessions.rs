//! `vestibule sessions list|show|end`: to the running broker, over its operators' socket.

use serde_json::json;

use super::listing::Listing;
use super::operator::{broker, print};
use super::table::{Table, fields};
use crate::cli::{EndArgs, FilterArgs, ListArgs, SessionsCommand};
use crate::service::operators::sessions::{EndLine, SessionLine, SessionPage};

/// Asks the running broker and prints its answer.
pub(crate) async fn run(command: SessionsCommand) -> anyhow::Result<()> {
    match command {
        SessionsCommand::List { filter, list } => show_list(&filter, &list).await,
        SessionsCommand::Show { sid, operator } => {
            let session: SessionLine = broker(&operator)?.get("/sessions/show", &[("sid", &sid)]).await?;
            print(&operator, &session, || details(&session))
        }
        SessionsCommand::End(args) => end(&args).await,
    }
}

async fn show_list(filter: &FilterArgs, args: &ListArgs) -> anyhow::Result<()> {
    let broker = broker(&args.operator)?;
    let mut listing = Listing::new(args.limit);
    while let Some(part) = listing.next() {
        let query = [filter.query(), part.query()].concat();
        let page: SessionPage = broker.get("/sessions", &query).await?;
        listing.take(page.sessions, page.next, |session| session.sid.clone());
    }
    let answer = json!({ "sessions": listing.records(), "more": listing.is_cut() });
    print(&args.operator, &answer, || {
        let mut table = Table::new(["SID", "USER", "USED", "ENDS", "SCOPE", "RESOURCES", "CLIENT ID"]);
        for session in listing.records() {
            table.row([
                session.sid.clone(),
                session.user.clone(),
                session.used_at.clone(),
                session.ends_at.clone(),
                session.scope.clone(),
                session.resources.join(" "),
                session.client_id.clone(),
            ]);
        }
        listing.told(&table.text(), "no live sessions")
    })
}

/// Ends page after page, until all have ended that lived at the start.
async fn end(args: &EndArgs) -> anyhow::Result<()> {
    let broker = broker(&args.operator)?;
    let mut which = args.filter.query();
    which.extend(args.sid.as_deref().map(|sid| ("sid", sid)));
    which.extend(args.everybody.then_some(("everybody", "true")));
    let (mut ended, mut after) = (0, None::<String>);
    loop {
        let mut query = which.clone();
        query.push(("size", "200"));
        query.extend(after.as_deref().map(|after| ("after", after)));
        let page: EndLine = broker.post("/sessions/end", &query).await?;
        ended += page.ended;
        match page.next {
            Some(next) => after = Some(next),
            None => break,
        }
    }
    print(&args.operator, &json!({ "ended": ended }), || match ended {
        0 => "No live session was meant; nothing was ended.".to_owned(),
        1 => "One session is ended, and its tokens are revoked.".to_owned(),
        many => format!("{many} sessions are ended, and their tokens are revoked."),
    })
}

impl FilterArgs {
    fn query(&self) -> Vec<(&str, &str)> {
        [
            ("user", &self.user),
            ("client", &self.client),
            ("resource", &self.resource),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name, value.as_deref()?)))
        .collect()
    }
}

fn details(session: &SessionLine) -> String {
    fields(&[
        ("Session", session.sid.clone()),
        ("User", session.user.clone()),
        ("User name", session.user_name.clone()),
        ("Client id", session.client_id.clone()),
        ("Resources", session.resources.join(" ")),
        ("Scope", session.scope.clone()),
        ("Opened", session.opened_at.clone()),
        ("Used", session.used_at.clone()),
        ("Ends", session.ends_at.clone()),
    ])
}
