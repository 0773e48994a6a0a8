//! What a body says that it is.

use http::HeaderMap;
use http::header::CONTENT_TYPE;

/// How parameters are written in a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    Form,
    Json,
}

impl Shape {
    /// The shape that the headers name.
    ///
    /// MCP Inspector 0.21 sends a list, `application/json, application/x-www-form-urlencoded`; there the body decides.
    pub(super) fn of(headers: &HeaderMap, body: &[u8]) -> Option<Self> {
        let (mut form, mut json) = (false, false);
        for line in headers
            .get_all(CONTENT_TYPE)
            .iter()
            .filter_map(|line| line.to_str().ok())
        {
            for media_type in line.split(',') {
                let essence = media_type.split(';').next().unwrap_or_default().trim();
                form |= essence.eq_ignore_ascii_case("application/x-www-form-urlencoded");
                json |= essence.eq_ignore_ascii_case("application/json");
            }
        }
        match (form, json) {
            (true, true) if body.trim_ascii_start().starts_with(b"{") => Some(Self::Json),
            (true, _) => Some(Self::Form),
            (false, true) => Some(Self::Json),
            (false, false) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(lines: &[&[u8]], body: &str) -> Option<Shape> {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(CONTENT_TYPE, http::HeaderValue::from_bytes(line).unwrap());
        }
        Shape::of(&headers, body.as_bytes())
    }

    #[test]
    fn a_type_that_is_neither_has_no_shape() {
        for line in [
            &b""[..],
            b"text/plain",
            b"multipart/form-data; boundary=x",
            b"application/jsonx",
            b"\xff\xfe",
            b",;,",
        ] {
            assert_eq!(shape(&[line], "{}"), None);
        }
        assert_eq!(shape(&[], "a=b"), None);
    }

    #[test]
    fn the_type_is_read_without_its_parameters_and_case() {
        assert_eq!(
            shape(&[b"Application/X-WWW-Form-URLEncoded; charset=utf-8"], ""),
            Some(Shape::Form)
        );
        assert_eq!(
            shape(&[b" application/JSON;charset=utf-8"], ""),
            Some(Shape::Json)
        );
    }

    #[test]
    fn in_a_list_the_body_decides() {
        let list: &[u8] = b"application/json, application/x-www-form-urlencoded";
        assert_eq!(shape(&[list], "grant_type=x"), Some(Shape::Form));
        assert_eq!(shape(&[list], " \n{\"grant_type\":\"x\"}"), Some(Shape::Json));
        assert_eq!(
            shape(
                &[b"application/json", b"application/x-www-form-urlencoded"],
                "a=b"
            ),
            Some(Shape::Form)
        );
    }
}
