use std::fs;
use std::path::Path;

use http::{Method, StatusCode};

use crate::world::{Answer, Browser, Client, Parts, Redirect, World, local};

/// One of every page.
async fn every_page(world: &World) -> Vec<(&'static str, Answer)> {
    let client = Client::register(world, Redirect::Loopback).await;
    let app = Client::register_as(world, Redirect::App, "Cursor").await;
    let shown = Client::register(world, Redirect::Page).await;
    let mut browser = Browser::new(world);
    let login = client.begin(&mut browser).await;
    let mut pages = vec![
        ("no account", browser.get("/account").await),
        ("nobody signed in", browser.get("/oauth/logout").await),
        ("login", browser.get(&login).await),
    ];
    browser
        .submit(&login, &[("username", "alice"), ("password", "wrong")])
        .await;
    pages.push(("wrong password", browser.get(&login).await));
    let everything = client.authorize_path(world, "openid email offline_access mcp:read mcp:write mcp:admin");
    let consent = client.log_in_at(&everything, &mut browser).await;
    pages.push(("consent", browser.get(&consent).await));
    pages.push(("empty account", browser.get("/account").await));
    client.tokens(&mut browser).await;
    pages.push(("account", browser.get("/account").await));
    pages.push(("sign out", browser.get("/oauth/logout").await));
    pages.push(("closing", app.approve(&mut Browser::new(world)).await));
    pages.push(("code", shown.approve(&mut Browser::new(world)).await));
    pages.push(("error", browser.get("/oauth/authorize").await));
    pages.push(("expired", browser.get("/oauth/interaction/unknown").await));
    pages.push((
        "cross-origin",
        browser.submit_from("https://evil.example", "/account", &[]).await,
    ));
    pages.push(("method", world.send(Method::PUT, "/account").await));
    pages.push(("chooser", chooser().await));
    pages
}

async fn chooser() -> Answer {
    let providers = vec![
        local("local", "Local users"),
        local("staff", "Staff of the library"),
    ];
    let world = Parts {
        providers,
        ..Parts::default()
    }
    .build()
    .await;
    let client = Client::register(&world, Redirect::Loopback).await;
    let mut browser = Browser::new(&world);
    let page = client.begin(&mut browser).await;
    browser.get(&page).await
}

#[tokio::test]
async fn no_page_can_be_framed_or_kept_or_made_to_run_a_script() {
    let world = World::new().await;
    for (name, page) in every_page(&world).await {
        assert_eq!(
            page.header("content-type"),
            "text/html; charset=utf-8",
            "{name}: {page:?}"
        );
        assert_eq!(
            page.header("content-security-policy"),
            "default-src 'none'; style-src 'self'; img-src 'self'; frame-ancestors 'none'; base-uri 'none'",
            "{name}"
        );
        assert_eq!(page.header("x-frame-options"), "DENY", "{name}");
        assert_eq!(page.header("x-content-type-options"), "nosniff", "{name}");
        assert_eq!(page.header("referrer-policy"), "same-origin", "{name}");
        assert_eq!(page.header("cache-control"), "no-store", "{name}");
        assert_eq!(page.headers.get_all("content-type").iter().count(), 1, "{name}");
    }
}

#[tokio::test]
async fn every_error_page_has_its_code_and_a_reference() {
    let world = World::new().await;
    for (name, page) in every_page(&world).await {
        if page.status == StatusCode::OK {
            assert!(!page.body.contains("data-error"), "{name}");
        } else {
            assert!(!page.page_error().is_empty(), "{name}");
            assert!(page.body.contains(page.header("x-request-id")), "{name}");
        }
    }
}

#[tokio::test]
async fn the_files_of_a_page_are_kept_for_good() {
    let world = World::new().await;
    let page = world.get("/account").await;
    let mut files = 0;
    for address in page
        .body
        .split('"')
        .filter(|text| text.starts_with("/oauth/assets/"))
    {
        let file = world.get(address).await;
        assert_eq!(file.status, StatusCode::OK, "{address}");
        assert_eq!(
            file.header("cache-control"),
            "public, max-age=31536000, immutable"
        );
        assert_eq!(file.header("x-content-type-options"), "nosniff");
        files += 1;
    }
    assert!(files >= 2);
}

#[tokio::test]
async fn the_walks_pages_are_as_the_snapshots_have_them() {
    let world = World::new().await;
    for (name, page) in every_page(&world).await {
        let body = stable(&page.body);
        insta::assert_snapshot!(format!("walk_{}", name.replace(' ', "_")), body);
    }
}

/// The page, without the digests in its files' addresses.
fn stable(body: &str) -> String {
    let mut parts = body.split("/oauth/assets/");
    let mut stable = parts.next().unwrap().to_owned();
    for part in parts {
        let (_, rest) = part.split_once('/').unwrap();
        stable.push_str("/oauth/assets/…/");
        stable.push_str(rest);
    }
    stable
}

#[tokio::test]
async fn every_page_lies_in_a_folder_to_be_looked_at() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("pages");
    let world = World::new().await;
    for (name, page) in every_page(&world).await {
        let mut html = page.body.clone();
        for address in page
            .body
            .split('"')
            .filter(|text| text.starts_with("/oauth/assets/"))
        {
            let file = world.get(address).await;
            assert_eq!(file.status, StatusCode::OK, "{name}: {address}");
            let file_name = address.rsplit('/').next().unwrap();
            fs::create_dir_all(&folder).unwrap();
            fs::write(folder.join(file_name), file.body).unwrap();
            html = html.replace(address, file_name);
        }
        // A page that goes on by itself could not be looked at.
        let html = html.replace(r#"http-equiv="refresh""#, "");
        fs::write(folder.join(format!("{}.html", name.replace(' ', "-"))), html).unwrap();
    }
}
