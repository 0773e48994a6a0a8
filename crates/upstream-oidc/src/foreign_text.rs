//! Text that a provider wrote, made fit for a log line.

/// One line of at most 300 characters, without control characters and bidirectional overrides.
pub(crate) fn line(text: &str) -> String {
    let mut line: String = text
        .chars()
        .take(300)
        .map(|c| if c.is_whitespace() { ' ' } else { c })
        .filter(|c| !c.is_control() && !matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'))
        .collect();
    if text.chars().nth(300).is_some() {
        line.push('…');
    }
    line
}

#[cfg(test)]
mod tests {
    #[test]
    fn foreign_text_neither_breaks_a_log_line_nor_grows_without_end() {
        assert_eq!(super::line("no\r\n\u{1b}[31m\u{202e}way"), "no  [31mway");
        assert_eq!(super::line(&"x".repeat(5000)).chars().count(), 301);
    }
}
