//! A listing that comes page by page, up to a limit.

use std::collections::BTreeSet;

/// How many records are asked for at a time.
const PAGE: u64 = 500;

/// What has come so far.
pub(super) struct Listing<T> {
    limit: u64,
    records: Vec<T>,
    seen: BTreeSet<String>,
    next: Next,
}

enum Next {
    First,
    After(String),
    Nothing,
}

/// What to ask for next.
pub(super) struct Part {
    size: String,
    after: Option<String>,
}

impl<T> Listing<T> {
    /// Nothing yet.
    pub(super) fn new(limit: u64) -> Self {
        Self {
            limit,
            records: Vec::new(),
            seen: BTreeSet::new(),
            next: Next::First,
        }
    }

    /// What to ask for, unless there is enough.
    pub(super) fn next(&self) -> Option<Part> {
        let missing = self.limit.saturating_sub(self.records.len() as u64);
        let after = match &self.next {
            Next::First => None,
            Next::After(mark) => Some(mark.clone()),
            Next::Nothing => return None,
        };
        (missing > 0).then(|| Part {
            size: missing.min(PAGE).to_string(),
            after,
        })
    }

    /// Adds a page. What changed between two pages may come with both of them.
    pub(super) fn take(&mut self, page: Vec<T>, next: Option<String>, name: impl Fn(&T) -> String) {
        let Self { records, seen, .. } = self;
        records.extend(page.into_iter().filter(|record| seen.insert(name(record))));
        self.next = next.map_or(Next::Nothing, Next::After);
    }

    /// The records, no more than the limit.
    pub(super) fn records(&self) -> &[T] {
        let limit = usize::try_from(self.limit).unwrap_or(usize::MAX);
        self.records.get(..limit).unwrap_or(&self.records)
    }

    /// Whether there is more than is shown, as far as is known.
    pub(super) fn is_cut(&self) -> bool {
        self.records().len() < self.records.len() || matches!(self.next, Next::After(_))
    }

    /// The table, and what it does not show.
    pub(super) fn told(&self, table: &str, nothing: &str) -> String {
        if self.records.is_empty() {
            format!("There are {nothing}.")
        } else if self.is_cut() {
            format!(
                "{table}\nThere may be more; --limit N shows more than {}.",
                self.limit
            )
        } else {
            table.to_owned()
        }
    }
}

impl Part {
    /// The question's parameters.
    pub(super) fn query(&self) -> Vec<(&str, &str)> {
        let mut query = vec![("size", self.size.as_str())];
        query.extend(self.after.as_deref().map(|after| ("after", after)));
        query
    }
}

#[cfg(test)]
mod tests {
    use super::Listing;

    fn take(listing: &mut Listing<&'static str>, page: &[&'static str], next: Option<&str>) {
        listing.take(page.to_vec(), next.map(str::to_owned), |name| (*name).to_owned());
    }

    #[test]
    fn pages_are_asked_for_until_there_is_enough() {
        let mut listing = Listing::new(3);
        assert_eq!(listing.next().expect("a part").query(), [("size", "3")]);
        take(&mut listing, &["a"], Some("mark"));
        let part = listing.next().expect("a part");
        assert_eq!(part.query(), [("size", "2"), ("after", "mark")]);
        take(&mut listing, &["a", "b", "c", "d"], Some("another"));
        assert!(listing.next().is_none());
        assert_eq!(listing.records(), ["a", "b", "c"]);
        assert!(listing.is_cut());
    }

    #[test]
    fn a_listing_ends_with_the_last_page() {
        let mut listing = Listing::new(3);
        take(&mut listing, &[], Some("mark"));
        take(&mut listing, &["a"], None);
        assert!(listing.next().is_none());
        assert!(!listing.is_cut());
        assert_eq!(listing.told("table", "clients"), "table");
    }
}
