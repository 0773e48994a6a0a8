//! A page of a listing, and the mark at its end: the place of the last row that was looked at, in JSON.

use serde::Serialize;
use serde::de::DeserializeOwned;
use vestibule_broker::store::{Cursor, Page, PageRequest};

/// The place behind which a page starts, if it is not the first; an error if its mark cannot be read.
pub(crate) fn start<P: DeserializeOwned>(request: &PageRequest) -> serde_json::Result<Option<P>> {
    let mark = request.after.as_ref().map(Cursor::as_str);
    mark.map(serde_json::from_str).transpose()
}

/// Looks at as many places as the page may have records, and keeps those that lead to one.
pub(crate) fn page<'a, P: Serialize + 'a, T>(
    places: impl Iterator<Item = &'a P>,
    request: &PageRequest,
    mut find: impl FnMut(&P) -> Option<T>,
) -> Option<Page<T>> {
    let mut records = Vec::new();
    let mut places = places.peekable();
    let mut last = None;
    for place in places.by_ref().take(request.size.records()) {
        records.extend(find(place));
        last = Some(place);
    }
    let next = match last {
        Some(place) if places.peek().is_some() => Some(Cursor::new(serde_json::to_string(place).ok()?)),
        _ => None,
    };
    Some(Page { records, next })
}
