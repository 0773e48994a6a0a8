//! `Forwarded` ([RFC 7239](https://www.rfc-editor.org/rfc/rfc7239)), read as strictly as its grammar is written.

use std::net::{IpAddr, Ipv4Addr};

/// The hops, the last one first; none for one that is hidden, or that stands in a line that cannot be read.
pub(super) fn hops<'a>(lines: impl Iterator<Item = Option<&'a str>>) -> impl Iterator<Item = Option<IpAddr>> {
    lines.flat_map(|line| {
        // One hop that nobody can read stands for a line that nobody can.
        line.and_then(elements)
            .unwrap_or_else(|| vec![None])
            .into_iter()
            .rev()
    })
}

/// The addresses in the elements of one line; none for an element that shows none.
///
/// > Forwarded = 1#forwarded-element
/// > forwarded-element = [ forwarded-pair ] *( ";" [ forwarded-pair ] )
/// > ([§4](https://www.rfc-editor.org/rfc/rfc7239#section-4))
fn elements(line: &str) -> Option<Vec<Option<IpAddr>>> {
    let mut rest = line;
    let mut found = Vec::new();
    loop {
        let (element, behind) = element(trim_start(rest))?;
        found.push(element);
        match trim_start(behind).split_at_checked(1) {
            None => return Some(found),
            Some((",", behind)) => rest = behind,
            Some(_) => return None,
        }
    }
}

/// > Each parameter MUST NOT occur more than once per field-value.
fn element(mut rest: &str) -> Option<(Option<IpAddr>, &str)> {
    let mut seen: Vec<String> = Vec::new();
    let mut address = None;
    loop {
        let (name, behind) = token(rest);
        if name.is_empty() {
            rest = behind;
        } else {
            let (value, behind) = value(behind.strip_prefix('=')?)?;
            let name = name.to_ascii_lowercase();
            if seen.contains(&name) {
                return None;
            }
            if name == "for" {
                address = match node(&value)? {
                    Node::Shown(address) => Some(address),
                    Node::Hidden => None,
                };
            }
            seen.push(name);
            rest = behind;
        }
        match rest.strip_prefix(';') {
            Some(behind) => rest = behind,
            None => return Some((address, rest)),
        }
    }
}

/// A token at the beginning of `text`, perhaps an empty one, and what stands behind it
/// ([RFC 9110 §5.6.2](https://www.rfc-editor.org/rfc/rfc9110#section-5.6.2)).
fn token(text: &str) -> (&str, &str) {
    let is_part =
        |character: char| character.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(character);
    let end = text.find(|character| !is_part(character)).unwrap_or(text.len());
    text.split_at(end)
}

/// A token or a quoted string, and what stands behind it
/// ([RFC 9110 §5.6.4](https://www.rfc-editor.org/rfc/rfc9110#section-5.6.4)).
fn value(text: &str) -> Option<(String, &str)> {
    let Some(quoted) = text.strip_prefix('"') else {
        let (value, behind) = token(text);
        return (!value.is_empty()).then(|| (value.to_owned(), behind));
    };
    let mut value = String::new();
    let mut characters = quoted.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return Some((value, quoted.get(at + 1..)?)),
            '\\' => value.push(characters.next()?.1),
            _ => value.push(character),
        }
    }
    None
}

/// What a node says of itself.
enum Node {
    Shown(IpAddr),
    Hidden,
}

/// Reads a node ([§6](https://www.rfc-editor.org/rfc/rfc7239#section-6)): an address, one of IPv6 in brackets, or a word in its
/// place, and perhaps a port. None for one that is malformed.
fn node(text: &str) -> Option<Node> {
    if let Some(inside) = text.strip_prefix('[') {
        let (address, port) = inside.split_once(']')?;
        let address = address.parse().ok().filter(|_| is_port(port))?;
        return Some(Node::Shown(IpAddr::V6(address)));
    }
    let end = text.find(':').unwrap_or(text.len());
    let (name, port) = text.split_at(end);
    if !is_port(port) {
        return None;
    }
    if name.eq_ignore_ascii_case("unknown") || is_obfuscated(name) {
        return Some(Node::Hidden);
    }
    let address: Ipv4Addr = name.parse().ok()?;
    Some(Node::Shown(IpAddr::V4(address)))
}

