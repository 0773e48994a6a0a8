/// Turns a title into the last part of a URL: lower-case letters and digits, everything else one hyphen.
pub(crate) fn slugify(text: &str) -> String {
    let words = text
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase);
    words.collect::<Vec<_>>().join("-")
}

#[cfg(test)]
mod tests {
    use super::slugify;

    #[test]
    fn what_is_neither_letter_nor_digit_becomes_one_hyphen() {
        assert_eq!(slugify("  Hello,   World! 2 "), "hello-world-2");
    }

    #[test]
    fn letters_of_every_alphabet_stay() {
        assert_eq!(slugify("Crème Brûlée — Ἀθῆναι"), "crème-brûlée-ἀθῆναι");
    }

    #[test]
    fn a_title_of_punctuation_has_no_slug() {
        assert_eq!(slugify("?!…"), "");
    }
}
