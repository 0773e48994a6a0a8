//! What the operator makes of the pages: name, logo, colour, where to get help.

mod colour;
mod logo;
mod palette;

use url::Url;

pub use colour::{Colour, ColourError};
pub use logo::{Logo, LogoError};
pub(crate) use palette::Palette;

/// The operator's hand on every page.
#[derive(Debug, Clone)]
pub struct Appearance {
    /// What the operator is called.
    pub operator: String,
    /// The operator's colour. The pages darken or lighten it where it could not be read.
    pub accent: Colour,
    /// The operator's logo; the broker's own mark without one.
    pub logo: Option<Logo>,
    /// Where a person gets help: an `https`, `http` or `mailto` address.
    pub support: Option<Url>,
}

impl Default for Appearance {
    fn default() -> Self {
        Self {
            operator: "Vestibule".to_owned(),
            accent: Colour::rgb(0x1f, 0x6f, 0x5c),
            logo: None,
            support: None,
        }
    }
}
