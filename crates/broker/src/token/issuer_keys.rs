//! The keys of an issuer that the operator trusts.

use async_trait::async_trait;
use serde::Deserialize;
use url::Url;
use vestibule_jose::foreign::{Jws, KeySet, Signature};
use vestibule_protocol::Timestamp;

use crate::settings::{IssuerKeys, IssuerNetwork, TrustedIssuer};
use crate::{Broker, Document, Documents, FetchError};

impl Broker {
    /// What the issuer's keys say about a signature.
    pub(super) async fn judge_by_issuer(
        &self,
        issuer: &TrustedIssuer,
        token: &Jws<'_>,
        now: Timestamp,
    ) -> Result<Signature, FetchError> {
        let network = |network: &IssuerNetwork| Within(self.documents.as_ref(), *network);
        match &issuer.keys {
            IssuerKeys::Fixed(keys) => Ok(KeySet::judge(keys, token)),
            IssuerKeys::At(place, reach) => {
                let documents = network(reach);
                self.issuer_keys.verify(&documents, place, token, now).await
            }
            IssuerKeys::Published(place, reach) => {
                let documents = ByMetadata {
                    documents: network(reach),
                    issuer: &issuer.issuer,
                };
                self.issuer_keys.verify(&documents, place, token, now).await
            }
        }
    }
}

/// Documents from as far as the operator says.
struct Within<'a>(&'a dyn Documents, IssuerNetwork);

#[async_trait]
impl Documents for Within<'_> {
    async fn fetch(&self, url: &Url, accept: &'static str) -> Result<Document, FetchError> {
        match self.1 {
            IssuerNetwork::Public => self.0.fetch(url, accept).await,
            IssuerNetwork::AlsoPrivate => self.0.fetch_nearby(url, accept).await,
        }
    }
}

/// The key set to which an issuer's metadata lead.
struct ByMetadata<'a> {
    documents: Within<'a>,
    issuer: &'a str,
}

/// The part of the metadata that counts
/// ([OpenID Connect Discovery §3](https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderMetadata),
/// [RFC 8414 §2](https://www.rfc-editor.org/rfc/rfc8414#section-2)).
#[derive(Deserialize)]
struct Metadata {
    issuer: String,
    jwks_uri: Url,
}

#[async_trait]
impl Documents for ByMetadata<'_> {
    async fn fetch(&self, issuer: &Url, accept: &'static str) -> Result<Document, FetchError> {
        let mut failed = FetchError::Forbidden("the issuer has no address".to_owned());
        for place in well_known(issuer) {
            match self.documents.fetch(&place, "application/json").await {
                Ok(document) => {
                    let place = self.key_set_of(&document, issuer)?;
                    return self.documents.fetch(&place, accept).await;
                }
                // It publishes none of this kind.
                Err(error @ FetchError::Status(_)) => failed = error,
                Err(error) => return Err(error),
            }
        }
        Err(failed)
    }
}

impl ByMetadata<'_> {
    /// > The issuer value returned MUST be identical to the authorization server's issuer identifier value into which the
    /// > well-known URI string was inserted […]. If these values are not identical, the data contained in the response MUST NOT
    /// > be used. ([RFC 8414 §3.3](https://www.rfc-editor.org/rfc/rfc8414#section-3.3))
    fn key_set_of(&self, document: &Document, issuer: &Url) -> Result<Url, FetchError> {
        let host = issuer.host_str().unwrap_or_default();
        let metadata: Metadata = serde_json::from_slice(&document.body).map_err(|_| {
            FetchError::Forbidden(format!("the metadata at {host} name no issuer and jwks_uri"))
        })?;
        if metadata.issuer == self.issuer {
            Ok(metadata.jwks_uri)
        } else {
            Err(FetchError::Forbidden(format!(
                "the metadata at {host} are of another issuer"
            )))
        }
    }
}

/// Where metadata are looked for: behind the issuer's path, as OpenID Connect has it, and before it, as RFC 8414 has it.
fn well_known(issuer: &Url) -> [Url; 2] {
    let path = issuer.path().trim_end_matches('/');
    let at = |path: String| {
        let mut url = issuer.clone();
        url.set_path(&path);
        url.set_query(None);
        url.set_fragment(None);
        url
    };
    [
        at(format!("{path}/.well-known/openid-configuration")),
        at(format!("/.well-known/oauth-authorization-server{path}")),
    ]
}
