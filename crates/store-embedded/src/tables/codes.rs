//! Authorization codes and the tombstones of redeemed ones.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use vestibule_broker::Digest;
use vestibule_broker::record::CodeGrant;
use vestibule_broker::store::{Codes, Redeemed, StoreError};
use vestibule_protocol::{SessionId, Timestamp};

use crate::embedded::Embedded;
use crate::table::{Record, Table};
use crate::trace::Trace;

pub(crate) type CodeTable = Table<Digest, Code>;

/// A code's life.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Code {
    /// Good once.
    Issued(Box<CodeGrant>),
    /// Redeemed, and remembered.
    Redeemed {
        session: SessionId,
        remember_until: Timestamp,
    },
}

impl Record<Digest> for Code {
    fn expires_at(&self) -> Option<Timestamp> {
        match self {
            Self::Issued(grant) => Some(grant.expires_at),
            Self::Redeemed { remember_until, .. } => Some(*remember_until),
        }
    }
}

fn redeem(
    table: &mut CodeTable,
    code: Digest,
    remember_until: Timestamp,
    now: Timestamp,
    trace: &mut Trace,
) -> Redeemed {
    let session = match table.find_live(&code, now, trace) {
        None => return Redeemed::Unknown,
        Some(Code::Redeemed { session, .. }) => return Redeemed::Replayed(session.clone()),
        Some(Code::Issued(grant)) => grant.session.clone(),
    };
    let mut before = Code::Redeemed {
        session,
        remember_until,
    };
    table.update(&code, trace, |code| std::mem::swap(code, &mut before));
    match before {
        Code::Issued(grant) => Redeemed::Fresh(grant),
        Code::Redeemed { session, .. } => Redeemed::Replayed(session),
    }
}

#[async_trait]
impl Codes for Embedded {
    async fn issue_code(&self, code: Digest, grant: CodeGrant) -> Result<(), StoreError> {
        self.verb(|image, trace| image.codes.put(code, Code::Issued(Box::new(grant)), trace))
            .await
    }

    async fn redeem_code(
        &self,
        code: Digest,
        remember_until: Timestamp,
        now: Timestamp,
    ) -> Result<Redeemed, StoreError> {
        self.verb(|image, trace| redeem(&mut image.codes, code, remember_until, now, trace))
            .await
    }
}
