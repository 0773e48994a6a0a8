//! What has changed in a document since it was last read.

use vestibule_protocol::{RedirectUri, ValidMetadata};
use vestibule_telemetry::AuditEvent;

use crate::Digest;
use crate::record::ClientDocument;

/// What a person's consent stands on: where codes are sent, and what proves the client. Another edition is asked for anew.
///
/// The keys behind a `jwks_uri` are not part of it, so that a client may change them as often as it should.
pub(crate) fn edition(metadata: &ValidMetadata) -> Digest {
    let mut uris: Vec<&str> = metadata.redirect_uris.iter().map(RedirectUri::as_str).collect();
    uris.sort_unstable();
    uris.dedup();
    let keys = (
        metadata.token_endpoint_auth_method,
        &metadata.jwks_uri,
        &metadata.jwks,
    );
    // None of what stands in either part has a line break in it: JSON escapes them.
    let keys = serde_json::to_string(&keys).unwrap_or_default();
    Digest::of(&format!("{}\n{keys}", uris.join("\n")))
}

/// Tells the audit log of a document that is new, or says something else than before.
pub(super) fn record(before: Option<&ClientDocument>, now: &ClientDocument) {
    let Some(now_read) = &now.read else { return };
    match before.and_then(|before| before.read.as_ref()) {
        None => AuditEvent::ClientDocumentRead { client: &now.id }.record(),
        Some(before) if before.metadata == now_read.metadata => {}
        Some(before) => {
            let changed = changes(&before.metadata, &now_read.metadata).join(" ");
            AuditEvent::ClientDocumentChanged {
                client: &now.id,
                changed: &changed,
            }
            .record();
        }
    }
}

/// The names of the fields that differ.
fn changes(before: &ValidMetadata, now: &ValidMetadata) -> Vec<String> {
    let fields = |metadata| match serde_json::to_value(metadata) {
        Ok(serde_json::Value::Object(fields)) => fields,
        Ok(_) | Err(_) => serde_json::Map::new(),
    };
    let (before, now) = (fields(before), fields(now));
    let names: std::collections::BTreeSet<&String> = before.keys().chain(now.keys()).collect();
    names
        .into_iter()
        .filter(|name| before.get(*name) != now.get(*name))
        .cloned()
        .collect()
}
