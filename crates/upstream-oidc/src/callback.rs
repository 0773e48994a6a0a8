//! Back from the provider, with a code or an error.

use std::collections::BTreeMap;

use openidconnect::{AuthorizationCode, PkceCodeVerifier};
use vestibule_protocol::{Secret, Timestamp};
use vestibule_provider::{Login, LoginContext, LoginStep, ProviderError, Reply, UpstreamSession};

use crate::at_hash::is_hash_of;
use crate::id_token::{LEEWAY, Verified, is_name_of_issuer};
use crate::kept::Kept;
use crate::metadata::Metadata;
use crate::oauth_error::OAuthError;
use crate::relying_party::assertion_params;
use crate::token::{TokenAnswer, explain};
use crate::{Claims, FreshLogin, IssuerRule, NonceRule, RelyingParty, foreign_text};

/// The longest code that is passed on, in bytes.
const LONGEST_CODE: usize = 8192;

type Parameters = BTreeMap<String, String>;

impl RelyingParty {
    /// Redeems what the browser brought back, once.
    pub(crate) async fn take_callback(
        &self,
        login: &LoginContext,
        reply: Reply,
    ) -> Result<LoginStep, ProviderError> {
        let Reply::Callback(parameters) = reply else {
            return Err(ProviderError::Rejected(
                "the provider answers by a callback, not by a form".to_owned(),
            ));
        };
        let metadata = self.metadata().await?;
        let code = self.read_callback(&parameters, &metadata, login)?;
        let answer = self.redeem(code, &metadata, login).await?;
        let raw = answer.id_token().ok_or_else(|| {
            ProviderError::Rejected(
                "the provider sent no ID token; is openid among the scopes that it grants?".to_owned(),
            )
        })?;
        let verified = self.verify("ID token", raw.expose(), &["jwt"]).await?;
        self.check_id_token(&verified, &metadata, login.now)?;
        self.check_response_issuer(&parameters, &verified.claims)?;
        self.check_nonce(&verified.claims, &login.nonce)?;
        check_hashes(&verified, &answer.access_token(), code)?;
        let auth_time = self.auth_time(&verified.claims, login)?;
        let evidence = self
            .gather(&metadata, verified.claims, &answer.access_token(), login.now)
            .await?;
        let identity = self.identify(&evidence, auth_time)?;
        let claim = |name: &str| evidence.id_token.text(name).unwrap_or_default().to_owned();
        let mut kept = Kept::new(claim("iss"), claim("sub"), auth_time);
        kept.renew(answer.refresh_token(), Some(raw));
        let upstream = UpstreamSession {
            subject: identity.subject.clone(),
            sid: evidence.id_token.text("sid").map(str::to_owned),
            sub: (!self.is_subject_sub()).then(|| claim("sub")),
            kept: kept.seal()?,
        };
        Ok(LoginStep::Done(Box::new(Login {
            identity,
            upstream: Some(upstream),
            once: None,
        })))
    }

