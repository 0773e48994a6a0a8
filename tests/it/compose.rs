//! The image and the Compose file, as far as they can be judged where no engine is.

use std::fs;
use std::path::PathBuf;

use serde_json::Value;

use crate::observability::yaml;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn read(file: &str) -> String {
    fs::read_to_string(root().join(file)).expect("the file is there")
}

/// The services of the Compose file.
fn services() -> Vec<(String, Value)> {
    let services = yaml("../compose.yaml")["services"].clone();
    let services = services.as_object().expect("services").clone();
    services.into_iter().collect()
}

fn texts(list: &Value) -> Vec<&str> {
    let list = list.as_array().map(Vec::as_slice).unwrap_or_default();
    list.iter().filter_map(Value::as_str).collect()
}

#[test]
fn no_service_is_reached_from_another_machine() {
    for (name, service) in services() {
        assert!(service.get("network_mode").is_none(), "{name}");
        for port in texts(&service["ports"]) {
            assert!(port.starts_with("127.0.0.1:"), "{name} listens on {port}");
        }
    }
}

#[test]
fn what_holds_secrets_may_do_nothing_else() {
    let services = services();
    let secretive = services
        .iter()
        .filter(|(_, service)| service.to_string().contains(".up/"));
    let secretive: Vec<_> = secretive.collect();
    assert_eq!(secretive.len(), 2, "the broker and Redis");
    for (name, service) in secretive {
        let user = service["user"].as_str().unwrap_or_default();
        assert!(
            user.starts_with("${VESTIBULE_UID:-65532}:"),
            "{name} runs as {user}"
        );
        assert_eq!(service["read_only"], true, "{name}");
        assert_eq!(texts(&service["cap_drop"]), ["ALL"], "{name}");
        assert_eq!(
            texts(&service["security_opt"]),
            ["no-new-privileges:true"],
            "{name}"
        );
        assert!(service.get("privileged").is_none(), "{name}");
        let environment = service["environment"].to_string();
        for secret in ["PASSWORD", "SECRET", "REDIS_URL"] {
            assert!(!environment.contains(secret), "{name}: {environment}");
        }
    }
}

#[test]
fn what_the_services_mount_is_there_or_made_by_scripts_up() {
    let up = read("scripts/up");
    for (name, service) in services() {
        for volume in service["volumes"].as_array().into_iter().flatten() {
            let source = volume["source"]
                .as_str()
                .or_else(|| volume.as_str()?.split(':').next());
            let source = source.expect("a source");
            match source.strip_prefix("../.up/") {
                Some(made) => assert!(up.contains(&format!("$up/{made}")), "{name}: {source}"),
                None if source.starts_with('.') => {
                    assert!(root().join("docker").join(source).exists(), "{name}: {source}");
                }
                None => {}
            }
        }
    }
}

#[test]
fn what_the_compose_file_is_filled_in_with_is_kept_for_later() {
    let up = read("scripts/up");
    let compose = read("docker/compose.yaml");
    let named = compose.split("${").skip(1);
    for name in named.filter_map(|rest| rest.split(':').next()) {
        assert!(
            up.contains(&format!("\n{name}=")),
            "scripts/up does not keep {name}"
        );
    }
}

#[test]
fn the_last_stage_of_the_image_has_no_root_and_nothing_to_build_with() {
    let dockerfile = read("docker/Dockerfile");
    let last = dockerfile.rsplit("\nFROM ").next().expect("a stage");
    assert!(last.starts_with("debian:bookworm-slim\n"), "{last}");
    assert!(last.contains("\nUSER 65532:65532\n") && last.contains("\nHEALTHCHECK "));
    let instructions = last.lines().filter(|line| !line.starts_with('#'));
    let installed: Vec<&str> = instructions
        .filter(|line| line.contains("apt-get install"))
        .collect();
    assert_eq!(
        installed,
        ["    && apt-get install --yes --no-install-recommends ca-certificates \\"]
    );
}
