//! The page's script is the one that `scripts/firebase-page` makes of the sources beside it.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use aws_lc_rs::digest::{SHA256, digest};
use bytes::Bytes;
use serde_json::Value;

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

fn hex(bytes: &[u8]) -> String {
    format!("{:x}", Bytes::copy_from_slice(digest(&SHA256, bytes).as_ref()))
}

fn banner() -> String {
    let script = fs::read_to_string(folder("assets/firebase.js")).expect("the script is there");
    let (banner, _) = script.split_once("*/").expect("it begins with a comment");
    banner.to_owned()
}

#[test]
fn the_script_was_made_from_these_sources() {
    let web = folder("web");
    let mut sources: Vec<String> = fs::read_dir(web.join("src"))
        .expect("the sources are there")
        .map(|entry| format!("src/{}", entry.expect("an entry").file_name().to_string_lossy()))
        .collect();
    sources.sort();
    sources.splice(0..0, ["package.json", "package-lock.json"].map(str::to_owned));
    let mut listed = String::new();
    for name in sources {
        let digest = hex(&fs::read(web.join(&name)).expect("a source"));
        writeln!(listed, "{digest}  {name}").expect("a text takes more text");
    }
    let made_from = hex(listed.as_bytes());
    assert!(
        banner().contains(&made_from),
        "the sources changed: run scripts/firebase-page and commit what it makes"
    );
}

#[test]
fn the_script_says_what_it_contains_and_under_which_licence() {
    let package = fs::read_to_string(folder("web/package.json")).expect("a package");
    let package: Value = serde_json::from_str(&package).expect("JSON");
    let banner = banner();
    for name in ["@firebase/app", "@firebase/auth"] {
        let version = package["dependencies"][name].as_str().expect("a version");
        assert!(
            version.chars().all(|c| c.is_ascii_digit() || c == '.'),
            "{name} is pinned"
        );
        assert!(banner.contains(&format!("{name} {version}")), "{banner}");
    }
    for said in ["Apache-2.0", "Google LLC", "NOTICE"] {
        assert!(banner.contains(said), "{said} in {banner}");
    }
    let notice = fs::read_to_string(folder("assets/NOTICE")).expect("a notice");
    assert!(notice.contains("Apache License 2.0") && notice.contains("ISC License"));
}
