//! What a page may load in which a provider's script runs.

use http::HeaderValue;
use thiserror::Error;
use url::{Host, Url};
use vestibule_provider::{Script, ScriptOrigins};

/// The policies of a page with a script.
#[derive(Debug)]
pub(crate) struct ScriptPolicy {
    /// `Content-Security-Policy`.
    pub(crate) content: HeaderValue,
    /// `Cross-Origin-Opener-Policy`, for a script that opens popups.
    pub(crate) opener: Option<HeaderValue>,
}

/// A provider's origin that is none.
#[derive(Debug, Error)]
#[error("{0:?} is not an origin such as https://id.example, so the page's policy cannot allow it")]
pub(crate) struct NotAnOrigin(String);

impl ScriptPolicy {
    /// The policies for this script: its origins are allowed, and nothing inline ever is.
    pub(crate) fn of(script: &Script) -> Result<Self, NotAnOrigin> {
        let ScriptOrigins {
            script: scripts,
            connect,
            frame,
        } = &script.origins;
        let policy = format!(
            "default-src 'none'; style-src 'self'; img-src 'self'; script-src {}; connect-src {}; frame-src {}; \
             frame-ancestors 'none'; base-uri 'none'",
            sources("'self'", scripts)?,
            sources("'self'", connect)?,
            sources(if frame.is_empty() { "'none'" } else { "" }, frame)?,
        );
        Ok(Self {
            content: HeaderValue::try_from(&policy).map_err(|_| NotAnOrigin(policy))?,
            opener: script
                .popups
                .then(|| HeaderValue::from_static("same-origin-allow-popups")),
        })
    }
}

fn sources(own: &str, others: &[String]) -> Result<String, NotAnOrigin> {
    let mut sources = own.to_owned();
    for other in others {
        if !sources.is_empty() {
            sources.push(' ');
        }
        sources.push_str(&origin(other)?);
    }
    Ok(sources)
}

/// Reads one origin: https, or http on this machine, and nothing but scheme, host and port. Written out anew, so that no
/// spelling of it can end the directive.
fn origin(text: &str) -> Result<String, NotAnOrigin> {
    let refused = || NotAnOrigin(text.to_owned());
    let url = Url::parse(text).map_err(|_| refused())?;
    let loopback = match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    let plain = |host: &str| {
        host.chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '[' | ']' | ':'))
    };
    let good = (url.scheme() == "https" || (url.scheme() == "http" && loopback))
        && url.host_str().is_some_and(plain)
        && url.username().is_empty()
        && url.password().is_none()
        && url.path() == "/"
        && url.query().is_none()
        && url.fragment().is_none();
    if good {
        Ok(url.origin().ascii_serialization())
    } else {
        Err(refused())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    fn script(origins: ScriptOrigins) -> Script {
        Script {
            asset: "acme.js".to_owned(),
            settings: Value::Null,
            fields: Vec::new(),
            origins,
            popups: false,
            problem: None,
        }
    }

    fn policy(origins: ScriptOrigins) -> String {
        let policy = ScriptPolicy::of(&script(origins)).unwrap();
        policy.content.to_str().unwrap().to_owned()
    }

    #[test]
    fn what_is_no_origin_is_refused() {
        for text in [
            "",
            "*",
            "https:",
            "https://*",
            "https://*.example",
            "'unsafe-inline'",
            "data:",
            "blob:",
            "javascript:alert(1)",
            "http://id.example",
            "ws://id.example",
            "https://id.example/path",
            "https://id.example?query",
            "https://id.example#fragment",
            "https://user@id.example",
            "https://id.example; script-src *",
            "https://id.example 'unsafe-inline'",
            "https://id.example, default-src *",
            "https://id.example;x",
            "//id.example",
            "id.example",
        ] {
            for place in 0..3 {
                let mut lists = [Vec::new(), Vec::new(), Vec::new()];
                lists[place] = vec!["https://good.example".to_owned(), text.to_owned()];
                let [script_list, connect, frame] = lists;
                let origins = ScriptOrigins {
                    script: script_list,
                    connect,
                    frame,
                };
                assert!(ScriptPolicy::of(&script(origins)).is_err(), "{text:?}");
            }
        }
    }

    #[test]
    fn a_script_without_origins_stays_at_home() {
        assert_eq!(
            policy(ScriptOrigins::default()),
            "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; connect-src 'self'; frame-src \
             'none'; frame-ancestors 'none'; base-uri 'none'"
        );
    }

    #[test]
    fn each_origin_is_allowed_where_it_is_named_and_nowhere_else() {
        let origins = ScriptOrigins {
            script: vec!["https://apis.example".to_owned()],
            connect: vec![
                "https://a.example/".to_owned(),
                "http://127.0.0.1:9099".to_owned(),
            ],
            frame: vec!["https://acme.example:8443".to_owned()],
        };
        let policy = policy(origins);
        for directive in [
            "script-src 'self' https://apis.example;",
            "connect-src 'self' https://a.example http://127.0.0.1:9099;",
            "frame-src https://acme.example:8443;",
        ] {
            assert!(policy.contains(directive), "{policy}");
        }
        assert!(!policy.contains("unsafe"));
    }

    #[test]
    fn only_a_script_with_popups_changes_the_opener_policy() {
        let quiet = script(ScriptOrigins::default());
        assert!(ScriptPolicy::of(&quiet).unwrap().opener.is_none());
        let loud = Script {
            popups: true,
            ..quiet
        };
        assert_eq!(
            ScriptPolicy::of(&loud).unwrap().opener.unwrap(),
            "same-origin-allow-popups"
        );
    }
}
