//! How clients prove themselves with a key.

use std::time::Duration;

/// Client assertions ([RFC 7523 §3](https://www.rfc-editor.org/rfc/rfc7523#section-3)).
#[derive(Debug, Clone)]
pub struct ClientAssertionSettings {
    /// How far ahead the end of an assertion may lie.
    pub longest: Duration,
    /// Hosts of documents and of redirect URIs whose clients name the token endpoint as the audience, as they did before
    /// RFC 10070.
    pub endpoint_audience_for_hosts: Vec<String>,
}

impl Default for ClientAssertionSettings {
    fn default() -> Self {
        Self {
            longest: Duration::from_secs(5 * 60),
            endpoint_audience_for_hosts: Vec::new(),
        }
    }
}
