use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use vestibule_protocol::{KeyThumbprint, Timestamp};

use super::key::signer;
use super::{ALGORITHMS, Nonces, ProofError, TargetUri};
use crate::foreign::{Jws, JwsError};
use crate::numeric_date;

/// Longer than any proof has to be, in bytes: one with the largest RSA key measures half of it.
const LONGEST: usize = 8 * 1024;
/// The longest `jti`, in bytes.
const LONGEST_ID: usize = 256;
/// The type of a proof.
const DPOP: &str = "dpop+jwt";

/// What a request has to prove.
#[derive(Debug, Clone, Copy)]
pub struct Demand<'a> {
    /// The request's method.
    pub method: &'a str,
    /// The request's address.
    pub uri: &'a TargetUri,
    /// The access token that comes with the request, where one does.
    pub access_token: Option<&'a str>,
    /// How far off its time may be.
    pub window: Window,
    /// Whether it needs a nonce.
    pub nonce: NonceRule<'a>,
}

/// How far the time of a proof may be off. A minute either way, if nobody says otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// How old a proof may be.
    pub back: Duration,
    /// How far ahead the prover's clock may be.
    pub ahead: Duration,
}

impl Default for Window {
    fn default() -> Self {
        let minute = Duration::from_secs(60);
        Self {
            back: minute,
            ahead: minute,
        }
    }
}

/// Whether a proof needs a nonce.
#[derive(Debug, Clone, Copy)]
pub enum NonceRule<'a> {
    /// It does not; if it has one, that says nothing.
    Ignored,
    /// It needs one of these.
    Asked(&'a Nonces),
}

/// A proof that holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// The key that was proved.
    pub thumbprint: KeyThumbprint,
    /// What is different in each proof of the key.
    pub jti: String,
    /// The nonce in it; where one was asked for, a good one.
    pub nonce: Option<String>,
    /// When it was made.
    pub iat: Timestamp,
    /// Until when it would hold again, and has to be remembered.
    pub forgettable_at: Timestamp,
}

/// Of these a repeated one is refused.
#[derive(Deserialize)]
struct Claims {
    jti: String,
    htm: String,
    htu: String,
    #[serde(with = "numeric_date")]
    iat: Timestamp,
    #[serde(default, with = "numeric_date::option")]
    exp: Option<Timestamp>,
    #[serde(default, with = "numeric_date::option")]
    nbf: Option<Timestamp>,
    ath: Option<String>,
    nonce: Option<String>,
}

/// Finds the proof among the values of the request's `DPoP` headers: none if there is no such header.
///
/// > There is not more than one DPoP HTTP request header field.
///
/// # Errors
/// [`ProofError::Several`], [`ProofError::Malformed`].
pub fn only<'h>(values: impl IntoIterator<Item = &'h [u8]>) -> Result<Option<&'h str>, ProofError> {
    let mut values = values.into_iter();
    let Some(first) = values.next() else {
        return Ok(None);
    };
    if values.next().is_some() {
        return Err(ProofError::Several);
    }
    let text = std::str::from_utf8(first).map_err(|_| ProofError::Malformed)?;
    Ok(Some(text.trim()))
}

/// Verifies a proof ([RFC 9449 §4.3](https://www.rfc-editor.org/rfc/rfc9449#section-4.3)): form, type, algorithm, key and signature,
/// then every claim, the nonce last, so that whoever is asked for one has everything else right.
///
/// `now` is the caller's clock. No claim is looked at before the signature holds.
///
/// # Errors
/// The first check that fails, in that order.
pub fn verify(proof: &str, demand: &Demand<'_>, now: Timestamp) -> Result<Proof, ProofError> {
    if proof.len() > LONGEST {
        return Err(ProofError::Malformed);
    }
    let jws = Jws::parse(proof, &ALGORITHMS).map_err(|error| match error {
        JwsError::Algorithm(_) => ProofError::Algorithm,
        JwsError::Malformed | JwsError::Encrypted => ProofError::Malformed,
    })?;
    // "the typ JOSE Header Parameter has the value dpop+jwt"
    if !jws.says_type(&[DPOP]) {
        return Err(ProofError::Type);
    }
    let key = signer(&jws)?;
    let payload = jws.payload().ok_or(ProofError::Malformed)?;
    let claims: Claims = serde_json::from_slice(&payload).map_err(|_| ProofError::Malformed)?;
    check_request(&claims, demand)?;
    check_times(&claims, demand.window, now)?;
    if !(1..=LONGEST_ID).contains(&claims.jti.len()) {
        return Err(ProofError::Id);
    }
    check_token(&claims, demand.access_token)?;
    check_nonce(&claims, demand.nonce, now)?;
    Ok(Proof {
        thumbprint: key.thumbprint(),
        forgettable_at: claims.iat + demand.window.back,
        jti: claims.jti,
        nonce: claims.nonce,
        iat: claims.iat,
    })
}

/// > the htm claim matches the HTTP method of the current request, the htu claim matches the HTTP URI value for the HTTP request
/// > in which the JWT was received, ignoring any query and fragment parts
fn check_request(claims: &Claims, demand: &Demand<'_>) -> Result<(), ProofError> {
    if claims.htm != demand.method {
        return Err(ProofError::Method);
    }
    if claims.htu != demand.uri.as_str() && TargetUri::parse(&claims.htu).as_ref() != Some(demand.uri) {
        return Err(ProofError::Uri);
    }
    Ok(())
}

/// > the creation time of the JWT, as determined by either the iat claim or a server managed timestamp via the nonce claim, is
/// > within an acceptable window
///
/// An end or a beginning of its own, which no proof needs, holds as in every JWT.
fn check_times(claims: &Claims, window: Window, now: Timestamp) -> Result<(), ProofError> {
    let Window { back, ahead } = window;
    if claims.iat + back <= now || claims.exp.is_some_and(|exp| exp + ahead <= now) {
        return Err(ProofError::Old(back));
    }
    let latest = now + ahead;
    if claims.iat > latest || claims.nbf.is_some_and(|nbf| nbf > latest) {
        return Err(ProofError::Future);
    }
    Ok(())
}

/// > if presented to a protected resource in conjunction with an access token, ensure that the value of the ath claim equals the
/// > hash of that access token
fn check_token(claims: &Claims, access_token: Option<&str>) -> Result<(), ProofError> {
    let Some(token) = access_token else {
        return Ok(());
    };
    let hash = URL_SAFE_NO_PAD.encode(digest(&SHA256, token.as_bytes()));
    if claims.ath.as_deref() == Some(hash.as_str()) {
        Ok(())
    } else {
        Err(ProofError::TokenHash)
    }
}

/// > if the server provided a nonce value to the client, the nonce claim matches the server-provided nonce value
fn check_nonce(claims: &Claims, rule: NonceRule<'_>, now: Timestamp) -> Result<(), ProofError> {
    let NonceRule::Asked(nonces) = rule else {
        return Ok(());
    };
    let shown = claims.nonce.as_deref();
    if shown.is_some_and(|nonce| nonces.is_good(nonce, now)) {
        Ok(())
    } else {
        Err(ProofError::Nonce)
    }
}
