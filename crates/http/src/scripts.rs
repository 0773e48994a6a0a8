//! The files that providers bring for their scripts.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use http::HeaderValue;
use vestibule_protocol::ProviderId;
use vestibule_provider::ScriptAsset;

use crate::page::Asset;

/// Where each provider's files are served.
#[derive(Debug, Default)]
pub(crate) struct Scripts(BTreeMap<(ProviderId, String), String>);

impl Scripts {
    /// Finds an address for each file. Two providers of one kind bring the same files, which are served once.
    pub(crate) fn new(base: &str, all: Vec<(ProviderId, ScriptAsset)>) -> (Self, Vec<Asset>) {
        let mut scripts = Self::default();
        let mut served = BTreeSet::new();
        let mut assets = Vec::new();
        for (provider, file) in all {
            let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
            let media_type = HeaderValue::from_str(file.media_type);
            let (Ok(media_type), true) = (media_type, file.name.chars().all(plain)) else {
                tracing::error!(%provider, asset = file.name, "an asset cannot be served: its name or media type is malformed");
                continue;
            };
            let asset = Asset::new(base, file.name, media_type, Bytes::from(file.body.into_owned()));
            scripts
                .0
                .insert((provider, file.name.to_owned()), asset.path.clone());
            if served.insert(asset.path.clone()) {
                assets.push(asset);
            }
        }
        (scripts, assets)
    }

    /// The address of a provider's file.
    pub(crate) fn address(&self, provider: &ProviderId, name: &str) -> Option<&str> {
        self.0
            .get(&(provider.clone(), name.to_owned()))
            .map(String::as_str)
    }
}
