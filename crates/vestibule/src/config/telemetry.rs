//! `[telemetry]`: what is counted, measured and traced, and who is told.

use url::Url;
use vestibule_telemetry::{Export, Incoming, Signal};

use super::secret::Outside;
use super::section::Section;

/// What OTLP over HTTP in protobuf is called.
const PROTOCOL: &str = "http/protobuf";

/// What is counted, measured and traced, and who is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TelemetryConfig {
    /// Whether Prometheus may read `/metrics`.
    pub metrics: bool,
    /// What goes to a collector.
    pub export: Option<Export>,
}

pub(super) fn read(section: Section<'_>, outside: &Outside<'_>) -> TelemetryConfig {
    let metrics = section.flag("metrics").unwrap_or(false);
    let endpoint = endpoint(&section, outside);
    let named = signals(&section);
    let incoming = match section.flag("continue_traces") {
        Some(true) => Incoming::Continue,
        Some(false) | None => Incoming::Ignore,
    };
    let wanted: Vec<Signal> = Signal::ALL
        .into_iter()
        .filter(|signal| named.as_ref().is_none_or(|named| named.contains(signal)))
        .filter(|signal| is_exported(&section, *signal, outside))
        .filter(|signal| endpoint.is_some() || variable(&for_signal(*signal, "ENDPOINT"), outside).is_some())
        .collect();
    for signal in &wanted {
        check_protocol(&section, *signal, outside);
    }
    section.finish();
    let disabled =
        variable("OTEL_SDK_DISABLED", outside).is_some_and(|text| text.eq_ignore_ascii_case("true"));
    let export = (!wanted.is_empty() && !disabled).then_some(Export {
        endpoint,
        signals: wanted,
        incoming,
    });
    TelemetryConfig { metrics, export }
}

/// The collector's address: as written, or from the environment.
fn endpoint(section: &Section<'_>, outside: &Outside<'_>) -> Option<String> {
    const VARIABLE: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";
    let text = if let Some(text) = section.text("otlp_endpoint") {
        text.to_owned()
    } else {
        let text = variable(VARIABLE, outside)?;
        section.filled("otlp_endpoint", VARIABLE, Some(&text));
        text
    };
    let is_address = |url: &Url| matches!(url.scheme(), "http" | "https") && url.has_host();
    if !Url::parse(&text).is_ok_and(|url| is_address(&url)) {
        section.note(
            "otlp_endpoint",
            format!("\"{text}\" is no address of a collector; write one such as \"http://localhost:4318\""),
        );
    }
    Some(text)
}

fn signals(section: &Section<'_>) -> Option<Vec<Signal>> {
    let texts = section.texts("otlp_signals")?;
    let signal = |text: &&str| {
        let found = Signal::ALL.into_iter().find(|signal| signal.as_str() == *text);
        if found.is_none() {
            section.note(
                "otlp_signals",
                format!("\"{text}\" is no signal; write \"traces\", \"metrics\" or \"logs\""),
            );
        }
        found
    };
    Some(texts.iter().filter_map(signal).collect())
}

/// Whether the environment lets the signal be sent: `OTEL_TRACES_EXPORTER` and the like are `otlp` or `none`.
fn is_exported(section: &Section<'_>, signal: Signal, outside: &Outside<'_>) -> bool {
    let name = format!("OTEL_{}_EXPORTER", signal.as_str().to_uppercase());
    match variable(&name, outside).as_deref() {
        None | Some("otlp") => true,
        Some("none") => false,
        Some(other) => {
            section.note(
                "otlp_signals",
                format!("the environment variable {name} is \"{other}\"; set \"otlp\" or \"none\""),
            );
            false
        }
    }
}

fn check_protocol(section: &Section<'_>, signal: Signal, outside: &Outside<'_>) {
    let names = [
        for_signal(signal, "PROTOCOL"),
        "OTEL_EXPORTER_OTLP_PROTOCOL".to_owned(),
    ];
    let set = names
        .into_iter()
        .find_map(|name| Some((variable(&name, outside)?, name)));
    if let Some((other, name)) = set.filter(|(protocol, _)| protocol != PROTOCOL) {
        section.note(
            "otlp_endpoint",
            format!(
                "the environment variable {name} is \"{other}\", which is not spoken here; set \"{PROTOCOL}\", and the \
                 collector's port for HTTP, which is 4318 for most"
            ),
        );
    }
}

fn for_signal(signal: Signal, what: &str) -> String {
    format!("OTEL_EXPORTER_OTLP_{}_{what}", signal.as_str().to_uppercase())
}

fn variable(name: &str, outside: &Outside<'_>) -> Option<String> {
    (outside.env)(name).filter(|value| !value.is_empty())
}

#[cfg(test)]
mod tests;
