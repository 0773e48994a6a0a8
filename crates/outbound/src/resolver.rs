//! Names that resolve to allowed addresses only. What this hands out is what is connected to, so that a name cannot change its
//! mind in between.

use std::net::SocketAddr;
use std::sync::Arc;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use thiserror::Error;

use crate::address::is_within;
use crate::{Names, Reach};

/// The resolver of a client of this reach.
pub(crate) struct Resolver {
    pub(crate) reach: Reach,
    pub(crate) names: Arc<dyn Names>,
}

/// A name all of whose addresses are left out; [`Reach`] says which.
#[derive(Debug, Error)]
#[error("the name resolves to no allowed address")]
pub(crate) struct NotWithin;

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let (reach, found) = (self.reach, self.names.find(name.as_str()));
        Box::pin(async move {
            let found = found.await?.into_iter();
            let addresses: Addrs = Box::new(choose(reach, found)?.into_iter());
            Ok(addresses)
        })
    }
}

/// Of what a name resolves to, where this client goes. An answer that mixes both is no reason to go to the other half.
fn choose(reach: Reach, found: impl Iterator<Item = SocketAddr>) -> Result<Vec<SocketAddr>, NotWithin> {
    let allowed: Vec<SocketAddr> = found.filter(|address| is_within(reach, address.ip())).collect();
    if allowed.is_empty() {
        return Err(NotWithin);
    }
    Ok(allowed)
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use super::choose;
    use crate::Reach;

    fn addresses(texts: &[&str]) -> Vec<SocketAddr> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    #[test]
    fn of_a_mixed_answer_only_the_public_half_is_gone_to() {
        let mixed = addresses(&[
            "127.0.0.1:443",
            "8.8.8.8:443",
            "[::ffff:10.0.0.1]:443",
            "[fd00::1]:443",
        ]);
        let chosen = choose(Reach::Public, mixed.into_iter()).unwrap();
        assert_eq!(chosen, addresses(&["8.8.8.8:443"]));
    }

    #[test]
    fn an_answer_of_private_addresses_alone_is_refused() {
        for private in [
            "127.0.0.1:443",
            "[::1]:443",
            "192.168.1.1:443",
            "169.254.169.254:80",
        ] {
            assert!(
                choose(Reach::Public, addresses(&[private]).into_iter()).is_err(),
                "{private}"
            );
        }
        assert!(choose(Reach::Public, std::iter::empty()).is_err());
    }

    #[test]
    fn a_private_reach_leaves_out_metadata_services_alone() {
        let found = addresses(&["10.0.0.1:443", "169.254.169.254:80"]);
        let chosen = choose(Reach::Private, found.into_iter()).unwrap();
        assert_eq!(chosen, addresses(&["10.0.0.1:443"]));
    }
}
