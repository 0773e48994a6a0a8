//! The user.

/// The one user of an upstream.
#[derive(Debug, Clone)]
pub struct Person {
    /// The subject.
    pub subject: String,
    /// The name for people to read.
    pub name: String,
    /// The email address.
    pub email: String,
    /// Whether the address was proven.
    pub email_verified: bool,
    /// Whether the user may still log in and refresh.
    pub enabled: bool,
}

impl Default for Person {
    fn default() -> Self {
        Self {
            subject: "user-1".to_owned(),
            name: "Ada Lovelace".to_owned(),
            email: "ada@example.com".to_owned(),
            email_verified: true,
            enabled: true,
        }
    }
}
