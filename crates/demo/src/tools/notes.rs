use rmcp::handler::server::tool::Extension;
use rmcp::handler::server::wrapper::{Json, Parameters};
use rmcp::schemars::{self, JsonSchema};
use rmcp::{ErrorData, tool, tool_router};
use serde::{Deserialize, Serialize};
use vestibule_guard::{Clock, Principal};

use crate::notes::Note;
use crate::resources::{self, note_uri, notes_error};
use crate::server::DemoServer;

#[derive(Debug, Deserialize, JsonSchema)]
struct NewNote {
    /// What the note says.
    content: String,
    /// What it is called.
    title: String,
}

/// A note, without what it says.
#[derive(Debug, Serialize, JsonSchema)]
struct NoteSummary {
    /// Its number among your notes.
    id: u64,
    /// Where it can be read.
    uri: String,
    /// What it is called.
    title: String,
    /// When it was written, in milliseconds since 1970.
    created_at: i64,
}

#[derive(Debug, Serialize, JsonSchema)]
struct NoteList {
    /// Your notes, the oldest first.
    notes: Vec<NoteSummary>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct ResourceList {
    /// The URIs that you can read.
    resources: Vec<String>,
}

impl NoteSummary {
    fn of(note: &Note) -> Self {
        Self {
            id: note.id,
            uri: note_uri(note),
            title: note.title.clone(),
            created_at: note.created_at,
        }
    }
}

#[tool_router(router = note_tools, vis = "pub(crate)")]
impl DemoServer {
    #[tool(description = "Keeps a note that only you can read.")]
    async fn create_secure_note(
        &self,
        Extension(caller): Extension<Principal>,
        Parameters(NewNote { content, title }): Parameters<NewNote>,
    ) -> Result<Json<NoteSummary>, ErrorData> {
        let now = self.shared.clock.now();
        let note = self.shared.notes.put(caller.subject(), title, content, now).await;
        note.map(|note| Json(NoteSummary::of(&note)))
            .map_err(|error| notes_error(&error))
    }

    #[tool(description = "Lists your notes.")]
    async fn list_secure_notes(
        &self,
        Extension(caller): Extension<Principal>,
    ) -> Result<Json<NoteList>, ErrorData> {
        let notes = self
            .shared
            .notes
            .list(caller.subject())
            .await
            .map_err(|error| notes_error(&error))?;
        let notes = notes.iter().map(NoteSummary::of).collect();
        Ok(Json(NoteList { notes }))
    }

    #[tool(description = "Lists the URIs of everything that you can read.")]
    async fn list_available_resources(
        &self,
        Extension(caller): Extension<Principal>,
    ) -> Result<Json<ResourceList>, ErrorData> {
        let list = resources::list(&self.shared, &caller).await?;
        let resources = list.resources.into_iter().map(|resource| resource.uri).collect();
        Ok(Json(ResourceList { resources }))
    }
}