    fn read_callback<'p>(
        &self,
        parameters: &'p Parameters,
        metadata: &Metadata,
        login: &LoginContext,
    ) -> Result<&'p str, ProviderError> {
        let parameter = |name: &str| parameters.get(name).map(String::as_str);
        let state = parameter("state").unwrap_or_default();
        if !Secret::new(login.state.as_str()).matches(state) {
            return Err(ProviderError::Rejected(
                "the callback is another login's (state)".to_owned(),
            ));
        }
        self.check_iss_parameter(parameter("iss"), metadata)?;
        if let Some(code) = parameter("error") {
            return Err(OAuthError::new(code, parameter("error_description")).at("the provider's callback"));
        }
        match parameter("code") {
            Some(code) if !code.is_empty() && code.len() <= LONGEST_CODE => Ok(code),
            _ => Err(ProviderError::Rejected(
                "the callback carries neither a code nor an error".to_owned(),
            )),
        }
    }

    /// [RFC 9207 §2.4](https://www.rfc-editor.org/rfc/rfc9207#section-2.4): “If clients receive an authorization response that
    /// does not contain the iss parameter from an authorization server that does indicate its support for the parameter, they
    /// MUST reject the response.” An `iss` that nobody promised is compared too.
    fn check_iss_parameter(&self, issuer: Option<&str>, metadata: &Metadata) -> Result<(), ProviderError> {
        let rejected = |text: String| Err(ProviderError::Rejected(text));
        let Some(issuer) = issuer else {
            if metadata.promises_iss {
                return rejected("the callback has no iss, which the provider promises to send".to_owned());
            }
            return Ok(());
        };
        if is_name_of_issuer(issuer, &self.upstream, metadata) {
            return Ok(());
        }
        rejected(format!(
            "the callback is from another issuer, {}",
            foreign_text::line(issuer)
        ))
    }

    /// Of several tenants, the one that answered is the one that issued the token.
    fn check_response_issuer(&self, parameters: &Parameters, claims: &Claims) -> Result<(), ProviderError> {
        match (&self.upstream.issuer_rule, parameters.get("iss")) {
            (IssuerRule::OfTenant(_), Some(issuer)) if claims.text("iss") != Some(issuer) => Err(
                ProviderError::Rejected("the callback and the ID token are from two issuers".to_owned()),
            ),
            _ => Ok(()),
        }
    }

    /// One request, whatever becomes of it: a code that is sent twice may cost the user all tokens of the login.
    async fn redeem(
        &self,
        code: &str,
        metadata: &Metadata,
        login: &LoginContext,
    ) -> Result<TokenAnswer, ProviderError> {
        let proof = self
            .upstream
            .client_auth
            .prove(&self.upstream.client_id, metadata, login.now)?;
        let client = self.client(metadata, &login.callback_url, &proof)?;
        let mut request = client
            .exchange_code(AuthorizationCode::new(code.to_owned()))
            .set_pkce_verifier(PkceCodeVerifier::new(login.pkce_verifier.expose().to_owned()));
        for (name, value) in assertion_params(&proof) {
            request = request.add_extra_param(name, value);
        }
        request.request_async(&self.caller).await.map_err(explain)
    }

    fn check_nonce(&self, claims: &Claims, nonce: &str) -> Result<(), ProviderError> {
        match (claims.get("nonce"), self.upstream.nonce_rule) {
            (None, NonceRule::WherePresent) => Ok(()),
            (Some(found), _)
                if found
                    .as_str()
                    .is_some_and(|found| Secret::new(nonce).matches(found)) =>
            {
                Ok(())
            }
            _ => Err(ProviderError::Rejected(
                "the ID token is another login's (nonce)".to_owned(),
            )),
        }
    }

    /// When the user last proved who they are: `auth_time`, or else when the token was issued. Zero stands for nothing.
    fn auth_time(&self, claims: &Claims, login: &LoginContext) -> Result<Timestamp, ProviderError> {
        let told = claims.moment("auth_time").filter(|at| at.as_secs() > 0);
        if login.force_login {
            match told {
                Some(at) if at >= login.begun_at.minus(LEEWAY) => {}
                Some(_) => {
                    return Err(ProviderError::Rejected(
                        "the user had to log in again, and the provider let an earlier login do (auth_time)"
                            .to_owned(),
                    ));
                }
                None if self.upstream.fresh_login == FreshLogin::Proven => {
                    return Err(ProviderError::Rejected(
                        "the user had to log in again, and the provider does not say that they did (auth_time)".to_owned(),
                    ));
                }
                None => {}
            }
        }
        let issued = claims.moment("iat").unwrap_or(login.now);
        Ok(told.unwrap_or(issued).min(login.now))
    }
}

/// `at_hash` and `c_hash` bind the ID token to what came beside it; one that is there has to be right.
pub(crate) fn check_hashes(
    verified: &Verified,
    access_token: &Secret,
    code: &str,
) -> Result<(), ProviderError> {
    for (name, value) in [("at_hash", access_token.expose()), ("c_hash", code)] {
        let Some(hash) = verified.claims.get(name) else {
            continue;
        };
        if !hash
            .as_str()
            .is_some_and(|hash| is_hash_of(hash, value, verified.algorithm))
        {
            return Err(ProviderError::Rejected(format!(
                "the ID token belongs to another answer ({name})"
            )));
        }
    }
    Ok(())
}
