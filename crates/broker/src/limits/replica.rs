//! A rule that each replica decides for itself, by address.

use std::sync::Arc;

use super::address::ClientAddress;
use super::cells::ClassCells;
use super::limited::Limited;
use super::report::LimitReport;
use super::rule::LimitRule;
use super::tally::Tally;
use crate::Clock;
use crate::settings::RuleSettings;

pub(super) struct Replica {
    settings: RuleSettings,
    tally: Tally,
    cells: ClassCells,
}

impl Replica {
    pub(super) fn new(
        rule: LimitRule,
        settings: RuleSettings,
        cells: ClassCells,
        clock: &Arc<dyn Clock>,
    ) -> Self {
        Self {
            settings,
            tally: Tally::new(rule, settings.mode, clock),
            cells,
        }
    }

    /// Counts one event against its address. One whose address is unknown cannot be counted.
    pub(super) fn take(&self, caller: ClientAddress) -> Result<(), Limited> {
        if self.tally.is_off() {
            return Ok(());
        }
        let Some((network, class)) = caller.parts() else {
            return Ok(());
        };
        let Some(cells) = self.cells.of(class) else {
            return Ok(());
        };
        self.tally.judge(cells.take(&network), cells.quota(), &network)
    }

    pub(super) fn tidy(&self) {
        self.cells.tidy();
    }

    pub(super) fn report(&self) -> LimitReport {
        LimitReport::new(self.tally.rule, self.settings, self.tally.counts())
    }
}
