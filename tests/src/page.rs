//! A server-rendered page, as far as a person can act on it.

use std::sync::LazyLock;

use regex::Regex;

/// An HTML page.
#[derive(Debug, Clone)]
pub struct Page {
    html: String,
}

/// A form of a page, with what a browser would send of it.
#[derive(Debug, Clone)]
pub struct Form {
    action: Option<String>,
    fields: Vec<Field>,
    buttons: Vec<(String, String)>,
}

#[derive(Debug, Clone)]
struct Field {
    name: String,
    value: String,
    sent: bool,
    choice: bool,
}

impl Page {
    /// Reads a page.
    pub fn new(html: impl Into<String>) -> Self {
        Self { html: html.into() }
    }

    /// The page as it came.
    pub fn html(&self) -> &str {
        &self.html
    }

    /// The forms of the page, in their order.
    pub fn forms(&self) -> Vec<Form> {
        static FORM: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?is)<form\b([^>]*)>(.*?)</form>"));
        FORM.captures_iter(&self.html)
            .map(|form| Form::read(group(&form, 1), group(&form, 2)))
            .collect()
    }

    /// The form that has a field or a button of this name.
    pub fn form_with(&self, name: &str) -> Option<Form> {
        self.forms().into_iter().find(|form| form.has(name))
    }

    /// The code on a page that shows one to copy.
    pub fn shown_code(&self) -> Option<String> {
        static CODE: LazyLock<Regex> =
            LazyLock::new(|| pattern(r#"(?is)<code\b[^>]*\bid="?code"?[^>]*>(.*?)</code>"#));
        let code = CODE.captures(&self.html)?;
        Some(unescape(group(&code, 1).trim()))
    }

    /// The error that a page for a person stands for.
    pub fn error(&self) -> Option<String> {
        static MAIN: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?is)<main\b([^>]*)>"));
        MAIN.captures_iter(&self.html)
            .find_map(|main| attribute(group(&main, 1), "data-error"))
    }

    /// The targets of the page's links, in their order.
    pub fn links(&self) -> Vec<String> {
        static LINK: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?is)<a\b([^>]*)>"));
        LINK.captures_iter(&self.html)
            .filter_map(|link| attribute(group(&link, 1), "href"))
            .collect()
    }

    /// What a person reads: the page without its markup, with single spaces.
    pub fn text(&self) -> String {
        static MARKUP: LazyLock<Regex> = LazyLock::new(|| {
            pattern(r"(?is)<head\b.*?</head>|<style\b.*?</style>|<script\b.*?</script>|<[^>]*>")
        });
        let bare = MARKUP.replace_all(&self.html, " ");
        unescape(&bare).split_whitespace().collect::<Vec<_>>().join(" ")
    }
}

impl Form {
    fn read(tag: &str, inside: &str) -> Self {
        static CONTROL: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?is)<(input|button)\b([^>]*)>"));
        let mut form = Self {
            action: attribute(tag, "action"),
            fields: Vec::new(),
            buttons: Vec::new(),
        };
        for control in CONTROL.captures_iter(inside) {
            let attributes = group(&control, 2);
            let Some(name) = attribute(attributes, "name") else {
                continue;
            };
            let value = attribute(attributes, "value");
            if group(&control, 1).eq_ignore_ascii_case("button") {
                form.buttons.push((name, value.unwrap_or_default()));
                continue;
            }
            let kind = attribute(attributes, "type")
                .unwrap_or_default()
                .to_ascii_lowercase();
            let choice = kind == "checkbox" || kind == "radio";
            let unset = if choice { "on" } else { "" };
            form.fields.push(Field {
                name,
                value: value.unwrap_or_else(|| unset.to_owned()),
                sent: !choice || has_attribute(attributes, "checked"),
                choice,
            });
        }
        form
    }

    fn has(&self, name: &str) -> bool {
        let button = self.buttons.iter().any(|(of, _)| of == name);
        button || self.fields.iter().any(|field| field.name == name)
    }

    /// Where the form goes; the page's own address when it does not say.
    pub fn action(&self) -> Option<&str> {
        self.action.as_deref()
    }

    /// The values of the boxes of this name that can be ticked, ticked or not.
    pub fn choices(&self, name: &str) -> Vec<&str> {
        let of = self
            .fields
            .iter()
            .filter(|field| field.choice && field.name == name);
        of.map(|field| field.value.as_str()).collect()
    }

    /// Types into a field.
    #[must_use]
    pub fn fill(mut self, name: &str, value: &str) -> Self {
        let field = self.fields.iter_mut().find(|field| field.name == name);
        let field = field.unwrap_or_else(|| panic!("the form has no field {name}"));
        value.clone_into(&mut field.value);
        self
    }

    /// Ticks just these boxes of a name, and unticks the others.
    #[must_use]
    pub fn tick_only(mut self, name: &str, values: &[&str]) -> Self {
        let boxes = self
            .fields
            .iter_mut()
            .filter(|field| field.choice && field.name == name);
        for field in boxes {
            field.sent = values.contains(&field.value.as_str());
        }
        self
    }

    /// Presses a button, which is sent along with the fields.
    #[must_use]
    pub fn press(self, name: &str, value: &str) -> Self {
        assert!(
            self.buttons.iter().any(|(of, its)| of == name && its == value),
            "the form has no button {name}={value}, but {:?}",
            self.buttons
        );
        self.with(name, value)
    }

    /// Sends something more along, as a page's script would.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.fields.push(Field {
            name: name.to_owned(),
            value: value.to_owned(),
            sent: true,
            choice: false,
        });
        self
    }

    /// What a browser sends.
    pub fn data(&self) -> Vec<(&str, &str)> {
        let sent = self.fields.iter().filter(|field| field.sent);
        sent.map(|field| (field.name.as_str(), field.value.as_str()))
            .collect()
    }
}

