//! Rows under headings, for a terminal.

use std::iter::once;

/// A table: as wide as what stands in it.
pub(super) struct Table<const COLUMNS: usize> {
    heading: [&'static str; COLUMNS],
    rows: Vec<[String; COLUMNS]>,
}

impl<const COLUMNS: usize> Table<COLUMNS> {
    /// A table without rows.
    pub(super) fn new(heading: [&'static str; COLUMNS]) -> Self {
        Self {
            heading,
            rows: Vec::new(),
        }
    }

    /// Adds a row.
    pub(super) fn row(&mut self, cells: [String; COLUMNS]) {
        self.rows.push(cells.map(|cell| harmless(&cell)));
    }

    /// The lines, with a space at the end of none.
    pub(super) fn text(&self) -> String {
        let heading = self.heading.map(str::to_owned);
        let lines: Vec<_> = once(&heading).chain(&self.rows).collect();
        let mut widths = [0; COLUMNS];
        for line in &lines {
            for (width, cell) in widths.iter_mut().zip(*line) {
                *width = (*width).max(cell.chars().count());
            }
        }
        let line = |cells: &[String; COLUMNS]| {
            let padded = cells.iter().zip(widths);
            let padded: Vec<String> = padded.map(|(cell, width)| format!("{cell:<width$}")).collect();
            padded.join("  ").trim_end().to_owned()
        };
        lines.into_iter().map(line).collect::<Vec<_>>().join("\n")
    }
}

/// One line for each field that says something.
pub(super) fn fields(fields: &[(&str, String)]) -> String {
    let width = fields.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    let filled = fields.iter().filter(|(_, value)| !value.is_empty());
    let lines = filled.map(|(name, value)| format!("{name:<width$}  {}", harmless(value)));
    lines.collect::<Vec<_>>().join("\n")
}

/// The text without what would move the cursor or turn the line around: a client chooses its own name.
pub(super) fn harmless(text: &str) -> String {
    let shown = |character: char| match character {
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}' => {
            char::REPLACEMENT_CHARACTER
        }
        _ if character.is_control() => char::REPLACEMENT_CHARACTER,
        _ => character,
    };
    text.chars().map(shown).collect()
}

#[cfg(test)]
mod tests {
    use super::Table;

    #[test]
    fn columns_are_as_wide_as_what_stands_in_them() {
        let mut table = Table::new(["NAME", "ID"]);
        table.row(["Ünal".to_owned(), "1".to_owned()]);
        table.row(["a longer name".to_owned(), String::new()]);
        assert_eq!(table.text(), "NAME           ID\nÜnal           1\na longer name");
    }

    #[test]
    fn a_cell_cannot_move_the_cursor() {
        let mut table = Table::new(["NAME"]);
        table.row(["\u{1b}[2J\r\n\u{202e}x\u{9b}1m".to_owned()]);
        let text = table.text();
        assert_eq!(text.lines().count(), 2);
        assert!(!text.contains(['\u{1b}', '\r', '\u{202e}', '\u{9b}']), "{text:?}");
    }
}
