//! Listings, a page at a time: for operators, never for a request that a client waits for.

/// How many records one page holds at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageSize(u16);

impl PageSize {
    /// The largest page: what a store may read in one step without keeping others waiting.
    pub const LARGEST: Self = Self(500);

    /// A page of `records`, or the nearest size that a page can have.
    pub fn nearest(records: usize) -> Self {
        let records = u16::try_from(records).unwrap_or(u16::MAX);
        Self(records.clamp(1, Self::LARGEST.0))
    }

    /// The number of records.
    pub fn records(self) -> usize {
        self.0.into()
    }
}

/// Where a listing goes on: a store's own mark, which nobody else reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor(String);

impl Cursor {
    /// The mark that this text is.
    pub fn new(mark: impl Into<String>) -> Self {
        Self(mark.into())
    }

    /// The mark as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Which page is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageRequest {
    /// Where the page before ended; absent for the first page.
    pub after: Option<Cursor>,
    /// How many records it may hold.
    pub size: PageSize,
}

/// One page of a listing, in the store's own order.
///
/// It may hold fewer records than were asked for, even none, while there is a next one: what has expired or was not asked for
/// is left out. Whatever lives from the first page to the last is in one of them, or in more than one if it changed meanwhile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// The records.
    pub records: Vec<T>,
    /// Where to go on; absent when the listing is over.
    pub next: Option<Cursor>,
}
