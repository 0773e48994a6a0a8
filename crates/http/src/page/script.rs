//! The page in which a provider's own script runs.

use askama::Template;
use vestibule_provider::Script;

use super::Frame;

/// The page with the place that the script draws into, its settings, and the form by which it posts a credential back.
#[derive(Debug, Template)]
#[template(path = "script.html")]
pub(crate) struct ScriptPage<'a> {
    pub(crate) frame: &'a Frame,
    pub(crate) client: String,
    /// The code that the asking device shows.
    pub(crate) device: Option<String>,
    pub(crate) provider: &'a str,
    pub(crate) problem: Option<&'a str>,
    /// The script's address.
    pub(crate) script: &'a str,
    /// JSON that cannot leave the element in which it stands.
    settings: String,
    pub(crate) fields: &'a [String],
    /// Whether the person may go back and pick another provider.
    pub(crate) others: bool,
}

impl<'a> ScriptPage<'a> {
    pub(crate) fn new(
        frame: &'a Frame,
        client: String,
        provider: &'a str,
        address: &'a str,
        script: &'a Script,
    ) -> Self {
        Self {
            frame,
            client,
            device: None,
            provider,
            problem: script.problem.as_deref(),
            script: address,
            settings: embeddable(&script.settings.to_string()),
            fields: &script.fields,
            others: false,
        }
    }
}

/// JSON that stands in a page as it is: neither `</script>` nor `<!--` can be spelt in it. What is replaced stands in JSON
/// within strings alone, where the escape means the same.
fn embeddable(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    for character in json.chars() {
        match character {
            '<' => text.push_str("\\u003c"),
            '>' => text.push_str("\\u003e"),
            '&' => text.push_str("\\u0026"),
            '\u{2028}' => text.push_str("\\u2028"),
            '\u{2029}' => text.push_str("\\u2029"),
            other => text.push(other),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::embeddable;

    #[test]
    fn settings_cannot_leave_their_element() {
        let hostile = json!({ "a": "</script><script>alert(1)</script>", "<!--": ["\u{2028}&amp;-->"] });
        let text = embeddable(&hostile.to_string());
        assert!(!text.contains(['<', '>', '&', '\u{2028}']), "{text}");
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), hostile);
    }
}
