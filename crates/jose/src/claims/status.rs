use serde::{Deserialize, Serialize};
use vestibule_protocol::{Issuer, Timestamp};

use crate::{StatusList, StatusListError, numeric_date};

/// The `status` claim of a token: where to look up whether it still stands
/// (draft-ietf-oauth-status-list, “Status Claim”).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatusClaim {
    /// The reference into a Token Status List.
    pub status_list: StatusListReference,
}

impl StatusClaim {
    /// Points at one entry of the list that is served at `uri`.
    pub fn new(uri: impl Into<String>, idx: u32) -> Self {
        Self {
            status_list: StatusListReference { idx, uri: uri.into() },
        }
    }
}

/// One entry of one list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatusListReference {
    /// The entry's index.
    pub idx: u32,
    /// The list's URI, which is also its `sub`.
    pub uri: String,
}

/// What a Token Status List says (draft-ietf-oauth-status-list, “Status List Token in JWT Format”).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatusListClaims {
    /// The broker.
    pub iss: Issuer,
    /// The list's own URI. “The sub claim MUST be equal to that of the uri claim contained in the status_list claim of the
    /// Referenced Token”: verify with [`Expected::about`](crate::Expected::about).
    pub sub: String,
    /// When the list was true.
    #[serde(with = "numeric_date")]
    pub iat: Timestamp,
    /// When it must no longer be relied on.
    #[serde(with = "numeric_date")]
    pub exp: Timestamp,
    /// For how many seconds a verifier may keep it before it asks for a fresh one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ttl: Option<u64>,
    /// The statuses.
    pub status_list: EncodedStatusList,
}

/// A list of statuses as it travels: `{"bits": 1, "lst": "…"}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EncodedStatusList {
    bits: u8,
    lst: String,
}

impl EncodedStatusList {
    /// Decompresses the list.
    ///
    /// # Errors
    /// [`StatusListError`] if it holds more than one bit per token, is damaged, or is larger than any list of ours.
    pub fn decode(&self) -> Result<StatusList, StatusListError> {
        if self.bits != 1 {
            return Err(StatusListError::UnsupportedBits(self.bits));
        }
        StatusList::decode(&self.lst)
    }
}

impl From<&StatusList> for EncodedStatusList {
    fn from(list: &StatusList) -> Self {
        Self {
            bits: 1,
            lst: list.encode(),
        }
    }
}
