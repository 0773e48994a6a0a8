use url::form_urlencoded::Serializer;

/// The body of a request to a token or revocation endpoint. It holds secrets, and is therefore not printed.
#[derive(Clone, Default)]
pub(crate) struct Form(String);

impl Form {
    pub(crate) fn add(&mut self, name: &str, value: &str) -> &mut Self {
        Serializer::for_suffix(&mut self.0, 0).append_pair(name, value);
        self
    }

    pub(crate) fn into_body(self) -> String {
        self.0
    }
}
