//! `[listen]`: where the broker listens.

use std::net::SocketAddr;
use std::path::PathBuf;

use super::section::Section;

/// Where the broker listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listen {
    /// For clients, browsers and MCP servers; never empty.
    pub addresses: Vec<SocketAddr>,
    /// For operators' commands: a Unix socket.
    pub operators: Option<PathBuf>,
}

pub(super) fn read(section: Section<'_>) -> Option<Listen> {
    let texts = section.texts("address").unwrap_or_else(|| vec!["127.0.0.1:3009"]);
    let addresses: Vec<SocketAddr> = texts
        .iter()
        .filter_map(|text| {
            let address = text.parse().ok();
            if address.is_none() {
                let example = "write IP and port, such as 0.0.0.0:3009";
                section.note("address", format!("\"{text}\" is not an address; {example}"));
            }
            address
        })
        .collect();
    if texts.is_empty() {
        section.note(
            "address",
            "is an empty list; write at least one address, such as \"127.0.0.1:3009\"",
        );
    }
    let operators = section.text("operators").map(PathBuf::from);
    section.finish();
    (!addresses.is_empty()).then_some(Listen { addresses, operators })
}
