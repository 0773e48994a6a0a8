use http::StatusCode;
use vestibule_telemetry::{LogSettings, Scrape, Settings, Telemetry};

use crate::world::World;

/// A world whose metrics somebody reads.
async fn measured() -> (World, Scrape) {
    let settings = Settings {
        scraped: true,
        ..Settings::of_logs(LogSettings::text("off"))
    };
    let telemetry = Telemetry::start(&settings).unwrap();
    let scrape = telemetry.scrape().unwrap().clone();
    (World::new().await, scrape)
}

fn requests(scrape: &Scrape) -> Vec<String> {
    let text = scrape.text().unwrap();
    let counts = text
        .lines()
        .filter(|line| line.starts_with("http_server_request_duration_seconds_count"));
    counts.map(str::to_owned).collect()
}

#[tokio::test]
async fn requests_are_counted_under_the_pattern_of_their_route() {
    let (world, scrape) = measured().await;
    world.get("/oauth/interaction/a-ticket-that-is-secret").await;
    world.get("/oauth/keys").await;
    world.get("/oauth/keys").await;
    let counts = requests(&scrape).join("\n");
    assert!(
        counts.contains(r#"http_response_status_code="200",http_route="/oauth/keys",url_scheme="http"} 2"#),
        "{counts}"
    );
    assert!(counts.contains("/oauth/interaction/{ticket}"), "{counts}");
    assert!(!scrape.text().unwrap().contains("a-ticket-that-is-secret"));
}

#[tokio::test]
async fn what_a_caller_makes_up_is_no_label() {
    let (world, scrape) = measured().await;
    for path in ["/made-up/1", "/made-up/2"] {
        assert_eq!(world.get(path).await.status, StatusCode::NOT_FOUND);
    }
    let counts = requests(&scrape);
    assert_eq!(counts.len(), 1, "{counts:?}");
    assert!(!counts.concat().contains("http_route"), "{counts:?}");
}

#[tokio::test]
async fn the_public_routes_have_no_metrics_among_them() {
    let (world, _) = measured().await;
    assert_eq!(world.get("/metrics").await.status, StatusCode::NOT_FOUND);
}
