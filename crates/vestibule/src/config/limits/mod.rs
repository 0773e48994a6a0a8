//! `[limits]`: how often things may be done.

mod classes;

use std::time::Duration;

use vestibule_broker::settings::{LimitMode, LimitSettings, Outage, RuleSettings};
use vestibule_broker::{LimitReach, LimitRule};

use super::section::Section;

/// The longest time in which a quota that is used up may come back: a cell is kept for as long.
const LONGEST: Duration = Duration::from_secs(30 * 24 * 60 * 60);

pub(super) fn read(section: Section<'_>) -> LimitSettings {
    let mut settings = LimitSettings::default();
    let mode = mode(&section);
    let rules = section.table("rules");
    for rule in LimitRule::ALL {
        let given = settings.rule_mut(rule);
        given.mode = mode.unwrap_or(given.mode);
        read_rule(rule, rules.table(rule.as_str()), given);
    }
    rules.finish();
    settings.classes = classes::read(&section);
    section.finish();
    settings
}

fn read_rule(rule: LimitRule, section: Section<'_>, settings: &mut RuleSettings) {
    settings.mode = mode(&section).unwrap_or(settings.mode);
    settings.quota.burst = section.number("burst").unwrap_or(settings.quota.burst);
    settings.quota.per = section.duration("every").unwrap_or(settings.quota.per);
    if settings.quota.per.saturating_mul(settings.quota.burst) > LONGEST {
        section.note_all("is used up for more than 30 days (burst times every); make one of the two smaller");
    }
    if rule.reach() == LimitReach::Shared {
        settings.outage = outage(&section).unwrap_or(settings.outage);
    } else if section.has("outage") {
        section.note(
            "outage",
            "is for rules in the store, and this one is decided without it; leave it out",
        );
        outage(&section);
    }
    section.finish();
}

fn mode(section: &Section<'_>) -> Option<LimitMode> {
    let all = [LimitMode::Enforce, LimitMode::Report, LimitMode::Off];
    one_of(section, "mode", &all.map(|mode| (mode.as_str(), mode)))
}

fn outage(section: &Section<'_>) -> Option<Outage> {
    let all = [Outage::Open, Outage::Closed, Outage::Local];
    one_of(section, "outage", &all.map(|outage| (outage.as_str(), outage)))
}

fn one_of<T: Copy>(section: &Section<'_>, key: &'static str, all: &[(&str, T)]) -> Option<T> {
    let text = section.text(key)?;
    let known = all.iter().find(|(name, _)| *name == text);
    if known.is_none() {
        let names: Vec<_> = all.iter().map(|(name, _)| format!("\"{name}\"")).collect();
        section.note(
            key,
            format!("\"{text}\" is not known; write one of {}", names.join(", ")),
        );
    }
    known.map(|(_, value)| *value)
}

#[cfg(test)]
mod tests;
