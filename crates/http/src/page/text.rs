//! Text that a stranger chose, made fit to be shown.

/// How many characters of a stranger's text a page shows.
const LONGEST: usize = 80;
/// How many marks may be stacked on one letter.
const MARKS: usize = 2;

/// What a page shows of `text`: one line, bounded, without what turns or hides the text around it.
///
/// The template still escapes it.
pub(crate) fn shown(text: &str) -> String {
    let mut shown = String::new();
    let mut marks = 0;
    for character in text.chars() {
        let character = if character.is_whitespace() { ' ' } else { character };
        marks = if is_mark(character) { marks + 1 } else { 0 };
        let doubled_space = character == ' ' && (shown.is_empty() || shown.ends_with(' '));
        if !doubled_space && marks <= MARKS && !is_invisible(character) {
            shown.push(character);
        }
    }
    let shown = shown.trim_end();
    match shown.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", shown.get(..end).unwrap_or_default().trim_end()),
        None => shown.to_owned(),
    }
}

/// The first letter of `text`, for a tile.
pub(crate) fn initial(text: &str) -> String {
    text.chars()
        .find(|character| character.is_alphanumeric())
        .map_or_else(|| "•".to_owned(), |character| character.to_uppercase().collect())
}

/// Controls, directional formatting ([Trojan Source](https://trojansource.codes/)), zero-width and private characters.
fn is_invisible(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{ad}'
                | '\u{34f}'
                | '\u{61c}'
                | '\u{115f}'..='\u{1160}'
                | '\u{17b4}'..='\u{17b5}'
                | '\u{180b}'..='\u{180f}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{2800}'
                | '\u{3164}'
                | '\u{e000}'..='\u{f8ff}'
                | '\u{fe00}'..='\u{fe0f}'
                | '\u{feff}'
                | '\u{ffa0}'
                | '\u{fff0}'..='\u{ffff}'
                | '\u{1d173}'..='\u{1d17a}'
                | '\u{e0000}'..='\u{10ffff}'
        )
}

fn is_mark(character: char) -> bool {
    matches!(
        character,
        '\u{300}'..='\u{36f}'
            | '\u{483}'..='\u{489}'
            | '\u{1ab0}'..='\u{1aff}'
            | '\u{1dc0}'..='\u{1dff}'
            | '\u{20d0}'..='\u{20ff}'
            | '\u{fe20}'..='\u{fe2f}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_cannot_turn_around_what_follows_it() {
        assert_eq!(shown("Safe\u{202e}efas\u{2066} App\u{200f}"), "Safeefas App");
    }

    #[test]
    fn text_cannot_hide_letters() {
        assert_eq!(shown("Cur\u{200b}sor\u{feff}\u{e0041}\u{ad}"), "Cursor");
        assert_eq!(shown("\u{3164}\u{2800}\u{200d}"), "");
    }

    #[test]
    fn text_is_one_line() {
        assert_eq!(shown("  Claude\r\n\tCode \u{2028}\u{0} now "), "Claude Code now");
    }

    #[test]
    fn text_is_bounded() {
        let long = shown(&"é".repeat(500));
        assert_eq!(long.chars().count(), LONGEST + 1);
        assert!(long.ends_with('…'));
    }

    #[test]
    fn marks_cannot_climb_over_the_line_above() {
        assert_eq!(shown(&format!("a{}b", "\u{301}".repeat(40))), "a\u{301}\u{301}b");
    }

    #[test]
    fn honest_names_are_left_alone() {
        for name in [
            "Claude Code",
            "Visual Studio Code – Insiders",
            "日本語クライアント",
            "Ünïcode (dev) 2.0",
            "عميل",
        ] {
            assert_eq!(shown(name), name);
        }
    }

    #[test]
    fn a_tile_shows_the_first_letter() {
        assert_eq!(initial("«cursor»"), "C");
        assert_eq!(initial("…"), "•");
    }
}
