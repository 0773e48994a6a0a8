//! The routes. They stand in groups, each with the layers that it needs and no more: what is cached by the world passes
//! through one layer, a page through all of them.

use std::sync::Arc;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::{any, get, post};
use vestibule_broker::{Broker, endpoints as paths};
use vestibule_protocol::{GrantType, server_metadata_paths};
use vestibule_telemetry::Scrape;

use crate::admit::Gate;
use crate::cors::{self, preflighted};
use crate::explain::Reader;
use crate::leaving::Leaving;
use crate::page::Asset;
use crate::route::health::Health;
use crate::route::{
    account, asset, authorize, backchannel_logout, callback, device, discovery, health, interaction,
    introspect, keys, logout, lost, metrics, par, register, revoke, status, token, userinfo,
};
use crate::same_origin::{OwnOrigin, check_origin};
use crate::state::{AppState, Surface};

/// The routes that the world may reach.
pub fn router(state: AppState) -> Router {
    let (surface, assets) = Surface::new(state);
    Router::new()
        .merge(published(&surface))
        .merge(programs(&surface))
        .merge(people(surface, assets))
}

/// `/healthz` and `/readyz`, for a listener that operators alone can reach: they say which provider does not answer, and why.
pub fn health_router(broker: Arc<Broker>, leaving: Leaving) -> Router {
    Router::new()
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .route("/readyz/login", get(health::ready_for_login))
        .with_state(Health { broker, leaving })
}

/// `/metrics`, for Prometheus. It tells of everybody's doings, so it belongs on a listener that the world cannot reach.
pub fn metrics_router(scrape: Scrape) -> Router {
    Router::new()
        .route("/metrics", get(metrics::get))
        .with_state(scrape)
}

/// Public documents, written once and served many times.
fn published(surface: &Surface) -> Router {
    let base = &surface.pages.base;
    let document = discovery::document(surface.broker.metadata());
    let mut routes = Router::new()
        .route(&format!("{base}/oauth/keys"), preflighted(get(keys::get)))
        .route("/.well-known/{*rest}", preflighted(any(lost::not_found)));
    if !base.is_empty() {
        routes = routes.route(
            &format!("{base}/.well-known/{{*rest}}"),
            preflighted(any(lost::not_found)),
        );
    }
    for path in server_metadata_paths(&surface.broker.settings().issuer) {
        routes = routes.route(&path, preflighted(get(discovery::serve(document.clone()))));
    }
    routes
        .method_not_allowed_fallback(lost::method_not_allowed)
        .layer((surface.measure, cors::readable(), surface.admit(Gate::Documents)))
        .with_state(surface.counter())
}

/// Endpoints that programs call, from anywhere.
fn programs(surface: &Surface) -> Router {
    let at = |path: &str| format!("{}{path}", surface.pages.base);
    let registration = get(register::read).put(register::update).delete(register::delete);
    let mut routes = Router::new();
    if serves(surface, GrantType::DeviceCode) {
        routes = routes.route(
            &at(paths::DEVICE_AUTHORIZATION),
            preflighted(post(device::authorize)),
        );
    }
    routes
        .route(&at("/oauth/token"), preflighted(post(token::post)))
        .route(&at(paths::PAR), preflighted(post(par::post)))
        .route(&at("/oauth/register"), preflighted(post(register::create)))
        .route(&at("/oauth/register/{client_id}"), preflighted(registration))
        .route(&at("/oauth/revoke"), preflighted(post(revoke::post)))
        .route(&at("/oauth/introspect"), preflighted(post(introspect::post)))
        .route(
            &at("/oauth/userinfo"),
            preflighted(get(userinfo::answer).post(userinfo::answer)),
        )
        .route(
            &at("/oauth/backchannel_logout/{provider}"),
            post(backchannel_logout::post),
        )
        .route(&at("/oauth/status/{list}"), preflighted(get(status::get)))
        .method_not_allowed_fallback(lost::method_not_allowed)
        .layer((
            surface.measure,
            cors::readable(),
            surface.explainer.layer(Reader::Program),
        ))
        .with_state(surface.counter())
}

/// Pages, and where browsers are sent.
fn people(surface: Surface, assets: Vec<Asset>) -> Router {
    let at = |path: &str| format!("{}{path}", surface.pages.base);
    let own = OwnOrigin::of(&surface.broker.settings().issuer);
    let mut forms = Router::new();
    if serves(&surface, GrantType::DeviceCode) {
        forms = forms.route(&at(paths::DEVICE), get(device::get).post(device::post));
    }
    let mut routes = forms
        .route(
            &at("/oauth/interaction/{ticket}"),
            get(interaction::get).post(interaction::post),
        )
        .route(&at("/account"), get(account::get).post(account::post))
        .layer(from_fn_with_state(own, check_origin))
        // Other sites send browsers here with forms of theirs.
        .route(&at("/oauth/authorize"), get(authorize::get).post(authorize::post))
        .route(&at("/oauth/logout"), get(logout::get).post(logout::post))
        .route(
            &at("/oauth/callback/{provider}"),
            get(callback::get).post(callback::post),
        );
    for asset in assets {
        routes = routes.route(&asset.path.clone(), get(asset::serve(asset)));
    }
    routes
        .method_not_allowed_fallback(lost::page_method_not_allowed)
        .fallback(lost::nowhere)
        .layer((
            surface.measure,
            surface.explainer.layer(Reader::Person),
            surface.admit(Gate::Pages),
        ))
        .with_state(surface)
}

/// Whether the operator has switched the grant on.
fn serves(surface: &Surface, grant: GrantType) -> bool {
    surface.broker.settings().grants.serves(grant)
}
