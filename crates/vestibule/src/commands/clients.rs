//! `vestibule clients list|show|approve|block|unblock|delete`: to the running broker, over its operators' socket.

use serde_json::json;

use super::listing::Listing;
use super::operator::{broker, print};
use super::table::{Table, harmless};
use crate::cli::{ClientArgs, ClientsCommand, ListArgs};
use crate::service::operators::clients::{ChangeLine, ClientLine, ClientPage};

/// Asks the running broker and prints its answer.
pub(crate) async fn run(command: ClientsCommand) -> anyhow::Result<()> {
    match command {
        ClientsCommand::List(args) => list(&args).await,
        ClientsCommand::Show(args) => {
            let client: ClientLine = broker(&args.operator)?
                .get("/clients/show", &[("id", &args.id)])
                .await?;
            print(&args.operator, &client, || details(&client))
        }
        ClientsCommand::Approve(args) => {
            let told = |_| format!("{} is approved.", harmless(&args.id));
            change("/clients/approve", &args, told).await
        }
        ClientsCommand::Block(args) => {
            let told = |ended| format!("{} is shut out; {}.", harmless(&args.id), sessions(ended));
            change("/clients/block", &args, told).await
        }
        ClientsCommand::Unblock(args) => {
            let told = |_| format!("{} is let in again.", harmless(&args.id));
            change("/clients/unblock", &args, told).await
        }
        ClientsCommand::Delete(args) => {
            let told = |ended| format!("{} is forgotten; {}.", harmless(&args.id), sessions(ended));
            change("/clients/delete", &args, told).await
        }
    }
}

async fn list(args: &ListArgs) -> anyhow::Result<()> {
    let broker = broker(&args.operator)?;
    let mut listing = Listing::new(args.limit);
    while let Some(part) = listing.next() {
        let page: ClientPage = broker.get("/clients", &part.query()).await?;
        listing.take(page.clients, page.next, |client| client.client_id.clone());
    }
    let answer = json!({ "clients": listing.records(), "more": listing.is_cut() });
    print(&args.operator, &answer, || {
        let mut table = Table::new([
            "ORIGIN",
            "STANDING",
            "KNOWN SINCE",
            "EXPIRES",
            "NAME",
            "CLIENT ID",
        ]);
        for client in listing.records() {
            table.row([
                client.origin.clone(),
                standing(client).to_owned(),
                client.registered_at.clone().unwrap_or_default(),
                client.expires_at.clone().unwrap_or_default(),
                client.name.clone().unwrap_or_default(),
                client.client_id.clone(),
            ]);
        }
        listing.told(&table.text(), "no clients")
    })
}

async fn change(path: &str, args: &ClientArgs, told: impl FnOnce(usize) -> String) -> anyhow::Result<()> {
    let change: ChangeLine = broker(&args.operator)?.post(path, &[("id", &args.id)]).await?;
    print(&args.operator, &change, || told(change.ended_sessions))
}

fn sessions(ended: usize) -> String {
    match ended {
        0 => "it had no sessions".to_owned(),
        1 => "its one session is ended".to_owned(),
        many => format!("its {many} sessions are ended"),
    }
}

fn yes_or_no(flag: bool) -> String {
    if flag { "yes" } else { "no" }.to_owned()
}

fn standing(client: &ClientLine) -> &'static str {
    match (client.blocked, client.approved) {
        (true, _) => "blocked",
        (false, Some(true)) => "approved",
        (false, Some(false) | None) => "",
    }
}

fn details(client: &ClientLine) -> String {
    let optional = |text: &Option<String>| text.clone().unwrap_or_default();
    let lines = [
        ("Client id", client.client_id.clone()),
        ("Name", optional(&client.name)),
        ("Origin", client.origin.clone()),
        ("Blocked", yes_or_no(client.blocked)),
        ("Approved", client.approved.map(yes_or_no).unwrap_or_default()),
        ("Redirect URIs", client.redirect_uris.join(" ")),
        ("Grants", client.grant_types.join(" ")),
        ("Home page", optional(&client.home_page)),
        ("Known since", optional(&client.registered_at)),
        ("Expires", optional(&client.expires_at)),
    ];
    super::table::fields(&lines)
}
