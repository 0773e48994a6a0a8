//! `private_key_jwt`: a client proves itself with an assertion
//! ([RFC 7523 §3](https://www.rfc-editor.org/rfc/rfc7523#section-3), with the audience of RFC 10070).

use std::sync::Arc;
use std::time::Duration;

use thiserror::Error;
use vestibule_jose::Audience;
use vestibule_jose::foreign::{
    AssertionClaims, ClockError, Clocks, Jws, JwsError, Signature, SigningAlgorithm,
};
use vestibule_protocol::{ClientId, RedirectUri, Secret, Timestamp};
use vestibule_telemetry::AuditEvent;

use super::{AuthenticateError, ClientRefusal};
use crate::client_documents::FirstReading;
use crate::store::Remembered;
use crate::{Broker, Client, Digest, endpoints};

/// What clients may sign with: only what a public key verifies, so that no secret can be guessed and no key confused with one.
pub(crate) const ALGORITHMS: [SigningAlgorithm; 4] = [
    SigningAlgorithm::Es256,
    SigningAlgorithm::EdDsa,
    SigningAlgorithm::Rs256,
    SigningAlgorithm::Ps256,
];

/// How far a client's clock may be off.
const SKEW: Duration = Duration::from_secs(60);

/// Longer than any assertion has to be, in bytes.
const LONGEST: usize = 16 * 1024;

/// The longest `jti` that is remembered, in bytes.
const LONGEST_ID: usize = 512;

/// Why an assertion proves nothing; each says what to change.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum AssertionRefusal {
    /// It is no signed JWT with the claims of an assertion.
    #[error("is not a signed JWT of at most 16 KiB with the claims iss, sub, aud and exp")]
    Malformed,
    /// It is signed with something else.
    #[error(
        "is signed with an algorithm that is not allowed for this client: use ES256, EdDSA, RS256 or PS256, and the one that it registered"
    )]
    Algorithm,
    /// It is another kind of token.
    #[error("is a token of another type (typ): write client-authentication+jwt")]
    Type,
    /// It does not say that the client speaks for itself.
    #[error("has another iss than sub: both are the client id")]
    Issuer,
    /// The request names another client.
    #[error("is of another client than client_id: leave client_id out, or send the assertion's own")]
    OtherClient,
    /// The client authenticates otherwise.
    #[error("is not expected: this client has registered no public keys")]
    Unexpected,
    /// No key of the client's has its `kid` and algorithm.
    #[error("is signed with a key that the client does not publish: compare kid and alg with its jwks")]
    UnknownKey,
    /// The signature is wrong.
    #[error("has a wrong signature")]
    Signature,
    /// It is for somebody else, or for others as well.
    #[error("has another audience (aud): it has to be the issuer alone, {0}")]
    Audience(String),
    /// Its times are wrong.
    #[error(transparent)]
    Time(#[from] ClockError),
    /// It cannot be told from others.
    #[error("has no jti of 1 to 512 bytes: write a new one into each")]
    NoId,
    /// It came before.
    #[error("was used before (jti): make a new one for each request")]
    Replayed,
}

impl Broker {
    /// The client whose assertion this is.
    pub(super) async fn verify_assertion(
        &self,
        named: Option<&ClientId>,
        assertion: &Secret,
        first: FirstReading,
    ) -> Result<Arc<Client>, AuthenticateError> {
        let now = self.now();
        let assertion = assertion.expose();
        if assertion.len() > LONGEST {
            return Err(AssertionRefusal::Malformed.into());
        }
        let token = Jws::parse(assertion, &ALGORITHMS).map_err(AssertionRefusal::from)?;
        // Older clients write `JWT`, or nothing. Whatever says that it is something else is none.
        if !token.is_typed(&["client-authentication+jwt", "jwt"]) {
            return Err(AssertionRefusal::Type.into());
        }
        // Whom it is about decides whose keys are asked; nothing else of it is believed before the signature holds.
        let claims = AssertionClaims::read(&token).ok_or(AssertionRefusal::Malformed)?;
        let id = ClientId::parse(&claims.sub).map_err(|_| AssertionRefusal::Malformed)?;
        if named.is_some_and(|named| *named != id) {
            return Err(AssertionRefusal::OtherClient.into());
        }
        let client = self.known_client(&id, false, first).await?;
        self.check_signature(&client, &token, now).await?;
        check_issuer(&claims)?;
        self.check_audience(&client, &claims.aud)?;
        let clocks = Clocks {
            skew: SKEW,
            longest: self.settings.client_assertions.longest,
        };
        claims.check_times(clocks, now).map_err(AssertionRefusal::from)?;
        self.check_first_use(&client, &claims, clocks, now).await?;
        if client.is_blocked() {
            let cause = ClientRefusal::Blocked;
            return Err(AuthenticateError::Refused { cause, basic: false });
        }
        Ok(client)
    }

