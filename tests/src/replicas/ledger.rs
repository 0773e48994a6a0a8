//! What clients were told, kept to be held against the broker afterwards.

use std::collections::BTreeMap;

/// Everything that was answered during a load.
#[derive(Debug, Default)]
pub struct Ledger {
    answers: BTreeMap<(&'static str, Outcome), u64>,
    /// Sessions that were acknowledged and that nobody ended: each with its newest refresh token.
    pub(super) living: Vec<Kept>,
    /// Sessions whose end was acknowledged: each with an access token that has not expired.
    pub(super) ended: Vec<Kept>,
    wrongs: Vec<String>,
}

/// A session as its client knows it.
#[derive(Debug, Clone)]
pub struct Kept {
    /// Its newest refresh token.
    pub refresh_token: String,
    /// The access token that came with it.
    pub access_token: String,
}

/// How a request ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// With this status.
    Status(u16),
    /// The connection broke before there was an answer.
    Broken,
}

impl Ledger {
    /// Codes that were presented twice at once.
    pub const REDEEMED_TWICE: &str = "redeem, 2x";
    /// Refresh tokens that were presented twice at once.
    pub const REFRESHED_TWICE: &str = "refresh, 2x";

    pub(super) fn note(&mut self, endpoint: &'static str, outcome: Outcome) {
        *self.answers.entry((endpoint, outcome)).or_default() += 1;
        if let Outcome::Status(status) = outcome
            && status >= 500
            && status != 503
        {
            self.wrong(format!("{endpoint} answered {status}"));
        }
    }

    pub(super) fn wrong(&mut self, what: String) {
        self.wrongs.push(what);
    }

    pub(super) fn merge(&mut self, other: Self) {
        for (key, count) in other.answers {
            *self.answers.entry(key).or_default() += count;
        }
        self.living.extend(other.living);
        self.ended.extend(other.ended);
        self.wrongs.extend(other.wrongs);
    }

    /// What must never happen and did.
    pub fn wrongs(&self) -> &[String] {
        &self.wrongs
    }

    /// How many requests ended so.
    pub fn count(&self, outcome: impl Fn(Outcome) -> bool) -> u64 {
        let of = self.answers.iter().filter(|((_, its), _)| outcome(*its));
        of.map(|(_, count)| count).sum()
    }

    /// How many requests of this kind were answered 200.
    pub fn granted(&self, kind: &str) -> u64 {
        let ok = |((of, outcome), _): &(&(&'static str, Outcome), &u64)| {
            *of == kind && *outcome == Outcome::Status(200)
        };
        self.answers.iter().filter(ok).map(|(_, count)| count).sum()
    }

    /// The answers by endpoint, for a person.
    pub fn table(&self) -> String {
        let line = |((endpoint, outcome), count): (&(&'static str, Outcome), &u64)| match outcome {
            Outcome::Status(status) => format!("{endpoint:<12} {status:<8} {count}"),
            Outcome::Broken => format!("{endpoint:<12} {:<8} {count}", "broken"),
        };
        self.answers.iter().map(line).collect::<Vec<_>>().join("\n")
    }
}
