use std::fmt;

/// Text that a server wrote, made fit for a terminal.
///
/// A hostile server can put escape sequences into an error description or a tool's answer; those that reach a
/// terminal move its cursor, set its title or forge earlier output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForeignText(String);

impl ForeignText {
    /// One line of at most 400 characters, for an error message.
    pub fn line(text: &str) -> Self {
        let mut line: String = text
            .chars()
            .take(400)
            .map(|c| if c.is_whitespace() { ' ' } else { c })
            .filter(|c| is_harmless(*c))
            .collect();
        if text.chars().nth(400).is_some() {
            line.push('…');
        }
        Self(line)
    }

    /// All lines, for a tool's answer.
    pub fn lines(text: &str) -> Self {
        Self(
            text.chars()
                .filter(|c| matches!(c, '\n' | '\t') || is_harmless(*c))
                .collect(),
        )
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whether a terminal shows `c` without acting on it; the bidirectional overrides reorder what stands
/// beside them.
fn is_harmless(c: char) -> bool {
    !c.is_control() && !matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

impl fmt::Display for ForeignText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::ForeignText;

    #[test]
    fn escape_sequences_and_bidirectional_overrides_do_not_reach_a_terminal() {
        let hostile = "denied\u{1b}]0;owned\u{7}\r\n\u{202e}gnp.exe";
        assert_eq!(ForeignText::line(hostile).as_str(), "denied]0;owned  gnp.exe");
        assert_eq!(ForeignText::lines("a\n\tb\u{9b}2J").as_str(), "a\n\tb2J");
    }

    #[test]
    fn a_line_has_an_end() {
        assert_eq!(ForeignText::line(&"x".repeat(5000)).as_str().chars().count(), 401);
    }
}
