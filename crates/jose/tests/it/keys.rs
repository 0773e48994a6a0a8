//! The example keys of the RFCs, which every implementation agrees on.

use serde_json::{Value, json};

/// [RFC 7515 A.3.1](https://www.rfc-editor.org/rfc/rfc7515#appendix-A.3.1).
pub(crate) fn es256() -> Value {
    json!({
        "kty": "EC",
        "crv": "P-256",
        "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
        "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
        "d": "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI",
    })
}

/// [RFC 8037 A.1](https://www.rfc-editor.org/rfc/rfc8037#appendix-A.1).
pub(crate) fn ed25519() -> Value {
    json!({
        "kty": "OKP",
        "crv": "Ed25519",
        "d": "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
        "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
    })
}

/// [RFC 7515 A.2.1](https://www.rfc-editor.org/rfc/rfc7515#appendix-A.2.1).
pub(crate) fn rs256() -> Value {
    serde_json::from_str(include_str!("keys/rfc7515-a2.json")).unwrap()
}
