//! What an operator does to the running broker. Each of these goes to the audit log with the operator as its actor, before it
//! is done.

mod clients;
mod keys;
mod limits;
mod policy;
mod sessions;

use vestibule_telemetry::{AdminAction, AdminTarget, AuditEvent, Operator};

pub use clients::{ClientChange, ClientDetails};
pub use policy::{Barred, KnownUser, PolicyAnswer, PolicyQuestion};
pub use sessions::{EndedSessions, SessionFilter};

fn record(actor: &Operator, action: AdminAction, target: AdminTarget<'_>) {
    AuditEvent::OperatorActed {
        actor,
        action,
        target,
    }
    .record();
}
