use axum::extract::OriginalUri;
use http::request::Parts;
use vestibule_jose::dpop::TargetUri;
use vestibule_protocol::ResourceUri;

/// Under which URL clients call: a proof names that one (`htu`).
///
/// The origin is the resource's own and never that of a `Host` or `Forwarded` header, which whoever calls can write.
pub(crate) struct PublicUrl {
    origin: String,
    /// What a proxy takes off the path.
    prefix: String,
}

impl PublicUrl {
    pub(crate) fn new(resource: &ResourceUri, prefix: &str) -> Self {
        Self {
            origin: resource.url().origin().ascii_serialization(),
            prefix: prefix.trim_end_matches('/').to_owned(),
        }
    }

    /// Returns the URL of a request: its path is as it arrived, before a router took off what it is nested under.
    pub(crate) fn of(&self, head: &Parts) -> Option<TargetUri> {
        let uri = head.extensions.get::<OriginalUri>();
        let path = uri.map_or(&head.uri, |OriginalUri(uri)| uri).path();
        TargetUri::parse(&format!("{}{}{path}", self.origin, self.prefix))
    }
}

#[cfg(test)]
mod tests {
    use axum::extract::OriginalUri;
    use http::Request;
    use rstest::rstest;
    use vestibule_protocol::ResourceUri;

    use super::PublicUrl;

    fn url(resource: &str, prefix: &str, request: Request<()>) -> String {
        let resource = ResourceUri::parse(resource).unwrap();
        let (head, ()) = request.into_parts();
        let url = PublicUrl::new(&resource, prefix).of(&head).unwrap();
        url.as_str().to_owned()
    }

    fn get(uri: &str) -> Request<()> {
        Request::get(uri).body(()).unwrap()
    }

    #[rstest]
    #[case::the_resource_itself("https://mcp.test/mcp", "", "/mcp", "https://mcp.test/mcp")]
    #[case::a_route_below_it("https://mcp.test/mcp", "", "/mcp/x", "https://mcp.test/mcp/x")]
    #[case::a_route_beside_it("https://mcp.test/mcp", "", "/reports", "https://mcp.test/reports")]
    #[case::a_port("http://localhost:3001/mcp", "", "/mcp", "http://localhost:3001/mcp")]
    #[case::a_query("https://mcp.test/mcp", "", "/mcp?a=b", "https://mcp.test/mcp")]
    #[case::a_strangers_host("https://mcp.test/mcp", "", "http://evil.test/mcp", "https://mcp.test/mcp")]
    #[case::behind_a_proxy("https://mcp.test/team/mcp", "/team", "/mcp", "https://mcp.test/team/mcp")]
    #[case::behind_a_proxy_with_a_slash(
        "https://mcp.test/team/mcp",
        "/team/",
        "/mcp",
        "https://mcp.test/team/mcp"
    )]
    fn a_request_has_the_url_that_its_client_called(
        #[case] resource: &str,
        #[case] prefix: &str,
        #[case] request: &str,
        #[case] expected: &str,
    ) {
        assert_eq!(url(resource, prefix, get(request)), expected);
    }

    #[test]
    fn what_a_router_took_off_is_put_back() {
        let mut request = get("/rest");
        let original = "/mcp/rest".parse().unwrap();
        request.extensions_mut().insert(OriginalUri(original));
        assert_eq!(
            url("https://mcp.test/mcp", "", request),
            "https://mcp.test/mcp/rest"
        );
    }
}
