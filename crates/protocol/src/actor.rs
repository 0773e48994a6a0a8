//! Who acts for a user.

use serde::{Deserialize, Serialize};

/// Who acts for the user, and for whom that one acted in turn: the outermost acts now
/// ([RFC 8693 §4.1](https://www.rfc-editor.org/rfc/rfc8693#section-4.1)).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    /// The client that acts.
    pub sub: String,
    /// Who acted before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub act: Option<Box<Actor>>,
}

impl Actor {
    /// How many have acted, this one among them.
    pub fn chain(&self) -> usize {
        let mut length = 1;
        let mut before = self.act.as_deref();
        while let Some(actor) = before {
            length += 1;
            before = actor.act.as_deref();
        }
        length
    }
}