/// Nothing, or a colon and a port; the port may be hidden as well.
fn is_port(text: &str) -> bool {
    let Some(port) = text.strip_prefix(':') else {
        return text.is_empty();
    };
    let digits = !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
    is_obfuscated(port) || digits && port.len() <= 5 && port.parse::<u16>().is_ok()
}

/// > obfnode = "_" 1*( ALPHA / DIGIT / "." / "_" / "-")
fn is_obfuscated(text: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    text.strip_prefix('_')
        .is_some_and(|name| !name.is_empty() && name.bytes().all(is_part))
}

fn trim_start(text: &str) -> &str {
    text.trim_start_matches([' ', '\t'])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Option<Vec<Option<String>>> {
        let shown = |hop: Option<IpAddr>| hop.map(|address| address.to_string());
        Some(elements(line)?.into_iter().map(shown).collect())
    }

    fn addresses(line: &str) -> Vec<String> {
        let found = read(line).unwrap_or_else(|| panic!("{line}"));
        found
            .into_iter()
            .map(|hop| hop.unwrap_or("hidden".to_owned()))
            .collect()
    }

    #[test]
    fn what_is_not_in_the_grammar_is_not_read() {
        for line in [
            "for",
            "for=",
            "=192.0.2.1",
            "for =192.0.2.1",
            "for= 192.0.2.1",
            "for=192.0.2.1;for=198.51.100.1",
            "for=192.0.2.1;FOR=198.51.100.1",
            "for=192.0.2.1; proto=https",
            "for=192.0.2.1 for=198.51.100.1",
            "for=192.0.2.1;proto=\"https",
            "for=\"192.0.2.1",
            "for=\"192.0.2.1\\",
            "for=\"192.0.2.1\"x",
            "for=\"\"",
            "for=192.0.2.1:80",
            "for=2001:db8::1",
            "for=[2001:db8::1]",
            "for=\"2001:db8::1\"",
            "for=\"[2001:db8::1\"",
            "for=\"[2001:db8::1]80\"",
            "for=\"[192.0.2.1]\"",
            "for=\"[fe80::1%1]\"",
            "for=\"192.0.2.1:\"",
            "for=\"192.0.2.1:99999\"",
            "for=\"192.0.2.1:000080\"",
            "for=\"192.0.2.1, 198.51.100.1\"",
            "for=192.0.2.256",
            "for=192.0.2.01",
            "for=example.com",
            "for=_",
            "for=\"_a b\"",
            "192.0.2.1",
            "192.0.2.1, 198.51.100.1",
            "for=192.0.2.1/24",
            "for=\u{661}",
        ] {
            assert_eq!(read(line), None, "{line}");
        }
    }

    /// The examples of [§4](https://www.rfc-editor.org/rfc/rfc7239#section-4) and [§7.1](https://www.rfc-editor.org/rfc/rfc7239#section-7.1).
    #[test]
    fn the_examples_of_the_rfc_are_read() {
        for (line, expected) in [
            ("for=\"_gazonk\"", &["hidden"][..]),
            ("For=\"[2001:db8:cafe::17]:4711\"", &["2001:db8:cafe::17"]),
            ("for=192.0.2.60;proto=http;by=203.0.113.43", &["192.0.2.60"]),
            (
                "for=192.0.2.43, for=198.51.100.17",
                &["192.0.2.43", "198.51.100.17"],
            ),
            (
                "for=192.0.2.43, for=\"[2001:db8:cafe::17]\"",
                &["192.0.2.43", "2001:db8:cafe::17"],
            ),
            (
                "for=192.0.2.43,for=\"[2001:db8:cafe::17]\",for=unknown",
                &["192.0.2.43", "2001:db8:cafe::17", "hidden"],
            ),
            ("for=_hidden, for=_SEVKISEK", &["hidden", "hidden"]),
        ] {
            assert_eq!(addresses(line), expected, "{line}");
        }
    }

    #[test]
    fn a_quoted_comma_parts_nothing() {
        assert_eq!(
            addresses("host=\"a,for=6.6.6.6\";for=192.0.2.1,for=\"198.51.100.\\1:80\""),
            ["192.0.2.1", "198.51.100.1"]
        );
    }

    #[test]
    fn an_element_without_for_hides_its_hop() {
        assert_eq!(addresses("proto=https"), ["hidden"]);
        assert_eq!(addresses("for=192.0.2.1,"), ["192.0.2.1", "hidden"]);
        assert_eq!(addresses(";by=192.0.2.1;"), ["hidden"]);
    }
}