    async fn check_signature(
        &self,
        client: &Client,
        token: &Jws<'_>,
        now: Timestamp,
    ) -> Result<(), AuthenticateError> {
        let keys = client.keys().ok_or(AssertionRefusal::Unexpected)?;
        if !keys.allow(token.algorithm()) {
            return Err(AssertionRefusal::Algorithm.into());
        }
        let judged = self.judge_signature(keys, token, now).await;
        match judged.map_err(AuthenticateError::Keys)? {
            Signature::Good => Ok(()),
            Signature::UnknownKey => Err(AssertionRefusal::UnknownKey.into()),
            Signature::Bad => Err(AssertionRefusal::Signature.into()),
        }
    }

    /// The issuer is the audience, and there is no other: whoever else an assertion names could use it here.
    ///
    /// Clients that the operator names by their host may write the token endpoint, as RFC 7523 had it, but nobody else's.
    fn check_audience(&self, client: &Client, audience: &Audience) -> Result<(), AssertionRefusal> {
        let issuer = &self.settings.issuer;
        let mut names = audience.iter();
        let alone = names.next() == Some(issuer.as_str()) && names.next().is_none();
        let endpoint = issuer.endpoint(endpoints::TOKEN);
        let older = || {
            self.may_name_endpoint(client)
                && audience
                    .iter()
                    .all(|name| name == issuer.as_str() || name == endpoint)
        };
        if alone || older() {
            Ok(())
        } else {
            Err(AssertionRefusal::Audience(issuer.to_string()))
        }
    }

    fn may_name_endpoint(&self, client: &Client) -> bool {
        let hosts = &self.settings.client_assertions.endpoint_audience_for_hosts;
        let named = |host: &str| hosts.iter().any(|named| named.eq_ignore_ascii_case(host));
        match client.document_host() {
            Some(host) => named(&host),
            None => client.redirect_uris().iter().map(RedirectUri::host).any(named),
        }
    }

    /// > The authorization server MAY ensure that JWTs are not replayed by maintaining the set of used "jti" values for the
    /// > length of time for which the JWT would be considered valid based on the applicable "exp" instant.
    async fn check_first_use(
        &self,
        client: &Client,
        claims: &AssertionClaims,
        clocks: Clocks,
        now: Timestamp,
    ) -> Result<(), AuthenticateError> {
        let id = claims.jti.as_deref();
        let id = id.filter(|id| (1..=LONGEST_ID).contains(&id.len()));
        let id = id.ok_or(AssertionRefusal::NoId)?;
        // No client id has a line break in it.
        let key = Digest::of(&format!("client-assertion\n{}\n{id}", client.id()));
        match self
            .store
            .remember(key, claims.forgettable_at(clocks), now)
            .await?
        {
            Remembered::First => Ok(()),
            Remembered::Seen => {
                AuditEvent::AssertionReplayed { client: client.id() }.record();
                Err(AssertionRefusal::Replayed.into())
            }
        }
    }
}

/// > For client authentication, the subject MUST be the "client_id" of the OAuth client.
///
/// and so is the issuer, which signs for itself.
fn check_issuer(claims: &AssertionClaims) -> Result<(), AssertionRefusal> {
    if claims.iss == claims.sub {
        Ok(())
    } else {
        Err(AssertionRefusal::Issuer)
    }
}

impl AssertionRefusal {
    /// The reason in a word, for whoever counts.
    pub(super) fn word(&self) -> &'static str {
        match self {
            Self::Malformed => "assertion_malformed",
            Self::Algorithm => "assertion_algorithm",
            Self::Type => "assertion_type",
            Self::Issuer => "assertion_issuer",
            Self::OtherClient => "assertion_of_another_client",
            Self::Unexpected => "assertion_unexpected",
            Self::UnknownKey => "assertion_key_unknown",
            Self::Signature => "assertion_signature",
            Self::Audience(_) => "assertion_audience",
            Self::Time(_) => "assertion_time",
            Self::NoId => "assertion_without_id",
            Self::Replayed => "assertion_replayed",
        }
    }
}

impl From<JwsError> for AssertionRefusal {
    fn from(error: JwsError) -> Self {
        match error {
            JwsError::Malformed | JwsError::Encrypted => Self::Malformed,
            JwsError::Algorithm(_) => Self::Algorithm,
        }
    }
}
