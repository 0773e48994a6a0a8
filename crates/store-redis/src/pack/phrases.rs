//! What texts of many records have in common: one byte, or two, that no text in UTF-8 has.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::sync::LazyLock;

/// Before the number of a phrase of two bytes.
const LONG: u8 = 0xff;

/// The phrases of one byte: `0xf5` and what follows. Records of every age are in the store: none is ever moved or removed.
const SHORT: &[&str] = &[
    "offline_access",
    "mcp:read",
    "mcp:write",
    "openid",
    "profile",
    ".com",
    "https://",
    "/mcp",
    "google",
    "email",
];
const FIRST: u8 = 0xf5;

/// The phrases of two bytes. New ones are added at the end.
const PHRASES: &[&str] = &[
    "lh3.googleusercontent.com/a/",
    "s.gravatar.com/avatar/",
    "avatars.githubusercontent.com/u/",
    "img.clerk.com/",
    "cdn.auth0.com/avatars/",
    "accounts.google.com",
    "securetoken.google.com/",
    "login.microsoftonline.com/",
    "cognito-idp.",
    ".amazonaws.com/",
    ".auth0.com/",
    ".okta.com",
    "/oauth2/default",
    ".clerk.accounts.dev",
    ".supabase.co/auth/v1",
    "appleid.apple.com",
    "/realms/",
    "google-oauth2|",
    "auth0|",
    "github|",
    "@gmail.com",
    "@outlook.com",
    "@hotmail.com",
    "@icloud.com",
    "?s=480",
    "&r=pg&d=",
    "=s96-c",
    "http://localhost:",
    "http://127.0.0.1:",
    "/callback",
    "authorization_code",
    "refresh_token",
    "client_secret_basic",
    "client_secret_post",
    "claude.ai",
    "chatgpt.com",
    "vscode.dev",
    "cursor",
    "staff",
    "editor",
    "admin",
    "member",
];

/// The phrases by their first byte, the longest first, and the bytes that stand for each.
static BY_FIRST_BYTE: LazyLock<[Vec<Phrase>; 256]> = LazyLock::new(|| {
    let short = SHORT
        .iter()
        .zip(FIRST..)
        .map(|(phrase, byte)| (phrase.as_bytes(), vec![byte]));
    let long = PHRASES
        .iter()
        .zip(0..)
        .map(|(phrase, number)| (phrase.as_bytes(), vec![LONG, number]));
    let mut all = [const { Vec::new() }; 256];
    for (phrase, code) in short.chain(long) {
        if let Some(phrases) = phrase.first().and_then(|first| all.get_mut(usize::from(*first))) {
            phrases.push((phrase, code));
        }
    }
    for phrases in &mut all {
        phrases.sort_by_key(|(phrase, _)| Reverse(phrase.len()));
    }
    all
});

type Phrase = (&'static [u8], Vec<u8>);

/// Writes the text with its phrases shortened.
pub(super) fn shorten(text: &str, bytes: &mut Vec<u8>) {
    let by_first_byte = &*BY_FIRST_BYTE;
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let mut phrases = by_first_byte.get(usize::from(*first)).into_iter().flatten();
        if let Some((behind, code)) =
            phrases.find_map(|(phrase, code)| Some((rest.strip_prefix(*phrase)?, code)))
        {
            bytes.extend(code);
            rest = behind;
        } else {
            bytes.push(*first);
            rest = after;
        }
    }
}

/// The text in full; nothing if the bytes are none.
pub(super) fn lengthen(bytes: &[u8]) -> Option<Cow<'_, str>> {
    let phrase = |byte: &u8| *byte >= FIRST;
    let Some(mut plain) = bytes.iter().position(phrase) else {
        return std::str::from_utf8(bytes).ok().map(Cow::Borrowed);
    };
    let mut text = Vec::with_capacity(bytes.len() * 2 + 16);
    let mut rest = bytes;
    loop {
        let (before, at) = rest.split_at_checked(plain)?;
        text.extend(before);
        let (phrase_of, behind) = match at {
            [] => return String::from_utf8(text).ok().map(Cow::Owned),
            [LONG, number, behind @ ..] => (PHRASES.get(usize::from(*number))?, behind),
            [byte, behind @ ..] => (SHORT.get(usize::from(byte.checked_sub(FIRST)?))?, behind),
        };
        text.extend(phrase_of.as_bytes());
        rest = behind;
        plain = rest.iter().position(phrase).unwrap_or(rest.len());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shortened(text: &str) -> Vec<u8> {
        let mut bytes = Vec::new();
        shorten(text, &mut bytes);
        bytes
    }

    #[test]
    fn phrases_are_shortened_and_nothing_is_changed() {
        for (text, length) in [
            ("", 0),
            ("mcp:read mcp:write offline_access", 5),
            ("https://lh3.googleusercontent.com/a/x", 4),
            ("Ünal 🔐 google-oauth2|1", 14),
            ("goog", 4),
        ] {
            let bytes = shortened(text);
            assert_eq!(lengthen(&bytes).as_deref(), Some(text));
            assert_eq!(bytes.len(), length, "{text}");
        }
    }

    #[test]
    fn every_phrase_is_found_again() {
        for phrase in SHORT.iter().chain(PHRASES) {
            let bytes = shortened(phrase);
            assert!(bytes.len() <= 2, "{phrase}");
            assert_eq!(lengthen(&bytes).as_deref(), Some(*phrase));
        }
    }

    #[test]
    fn what_is_no_phrase_is_refused() {
        for bytes in [&[LONG][..], &[LONG, 250], &[0xc3]] {
            assert_eq!(lengthen(bytes), None);
        }
    }
}
