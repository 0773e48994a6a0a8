//! The tables of the documentation that say where a rule is kept: what they name exists.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use regex::Regex;

const DOCUMENTS: [&str; 2] = ["docs/specs.md", "docs/clients.md"];

#[test]
fn every_test_and_every_file_that_the_documentation_names_exists() {
    let mut tests = Tests::default();
    let mut lost = Vec::new();
    let mut named = 0;
    for document in DOCUMENTS {
        let tables = fs::read_to_string(root().join(document)).expect("the document is there");
        for (number, line) in tables
            .lines()
            .enumerate()
            .filter(|(_, line)| line.starts_with('|'))
        {
            for name in names(line) {
                let found = match name.split_once("::") {
                    Some((package, test)) => tests.has(package, test),
                    None => is_file(name),
                };
                named += 1;
                if !found {
                    lost.push(format!("{document}:{}: {name}", number + 1));
                }
            }
        }
    }
    assert!(lost.is_empty(), "{lost:#?}");
    assert!(named > 900, "only {named} names were found");
}

/// The tests and files of a row.
fn names(line: &str) -> impl Iterator<Item = &str> {
    static NAME: LazyLock<Regex> = LazyLock::new(|| {
        let pattern = r"`([a-z0-9-]+::[a-z0-9_]+|[\w.-]+/[\w./-]+\.[a-z]+)`";
        Regex::new(pattern).expect("a pattern compiles")
    });
    NAME.captures_iter(line)
        .map(|name| name.get(1).expect("the group").as_str())
}

fn is_file(name: &str) -> bool {
    let apart = ["tests/", "providers/", "config/", "fuzz/"];
    if apart.iter().any(|folder| name.starts_with(folder)) {
        root().join(name).is_file()
    } else {
        root().join("crates").join(name).is_file()
    }
}

/// The functions of each package, by its name without `vestibule-`.
#[derive(Default)]
struct Tests(BTreeMap<String, String>);

impl Tests {
    fn has(&mut self, package: &str, test: &str) -> bool {
        let source = self.0.entry(package.to_owned()).or_insert_with(|| {
            let folder = match package.strip_prefix("provider-") {
                _ if package == "tests" => root().join("tests"),
                Some(provider) if package != "provider-testkit" => root().join("providers").join(provider),
                _ => root().join("crates").join(package),
            };
            let mut source = String::new();
            for part in ["src", "tests", "it"] {
                read(&folder.join(part), &mut source);
            }
            source
        });
        source.contains(&format!("fn {test}(")) || source.contains(&format!("fn {test}<"))
    }
}

fn read(folder: &Path, source: &mut String) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            read(&path, source);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            source.push_str(&fs::read_to_string(&path).expect("a source file is text"));
        }
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}
