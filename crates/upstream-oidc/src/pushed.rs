//! Pushed authorization requests ([RFC 9126](https://www.rfc-editor.org/rfc/rfc9126)).

use http::StatusCode;
use serde::Deserialize;
use url::{Url, form_urlencoded};
use vestibule_protocol::Timestamp;
use vestibule_provider::ProviderError;

use crate::RelyingParty;
use crate::metadata::Metadata;
use crate::token::TokenRefusal;

#[derive(Deserialize)]
struct Pushed {
    request_uri: String,
}

impl RelyingParty {
    /// Hands the request to the provider directly, and returns the address that refers to it.
    pub(crate) async fn push(
        &self,
        metadata: &Metadata,
        endpoint: &Url,
        request: &Url,
        now: Timestamp,
    ) -> Result<Url, ProviderError> {
        let place = "the provider's endpoint for pushed requests";
        let client_id = self.upstream.client_id.as_str();
        let proof = self.upstream.client_auth.prove(client_id, metadata, now)?;
        let (form, authorization) = {
            let mut form = form_urlencoded::Serializer::new(String::new());
            form.extend_pairs(request.query_pairs().filter(|(name, _)| name != "client_id"));
            let authorization = proof.add_to(&mut form, client_id);
            // RFC 9126 §2.1: all parameters of the request, `client_id` too, whatever the client proves itself with.
            if authorization.is_some() {
                form.append_pair("client_id", client_id);
            }
            (form.finish(), authorization)
        };
        let answer = self.caller.post(endpoint, form, authorization).await?;
        if !matches!(answer.status(), StatusCode::CREATED | StatusCode::OK) {
            return Err(match serde_json::from_slice::<TokenRefusal>(answer.body()) {
                Ok(refusal) => refusal.error().at(place),
                Err(_) => ProviderError::Rejected(format!("{place} answered with {}", answer.status())),
            });
        }
        let pushed: Pushed = serde_json::from_slice(answer.body())
            .map_err(|_| ProviderError::Rejected(format!("{place} answered without a request_uri")))?;
        let mut address = metadata.authorization_endpoint.clone();
        address
            .query_pairs_mut()
            .append_pair("client_id", client_id)
            .append_pair("request_uri", &pushed.request_uri);
        Ok(address)
    }
}
