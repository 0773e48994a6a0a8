use vestibule_protocol::{Params, Secret};

use super::{AuthorizationRequest, AuthorizeError};
use crate::ForeignText;

/// Judges the query with which the browser came back, and takes the code out of it.
///
/// Nothing of it is believed before it is clear that it belongs to this login and comes from this server.
pub(super) fn accept(query: &str, request: &AuthorizationRequest) -> Result<Secret, AuthorizeError> {
    let issuer = || request.issuer().to_owned();
    let malformed = |why: String| AuthorizeError::Malformed {
        issuer: issuer(),
        why,
    };
    let params = Params::parse_query(query).map_err(|error| malformed(error.to_string()))?;
    let one = |name| params.one(name).map_err(|error| malformed(error.to_string()));

    // RFC 6749 §10.12: "The client MUST implement CSRF protection for its redirection URI."
    if one("state")? != Some(request.state()) {
        return Err(AuthorizeError::WrongState);
    }
    match one("iss")? {
        // RFC 9207 §2.4: "Clients MUST then compare the result to the issuer identifier of the
        // authorization server where the authorization request was sent to. This comparison MUST use simple
        // string comparison".
        Some(found) if found != request.issuer() => {
            return Err(AuthorizeError::WrongIssuer {
                issuer: issuer(),
                found: ForeignText::line(found),
            });
        }
        // RFC 9207 §2.4: "Clients MUST reject authorization responses without the iss parameter from
        // authorization servers that do support the parameter".
        None if request.expects_issuer() => {
            return Err(AuthorizeError::MissingIssuer { issuer: issuer() });
        }
        Some(_) | None => {}
    }
    if let Some(code) = one("error")? {
        return Err(AuthorizeError::Refused {
            issuer: issuer(),
            code: ForeignText::line(code),
            description: one("error_description")?.map(ForeignText::line),
        });
    }
    one("code")?
        .map(Secret::new)
        .ok_or_else(|| malformed("it has neither a code nor an error".to_owned()))
}
