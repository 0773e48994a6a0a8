//! What stands around every page, and the files that it needs.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use http::HeaderValue;
use sha2::{Digest as _, Sha256};
use vestibule_broker::endpoints;

use crate::appearance::{Appearance, Palette};

const CSS: &str = include_str!("../../assets/page.css");
const MARK: &str = include_str!("../../assets/mark.svg");

/// What every page shares, with addresses that begin with the issuer's path.
#[derive(Debug)]
pub(crate) struct Frame {
    /// What the operator is called.
    pub(crate) operator: String,
    /// Where a person gets help.
    pub(crate) support: Option<String>,
    /// The stylesheet's address.
    pub(crate) stylesheet: String,
    /// The address of the broker's own mark.
    pub(crate) icon: String,
    /// The address of the operator's logo.
    pub(crate) logo: Option<String>,
    /// The address of the account page.
    pub(crate) account: String,
    /// The address of the page for the code of a device.
    pub(crate) device: String,
    /// The address of the page that signs out.
    pub(crate) logout: String,
}

/// A file that a page needs. Its address holds a digest of its bytes, so that caches may keep it for good.
#[derive(Debug)]
pub(crate) struct Asset {
    pub(crate) path: String,
    pub(crate) bytes: Bytes,
    pub(crate) media_type: HeaderValue,
}

impl Frame {
    /// The frame of an issuer whose URL has this path, and its files.
    pub(crate) fn new(base: &str, appearance: &Appearance) -> (Self, Vec<Asset>) {
        let palette = Palette::of(appearance.accent);
        let (accent, ink) = (palette.light.colour.to_string(), palette.light.ink.to_string());
        let css = Asset::new(
            base,
            "page.css",
            HeaderValue::from_static("text/css; charset=utf-8"),
            format!("{}{CSS}", palette.stylesheet()).into(),
        );
        let icon = Asset::new(
            base,
            "mark.svg",
            HeaderValue::from_static("image/svg+xml"),
            MARK.replace("{accent}", &accent).replace("{ink}", &ink).into(),
        );
        let logo = appearance
            .logo
            .as_ref()
            .map(|logo| Asset::new(base, "logo", logo.media_type(), logo.bytes().clone()));
        let frame = Self {
            operator: appearance.operator.clone(),
            support: appearance
                .support
                .as_ref()
                .filter(|url| matches!(url.scheme(), "https" | "http" | "mailto"))
                .map(ToString::to_string),
            stylesheet: css.path.clone(),
            icon: icon.path.clone(),
            logo: logo.as_ref().map(|logo| logo.path.clone()),
            account: format!("{base}/account"),
            device: format!("{base}{}", endpoints::DEVICE),
            logout: format!("{base}/oauth/logout"),
        };
        (frame, [css, icon].into_iter().chain(logo).collect())
    }
}

impl Asset {
    pub(crate) fn new(base: &str, name: &str, media_type: HeaderValue, bytes: Bytes) -> Self {
        let digest = Sha256::digest(&bytes);
        let tag = URL_SAFE_NO_PAD.encode(digest.get(..9).unwrap_or_default());
        Self {
            path: format!("{base}/oauth/assets/{tag}/{name}"),
            bytes,
            media_type,
        }
    }
}
