//! What others say, fit for a log.

/// Longer texts are cut off.
pub(crate) const LONGEST: usize = 300;

/// The text without what could break a line, cut off where it is too long.
pub(crate) fn foreign_text(text: &str) -> String {
    text.trim()
        .chars()
        .filter(|character| !character.is_control())
        .take(LONGEST)
        .collect()
}
