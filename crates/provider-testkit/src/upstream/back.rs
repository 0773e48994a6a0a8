//! The browser at the upstream: what it is asked there, and what it brings back.

use std::collections::BTreeMap;

use url::Url;

use super::{Dialect, Endpoint, Lie, Upstream};

type Parameters = BTreeMap<String, String>;

impl Upstream {
    /// What the authorization endpoint makes of this address: the parameters, also those that were pushed.
    pub fn authorization_request(&self, url: &Url) -> Parameters {
        let expected = self.endpoint(Endpoint::Authorization);
        let (place, _) = url.as_str().split_once('?').unwrap_or((url.as_str(), ""));
        assert_eq!(place, expected, "the browser is sent elsewhere");
        let mut parameters: Parameters = url.query_pairs().into_owned().collect();
        if let Some(handle) = parameters.get("request_uri") {
            let pushed = self.books.open().pushed.remove(handle);
            parameters.extend(pushed.expect("a request that was pushed, and not used yet"));
        }
        parameters
    }

    /// The user logs in and allows: what the browser brings back.
    pub fn allow(&self, url: &Url) -> Parameters {
        let request = self.authorization_request(url);
        let lie = self.books.open().lie;
        let mut reply = self.returned(&request, lie);
        let code = self.books.open().issue_code(request);
        reply.insert("code".to_owned(), code);
        reply
    }

    /// The upstream sends the browser back with an error.
    pub fn refuse(&self, url: &Url, error: &str, description: &str) -> Parameters {
        let request = self.authorization_request(url);
        let mut reply = self.returned(&request, None);
        reply.insert("error".to_owned(), error.to_owned());
        reply.insert("error_description".to_owned(), description.to_owned());
        reply
    }

    /// What comes back whatever the user said: the broker's own state, and the name of the upstream where it gives that.
    fn returned(&self, request: &Parameters, lie: Option<Lie>) -> Parameters {
        if self.books.shape.dialect == Dialect::Rest {
            let to = request.get("redirect_to").and_then(|to| Url::parse(to).ok());
            let to = to.expect("an address to come back to");
            return to.query_pairs().into_owned().collect();
        }
        let issuer = match lie {
            Some(Lie::AnotherIssuerInTheResponse) => Some(format!("{}/another", self.issuer())),
            Some(Lie::NoIssuerInTheResponse) => None,
            _ => Some(self.issuer().to_owned()),
        };
        let state = request.get("state").cloned();
        let named = [("state", state), ("iss", issuer)].into_iter();
        named
            .filter_map(|(name, value)| Some((name.to_owned(), value?)))
            .collect()
    }
}
