//! The authority of a URL, as it was written.

/// What stands between `://` and the path of a URL with a host: never empty. A URL parser would forgive missing or surplus
/// slashes, and so find a host where a reader sees none.
pub(crate) fn written_authority(text: &str) -> Option<&str> {
    let (_scheme, rest) = text.split_once(':')?;
    let authority = rest.strip_prefix("//")?.split(['/', '?', '#']).next()?;
    (!authority.is_empty()).then_some(authority)
}
