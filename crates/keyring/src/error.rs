use vestibule_jose::KeyError;

/// Why keys could not be made or used.
#[derive(Debug, thiserror::Error)]
pub enum KeyringError {
    /// OpenSSL could not generate a key.
    #[error("a new signing key could not be generated")]
    Generate(#[from] josekit::JoseError),
    /// A key in the document cannot be used.
    #[error("a stored signing key cannot be used")]
    UnusableKey(#[from] KeyError),
}
