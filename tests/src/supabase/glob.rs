//! The patterns of the redirect allow-list: they match a whole URL, its query included, and `.` and `/` end what a single star
//! stands for.

/// Whether the pattern matches the whole text.
pub(super) fn matches(pattern: &str, text: &str) -> bool {
    if let Some(rest) = pattern.strip_prefix("**") {
        return tails(text).any(|tail| matches(rest, tail));
    }
    let mut letters = pattern.chars();
    match letters.next() {
        None => text.is_empty(),
        Some('*') => {
            let rest = letters.as_str();
            let stop = text.find(['.', '/']).unwrap_or(text.len());
            tails(text)
                .take_while(|tail| text.len() - tail.len() <= stop)
                .any(|tail| matches(rest, tail))
        }
        Some('?') => {
            let mut read = text.chars();
            read.next().is_some_and(|letter| letter != '.' && letter != '/')
                && matches(letters.as_str(), read.as_str())
        }
        Some(letter) => text
            .strip_prefix(letter)
            .is_some_and(|rest| matches(letters.as_str(), rest)),
    }
}

/// The text, the text without its first character, and so on to nothing.
fn tails(text: &str) -> impl Iterator<Item = &str> {
    text.char_indices().map(|(at, _)| &text[at..]).chain([""])
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn a_star_stands_for_a_query_but_for_no_dot_or_slash() {
        let pattern = "https://auth.example.com/oauth/callback/supabase*";
        assert!(matches(
            pattern,
            "https://auth.example.com/oauth/callback/supabase"
        ));
        assert!(matches(
            pattern,
            "https://auth.example.com/oauth/callback/supabase?state=a-b_c"
        ));
        assert!(!matches(
            pattern,
            "https://auth.example.com/oauth/callback/supabase?state=a.b"
        ));
        assert!(!matches(
            pattern,
            "https://auth.example.com/oauth/callback/supabase/elsewhere"
        ));
        assert!(!matches(
            pattern,
            "https://auth.example.com.evil.example/oauth/callback/supabase"
        ));
    }

    #[test]
    fn two_stars_stand_for_anything() {
        assert!(matches(
            "http://localhost:3009/**",
            "http://localhost:3009/a/b.c?d=e"
        ));
        assert!(!matches("http://localhost:3009/**", "http://localhost:3010/a"));
    }
}
