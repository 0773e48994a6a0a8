//! `[[limits.classes]]`: addresses that stand for many users; the hosted platforms among them are shipped.

use std::fmt;

use ipnet::IpNet;
use toml::de::DeTable;
use vestibule_broker::settings::AddressClass;

use crate::config::networks::networks;
use crate::config::section::{Section, Source};

const SHIPPED: &str = include_str!("platforms.toml");

/// The operator's classes, and those of the shipped ones that no class of the operator replaces.
pub(super) fn read(section: &Section<'_>) -> Vec<AddressClass> {
    let mut classes: Vec<AddressClass> = Vec::new();
    for table in section.tables("classes") {
        if let Some(class) = read_class(&table) {
            match clash(&class, &classes) {
                Some(clash) => table.note_all(clash.to_string()),
                None => classes.push(class),
            }
        }
        table.finish();
    }
    if section.flag("platforms").unwrap_or(true) {
        for class in shipped() {
            let replaced = classes.iter().any(|own| own.name == class.name);
            let free = |network: &IpNet| !classes.iter().any(|own| overlaps(own, network));
            if !replaced {
                let networks = class.networks.into_iter().filter(free).collect();
                classes.push(AddressClass { networks, ..class });
            }
        }
    }
    classes
}

fn shipped() -> Vec<AddressClass> {
    let source = Source::new(SHIPPED);
    let (table, _) = DeTable::parse_recoverable(SHIPPED);
    let tables = Section::root(&source, table.get_ref()).tables("classes");
    tables.iter().filter_map(read_class).collect()
}

fn read_class(table: &Section<'_>) -> Option<AddressClass> {
    let name = table.required_text("name", "our-gateway").map(str::to_owned);
    if !table.has("networks") {
        table.note("networks", "is missing; write networks = [\"192.0.2.0/24\"]");
    }
    if !table.has("users") {
        table.note(
            "users",
            "is missing; write for how many users one address stands, such as users = 1000",
        );
    }
    let networks = networks(table, "networks");
    let users = table.number("users");
    // Where the addresses come from, and of which day: for people.
    table.text("source");
    table.text("as_of");
    Some(AddressClass {
        name: name?,
        networks: networks?,
        users: users?,
    })
}

enum Clash {
    Name(String),
    Network(IpNet, String),
}

impl fmt::Display for Clash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => write!(f, "\"{name}\" stands twice; give one of the two another name"),
            Self::Network(network, class) => {
                write!(
                    f,
                    "{network} is in the class \"{class}\" as well; take it out of one of the two"
                )
            }
        }
    }
}

fn clash(class: &AddressClass, others: &[AddressClass]) -> Option<Clash> {
    others.iter().find_map(|other| {
        if other.name == class.name {
            return Some(Clash::Name(class.name.clone()));
        }
        let shared = class.networks.iter().find(|network| overlaps(other, network))?;
        Some(Clash::Network(*shared, other.name.clone()))
    })
}

fn overlaps(class: &AddressClass, network: &IpNet) -> bool {
    class
        .networks
        .iter()
        .any(|other| other.contains(network) || network.contains(other))
}
