//! What an operator does, and who that is.

use vestibule_protocol::{ClientId, ResourceUri, SessionId, Subject};

/// An operator, as the audit log calls one: `operator:` and the number of the account on the broker's machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operator(String);

impl Operator {
    /// The operator behind this account of the broker's machine.
    pub fn of_account(uid: u32) -> Self {
        Self(format!("operator:{uid}"))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What an operator does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AdminAction {
    /// Reads the list of clients.
    ListClients,
    /// Looks at a client.
    ShowClient,
    /// Shuts a client out.
    BlockClient,
    /// Lets a client in again.
    UnblockClient,
    /// Approves a client.
    ApproveClient,
    /// Forgets a client.
    DeleteClient,
    /// Reads a list of sessions.
    ListSessions,
    /// Looks at a session.
    ShowSession,
    /// Ends a session, or several.
    EndSessions,
    /// Reads the list of signing keys.
    ListKeys,
    /// Lets the next key sign.
    RotateKeys,
    /// Looks at the limits.
    ShowLimits,
    /// Asks which rule gives a user what.
    ExplainPolicy,
}

impl AdminAction {
    /// The name of the action: the command that asks for it.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::ListClients => "clients_list",
            Self::ShowClient => "clients_show",
            Self::BlockClient => "clients_block",
            Self::UnblockClient => "clients_unblock",
            Self::ApproveClient => "clients_approve",
            Self::DeleteClient => "clients_delete",
            Self::ListSessions => "sessions_list",
            Self::ShowSession => "sessions_show",
            Self::EndSessions => "sessions_end",
            Self::ListKeys => "keys_list",
            Self::RotateKeys => "keys_rotate",
            Self::ShowLimits => "limits_show",
            Self::ExplainPolicy => "policy_explain",
        }
    }
}

/// What an operator's action is about; all of it, where nothing is said.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct AdminTarget<'a> {
    /// A user.
    pub subject: Option<&'a Subject>,
    /// A client.
    pub client: Option<&'a ClientId>,
    /// A resource.
    pub resource: Option<&'a ResourceUri>,
    /// A session.
    pub sid: Option<&'a SessionId>,
}
