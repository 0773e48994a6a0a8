//! Lists of networks.

use std::net::IpAddr;

use ipnet::IpNet;

use super::section::Section;

/// A list of networks in CIDR notation; an address alone is a network of one.
pub(super) fn networks(section: &Section<'_>, name: &'static str) -> Option<Vec<IpNet>> {
    let texts = section.texts(name)?;
    let read = |text: &&str| {
        let network = parse(text);
        if let Err(mistake) = &network {
            section.note(name, format!("\"{text}\" {mistake}"));
        }
        network.ok()
    };
    let networks: Vec<IpNet> = texts.iter().filter_map(read).collect();
    (networks.len() == texts.len()).then_some(networks)
}

fn parse(text: &str) -> Result<IpNet, String> {
    let alone = text.parse().map(|address: IpAddr| IpNet::from(address));
    let network = alone.or_else(|_| text.parse::<IpNet>());
    let network = network
        .map_err(|_| "is no network; write one such as \"10.0.0.0/8\" or \"2001:db8::/32\"".to_owned())?;
    if network.trunc() != network {
        return Err(format!(
            "has bits behind its length; write \"{}\"",
            network.trunc()
        ));
    }
    Ok(network)
}
