use rmcp::handler::server::tool::Extension;
use rmcp::handler::server::wrapper::{Json, Parameters};
use rmcp::schemars::{self, JsonSchema};
use rmcp::{ErrorData, tool, tool_router};
use serde::{Deserialize, Serialize};
use vestibule_guard::Principal;

use crate::board::Line;
use crate::server::DemoServer;

/// The longest line, in bytes.
const MAX_LINE: usize = 1024;

#[derive(Debug, Serialize, JsonSchema)]
struct BoardContent {
    /// The lines on the board, the oldest first.
    lines: Vec<Line>,
}

#[derive(Debug, Deserialize, JsonSchema)]
struct NewLine {
    /// What to write on the board.
    data: String,
}

#[derive(Debug, Deserialize, JsonSchema)]
struct Operation {
    /// What to do with the board.
    #[serde(default)]
    operation: AdminOperation,
}

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum AdminOperation {
    /// Count its lines.
    #[default]
    Count,
    /// Wipe it.
    Wipe,
}

#[derive(Debug, Serialize, JsonSchema)]
struct LineCount {
    /// How many lines there are, or were before they were wiped.
    lines: usize,
}

#[tool_router(router = data_tools, vis = "pub(crate)")]
impl DemoServer {
    #[tool(description = "Reads the board that all users share. Needs mcp:read.")]
    fn read_data(&self) -> Json<BoardContent> {
        let lines = self.shared.board.read();
        Json(BoardContent { lines })
    }

    #[tool(description = "Writes a line on the board that all users share. Needs mcp:write.")]
    fn write_data(
        &self,
        Extension(caller): Extension<Principal>,
        Parameters(NewLine { data }): Parameters<NewLine>,
    ) -> Result<Json<LineCount>, ErrorData> {
        if data.len() > MAX_LINE {
            let why = format!("a line may have {MAX_LINE} bytes");
            return Err(ErrorData::invalid_params(why, None));
        }
        let lines = self.shared.board.write(caller.subject(), data);
        Ok(Json(LineCount { lines }))
    }

    #[tool(description = "Counts the lines of the shared board, or wipes it. Needs mcp:admin.")]
    fn admin_operation(&self, Parameters(Operation { operation }): Parameters<Operation>) -> Json<LineCount> {
        let lines = match operation {
            AdminOperation::Count => self.shared.board.read().len(),
            AdminOperation::Wipe => self.shared.board.wipe(),
        };
        Json(LineCount { lines })
    }
}
