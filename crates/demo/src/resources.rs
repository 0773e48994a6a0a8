//! What can be read: the caller's profile and notes.

use rmcp::ErrorData;
use rmcp::model::{
    CacheScope, ListResourceTemplatesResult, ListResourcesResult, ReadResourceResult, Resource,
    ResourceContents, ResourceTemplate,
};
use serde::Serialize;
use vestibule_guard::Principal;

use crate::notes::{Note, NotesError};
use crate::server::Shared;
use crate::tools::Profile;

const PROFILE: &str = "user://profile";
const NOTES: &str = "user://notes/";
const JSON: &str = "application/json";

/// Returns the URI of a note.
pub(crate) fn note_uri(note: &Note) -> String {
    format!("{NOTES}{}", note.id)
}

/// Lists what the caller can read.
pub(crate) async fn list(shared: &Shared, caller: &Principal) -> Result<ListResourcesResult, ErrorData> {
    let notes = shared
        .notes
        .list(caller.subject())
        .await
        .map_err(|error| notes_error(&error))?;
    let profile = Resource::new(PROFILE, "profile")
        .with_title("Who is logged in")
        .with_mime_type(JSON);
    let notes = notes.iter().map(|note| {
        Resource::new(note_uri(note), format!("note {}", note.id))
            .with_title(note.title.clone())
            .with_mime_type(JSON)
    });
    let all = std::iter::once(profile).chain(notes).collect();
    // One user's list is nobody else's.
    Ok(ListResourcesResult::with_all_items(all).with_cache_scope(CacheScope::Private))
}

/// Lists the forms of what can be read.
pub(crate) fn templates() -> ListResourceTemplatesResult {
    let note = ResourceTemplate::new(format!("{NOTES}{{note_id}}"), "note")
        .with_title("One of your notes")
        .with_mime_type(JSON);
    ListResourceTemplatesResult::with_all_items(vec![note])
}

/// Reads what the URI names, if it is the caller's.
pub(crate) async fn read(
    shared: &Shared,
    caller: &Principal,
    uri: &str,
) -> Result<ReadResourceResult, ErrorData> {
    if uri == PROFILE {
        return contents(uri, &Profile::of(caller));
    }
    let id = uri.strip_prefix(NOTES).and_then(|id| id.parse().ok());
    let note = match id {
        Some(id) => shared
            .notes
            .find(caller.subject(), id)
            .await
            .map_err(|error| notes_error(&error))?,
        None => None,
    };
    match note {
        Some(note) => contents(uri, &note),
        None => Err(ErrorData::resource_not_found(format!("there is no {uri}"), None)),
    }
}

fn contents(uri: &str, value: &impl Serialize) -> Result<ReadResourceResult, ErrorData> {
    let text = serde_json::to_string(value).map_err(|error| notes_error(&error.into()))?;
    let contents = ResourceContents::text(text, uri).with_mime_type(JSON);
    Ok(ReadResourceResult::new(vec![contents]).with_cache_scope(CacheScope::Private))
}

/// Tells the caller what they can change, and the log what they cannot.
pub(crate) fn notes_error(error: &NotesError) -> ErrorData {
    match error {
        NotesError::TooLong | NotesError::TooMany => ErrorData::invalid_params(error.to_string(), None),
        NotesError::Open(_)
        | NotesError::Storage(_)
        | NotesError::Unreadable(_)
        | NotesError::ShuttingDown => {
            let error: &dyn std::error::Error = error;
            tracing::error!(error, "the notes are out of reach");
            ErrorData::internal_error("the notes are out of reach", None)
        }
    }
}
