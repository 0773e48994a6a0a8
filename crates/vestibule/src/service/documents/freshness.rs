//! For how long an answer may be kept ([RFC 9111 §4.2.1](https://www.rfc-editor.org/rfc/rfc9111#section-4.2.1)).

use std::time::Duration;

use axum::http::HeaderMap;
use axum::http::header::{AGE, CACHE_CONTROL, DATE, EXPIRES, HeaderName};

/// What the headers say, for a cache that many share; nothing if they say nothing.
pub(super) fn of(headers: &HeaderMap) -> Option<Duration> {
    let directives: Vec<String> = headers
        .get_all(CACHE_CONTROL)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(|directive| directive.trim().to_ascii_lowercase())
        .collect();
    let says = |name: &str| directives.iter().any(|directive| directive == name);
    if says("no-store") || says("no-cache") || says("private") {
        return Some(Duration::ZERO);
    }
    let seconds = |name: &str| {
        let values = directives
            .iter()
            .filter_map(|directive| directive.split_once('='));
        values
            .filter(|(named, _)| named.trim() == name)
            .find_map(|(_, value)| value.trim().trim_matches('"').parse().ok())
            .map(Duration::from_secs)
    };
    let life = seconds("s-maxage").or_else(|| seconds("max-age"));
    let life = life.or_else(|| until_expiry(headers))?;
    let age = text(headers, AGE).and_then(|age| age.trim().parse().ok());
    Some(life.saturating_sub(age.map(Duration::from_secs).unwrap_or_default()))
}

/// A date that cannot be read is one that is over, as §5.3 has it.
fn until_expiry(headers: &HeaderMap) -> Option<Duration> {
    let expires = text(headers, EXPIRES)?;
    let date = text(headers, DATE).and_then(|date| httpdate::parse_http_date(date).ok())?;
    let expires = httpdate::parse_http_date(expires).ok();
    Some(
        expires
            .and_then(|expires| expires.duration_since(date).ok())
            .unwrap_or_default(),
    )
}

fn text(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use axum::http::HeaderMap;

    use super::of;

    fn fresh_for(lines: &[(&'static str, &'static str)]) -> Option<u64> {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(*name, value.parse().unwrap());
        }
        of(&headers).as_ref().map(Duration::as_secs)
    }

    #[test]
    fn the_headers_say_for_how_long_an_answer_is_fresh() {
        let date = ("date", "Fri, 27 Nov 2026 10:00:00 GMT");
        for (lines, seconds) in [
            (vec![], None),
            (vec![("cache-control", "public")], None),
            (vec![("cache-control", "public, max-age=600")], Some(600)),
            (vec![("cache-control", "max-age=\"600\"")], Some(600)),
            (vec![("cache-control", "max-age=600, s-maxage=60")], Some(60)),
            (vec![("cache-control", "max-age=600"), ("age", "100")], Some(500)),
            (vec![("cache-control", "max-age=600"), ("age", "700")], Some(0)),
            (
                vec![("cache-control", "max-age=600"), ("cache-control", "No-Store")],
                Some(0),
            ),
            (vec![("cache-control", "no-cache")], Some(0)),
            (vec![("cache-control", "private, max-age=600")], Some(0)),
            (vec![("cache-control", "max-age=ten")], None),
            (
                vec![date, ("expires", "Fri, 27 Nov 2026 11:00:00 GMT")],
                Some(3600),
            ),
            (vec![date, ("expires", "Fri, 27 Nov 2026 09:00:00 GMT")], Some(0)),
            (vec![date, ("expires", "0")], Some(0)),
            (vec![("expires", "Fri, 27 Nov 2026 11:00:00 GMT")], None),
        ] {
            assert_eq!(fresh_for(&lines), seconds, "{lines:?}");
        }
    }
}
