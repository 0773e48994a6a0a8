//! What the upstream's tokens say.

use serde_json::{Map, Value, json};

use super::register::Register;
use super::{Books, Lie, Person, Shape, key};
use crate::sample::{CLIENT_ID, NOW};

/// The name of the user's login.
const SID: &str = "login-at-the-upstream";

/// The claims of an ID token.
pub(super) fn of_login(
    books: &Books,
    register: &Register,
    nonce: Option<&str>,
    access_token: Option<&str>,
) -> Map<String, Value> {
    let now = NOW.as_secs();
    let person = &register.person;
    let mut claims = members(json!({
        "iss": books.issuer,
        "sub": person.subject,
        "aud": books.shape.audience,
        "iat": now,
        "exp": now + 600,
        "auth_time": now,
        "sid": SID,
        "name": person.name,
        "email": person.email,
        "email_verified": person.email_verified,
    }));
    set(&mut claims, "nonce", nonce.map(Value::from));
    set(
        &mut claims,
        "at_hash",
        access_token.map(|token| json!(key::digest(token, 16))),
    );
    claims.extend(books.shape.claims.clone());
    bend(&mut claims, register.lie);
    claims
}

/// The claims of a signed access token ([RFC 9068 §2.2](https://www.rfc-editor.org/rfc/rfc9068#section-2.2)).
pub(super) fn of_access(issuer: &str, person: &Person, shape: &Shape) -> Map<String, Value> {
    let now = NOW.as_secs();
    let mut claims = members(json!({
        "iss": issuer,
        "sub": person.subject,
        "aud": "an api",
        "azp": CLIENT_ID,
        "iat": now,
        "exp": now + 600,
        "jti": key::random(),
    }));
    claims.extend(shape.access_token.clone());
    claims
}

/// The claims of a logout token
/// ([OpenID Connect Back-Channel Logout §2.4](https://openid.net/specs/openid-connect-backchannel-1_0.html#LogoutToken)).
pub(super) fn of_logout(books: &Books, register: &Register) -> Map<String, Value> {
    let now = NOW.as_secs();
    let mut claims = members(json!({
        "iss": books.issuer,
        "sub": register.person.subject,
        "aud": books.shape.audience,
        "iat": now,
        "exp": now + 120,
        "jti": key::random(),
        "sid": SID,
        "events": {"http://schemas.openid.net/event/backchannel-logout": {}},
    }));
    bend(&mut claims, register.lie);
    claims
}

fn bend(claims: &mut Map<String, Value>, lie: Option<Lie>) {
    let now = NOW.as_secs();
    let audience = claims.get("aud").cloned();
    let issuer = claims
        .get("iss")
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned();
    let told = match lie {
        Some(Lie::AnotherNonce) => json!({"nonce": "nonce-of-another-login"}),
        Some(Lie::NoNonce) => json!({"nonce": null}),
        Some(Lie::AnotherAudience) => json!({"aud": "another client"}),
        Some(Lie::NoAudience) => json!({"aud": []}),
        Some(Lie::AnotherAuthorizedParty) => {
            json!({"aud": [audience, "another client"], "azp": "another client"})
        }
        Some(Lie::AnotherIssuer) => json!({"iss": "https://another.example"}),
        Some(Lie::IssuerByASlash) => match issuer.strip_suffix('/') {
            Some(bare) => json!({"iss": bare}),
            None => json!({"iss": format!("{issuer}/")}),
        },
        Some(Lie::Expired) => {
            json!({"iat": now - 7_200, "auth_time": now - 7_200, "exp": now - 3_600})
        }
        Some(Lie::NoExpiry) => json!({"exp": null}),
        Some(Lie::FromTheFuture) => {
            json!({"iat": now + 3_600, "auth_time": now + 3_600, "exp": now + 7_200})
        }
        Some(Lie::NotYetValid) => json!({"nbf": now + 3_600}),
        Some(Lie::NoSubject) => json!({"sub": null}),
        Some(Lie::EmptySubject) => json!({"sub": ""}),
        Some(Lie::AnotherAccessToken) => json!({"at_hash": key::digest("another token", 16)}),
        Some(Lie::AnotherUserinfo) => json!({"name": null, "email": null, "email_verified": null}),
        _ => return,
    };
    for (name, value) in members(told) {
        set(claims, &name, Some(value).filter(|value| !value.is_null()));
    }
}

fn set(claims: &mut Map<String, Value>, name: &str, value: Option<Value>) {
    match value {
        Some(value) => claims.insert(name.to_owned(), value),
        None => claims.remove(name),
    };
}

fn members(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(members) => members,
        other => panic!("written as an object: {other}"),
    }
}
