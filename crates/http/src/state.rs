//! What the routes are put together from.

use std::sync::Arc;

use axum::extract::FromRef;
use vestibule_broker::{Broker, Entropy};

use crate::admit::{AdmitLayer, Gate};
use crate::appearance::Appearance;
use crate::caller::{Callers, TrustedProxies};
use crate::explain::Explainer;
use crate::measure::MeasureLayer;
use crate::page::{Asset, Frame};
use crate::pages::Pages;
use crate::respond::Cookies;
use crate::scripts::Scripts;

/// What the program hands in.
#[derive(Clone)]
pub struct AppState {
    /// The broker, which decides everything.
    pub broker: Arc<Broker>,
    /// Where the names of requests come from.
    pub entropy: Arc<dyn Entropy>,
    /// The operator's hand on the pages.
    pub appearance: Appearance,
    /// The proxies whose word about callers counts.
    pub proxies: TrustedProxies,
}

/// What handlers take, each only what it needs.
#[derive(Clone, FromRef)]
pub(crate) struct Surface {
    pub(crate) broker: Arc<Broker>,
    pub(crate) pages: Arc<Pages>,
    pub(crate) cookies: Arc<Cookies>,
    pub(crate) explainer: Arc<Explainer>,
    pub(crate) measure: MeasureLayer,
    pub(crate) callers: Arc<Callers>,
}

/// What the handlers of the endpoints for programs take. Each of their requests makes copies of it, so it is no more.
#[derive(Clone, FromRef)]
pub(crate) struct Counter {
    pub(crate) broker: Arc<Broker>,
    pub(crate) callers: Arc<Callers>,
}

impl Surface {
    pub(crate) fn counter(&self) -> Counter {
        Counter {
            broker: self.broker.clone(),
            callers: self.callers.clone(),
        }
    }

    /// A layer that lets callers through no more often than they should come.
    pub(crate) fn admit(&self, gate: Gate) -> AdmitLayer {
        AdmitLayer {
            callers: self.callers.clone(),
            gate,
        }
    }

    pub(crate) fn new(state: AppState) -> (Self, Vec<Asset>) {
        let AppState {
            broker,
            entropy,
            appearance,
            proxies,
        } = state;
        let settings = broker.settings();
        let base = settings.issuer.path();
        let (frame, mut assets) = Frame::new(base, &appearance);
        let (scripts, script_assets) = Scripts::new(base, broker.script_assets());
        assets.extend(script_assets);
        let frame = Arc::new(frame);
        let measure = MeasureLayer::of(&settings.issuer);
        let cookies = Arc::new(Cookies::of(&settings.issuer));
        let pages = Arc::new(Pages {
            frame: frame.clone(),
            cookies: cookies.clone(),
            scripts,
            base: base.to_owned(),
            shown_code: settings.lifetimes.shown_code,
        });
        let callers = Arc::new(Callers::new(broker.clone(), proxies));
        let explainer = Arc::new(Explainer {
            entropy,
            broker: broker.clone(),
            callers: callers.clone(),
            frame,
        });
        (
            Self {
                broker,
                pages,
                cookies,
                explainer,
                measure,
                callers,
            },
            assets,
        )
    }
}
