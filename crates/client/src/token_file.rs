//! Files in which somebody else puts a token for this client: a platform, an identity provider.

use std::{
    fs::File,
    io::{self, Read as _},
    path::{Path, PathBuf},
};

use thiserror::Error;
use vestibule_protocol::Secret;

use crate::{ForeignText, jwt::Addressed};

/// The most that is read of the file, in bytes.
const LONGEST: u64 = 64 * 1024;

/// Why a token is not shown to anybody.
#[derive(Debug, Error)]
pub enum TokenFileError {
    /// It cannot be read.
    #[error("{} cannot be read: {cause}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        cause: io::Error,
    },
    /// It is something else.
    #[error("{what} is no signed JWT, and is shown to nobody")]
    NoToken {
        /// What should have been one.
        what: String,
    },
    /// It is for somebody else, who could be entered with it.
    #[error(
        "{what} is for {found} (aud), and is not shown to {issuer}; have the platform issue one for {issuer} alone"
    )]
    ForOthers {
        /// The token.
        what: String,
        /// Whom it names.
        found: ForeignText,
        /// Whom it would be shown to.
        issuer: String,
    },
    /// Somebody else issued it.
    #[error("{what} was issued by {found} (iss), and is not shown to {issuer}; give one of {issuer}'s own")]
    OfOthers {
        /// The token.
        what: String,
        /// Who issued it.
        found: ForeignText,
        /// Whom it would be shown to.
        issuer: String,
    },
}

/// Reads a token; a platform writes a new one into the file in time.
pub(crate) fn read(path: &Path) -> Result<Secret, TokenFileError> {
    let unreadable = |cause| TokenFileError::Read {
        path: path.to_owned(),
        cause,
    };
    let mut text = String::new();
    let file = File::open(path).map_err(unreadable)?;
    file.take(LONGEST).read_to_string(&mut text).map_err(unreadable)?;
    let text = Secret::new(text);
    Ok(Secret::new(text.expose().trim()))
}

/// Insists that a token is for `issuer`: what is for others would let `issuer` in there.
pub(crate) fn check_audience(token: &Secret, what: &str, issuer: &str) -> Result<(), TokenFileError> {
    let said = addressed(token, what)?;
    if said.is_for(issuer) {
        return Ok(());
    }
    let named = said.audience().collect::<Vec<_>>().join(", ");
    Err(TokenFileError::ForOthers {
        what: what.to_owned(),
        found: ForeignText::line(if named.is_empty() { "nobody" } else { &named }),
        issuer: issuer.to_owned(),
    })
}

/// Insists that `issuer` issued a token itself.
pub(crate) fn check_issuer(token: &Secret, what: &str, issuer: &str) -> Result<(), TokenFileError> {
    let said = addressed(token, what)?;
    if said.iss.as_deref() == Some(issuer) {
        return Ok(());
    }
    Err(TokenFileError::OfOthers {
        what: what.to_owned(),
        found: ForeignText::line(said.iss.as_deref().unwrap_or("nobody")),
        issuer: issuer.to_owned(),
    })
}

fn addressed(token: &Secret, what: &str) -> Result<Addressed, TokenFileError> {
    Addressed::read(token).ok_or_else(|| TokenFileError::NoToken {
        what: what.to_owned(),
    })
}
