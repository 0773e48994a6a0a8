use http::{HeaderMap, Method, StatusCode, header};
use url::Url;

use super::TokenError;
use crate::{
    Host,
    form::Form,
    http::{Answer, Http},
    proof::{DPOP, Prover},
    refusal::Refusal,
    registration::ClientIdentity,
};

/// The token endpoint of an authorization server, as one client asks there.
pub(crate) struct TokenEndpoint<'a> {
    pub(crate) http: &'a Http,
    pub(crate) host: &'a dyn Host,
    pub(crate) url: &'a Url,
    pub(crate) issuer: &'a str,
    /// Nobody, where what is shown says by itself who asks.
    pub(crate) client: Option<&'a ClientIdentity>,
    /// The key that the tokens are to be bound to.
    pub(crate) prover: Option<&'a Prover>,
}

impl TokenEndpoint<'_> {
    /// Asks; once more where the server wants its nonce in the proof, and never a third time
    /// ([RFC 9449 §8](https://www.rfc-editor.org/rfc/rfc9449#section-8)).
    pub(super) async fn ask(&self, form: &Form) -> Result<Answer, TokenError> {
        let answer = self.send(form).await?;
        if !wants_nonce(&answer) || !self.learn(&answer) {
            return Ok(answer);
        }
        let again = self.send(form).await?;
        self.learn(&again);
        if wants_nonce(&again) {
            return Err(TokenError::NonceNotTaken {
                endpoint: self.url.to_string(),
            });
        }
        Ok(again)
    }

    /// Asks once, with an assertion and a proof of its own.
    async fn send(&self, form: &Form) -> Result<Answer, TokenError> {
        let (mut form, mut headers) = (form.clone(), HeaderMap::new());
        if let Some(client) = self.client
            && let Some(authorization) = client.authenticate(self.issuer, &mut form, self.host)?
        {
            headers.insert(header::AUTHORIZATION, authorization);
        }
        if let Some(prover) = self.prover {
            headers.insert(DPOP, prover.prove(&Method::POST, self.url, None)?);
        }
        Ok(self.http.post_form(self.url, headers, form).await?)
    }

    /// Keeps the nonce of an answer, and says whether there is a new one.
    fn learn(&self, answer: &Answer) -> bool {
        self.prover
            .is_some_and(|prover| prover.learn(self.url, &answer.headers))
    }
}

fn wants_nonce(answer: &Answer) -> bool {
    matches!(answer.status, StatusCode::BAD_REQUEST | StatusCode::UNAUTHORIZED)
        && Refusal::read(answer).code() == "use_dpop_nonce"
}