fn pattern(pattern: &str) -> Regex {
    Regex::new(pattern).expect("the pattern is written right")
}

fn group<'t>(captures: &regex::Captures<'t>, index: usize) -> &'t str {
    captures.get(index).map_or("", |found| found.as_str())
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let quoted = pattern(&format!(
        r#"(?is)(?:^|\s){name}\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))"#
    ));
    let found = quoted.captures(tag)?;
    let value = (1..=3).find_map(|index| found.get(index))?;
    Some(unescape(value.as_str()))
}

fn has_attribute(tag: &str, name: &str) -> bool {
    static QUOTED: LazyLock<Regex> = LazyLock::new(|| pattern(r#""[^"]*"|'[^']*'"#));
    let names = QUOTED.replace_all(tag, "");
    names.split_whitespace().any(|word| {
        word.split('=')
            .next()
            .is_some_and(|word| word.eq_ignore_ascii_case(name))
    })
}

fn unescape(text: &str) -> String {
    static REFERENCE: LazyLock<Regex> = LazyLock::new(|| pattern(r"&(#x[0-9a-fA-F]+|#[0-9]+|[a-z]+);"));
    let replaced = REFERENCE.replace_all(text, |found: &regex::Captures<'_>| {
        let name = group(found, 1);
        let number = match name.strip_prefix('#') {
            Some(digits) => match digits.strip_prefix('x') {
                Some(hexadecimal) => u32::from_str_radix(hexadecimal, 16).ok(),
                None => digits.parse().ok(),
            },
            None => None,
        };
        match (name, number.and_then(char::from_u32)) {
            (_, Some(character)) => character.to_string(),
            ("amp", None) => "&".to_owned(),
            ("lt", None) => "<".to_owned(),
            ("gt", None) => ">".to_owned(),
            ("quot", None) => "\"".to_owned(),
            ("apos", None) => "'".to_owned(),
            ("nbsp", None) => " ".to_owned(),
            _ => group(found, 0).to_owned(),
        }
    });
    replaced.into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONSENT: &str = r#"<main><form method="post" action="/next?a=1&amp;b=2">
        <input type="hidden" name="csrf" value="a&quot;&#x27;b">
        <input type=checkbox name=scope value="mcp:read" checked>
        <input type=checkbox name=scope value="mcp:write">
        <button name="decision" value="approve">Allow</button></form>
        <form method="post"><button name="action" value="switch_user">Not you?</button></form></main>"#;

    #[test]
    fn a_form_sends_hidden_fields_and_ticked_boxes_only() {
        let form = Page::new(CONSENT).form_with("decision").unwrap();
        assert_eq!(form.action(), Some("/next?a=1&b=2"));
        assert_eq!(form.data(), [("csrf", "a\"'b"), ("scope", "mcp:read")]);
    }

    #[test]
    fn a_pressed_button_is_sent_and_boxes_can_be_changed() {
        let form = Page::new(CONSENT).form_with("decision").unwrap();
        let form = form
            .tick_only("scope", &["mcp:write"])
            .press("decision", "approve");
        assert_eq!(form.data().last(), Some(&("decision", "approve")));
        assert!(form.data().contains(&("scope", "mcp:write")));
        assert!(!form.data().contains(&("scope", "mcp:read")));
    }

    #[test]
    #[should_panic(expected = "no button decision=deny")]
    fn a_button_that_is_not_there_cannot_be_pressed() {
        let form = Page::new(CONSENT).form_with("decision").unwrap();
        let _ = form.press("decision", "deny");
    }

    #[test]
    fn each_form_is_found_by_what_it_holds() {
        let page = Page::new(CONSENT);
        assert_eq!(page.forms().len(), 2);
        assert!(page.form_with("action").unwrap().action().is_none());
        assert!(page.form_with("password").is_none());
        assert_eq!(page.error(), None);
    }

    #[test]
    fn the_code_and_the_error_of_a_page_are_read() {
        let page =
            Page::new(r#"<main data-error="invalid_client">Gone<code id="code"> a&amp;b </code></main>"#);
        assert_eq!(page.error().as_deref(), Some("invalid_client"));
        assert_eq!(page.shown_code().as_deref(), Some("a&b"));
        assert_eq!(page.text(), "Gone a&b");
    }
}
