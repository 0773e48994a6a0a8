//! What can be told of the provider before the first login.

use openidconnect::{AuthorizationCode, PkceCodeVerifier, RequestTokenError};
use vestibule_protocol::Timestamp;
use vestibule_provider::{Examination, Finding, ProviderError};

use crate::foreign_text::line;
use crate::key_set;
use crate::metadata::Metadata;
use crate::relying_party::assertion_params;
use crate::{ClientAuth, RelyingParty};

/// How far the clocks may be apart before somebody should look, in seconds.
const FAR_APART: i64 = 30;

/// A verifier for a code that nobody issued.
const NOBODYS_VERIFIER: &str = "vestibule-doctor-vestibule-doctor-vestibule-doctor";

impl RelyingParty {
    pub(crate) async fn look(&self, examination: &Examination) -> Vec<Finding> {
        let mut findings = Vec::new();
        let metadata = match Metadata::fetch(&self.caller, &self.upstream).await {
            Ok(metadata) => metadata,
            Err(error) => {
                findings.push(Finding::bad("discovery", error.to_string(), remedy(&error)));
                return findings;
            }
        };
        findings.push(Finding::good(
            "discovery",
            format!("the issuer is exactly {}", metadata.issuer),
        ));
        findings.push(self.look_at_keys(&metadata).await);
        findings.push(self.look_at_clock(examination.now).await);
        findings.push(look_at_pkce(&metadata));
        findings.push(self.try_authenticating(&metadata, examination).await);
        findings.push(Finding::warning(
            "callback",
            "only the provider's console can tell whether the callback URL is registered",
            format!("register {} as a redirect URI", examination.callback_url),
        ));
        findings
    }

    async fn look_at_keys(&self, metadata: &Metadata) -> Finding {
        let what = "signing keys";
        if self.upstream.client_auth.secret().is_some()
            && self.upstream.algorithms == [crate::SigningAlgorithm::Hs256]
        {
            return Finding::warning(
                what,
                "ID tokens are signed with the client secret (HS256)",
                "choose RS256 or ES256 at the provider, if it can",
            );
        }
        let allowed = &self.upstream.algorithms;
        if let Some(announced) = &metadata.token_algorithms
            && !announced
                .iter()
                .any(|name| name.parse().is_ok_and(|known| allowed.contains(&known)))
        {
            return Finding::bad(
                what,
                format!(
                    "the provider signs ID tokens with {} alone",
                    line(&announced.join(", "))
                ),
                "choose RS256 or ES256 for this client at the provider, or check id_token_algorithms",
            );
        }
        match key_set::fetch(&self.caller, &metadata.jwks_uri).await {
            Ok(keys) => match keys.usable_for(allowed) {
                0 => Finding::bad(
                    what,
                    "the provider publishes no key for an allowed algorithm",
                    "choose RS256 or ES256 for this client at the provider, or check id_token_algorithms",
                ),
                count => Finding::good(what, format!("{count} usable")),
            },
            Err(error) => Finding::bad(what, error.to_string(), remedy(&error)),
        }
    }

    async fn look_at_clock(&self, now: Timestamp) -> Finding {
        let what = "clock";
        let date = match Metadata::place(&self.upstream) {
            Ok(place) => self.caller.date(&place).await,
            Err(_) => None,
        };
        let Some(date) = date else {
            return Finding::good(what, "the provider does not say what time it is");
        };
        let apart = now.as_secs() - date.as_secs();
        if apart.abs() <= FAR_APART {
            return Finding::good(what, "this machine and the provider agree");
        }
        let (distance, side) = (apart.abs(), if apart > 0 { "ahead of" } else { "behind" });
        Finding::bad(
            what,
            format!("this machine is {distance} seconds {side} the provider"),
            "set this machine's clock, with NTP for instance",
        )
    }

    /// Sends a code that nobody issued: a provider that complains of the code has accepted the client.
    async fn try_authenticating(&self, metadata: &Metadata, examination: &Examination) -> Finding {
        let what = "client authentication";
        let auth = &self.upstream.client_auth;
        let proof = match auth.prove(&self.upstream.client_id, metadata, examination.now) {
            Ok(proof) => proof,
            Err(error) => return Finding::bad(what, error.to_string(), remedy(&error)),
        };
        let client = match self.client(metadata, &examination.callback_url, &proof) {
            Ok(client) => client,
            Err(error) => return Finding::bad(what, error.to_string(), remedy(&error)),
        };
        let mut request = client
            .exchange_code(AuthorizationCode::new("vestibule-doctor".to_owned()))
            .set_pkce_verifier(PkceCodeVerifier::new(NOBODYS_VERIFIER.to_owned()));
        for (name, value) in assertion_params(&proof) {
            request = request.add_extra_param(name, value);
        }
        let check = "check client_id, the secret or key, and token_auth_method";
        match request.request_async(&self.caller).await {
            Err(RequestTokenError::ServerResponse(refusal)) => {
                let error = refusal.error();
                match error.code.as_str() {
                    "invalid_grant" => Finding::good(what, format!("accepted ({})", method(auth))),
                    "invalid_client" | "unauthorized_client" => Finding::bad(what, error.text(), check),
                    _ => Finding::warning(what, format!("the provider answered {}", error.text()), check),
                }
            }
            Err(error) => {
                let error = crate::token::explain(error);
                Finding::warning(what, error.to_string(), check)
            }
            Ok(_) => Finding::bad(
                what,
                "the provider gave tokens for a code that it never issued",
                "do not use this provider",
            ),
        }
    }
}

fn look_at_pkce(metadata: &Metadata) -> Finding {
    let what = "PKCE";
    match &metadata.challenge_methods {
        Some(methods) if methods.iter().any(|method| method == "S256") => {
            Finding::good(what, "the provider takes S256")
        }
        Some(_) => Finding::warning(
            what,
            "the provider does not list S256",
            "PKCE is sent all the same; a provider that ignores it protects the code less",
        ),
        None => Finding::good(what, "the provider does not say; S256 is sent"),
    }
}

fn method(auth: &ClientAuth) -> &'static str {
    match auth {
        ClientAuth::None => "public client",
        ClientAuth::Secret { .. } => "client secret",
        ClientAuth::PrivateKeyJwt { .. } => "private key",
        ClientAuth::SignedSecret { .. } => "signed secret",
    }
}

fn remedy(error: &ProviderError) -> &'static str {
    match error {
        ProviderError::Unavailable(_) => {
            "see whether the provider is up and can be reached from here, then try again"
        }
        ProviderError::Misconfigured(_) | ProviderError::Rejected(_) | ProviderError::Denied(_) => {
            "change what the sentence names"
        }
    }
}
