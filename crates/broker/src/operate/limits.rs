//! Limits, as an operator looks at them.

use vestibule_telemetry::{AdminAction, AdminTarget, Operator};

use super::record;
use crate::{Broker, LimitReport};

impl Broker {
    /// Every rule, and what has come of it in this replica since it started.
    pub fn show_limits(&self, by: &Operator) -> Vec<LimitReport> {
        record(by, AdminAction::ShowLimits, AdminTarget::default());
        self.describe_limits()
    }
}
