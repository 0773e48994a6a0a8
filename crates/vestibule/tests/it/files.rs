//! The files in `config/`: what is in angle brackets is a blank, and an example of what to write there.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::run;

/// What private keys are sealed with.
const MASTER: &str = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY";

/// A key of nobody, for files that name one.
const KEY: &str = "-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgevZzL1gdAFr88hb2
OF/2NxApJCzGCEDdfSp6VQO30hyhRANCAAQRWz+jn65BtOMvdyHKcvjBeBSDZH2r
1RTwjmYSi9R/zpBnuQ4EiMnCqfMPWiZqB4QdbAd0E7oH50VpuZ1P087G
-----END PRIVATE KEY-----
";

/// The files for one provider each: all but the reference, the demo's and the one for replicas.
fn files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../config");
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .expect("the directory config/")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "toml"))
        .filter(|path| {
            !["vestibule.toml", "dev.toml", "redis.toml"]
                .iter()
                .any(|other| path.ends_with(other))
        })
        .collect();
    files.sort();
    assert!(!files.is_empty());
    files
}

fn is_comment(line: &str) -> bool {
    line.trim_start().starts_with('#')
}

/// The same with every blank filled in with its example.
fn filled_in(text: &str) -> String {
    let line = |line: &str| {
        if is_comment(line) {
            line.to_owned()
        } else {
            line.replace(['<', '>'], "")
        }
    };
    text.lines().map(line).collect::<Vec<_>>().join("\n")
}

/// The values of the keys with this ending.
fn values<'t>(text: &'t str, ending: &str) -> Vec<&'t str> {
    text.lines()
        .filter(|line| !is_comment(line))
        .filter_map(|line| line.split_once('='))
        .filter(|(key, _)| key.trim().ends_with(ending))
        .map(|(_, value)| value.trim().trim_matches('"'))
        .collect()
}

/// Checks a configuration with an environment that has what the file names, and nothing else.
fn check(name: &str, text: &str) -> (bool, String, String) {
    let folder = tempfile::tempdir().expect("a directory");
    let file = folder.path().join(name);
    fs::write(&file, text).expect("a file");
    for path in values(text, "_file") {
        let text = if path == "master.secret" { MASTER } else { KEY };
        fs::write(folder.path().join(path), text).expect("a file");
    }
    let mut command = Command::new(env!("CARGO_BIN_EXE_vestibule"));
    command.args(["config", "check"]).arg(&file).env_clear();
    for variable in values(text, "_env") {
        command.env(variable, "a secret that is long enough");
    }
    command.env("VESTIBULE_REDIS_URL", "redis://:secret@localhost:6379");
    command.env("VESTIBULE_MASTER_SECRET", MASTER);
    run(&mut command)
}

fn name_and_text(path: &Path) -> (String, String) {
    let name = path.file_name().expect("a name").to_string_lossy().into_owned();
    (name, fs::read_to_string(path).expect("a file"))
}

#[test]
fn every_file_is_right_once_its_blanks_are_filled_in() {
    for path in files() {
        let (name, text) = name_and_text(&path);
        let (good, said, mistakes) = check(&name, &filled_in(&text));
        assert!(good, "{mistakes}");
        assert!(said.contains("no mistakes"), "{said}");
    }
}

#[test]
fn every_blank_that_is_left_is_named() {
    for path in files() {
        let (name, text) = name_and_text(&path);
        let (good, _, mistakes) = check(&name, &text);
        assert!(!good, "{name} has blanks and was taken");
        let lines = text.lines().zip(1..);
        let blanks: Vec<_> = lines
            .filter(|(line, _)| !is_comment(line) && line.contains('<'))
            .collect();
        assert!(!blanks.is_empty(), "{name} has no blanks");
        for (line, number) in blanks {
            let key = line.split_once('=').expect("a key").0.trim();
            let place = format!("{name}:{number}: ");
            let named = mistakes.lines().any(|mistake| {
                mistake.contains(&place) && mistake.contains(&format!("{key}: still has a blank"))
            });
            assert!(named, "line {number} of {name} is not named in:\n{mistakes}");
        }
    }
}

#[test]
fn every_file_says_what_to_register_at_the_provider() {
    for path in files() {
        let (name, text) = name_and_text(&path);
        let comments: Vec<&str> = text.lines().filter(|line| is_comment(line)).collect();
        let comments = comments.join("\n");
        assert!(
            comments.contains("/oauth/callback/") || comments.contains("no callback URL"),
            "{name} names no callback URL"
        );
    }
}

#[test]
fn the_file_for_replicas_is_right_as_it_stands() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../config/redis.toml");
    let (name, text) = name_and_text(&path);
    let (good, said, mistakes) = check(&name, &text);
    assert!(good, "{mistakes}");
    assert!(said.contains("no mistakes"), "{said}");
}
